import { describe, expect, it } from 'vitest';
import { AppError } from '../../services/domain/errors.ts';
import type { ModelCheck } from '../../services/domain/model.ts';
import { checkModel } from '../../services/pipeline/check-models.ts';
import { fakeContext } from '../support/fake-context.ts';

const model = { id: 'blob', version: '1.0.0', hash: 'a'.repeat(64) };
const check: ModelCheck = {
  provider: 'cpu',
  precision: 'fp32',
  passedOver: [],
  probe: { values: 8, seconds: 0.1 },
  selfTest: { passed: true, detail: '4 lesions found', seconds: 1 },
};

async function checked(answer: () => Promise<ModelCheck>, given: Parameters<typeof checkModel>[2] = model) {
  const context = fakeContext();
  const saved: unknown[] = [];
  const ports = { checkModel: answer, saveCheck: async (_model: unknown, outcome: object) => void saved.push(outcome) };
  await checkModel(context, ports, given);
  return { saved, events: context.events, errors: context.errors.map(String) };
}

describe('what a check of a model writes down, and says in the log', () => {
  it('it runs, and passes its self test', async () => {
    const { saved, events } = await checked(async () => check);
    expect(saved).toEqual([{ check }]);
    expect(events).toEqual(['model.checked']);
  });

  it('a provider that was wanted does not run it', async () => {
    const passedOver = [{ provider: 'cuda' as const, detail: 'Failed to load shared library' }];
    const { events } = await checked(async () => ({ ...check, passedOver }));
    expect(events).toEqual(['model.provider-passed-over', 'model.checked']);
  });

  it('its self test fails', async () => {
    const selfTest = { passed: false, detail: 'nothing was found', seconds: 1 };
    const { saved, events, errors } = await checked(async () => ({ ...check, selfTest }));
    expect(saved).toEqual([{ check: { ...check, selfTest } }]);
    expect(events).toEqual(['model.disabled']);
    expect(errors).toEqual([expect.stringContaining('its self test failed: nothing was found')]);
  });

  it('an analyzer refuses it', async () => {
    const refused = new AppError('ANALYZER_INVALID', 'it failed', { reason: 'MODEL_DISABLED', detail: 'opset 99' });
    const { saved, events } = await checked(() => Promise.reject(refused));
    expect(saved).toEqual([{ problem: 'opset 99' }]);
    expect(events).toEqual(['model.disabled']);
  });

  it('an analyzer is lost over it: that is no answer, and the state stays', async () => {
    const lost = new AppError('ANALYZER_DEADLINE', 'the analyzer was silent', { reason: 'DEADLINE', seconds: 120 });
    const { saved, events } = await checked(() => Promise.reject(lost));
    expect(saved).toEqual([]);
    expect(events).toEqual(['model.check-lost']);
  });

  it('its package does not load: no analyzer is asked', async () => {
    const never = () => Promise.reject(new Error('asked'));
    const { saved } = await checked(never, { ...model, hash: '', problem: 'wrong hash' });
    expect(saved).toEqual([{ problem: 'wrong hash' }]);
  });

  it('a bug stays a bug, and a stopping worker has found out nothing', async () => {
    await expect(checked(() => Promise.reject(new TypeError('bug')))).rejects.toThrow('bug');
    const context = { ...fakeContext(), signal: AbortSignal.abort() };
    const saved: unknown[] = [];
    const ports = {
      checkModel: () => Promise.reject(new AppError('ANALYZER_DIED', 'stopped')),
      saveCheck: async () => void saved.push(1),
    };
    await checkModel(context, ports, model);
    expect(saved).toEqual([]);
  });
});
