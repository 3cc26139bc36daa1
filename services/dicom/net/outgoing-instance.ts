import { open } from 'node:fs/promises';

/** An object to send: its identity, how its data set is encoded, and the data set without file meta information. */
export interface OutgoingInstance {
  readonly SOPClassUID: string;
  readonly SOPInstanceUID: string;
  readonly TransferSyntaxUID: string;
  readonly dataset: Uint8Array | DatasetInFile;
}

export interface DatasetInFile {
  readonly file: string;
  readonly offset: number;
  readonly length: number;
}

/** A data set up to this size leaves in one write with its command; a longer one in pieces of it. */
const PIECE_BYTES = 4 * 1024 * 1024;

/** The data set in order, never more than one piece of it in memory. */
export async function* pieces(dataset: Uint8Array | DatasetInFile): AsyncGenerator<Uint8Array> {
  if (dataset instanceof Uint8Array) {
    for (let at = 0; at < dataset.length; at += PIECE_BYTES) yield dataset.subarray(at, at + PIECE_BYTES);
    return;
  }
  const handle = await open(dataset.file);
  try {
    for (let at = 0; at < dataset.length; ) {
      const piece = Buffer.allocUnsafe(Math.min(PIECE_BYTES, dataset.length - at));
      const { bytesRead } = await handle.read(piece, 0, piece.length, dataset.offset + at);
      if (bytesRead === 0) throw new Error(`${dataset.length - at} bytes are missing at the end of the file`);
      yield piece.subarray(0, bytesRead);
      at += bytesRead;
    }
  } finally {
    await handle.close();
  }
}
