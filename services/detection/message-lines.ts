import type { Duplex } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';

/** JSON messages, one a line, over the socket between a worker and its analyzer; both ends use this. */
export interface MessageLines {
  send(message: object): void;
}

/** File descriptor of the socket in the analyzer. */
export const ANALYZER_CHANNEL = 3;

/**
 * Reads lines and writes messages. What arrives is not trusted: a line longer than `maxLength` is given to `overflow`, and
 * nothing is read after it, so the other end can never fill this process.
 */
export function messageLines(
  socket: Duplex,
  maxLength: number,
  hear: (line: string) => void,
  overflow: () => void,
): MessageLines {
  const decoder = new StringDecoder('utf8');
  const state = { pending: '', stopped: false };
  socket.on('data', (bytes: Buffer) => {
    if (state.stopped) return;
    const lines = (state.pending + decoder.write(bytes)).split('\n');
    state.pending = lines.pop() ?? '';
    if (state.pending.length > maxLength || lines.some((line) => line.length > maxLength)) {
      state.stopped = true;
      state.pending = '';
      socket.pause();
      overflow();
      return;
    }
    for (const line of lines) hear(line);
  });
  // A broken pipe is the other end's death, which its owner notices by itself.
  socket.on('error', () => {});
  return {
    send(message) {
      if (socket.writable) socket.write(`${JSON.stringify(message)}\n`);
    },
  };
}
