import type { Duplex } from 'node:stream';

/** Messages over the socket between a process and its child; both ends use this. */
export interface MessageChannel {
  /** Resolves when the socket has room again: a sender of much waits for it. */
  send(message: object, payload?: readonly Uint8Array[]): Promise<void> | undefined;
}

/** File descriptor of the socket in the child. */
export const CHANNEL_DESCRIPTOR = 3;

/** Called with the JSON of a message, and with the bytes that came with it: views, not copies. */
export type Hear = (line: string, payload: readonly Uint8Array[]) => void;

/** What is let in; more than that is never kept in memory. */
export interface ChannelLimits {
  readonly lineBytes: number;
  readonly payloadBytes: number;
}

const NEWLINE = 0x0a;
/** `#1234 ` before the JSON of a message: so many bytes follow its newline. */
const PAYLOAD = /^#(\d{1,15}) /;

/**
 * JSON, one message a line, some followed by bytes. What arrives is not trusted: a line or a payload beyond `limits` is
 * given to `overflow`, and nothing is read after it, so the other end can never fill this process.
 */
export function messageChannel(
  socket: Duplex,
  limits: ChannelLimits,
  hear: Hear,
  overflow: () => void,
): MessageChannel {
  const reader = new MessageReader(limits, hear);
  const state = { stopped: false };
  socket.on('data', (bytes: Buffer) => {
    if (state.stopped || reader.take(bytes)) return;
    state.stopped = true;
    reader.drop();
    socket.pause();
    overflow();
  });
  // A broken pipe is the other end's death, which its owner notices by itself.
  socket.on('error', () => {});
  return {
    send(message, payload = []) {
      if (!socket.writable) return undefined;
      const size = payload.reduce((sum, { length }) => sum + length, 0);
      socket.cork();
      socket.write(`${payload.length === 0 ? '' : `#${size} `}${JSON.stringify(message)}\n`);
      const roomy = payload.reduce((room, bytes) => socket.write(bytes) && room, true);
      socket.uncork();
      return roomy ? undefined : drained(socket);
    },
  };
}

const drained = (socket: Duplex): Promise<void> =>
  new Promise((resolve) => {
    const done = () => {
      for (const event of ['drain', 'close']) socket.off(event, done);
      resolve();
    };
    for (const event of ['drain', 'close']) socket.once(event, done);
  });

class MessageReader {
  readonly #limits: ChannelLimits;
  readonly #hear: Hear;
  #kept: Uint8Array[] = [];
  #keptBytes = 0;
  /** The message whose payload is coming. */
  #line: string | undefined;
  #missingBytes = 0;

  constructor(limits: ChannelLimits, hear: Hear) {
    this.#limits = limits;
    this.#hear = hear;
  }

  /** False when a limit is broken. */
  take(bytes: Uint8Array): boolean {
    let rest = bytes;
    while (rest.length > 0) {
      const taken = this.#line === undefined ? this.#takeLine(rest) : this.#takePayload(rest, this.#line);
      if (taken === undefined) return false;
      rest = rest.subarray(taken);
    }
    return true;
  }

  drop(): void {
    this.#kept = [];
    this.#keptBytes = 0;
  }

  #takeLine(bytes: Uint8Array): number | undefined {
    const newline = bytes.indexOf(NEWLINE);
    const end = newline < 0 ? bytes.length : newline;
    if (this.#keptBytes + end > this.#limits.lineBytes) return undefined;
    this.#keep(bytes.subarray(0, end));
    if (newline < 0) return bytes.length;
    const text = Buffer.concat(this.#kept).toString('utf8');
    this.drop();
    const [announced = '', size] = PAYLOAD.exec(text) ?? [];
    if (Number(size ?? 0) > this.#limits.payloadBytes) return undefined;
    this.#missingBytes = Number(size ?? 0);
    if (this.#missingBytes === 0) this.#hear(text.slice(announced.length), []);
    else this.#line = text.slice(announced.length);
    return newline + 1;
  }

  #takePayload(bytes: Uint8Array, line: string): number {
    const taken = Math.min(this.#missingBytes, bytes.length);
    this.#keep(bytes.subarray(0, taken));
    this.#missingBytes -= taken;
    if (this.#missingBytes === 0) {
      const payload = this.#kept;
      this.#line = undefined;
      this.drop();
      this.#hear(line, payload);
    }
    return taken;
  }

  #keep(bytes: Uint8Array): void {
    this.#kept.push(bytes);
    this.#keptBytes += bytes.length;
  }
}
