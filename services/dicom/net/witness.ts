import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { Evidence } from '../../domain/diagnose.ts';
import type { ControlPdu } from '../ul/pdu.ts';

/** Enough to tell what somebody speaks who does not speak DICOM. */
const FIRST_BYTES = 16;

/** Remembers of an association what explains its end: names and codes, no value of a data set. */
export class Witness {
  readonly #isTls: boolean;
  #stage: Evidence['stage'];
  #firstBytes = '';
  #understood = false;
  #seen: Partial<Evidence> = {};

  constructor(socket: Socket, isRequestor: boolean) {
    this.#isTls = socket instanceof TLSSocket;
    this.#stage = isRequestor ? 'connecting' : 'associating';
    if (!isRequestor) return;
    socket.once('connect', () => {
      this.#stage = this.#isTls ? 'securing' : 'associating';
    });
    socket.once('secureConnect', () => {
      this.#stage = 'associating';
    });
  }

  get evidence(): Evidence {
    return { stage: this.#stage, isTls: this.#isTls, ...this.#seen };
  }

  heard(chunk: Uint8Array): void {
    if (this.#firstBytes === '') this.#firstBytes = Buffer.from(chunk.subarray(0, FIRST_BYTES)).toString('latin1');
  }

  socketFailed(error: NodeJS.ErrnoException): void {
    const names: unknown = Reflect.get(error, 'names');
    this.#seen = {
      systemError: error.code ?? 'socket error',
      ...(typeof names === 'string' && { names }),
      ...this.#seen,
    };
  }

  /** A PDU of the peer. */
  came(pdu: ControlPdu | { readonly type: 'P-DATA-TF' }): void {
    this.#understood = true;
    if (pdu.type === 'A-ASSOCIATE-AC') this.#stage = 'associated';
    if (pdu.type === 'A-ABORT') this.#seen = { ...this.#seen, abort: { source: pdu.source, reason: pdu.reason } };
    if (pdu.type === 'A-ASSOCIATE-RJ') {
      const { result, source, reason } = pdu;
      this.#seen = { ...this.#seen, rejection: { result, source, reason } };
    }
  }

  /** What came cannot be understood: it is of interest where nothing else ever was. */
  notUnderstood(): void {
    if (!this.#understood) this.#seen = { ...this.#seen, received: this.#firstBytes };
  }

  /** We ended it ourselves. */
  ended(ownReason: string): void {
    this.#seen = { ...this.#seen, ownReason };
  }
}
