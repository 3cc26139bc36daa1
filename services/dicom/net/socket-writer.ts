import type { Socket } from 'node:net';

/** Up to this many bytes are copied together: cheaper than a vectored write. A response is about 150. */
const COPIED_BYTES = 4096;

/**
 * Writes to a socket so that what is given together leaves together: several small segments would each wait for the
 * peer's delayed acknowledgement (about 40 ms), so Nagle is off and buffers go out in one vectored write.
 */
export class SocketWriter {
  readonly #socket: Socket;
  #waiters: (() => void)[] = [];
  #isOver = false;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on('drain', () => this.#release());
    socket.on('close', () => this.#release());
  }

  /** The peer is behind with reading. */
  get isBehind(): boolean {
    return this.#socket.writableNeedDrain;
  }

  write(buffers: readonly Uint8Array[]): void {
    const bytes = buffers.reduce((sum, { length }) => sum + length, 0);
    if (bytes <= COPIED_BYTES) {
      this.#socket.write(Buffer.concat(buffers, bytes));
      return;
    }
    this.#socket.cork();
    for (const buffer of buffers) this.#socket.write(buffer);
    this.#socket.uncork();
  }

  /** Settles when the peer has caught up, or the connection is gone; `undefined` when it is not behind. */
  drained(): Promise<void> | undefined {
    if (!this.isBehind || this.#isOver || this.#socket.destroyed) return undefined;
    return new Promise((resolve) => this.#waiters.push(resolve));
  }

  /** Nothing more will be said: who waits for the peer need not, though the socket may live on for a while. */
  over(): void {
    this.#isOver = true;
    this.#release();
  }

  #release(): void {
    for (const resolve of this.#waiters.splice(0)) resolve();
  }
}
