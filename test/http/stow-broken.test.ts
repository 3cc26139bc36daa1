import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { syntheticSeries } from '../support/synthetic-series.ts';
import { stowBody } from './stow-body.ts';
import { startStow } from './stow-server.ts';

const started: { server?: Awaited<ReturnType<typeof startStow>> } = {};
const stow = () => {
  if (started.server === undefined) throw new Error('not started');
  return started.server;
};
beforeAll(async () => {
  started.server = await startStow();
});
afterAll(() => started.server?.close());
beforeEach(() => stow().forget());

const small = (options: Parameters<typeof syntheticSeries>[0] = {}) =>
  syntheticSeries({ slices: 3, rows: 32, columns: 32, ...options });
const first = <T>(list: readonly T[]): T => {
  const [item] = list;
  if (item === undefined) throw new Error('empty');
  return item;
};

/** A request that is sent in pieces by hand. */
function open(length: number) {
  const { headers } = stowBody([]);
  const sending = request(stow().root, { method: 'POST', headers: { ...headers, 'content-length': length } });
  const answered = new Promise<number | string>((resolve) => {
    sending.once('response', (answer) => resolve(answer.resume().statusCode ?? 0));
    sending.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
  });
  return { sending, answered };
}

describe('clients that break off', () => {
  it('leaves nothing of an instance that did not come whole', async () => {
    const one = first(small().instances);
    const two = first(syntheticSeries({ slices: 1, rows: 576, columns: 576, seed: 'two' }).instances);
    const { body } = stowBody([one.file, two.file]);
    const { sending, answered } = open(body.length);
    sending.write(body.subarray(0, body.length - 100));
    while (stow().recorded.size === 0 || stow().incoming().length === 0) await sleep(10);
    sending.destroy();
    expect(await answered).toBe('ECONNRESET');
    while (stow().ended.length === 0) await sleep(10);
    expect(stow().incoming()).toEqual([]);
    expect([...stow().recorded.keys()]).toEqual([one.SOPInstanceUID]);
    expect(stow().ended).toMatchObject([{ whole: false }]);
  });

  it.each(['', '-', 'b', 'x\r\n'])('takes no part whose delimiter is not whole: …overread-test%j', async (end) => {
    const one = first(small().instances);
    const { body, headers } = stowBody([one.file]);
    const cut = Buffer.concat([body.subarray(0, -'--\r\n'.length), Buffer.from(end)]);
    const answer = await fetch(stow().root, { method: 'POST', body: cut, headers });
    expect([answer.status, stow().recorded.size]).toEqual([400, 0]);
    expect(stow().incoming()).toEqual([]);
  });

  it('tells what is stored when the body breaks off behind it', async () => {
    const one = first(small().instances);
    const { body, headers } = stowBody([one.file, Buffer.from('DICM')]);
    const answer = await fetch(stow().root, { method: 'POST', body: body.subarray(0, -10), headers });
    expect([answer.status, await answer.json()]).toEqual([
      202,
      expect.objectContaining({ '0008119A': { vr: 'SQ', Value: [{ '00081197': { vr: 'US', Value: [0xc000] } }] } }),
    ]);
    expect([...stow().recorded.keys()]).toEqual([one.SOPInstanceUID]);
  });

  it('cuts off who sends less than 1 KiB a second, and takes so many at once', async () => {
    const idle = [open(1000), open(1000)];
    for (const { sending } of idle) sending.write('--overread');
    await sleep(300);
    const third = await stow().store(small().instances.map(({ file }) => file));
    expect([third.status, third.headers.get('retry-after')]).toEqual([503, '5']);
    expect(await Promise.all(idle.map(({ answered }) => answered))).toEqual(['ECONNRESET', 'ECONNRESET']);
    expect((await stow().store(small().instances.map(({ file }) => file))).status).toBe(200);
  });
});
