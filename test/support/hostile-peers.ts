import { setTimeout as sleep } from 'node:timers/promises';
import { ctInstance } from '../dicom/net/ct-instance.ts';
import { conversation, damaged, FEWEST_PIXEL_BYTES, type Pick, picking, pieces } from './hostile-conversations.ts';
import { commandElement, RawPeer } from './load-client.ts';

/** Any connection is over by then: the deadlines of the watched receiver are 2 and 3 s, the rest is a busy machine. */
const OVER_MS = 30_000;

export interface Attack {
  readonly connections: number;
  /** Conversations that were not answered as they should, with the seed that makes them again. */
  readonly wrong: readonly string[];
  /** The longest that a connection stayed open after its peer had done what it does. */
  readonly longestMs: number;
}

/**
 * So many conversations in so many lanes at once. Most have one defect and wait for the one right answer; the others are
 * damaged anywhere, closed half-way, reset, or fall silent.
 */
export async function attack(port: number, { conversations, lanes, seed }: AttackOptions): Promise<Attack> {
  const wrong: string[] = [];
  let [next, longestMs] = [0, 0];
  const lane = async () => {
    while (next < conversations) {
      const own = seed + next++;
      const { problem, ms } = await converse(port, picking(own));
      longestMs = Math.max(longestMs, ms);
      if (problem !== undefined) wrong.push(`seed ${own}: ${problem}`);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return { connections: conversations, wrong, longestMs };
}

interface AttackOptions {
  readonly conversations: number;
  readonly lanes: number;
  readonly seed: number;
}

/** Instances of a few sizes, made once. */
const INSTANCES = Array.from({ length: 16 }, (_, name) =>
  ctInstance(name, { pixelBytes: FEWEST_PIXEL_BYTES * (1 + name) ** 2 }),
);

async function converse(port: number, pick: Pick): Promise<{ problem?: string; ms: number }> {
  // The first numbers of neighbouring seeds are alike.
  for (let n = 0; n < 4; n++) pick(2);
  const instance = INSTANCES[pick(INSTANCES.length)] ?? ctInstance(0);
  const talk = conversation(pick, instance);
  const how = pick(100);
  const peer = new RawPeer(port);
  if (how < 60) return answered(peer, pick, talk);
  await send(peer, pieces(pick, damaged(pick, talk)), pick);
  if (how < 85) peer.socket.end();
  else if (how < 99) peer.socket.resetAndDestroy();
  const startedAt = performance.now();
  const over = await closes(peer);
  return over ? { ms: performance.now() - startedAt } : { ms: OVER_MS, problem: `${talk.name}, damaged: not closed` };
}

type Talk = ReturnType<typeof conversation>;

/** Everything that comes, until it is what must come last; then the peer closes. */
async function answered(peer: RawPeer, pick: Pick, talk: Talk): Promise<{ problem?: string; ms: number }> {
  const sent = send(peer, pieces(pick, talk.bytes), pick);
  const types: number[] = [];
  let status: number | undefined;
  const timer = setTimeout(() => peer.destroy(), OVER_MS);
  for (let one = await peer.next(); one !== undefined; one = await peer.next()) {
    types.push(one.type);
    if (one.type === 0x04) status = commandElement(one, 0x0900);
    if (one.type === talk.answer) break;
  }
  const startedAt = performance.now();
  await sent;
  peer.socket.end();
  const over = await closes(peer);
  clearTimeout(timer);
  const right = talk.answer === 'closed' ? !types.includes(0x07) : types.at(-1) === talk.answer;
  const rightStatus = talk.status === undefined || talk.status === status;
  const ms = performance.now() - startedAt;
  if (over && right && rightStatus) return { ms };
  return { ms, problem: `${talk.name}: PDUs ${types}, status ${status?.toString(16)}, closed ${over}` };
}

async function send(peer: RawPeer, parts: readonly Buffer[], pick: Pick): Promise<void> {
  for (const part of parts) {
    if (peer.socket.destroyed || !peer.socket.writable) return;
    peer.socket.write(part);
    // A pause lets a piece arrive alone.
    if (pick(4) === 0) await new Promise((resolve) => setImmediate(resolve));
  }
}

async function closes(peer: RawPeer): Promise<boolean> {
  const given = new AbortController();
  const late = sleep(OVER_MS, false, { signal: given.signal }).catch(() => false);
  const over = await Promise.race([peer.closed.then(() => true), late]);
  given.abort();
  peer.destroy();
  return over;
}
