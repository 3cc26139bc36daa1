import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ModelCheck } from '../../services/domain/model.ts';
import { modelStore } from '../../services/store/model-store.ts';
import { startStore } from '../support/database.ts';

const running: Partial<Awaited<ReturnType<typeof startStore>>> = {};
beforeAll(async () => void Object.assign(running, await startStore()), 60_000);
afterAll(() => running.stop?.());
const models = () => {
  if (running.store === undefined) throw new Error('not started');
  return modelStore(running.store);
};
const stateOf = async (id: string) => (await models().modelStates()).find((state) => state.id === id);

const check = (passed: boolean): ModelCheck => ({
  provider: 'cuda+cpu',
  precision: 'fp16',
  passedOver: [{ provider: 'tensorrt', detail: 'not installed' }],
  probe: { values: 8, seconds: 0.1 },
  selfTest: { passed, detail: passed ? '4 lesions found' : 'a lesion was not found', seconds: 1 },
});
const blob = { id: 'blob', version: '1.0.0', hash: 'a'.repeat(64) };

it('a model is ready after a check that passed, and failed after one that did not', async () => {
  expect(await stateOf('blob')).toBeUndefined();
  await models().saveCheck(blob, { check: check(true) });
  expect(await stateOf('blob')).toMatchObject({ ...blob, status: 'READY', problem: null, check: check(true) });
  await models().saveCheck(blob, { check: check(false) });
  expect(await stateOf('blob')).toMatchObject({ status: 'FAILED', problem: 'a lesion was not found' });
  await models().saveCheck({ ...blob, version: '', hash: '' }, { problem: 'other bytes' });
  expect(await stateOf('blob')).toMatchObject({ status: 'FAILED', problem: 'other bytes', hash: '', check: null });
  await models().saveCheck(blob, { check: check(true) });
  expect(await stateOf('blob')).toMatchObject({ status: 'READY', problem: null });
});

it('the switch of an operator outlives every check, and may come before the first', async () => {
  await models().switchModel('other', false);
  expect(await stateOf('other')).toMatchObject({ status: 'SWITCHED_OFF', checkedAt: null });
  await models().saveCheck({ ...blob, id: 'other' }, { check: check(true) });
  expect(await stateOf('other')).toMatchObject({ status: 'SWITCHED_OFF', hash: blob.hash });
  await models().switchModel('other', true);
  expect(await stateOf('other')).toMatchObject({ status: 'READY' });
  await models().switchModel('third', true);
  expect(await stateOf('third')).toMatchObject({ status: 'UNCHECKED' });
});
