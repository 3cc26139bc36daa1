import { readdirSync, readlinkSync } from 'node:fs';
import { expect, it } from 'vitest';
import {
  ABORT,
  associateRQBytes,
  CT_IMAGE_STORAGE,
  EXPLICIT_VR_LITTLE_ENDIAN,
  pdata,
  RawPeer,
  RELEASE_RQ,
  storeMessage,
} from '../../support/load-client.ts';
import { pdu } from '../../support/pdu-bytes.ts';
import { ctInstance } from './ct-instance.ts';
import { eventually, startReceiver } from './receiver.ts';

const LANES = 64;
const SECONDS = 12;

/** Small repeatable generator of 32 bits, so that a failure can be run again by its seed. */
function random(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** A conversation that began well and was damaged: bytes changed, cut out, doubled, PDUs in any order. */
function conversation(pick: (below: number) => number): { bytes: Buffer; isDamaged: boolean } {
  const contexts = [[1, CT_IMAGE_STORAGE, EXPLICIT_VR_LITTLE_ENDIAN]] as const;
  const store = () =>
    Buffer.concat(
      storeMessage({ ...ctInstance(pick(1000), { pixelBytes: 2000 * (1 + pick(20)) }), pduBytes: 64 + 2 * pick(8000) }),
    );
  const makers = [
    store,
    store,
    store,
    () => RELEASE_RQ,
    () => ABORT,
    () => associateRQBytes({ contexts }),
    () => pdata(1 + pick(4), pick(256), Buffer.alloc(pick(300), pick(256))),
    () => pdu(pick(10), ...Array.from({ length: pick(80) }, () => pick(256))),
  ];
  const parts = [
    associateRQBytes({ contexts }),
    ...Array.from({ length: 1 + pick(5) }, () => (makers[pick(makers.length)] ?? store)()),
  ];
  const bytes = Buffer.concat(parts);
  const changes = pick(3);
  for (let change = 0; change < changes; change++) bytes[pick(bytes.length)] = pick(256);
  return { bytes: pick(4) === 0 ? bytes.subarray(0, pick(bytes.length)) : bytes, isDamaged: changes > 0 };
}

async function lane(port: number, seed: number, until: number): Promise<number> {
  const pick = random(seed);
  let conversations = 0;
  while (performance.now() < until) {
    const peer = new RawPeer(port);
    const { bytes } = conversation(pick);
    for (let at = 0; at < bytes.length && !peer.socket.destroyed; ) {
      const size = 1 + pick(pick(2) === 0 ? 100 : 50_000);
      peer.socket.write(bytes.subarray(at, at + size));
      at += size;
      if (pick(3) === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    if (pick(2) === 0) peer.socket.end();
    await Promise.race([peer.closed, new Promise((resolve) => setTimeout(resolve, 200))]);
    peer.destroy();
    conversations++;
  }
  return conversations;
}

it(`${LANES} lanes of damaged conversations for ${SECONDS} s: no bug, no file, no descriptor, a real sender served`, async () => {
  const scp = await startReceiver({
    artimSeconds: 1,
    idleSeconds: 2,
    maxAssociations: 200,
    maxAssociationsPerPeer: 200,
  });
  const seed = Date.now() & 0xffffff;
  const until = performance.now() + SECONDS * 1000;
  const lanes = Promise.all(Array.from({ length: LANES }, (_, n) => lane(scp.port, seed + n, until)));
  let served = 0;
  while (performance.now() < until) {
    const peer = new RawPeer(scp.port);
    const answer = await peer.associate();
    expect(answer?.type).toBe(0x02);
    expect(await peer.store(ctInstance(served++))).toBe(0);
    peer.destroy();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const conversations = (await lanes).reduce((sum, count) => sum + count, 0);
  await eventually(() => scp.associations === 0 && scp.incoming().length === 0, 10);

  // An unnamed error anywhere would be here.
  expect(scp.context.errors, `seed ${seed}`).toEqual([]);
  await eventually(() => scp.files().length === scp.recorded.length);
  // The last ones may still be closing when their associations are gone.
  await eventually(() => openBelow(scp.directory).length === 0);
  expect(served).toBeGreaterThan(0);
  expect(conversations).toBeGreaterThan(LANES);
  await scp.stop();
}, 60_000);

const openBelow = (directory: string): string[] =>
  readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      const target = readlinkSync(`/proc/self/fd/${fd}`);
      return target.startsWith(directory) ? [target] : [];
    } catch {
      return [];
    }
  });
