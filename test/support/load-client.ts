import { connect, type Socket } from 'node:net';
import { ascii, item, pdu, u16, u32 } from './pdu-bytes.ts';

/**
 * A C-STORE requestor made of bytes, for load and for attacks. It shares nothing with `services/dicom`, so that a
 * receiver tested with it is not tested against itself, and it does what a well-behaved one never would.
 */
export const CT_IMAGE_STORAGE = '1.2.840.10008.5.1.4.1.1.2';
export const EXPLICIT_VR_LITTLE_ENDIAN = '1.2.840.10008.1.2.1';
export const VERIFICATION = '1.2.840.10008.1.1';
export const IMPLICIT_VR_LITTLE_ENDIAN = '1.2.840.10008.1.2';

export interface ReceivedPdu {
  readonly type: number;
  readonly body: Buffer;
}

/** A connection that sends what it is told and gives the PDUs that come back, in order. */
export class RawPeer {
  readonly socket: Socket;
  readonly #received: ReceivedPdu[] = [];
  #buffer: Buffer = Buffer.alloc(0);
  #waiting: ((pdu: ReceivedPdu | undefined) => void)[] = [];
  #isClosed = false;
  readonly closed: Promise<void>;

  constructor(port: number) {
    this.socket = connect(port, '127.0.0.1');
    this.socket.setNoDelay(true);
    this.socket.on('error', () => {});
    this.socket.on('data', (chunk: Buffer) => this.#take(chunk));
    this.closed = new Promise((resolve) => this.socket.on('close', () => resolve()));
    void this.closed.then(() => {
      this.#isClosed = true;
      for (const resolve of this.#waiting.splice(0)) resolve(undefined);
    });
  }

  /** Sends in one vectored write. */
  write(...parts: readonly Uint8Array[]): void {
    this.socket.cork();
    for (const part of parts) this.socket.write(part);
    this.socket.uncork();
  }

  /** The next PDU; `undefined` when the connection is closed. */
  next(): Promise<ReceivedPdu | undefined> {
    const first = this.#received.shift();
    if (first !== undefined || this.#isClosed) return Promise.resolve(first);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Everything that comes until the connection is closed, as PDU types. */
  async typesUntilClosed(): Promise<number[]> {
    const types: number[] = [];
    for (let next = await this.next(); next !== undefined; next = await this.next()) types.push(next.type);
    return types;
  }

  async associate(options: AssociateOptions = {}): Promise<ReceivedPdu | undefined> {
    this.write(associateRQBytes(options));
    return this.next();
  }

  /** Sends one C-STORE and resolves with the status of its response. */
  async store(request: StoreMessage): Promise<number | undefined> {
    this.write(...storeMessage(request));
    const answer = await this.next();
    return answer?.type === 0x04 ? commandElement(answer, 0x0900) : undefined;
  }

  async release(): Promise<void> {
    this.write(RELEASE_RQ);
    await this.next();
    this.destroy();
  }

  destroy(): void {
    this.socket.destroy();
  }

  #take(chunk: Buffer): void {
    this.#buffer = this.#buffer.length === 0 ? chunk : Buffer.concat([this.#buffer, chunk]);
    while (this.#buffer.length >= 6 && this.#buffer.length >= 6 + this.#buffer.readUInt32BE(2)) {
      const end = 6 + this.#buffer.readUInt32BE(2);
      const received = { type: this.#buffer[0] ?? 0, body: this.#buffer.subarray(6, end) };
      this.#buffer = this.#buffer.subarray(end);
      const waiting = this.#waiting.shift();
      if (waiting === undefined) this.#received.push(received);
      else waiting(received);
    }
  }
}

export interface AssociateOptions {
  readonly called?: string;
  readonly calling?: string;
  readonly contexts?: readonly (readonly [id: number, abstractSyntax: string, ...transferSyntaxes: string[]])[];
  readonly maximumLength?: number;
  /** More sub-items of the user information, as bytes. */
  readonly userItems?: readonly number[];
}

/** PS3.8 Table 9-11. */
export function associateRQBytes(options: AssociateOptions = {}): Uint8Array {
  const { called = 'OVERREAD', calling = 'RAW', maximumLength = 131_072, userItems = [] } = options;
  const { contexts = [[1, CT_IMAGE_STORAGE, EXPLICIT_VR_LITTLE_ENDIAN]] } = options;
  const contextItems = contexts.flatMap(([id, abstractSyntax, ...transferSyntaxes]) => {
    const names = transferSyntaxes.flatMap((uid) => item(0x40, ...ascii(uid)));
    return item(0x20, id, 0, 0, 0, ...item(0x30, ...ascii(abstractSyntax)), ...names);
  });
  const user = item(0x50, ...item(0x51, ...u32(maximumLength)), ...item(0x52, ...ascii('2.25.1')), ...userItems);
  const fixed = [...u16(1), ...u16(0), ...ascii(called, 16), ...ascii(calling, 16), ...new Array<number>(32).fill(0)];
  return pdu(0x01, ...fixed, ...item(0x10, ...ascii('1.2.840.10008.3.1.1.1')), ...contextItems, ...user);
}

export const RELEASE_RQ = pdu(0x05, 0, 0, 0, 0);
export const ABORT = pdu(0x07, 0, 0, 0, 0);

/** One P-DATA-TF with one PDV; `control`: 1 command, 2 last (PS3.8 §E.2). */
export function pdata(contextId: number, control: number, fragment: Uint8Array): Buffer {
  return Buffer.concat([pdataHeader(contextId, control, fragment.length), fragment]);
}

function pdataHeader(contextId: number, control: number, length: number): Buffer {
  const header = Buffer.alloc(12);
  header[0] = 0x04;
  header.writeUInt32BE(length + 6, 2);
  header.writeUInt32BE(length + 2, 6);
  header[10] = contextId;
  header[11] = control;
  return header;
}

/** A command set of elements of group 0000: numbers are US, texts UI (PS3.7 §6.3.1). */
export function commandBytes(elements: readonly (readonly [element: number, value: number | string])[]): Buffer {
  const parts = elements.map(([element, value]) => {
    const bytes = typeof value === 'number' ? Buffer.from([value & 0xff, value >>> 8]) : Buffer.from(value, 'latin1');
    const padded = bytes.length % 2 === 0 ? bytes : Buffer.concat([bytes, Buffer.alloc(1)]);
    const header = Buffer.alloc(8);
    header.writeUInt16LE(element, 2);
    header.writeUInt32LE(padded.length, 4);
    return Buffer.concat([header, padded]);
  });
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  return Buffer.concat([Buffer.from([0, 0, 0, 0, 4, 0, 0, 0]), Buffer.from(Uint32Array.of(length).buffer), ...parts]);
}

export interface StoreMessage {
  readonly contextId?: number;
  readonly messageId?: number;
  readonly SOPClassUID?: string;
  readonly SOPInstanceUID: string;
  readonly dataset: Uint8Array;
  /** Bytes of a P-DATA-TF body. */
  readonly pduBytes?: number;
}

export function storeCommand({
  messageId = 1,
  SOPClassUID = CT_IMAGE_STORAGE,
  SOPInstanceUID,
}: Omit<StoreMessage, 'dataset'>): Buffer {
  // biome-ignore format: a table
  return commandBytes([
    [0x0002, SOPClassUID], [0x0100, 0x0001], [0x0110, messageId], [0x0700, 0], [0x0800, 0], [0x1000, SOPInstanceUID],
  ]);
}

/** Command and data set of one C-STORE-RQ, as buffers for one vectored write. */
export function storeMessage(message: StoreMessage): Uint8Array[] {
  const { contextId = 1, dataset, pduBytes = 131_072 } = message;
  const parts: Uint8Array[] = [pdata(contextId, 0b11, storeCommand(message))];
  const fragmentBytes = pduBytes - 6;
  for (let at = 0; at < dataset.length; at += fragmentBytes) {
    const fragment = dataset.subarray(at, at + fragmentBytes);
    parts.push(pdataHeader(contextId, at + fragmentBytes >= dataset.length ? 0b10 : 0, fragment.length), fragment);
  }
  return parts;
}

/** What the acceptor takes, at most 128 KiB: the sub-item 51H of its user information (PS3.8 Table D.1-2). */
function maximumLength({ body }: ReceivedPdu): number {
  const at = body.indexOf(Buffer.from([0x51, 0, 0, 4]));
  const advertised = at < 0 ? 0 : body.readUInt32BE(at + 4);
  return advertised === 0 ? 131_072 : Math.min(advertised, 131_072);
}

/** A US element of the command set in a P-DATA-TF with one PDV. */
export function commandElement({ body }: ReceivedPdu, element: number): number | undefined {
  const value = commandValue(body, element);
  return value?.length === 2 ? value.readUInt16LE() : undefined;
}

export const commandText = ({ body }: ReceivedPdu, element: number): string | undefined =>
  commandValue(body, element)
    ?.toString('latin1')
    .replace(/[\0 ]+$/, '');

function commandValue(body: Buffer, element: number): Buffer | undefined {
  for (let at = 6; at + 8 <= body.length; ) {
    const length = body.readUInt32LE(at + 4);
    if (body.readUInt16LE(at + 2) === element) return body.subarray(at + 8, at + 8 + length);
    at += 8 + length;
  }
  return undefined;
}

export interface LoadInstance {
  readonly SOPInstanceUID: string;
  readonly dataset: Uint8Array;
}

/** Sends all instances over `associations` at once; answers the seconds from first connect to last release. */
export async function sendLoad(
  { port, called, associations }: { port: number; called: string; associations: number },
  instances: readonly LoadInstance[],
): Promise<{ seconds: number; failures: number }> {
  const startedAt = performance.now();
  const failed = await Promise.all(
    Array.from({ length: associations }, async (_, lane) => {
      const peer = new RawPeer(port);
      const answer = await peer.associate({ called });
      if (answer?.type !== 0x02) throw new Error(`association not accepted: PDU type ${answer?.type}`);
      const pduBytes = maximumLength(answer);
      let failures = 0;
      for (let at = lane, messageId = 1; at < instances.length; at += associations, messageId += 1) {
        const instance = instances[at];
        if (instance === undefined) break;
        const status = await peer.store({ ...instance, messageId: messageId % 65_536, pduBytes });
        if (status !== 0) failures += 1;
      }
      await peer.release();
      return failures;
    }),
  );
  const failures = failed.reduce((sum, count) => sum + count, 0);
  return { seconds: (performance.now() - startedAt) / 1000, failures };
}
