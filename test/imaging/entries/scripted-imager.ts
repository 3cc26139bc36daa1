import { setTimeout as sleep } from 'node:timers/promises';
import type { ImageRequest } from '../../../services/domain/image-request.ts';
import type { MessageChannel } from '../../../services/isolation/message-channel.ts';
import { serveParent } from '../../../services/isolation/parent-channel.ts';

/** An imager that misbehaves as the name of the file says. It runs as a real child of a real pool. */
type Script = (channel: MessageChannel, request: ImageRequest) => unknown;

const kept: Uint8Array[] = [];
const pid = () => [Buffer.from(`${process.pid} ${Object.keys(process.env).length}`)];

const SCRIPTS: Readonly<Record<string, Script>> = {
  works: (channel, { id }) => channel.send({ type: 'frame', id }, pid()),
  slowly: async (channel, { id }) => {
    await sleep(600);
    await channel.send({ type: 'frame', id }, pid());
  },
  large: (channel, { id }) =>
    channel.send(
      { type: 'frame', id },
      Array.from({ length: 40 }, (_, at) => new Uint8Array(2 ** 20).fill(at)),
    ),
  blocks: () => {
    for (;;) Math.sqrt(2);
  },
  silent: () => new Promise(() => {}),
  dies: () => process.kill(process.pid, 'SIGKILL'),
  exits: () => process.exit(7),
  throws: () => {
    setTimeout(() => {
      throw new Error('a bug');
    });
    return new Promise(() => {});
  },
  hogs: async () => {
    for (;;) {
      kept.push(new Uint8Array(20 * 2 ** 20).fill(1));
      await sleep(5);
    }
  },
  invents: (channel, { id }) => channel.send({ type: 'secret', id }),
  mistakes: (channel) => channel.send({ type: 'frame', id: 'another' }, pid()),
  confuses: (channel, { id }) => channel.send({ type: 'instance', id }, pid()),
  floods: async (channel, { id }) => {
    const megabyte = new Uint8Array(2 ** 20);
    await channel.send(
      { type: 'frame', id },
      Array.from({ length: 600 }, () => megabyte),
    );
  },
  refuses: (channel, { id }) => channel.send({ type: 'refused', id, code: 'NOT_ACCEPTABLE', why: 'because' }),
  stumbles: (channel, { id }) => channel.send({ type: 'bug', id, place: 'Error at x.ts:1' }),
};

serveParent(64 * 1024, async (said, channel) => {
  const request = said as ImageRequest;
  await SCRIPTS[request.file]?.(channel, request);
});
