/** What a disk thread is told; those of one file are carried out in the order in which they were given. */
export type DiskOrder = WriteOrder | ReadOrder | RemoveOrder;

export interface WriteOrder {
  readonly kind: 'write';
  readonly file: number;
  /** The first order of a file: its temporary name, which must not exist. */
  readonly create?: string;
  /** Moved to the thread, and back with this answer or the next of the file. */
  readonly block: ArrayBuffer;
  /** Of the block, from its start. */
  readonly bytes: number;
  /** The hash is of the data set: what stands before it in the first block is left out. */
  readonly hashedFrom: number;
  /** Not answered: waking up whoever waits costs more than a block does. What failed is told by the next answer. */
  readonly unanswered?: boolean;
  /** The last order of a file: its name once it is synced; then the folder of that name is synced. */
  readonly rename?: string;
}

interface ReadOrder {
  readonly kind: 'read';
  readonly file: number;
  readonly at: number;
  readonly bytes: number;
}

/** Closes and removes a file under its temporary name, however far it has come. */
interface RemoveOrder {
  readonly kind: 'remove';
  readonly file: number;
}

export interface DiskReply {
  readonly blocks?: readonly ArrayBuffer[];
  /** Lower-case hexadecimal; answers `rename`. */
  readonly sha256?: string;
  readonly read?: Uint8Array;
  readonly failed?: { readonly message: string; readonly code: string };
}
