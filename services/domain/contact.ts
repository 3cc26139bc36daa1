import type { Diagnosis } from './diagnosis.ts';

/** An association with another application entity, or the try of one, for the account of an operator. */
export interface Contact {
  readonly direction: 'in' | 'out';
  /** Name of its entry in the table of peers; none: a stranger, who is known by its address. */
  readonly peer?: string | undefined;
  /** Of the other side, as it called itself or was called; empty when it did not come so far. */
  readonly AETitle: string;
  readonly address: string;
  /** What failed, wholly or in part; none: it went well. */
  readonly diagnosis?: Diagnosis | undefined;
}
