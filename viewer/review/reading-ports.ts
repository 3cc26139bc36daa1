import type { Reader, Reading, ReadingDraft, SignatureOrder } from '../../services/domain/contract/reading.ts';
import type { Reason } from '../../services/domain/reason.ts';

/** Somebody else changed or signed it meanwhile: nothing was written, and here is what is there. */
export class ReadingChanged extends Error {
  readonly current: Reading;
  constructor(current: Reading) {
    super('the reading was changed by somebody else');
    this.current = current;
  }
}

/** The server said no, for a reason that asking again does not change. */
export class Refused extends Error {
  readonly code: string;
  /** The same as a code, where there is one: it can be said in the reader's language. */
  readonly reason: Reason | undefined;
  constructor(code: string, detail: string, reason?: Reason) {
    super(detail);
    this.code = code;
    this.reason = reason;
  }
}

export type SigningOrder = Omit<SignatureOrder, 'reader'>;

/** What a session may ask of the server; anything else that is thrown means that it was not reached. */
export interface ReadingPorts {
  read(): Promise<Reading>;
  save(revision: number, draft: ReadingDraft): Promise<Reading>;
  sign(revision: number, reader: Reader, order: SigningOrder): Promise<Reading>;
  reveal(revision: number, reader: Reader): Promise<Reading>;
  amend(revision: number, reader: Reader): Promise<Reading>;
}
