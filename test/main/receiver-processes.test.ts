import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Config } from '../../services/config.ts';
import { freePort } from '../../services/main/ports.ts';
import { type RunningServices, startServices } from '../../services/main/serve.ts';
import { ctInstance } from '../dicom/net/ct-instance.ts';
import { eventually } from '../dicom/net/receiver.ts';
import { startDatabase, type TestDatabase } from '../support/database.ts';
import { fakeContext } from '../support/fake-context.ts';
import { RawPeer, storeMessage } from '../support/load-client.ts';

/** Three receivers once, now two: what the third left is there. */
const PROCESSES = 2;
/** More than the other test opens. */
const LIMIT = 16;
const state: { services?: RunningServices; database?: TestDatabase; directory: string } = { directory: '' };
const instances = () => join(state.directory, 'instances');

beforeAll(async () => {
  state.directory = mkdtempSync(join(tmpdir(), 'overread-processes-'));
  mkdirSync(join(instances(), 'incoming-3'), { recursive: true });
  writeFileSync(join(instances(), 'incoming-3', 'left'), 'half an instance');
  state.database = await startDatabase();
  const settings = {
    ...{ DATA_DIR: state.directory, DATABASE_URL: state.database.url, RECEIVER_PROCESSES: String(PROCESSES) },
    MAX_ASSOCIATIONS_PER_PEER: String(LIMIT),
    ...{
      DIMSE_HOST: '127.0.0.1',
      DIMSE_PORT: String(await freePort(0)),
      HTTP_PORT: String(await freePort(0)),
      LOG_LEVEL: 'error',
    },
  };
  state.services = await startServices(Config.parse(settings), fakeContext().log, { ...process.env, ...settings });
}, 120_000);
afterAll(async () => {
  await state.services?.stop();
  await state.database?.stop();
  rmSync(state.directory, { recursive: true, force: true });
});

it('two processes receive on one port, each into folders of its own, and neither clears up what the other is writing', async () => {
  const { services } = state;
  if (services === undefined) throw new Error('not started');
  expect(readdirSync(join(instances(), 'incoming-3'))).toEqual([]);
  const peers: RawPeer[] = [];
  const folders = () =>
    readdirSync(instances()).filter((name) => name.startsWith('incoming') && name !== 'incoming-web');
  const bothAtWork = () =>
    folders().filter((name) => readdirSync(join(instances(), name)).length > 0).length === PROCESSES;
  // The system chooses who gets a connection: until both have one, one more. Each sends half an instance first.
  await eventually(() => {
    if (bothAtWork()) return true;
    if (peers.length < 16) peers.push(begun(services.dimsePort, 100 + peers.length));
    return false;
  }, 30);
  for (const peer of peers) peer.destroy();
  await eventually(() => folders().every((name) => readdirSync(join(instances(), name)).length === 0), 30);

  const statuses = await Promise.all(
    Array.from({ length: 8 }, async (_, name) => {
      const peer = new RawPeer(services.dimsePort);
      await peer.associate();
      const status = await peer.store(ctInstance(name, { pixelBytes: 20_000 }));
      await peer.release();
      return status;
    }),
  );
  expect(statuses).toEqual(new Array(8).fill(0));
}, 120_000);

it('the limit of a peer holds for both together, also after one has died and serves again', async () => {
  const { services } = state;
  if (services === undefined) throw new Error('not started');
  const peers: RawPeer[] = [];
  const isTaken = async () => {
    const peer = new RawPeer(services.dimsePort);
    const answer = await peer.associate();
    if (answer?.type !== 0x02) return false;
    peers.push(peer);
    // What one process says takes a moment to reach the other.
    await new Promise((resolve) => setTimeout(resolve, 50));
    return true;
  };
  const fill = async () => {
    const answers: boolean[] = [];
    for (let tries = 0; tries < LIMIT + 8; tries++) answers.push(await isTaken());
    return answers;
  };
  const full = [...new Array(LIMIT).fill(true), ...new Array(8).fill(false)];
  expect(await fill()).toEqual(full);

  const [pid = 0] = [services.pids().receiver];
  process.kill(pid, 'SIGKILL');
  await eventually(() => ![undefined, pid].includes(services.pids().receiver), 30);
  await eventually(() => peers.some(({ socket }) => socket.destroyed), 10);
  const left = peers.filter(({ socket }) => !socket.destroyed).length;
  expect(left).toBeGreaterThan(0);
  // Time for the new one to serve; were it late, the other alone would answer. Both know what is held.
  await new Promise((resolve) => setTimeout(resolve, 4000));
  expect((await fill()).filter((taken) => taken)).toHaveLength(LIMIT - left);
  for (const peer of peers) peer.destroy();
}, 120_000);

/** Has sent most of an instance, more than is gathered before it is written. */
function begun(port: number, name: number): RawPeer {
  const peer = new RawPeer(port);
  const message = Buffer.concat(storeMessage(ctInstance(name, { pixelBytes: 1_000_000 })));
  void peer.associate().then(() => peer.write(message.subarray(0, 800_000)));
  return peer;
}
