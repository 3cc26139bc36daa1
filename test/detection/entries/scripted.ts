import { Socket } from 'node:net';
import type { AnalysisRequest } from '../../../services/domain/run.ts';
import { CHANNEL_DESCRIPTOR, messageChannel } from '../../../services/isolation/message-channel.ts';

/** An analyzer that misbehaves as the id of its request says. It runs as a real child of a real pool. */
const socket = new Socket({ fd: CHANNEL_DESCRIPTOR, readable: true, writable: true });
socket.on('close', () => process.exit(0));
const channel = messageChannel(socket, { lineBytes: 1e8, payloadBytes: 0 }, hear, () => process.exit(3));
channel.send({ type: 'ready' });
const kept: Uint8Array[] = [];

function hear(line: string): void {
  const request: AnalysisRequest = JSON.parse(line);
  const script = SCRIPTS[request.id.split(' ')[0] ?? ''] ?? (() => {});
  script(request);
}

const answer = (id: string, stageSeconds: object = { pid: process.pid }) => ({
  type: 'answer',
  id,
  answer: {
    outcome: 'NOT_ANALYSABLE',
    reason: { code: 'MULTI_FRAME', params: {} },
    SeriesInstanceUID: null,
    stageSeconds,
  },
});

function block(): void {
  for (;;) Math.sqrt(2); // as a native run does: no event, no signal handler, nothing is heard
}

const SCRIPTS: Record<string, (request: AnalysisRequest) => void> = {
  works: ({ id }) => channel.send(answer(id)),
  slowly: ({ id }) => {
    const timer = setInterval(() => channel.send({ type: 'progress', id, stage: 'decode', done: 1, total: 9 }), 50);
    setTimeout(() => {
      clearInterval(timer);
      channel.send(answer(id));
    }, 900);
  },
  tells: ({ id }) => channel.send(answer(id, { environment: Object.keys(process.env).length, pid: process.pid })),
  parameters: ({ id }) =>
    channel.send(answer(id, Object.fromEntries(process.argv.slice(2).map((n, i) => [`p${i}`, Number(n || 99)])))),
  silent: () => {},
  blocks: block,
  dies: () => process.kill(process.pid, 'SIGKILL'),
  exits: () => process.exit(7),
  throws: () => {
    throw new Error('a bug');
  },
  hogs: ({ id }) => {
    setInterval(() => {
      kept.push(new Uint8Array(20 * 1024 * 1024).fill(1));
      channel.send({ type: 'progress', id, stage: 'decode', done: kept.length, total: 1e6 });
    }, 5);
  },
  babbles: () => socket.write('this is no JSON\n'),
  invents: ({ id }) => channel.send({ type: 'secret', id }),
  mistakes: () => channel.send(answer('another request')),
  floods: () => {
    const chunk = 'x'.repeat(1024 * 1024);
    setInterval(() => socket.write(chunk), 1);
  },
  foreign: ({ id }) =>
    channel.send({
      ...answer(id),
      answer: { ...answer(id).answer, SeriesInstanceUID: '1.2.3.4.5.6.7' },
    }),
  refuses: ({ id }) =>
    channel.send({ type: 'error', id, reason: { code: 'INTEGRITY', params: { slice: '1.2.3' } }, retryable: false }),
  stumbles: ({ id }) =>
    channel.send({ type: 'error', id, reason: { code: 'INTERNAL', params: { detail: 'x' } }, retryable: true }),
};
