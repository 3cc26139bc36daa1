import type { CommandSet } from '../dimse/command.ts';
import { encodeCommand } from '../dimse/encode-command.ts';
import { pdataBuffers } from '../dimse/encode-message.ts';

interface OutgoingMessage {
  readonly contextId: number;
  readonly command: CommandSet;
  readonly dataset: Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
}

/**
 * Sends a command and its data set, if there is one. A data set in one piece leaves together with its command in one write;
 * of a longer one each piece when it is known whether another follows.
 */
export async function sendMessage(
  maxFragmentBytes: number,
  send: (buffers: readonly Uint8Array[]) => Promise<void>,
  { contextId, command, dataset }: OutgoingMessage,
): Promise<void> {
  const buffers = (bytes: Uint8Array, isCommand: boolean, isLast: boolean) =>
    pdataBuffers(contextId, bytes, { isCommand, isLast, maxFragmentBytes });
  let waiting: readonly Uint8Array[] = buffers(encodeCommand(command), true, true);
  if (Array.isArray(dataset) && dataset.length <= 1) {
    const [whole] = dataset;
    await send(whole === undefined ? waiting : [...waiting, ...buffers(whole, false, true)]);
    return;
  }
  let part: Uint8Array | undefined;
  for await (const next of dataset) {
    if (part !== undefined) {
      await send([...waiting, ...buffers(part, false, false)]);
      waiting = [];
    }
    part = next;
  }
  await send(part === undefined ? waiting : [...waiting, ...buffers(part, false, true)]);
}
