import { setTimeout as sleep } from 'node:timers/promises';
import { ctInstance } from './dicom/net/ct-instance.ts';
import { attack } from './support/hostile-peers.ts';
import { idleSockets } from './support/idle-sockets.ts';
import { ABORT, RawPeer, sendLoad } from './support/load-client.ts';
import { type Report, type WatchedReceiver, watchReceiver } from './support/watched-receiver.ts';

/**
 * `npm run test:soak [-- MINUTES]`: the receiver under everything at once, until 100,000 hostile conversations are done or
 * the time is up. In rounds: hostile conversations beside an honest sender; reconnect storms; thousands of idle sockets;
 * receive load. Prints what the receiver said of itself after each round, and at the end what that proves. Ends with 1
 * when anything was wrong.
 */
const CONVERSATIONS = 100_000;
const PER_ROUND = 5000;
const RECONNECTS = 1000;
const IDLE = 5000;
const LOADED = 300;
/** After the first round, in which a process finds its size. */
const MOST_HELD_MB = 16;
const MOST_DESCRIPTORS = 30;

interface Tally {
  conversations: number;
  reconnects: number;
  idle: number;
  stored: number;
  longestMs: number;
  readonly problems: string[];
  readonly reports: Report[];
}

const minutes = Number(process.argv[2] ?? 15);
const until = performance.now() + minutes * 60_000;
const receiver = await watchReceiver();
const tally: Tally = { conversations: 0, reconnects: 0, idle: 0, stored: 0, longestMs: 0, problems: [], reports: [] };
console.log(`soak: at most ${minutes} minutes, at most ${CONVERSATIONS} conversations`);
console.log('round | conversations | RSS MB | held MB | descriptors | stored');
try {
  for (let round = 0; performance.now() < until && tally.conversations < CONVERSATIONS; round++) {
    await hostile(receiver, round);
    await storm(receiver);
    await idleFlood(receiver);
    await load(receiver, round);
    const report = await settled(receiver);
    tally.reports.push(report);
    const { rssMb, heldMb, descriptors, recorded } = report;
    console.log([round, tally.conversations, rssMb, heldMb, descriptors, recorded].join(' | '));
  }
} catch (error) {
  tally.problems.push(error instanceof Error ? error.message : String(error));
} finally {
  await receiver.stop();
}
conclude();

/** Hostile conversations beside an honest sender. */
async function hostile({ port, died }: WatchedReceiver, round: number): Promise<void> {
  const over = { yet: false };
  const seed = round * PER_ROUND;
  const attacked = Promise.race([attack(port, { conversations: PER_ROUND, lanes: 64, seed }), died]);
  attacked.finally(() => (over.yet = true)).catch(() => {});
  for (let n = 0; !over.yet; n++) {
    await honest(port, n);
    await sleep(20);
  }
  const { wrong, longestMs } = await attacked;
  tally.conversations += PER_ROUND;
  tally.longestMs = Math.max(tally.longestMs, longestMs);
  tally.problems.push(...wrong);
}

async function honest(port: number, name: number): Promise<void> {
  const peer = new RawPeer(port);
  const answer = await peer.associate();
  const status = answer?.type === 0x02 ? await peer.store(ctInstance(name)) : undefined;
  if (status === 0) tally.stored += 1;
  else tally.problems.push(`an honest sender was answered ${status ?? answer?.type}`);
  await peer.release();
}

/** Peers that come and go: at once, after a request, after an abort. */
async function storm({ port }: WatchedReceiver): Promise<void> {
  const come = async (n: number) => {
    const peer = new RawPeer(port);
    if (n % 3 > 0) await peer.associate();
    if (n % 3 === 2) peer.write(ABORT);
    peer.destroy();
    await peer.closed;
  };
  for (let at = 0; at < RECONNECTS; at += 50) await Promise.all(Array.from({ length: 50 }, (_, n) => come(at + n)));
  tally.reconnects += RECONNECTS;
}

async function idleFlood({ port }: WatchedReceiver): Promise<void> {
  const idle = await idleSockets(port, IDLE);
  for (let n = 0; n < 10; n++) await honest(port, n);
  idle.close();
  tally.idle += IDLE;
}

async function load({ port }: WatchedReceiver, round: number): Promise<void> {
  const instances = Array.from({ length: LOADED }, (_, n) =>
    ctInstance(LOADED * (round % 7) + n, { pixelBytes: 500_000 }),
  );
  const { failures } = await sendLoad({ port, called: 'OVERREAD', associations: 4 }, instances);
  tally.stored += LOADED - failures;
  if (failures > 0) tally.problems.push(`${failures} of ${LOADED} instances under load were not stored`);
}

/** When nothing is under way any more. */
async function settled(watched: WatchedReceiver): Promise<Report> {
  for (const deadline = performance.now() + 30_000; ; ) {
    const report = await watched.report();
    if (report.associations === 0 && report.incoming === 0 && report.openFiles === 0) return report;
    if (performance.now() > deadline) {
      tally.problems.push(`left open: ${JSON.stringify(report)}`);
      return report;
    }
    await sleep(200);
  }
}

function conclude(): void {
  const { conversations, reconnects, idle, stored, longestMs, problems, reports } = tally;
  const [first, last] = [reports[0], reports.at(-1)];
  const connections = conversations + reconnects + idle;
  console.log(
    `\n${connections} connections: ${conversations} hostile, ${reconnects} reconnects, ${idle} idle or half-open`,
  );
  console.log(
    `${stored} instances of honest senders stored; a hostile connection was open for at most ${Math.round(longestMs)} ms`,
  );
  if (first !== undefined && last !== undefined) {
    console.log(
      `RSS ${first.rssMb} → ${last.rssMb} MB, in use ${first.heldMb} → ${last.heldMb} MB, descriptors ${first.descriptors} → ${last.descriptors}`,
    );
    const lines = ['association.none', 'association.rejected', 'association.ended'].map(
      (event) => `${event} ${last.events[event] ?? 0}`,
    );
    console.log(`log lines: ${lines.join(', ')}`);
    if (last.heldMb - first.heldMb > MOST_HELD_MB) problems.push('memory grows');
    if (last.descriptors - first.descriptors > MOST_DESCRIPTORS) problems.push('descriptors grow');
    problems.push(...last.bugs);
  }
  console.log(
    problems.length === 0 ? 'nothing was wrong' : `${problems.length} problems:\n${problems.slice(0, 20).join('\n')}`,
  );
  process.exitCode = problems.length === 0 ? 0 : 1;
}
