import { describe, expect, it } from 'vitest';
import { expectNumbers } from '../../services/detection/analyze-inputs.ts';
import { cpuFallback } from '../../services/detection/cpu-fallback.ts';
import type { OnnxSession } from '../../services/detection/onnx-session.ts';
import { AppError } from '../../services/domain/errors.ts';

/** A session that answers its number and what it was given, and fails with each of `failures` in turn. */
function scripted(provider: string, answer: number, failures: readonly (Error | undefined)[] = []) {
  const left = [...failures];
  const log: string[] = [];
  const session: OnnxSession = {
    provider,
    async run(input, dims) {
      log.push(`run ${input[0]}`);
      const failure = left.shift();
      if (failure) throw failure;
      return [{ data: Float32Array.of(answer, input[0] ?? 0), dims }];
    },
    release: async () => void log.push('release'),
  };
  return { session, log };
}
const full = new AppError('DEVICE_OUT_OF_MEMORY', 'cuda is out of memory', { provider: 'cuda' });

describe('a card whose memory runs out in the middle (an injected session: no card is needed)', () => {
  it('the same tile and the rest are read on the processor, and the card is left', async () => {
    const card = scripted('cuda', 1, [undefined, full]);
    const processor = scripted('cpu', 2);
    const session = cpuFallback(card.session, async () => processor.session);
    const answers: number[][] = [];
    for (const tile of [10, 20, 30]) {
      const [answer] = await session.run(Float32Array.of(tile), [1]);
      answers.push([...(answer?.data ?? [])]);
    }
    expect(answers).toEqual([
      [1, 10],
      [2, 20],
      [2, 30],
    ]);
    expect(card.log).toEqual(['run 10', 'run 20', 'release']);
    expect(processor.log).toEqual(['run 20', 'run 30']);
    expect(session.provider).toBe('cuda, then cpu');
    expect(session.leftProvider).toBe('cuda');
    await session.release();
    expect(processor.log.at(-1)).toBe('release');
  });

  it('until then it is the card that is reported', async () => {
    const session = cpuFallback(scripted('cuda+cpu', 1).session, () => Promise.reject(new Error('not asked')));
    await session.run(Float32Array.of(1), [1]);
    expect([session.provider, session.leftProvider]).toEqual(['cuda+cpu', undefined]);
  });

  it('another failure is not hidden, and neither is a processor that does not open', async () => {
    const broken = new AppError('MODEL_INVALID', 'the run failed on cuda: an illegal instruction');
    const other = cpuFallback(scripted('cuda', 1, [broken]).session, async () => scripted('cpu', 2).session);
    await expect(other.run(Float32Array.of(1), [1])).rejects.toBe(broken);
    const neither = cpuFallback(scripted('cuda', 1, [full]).session, () => Promise.reject(new Error('no memory')));
    await expect(neither.run(Float32Array.of(1), [1])).rejects.toThrow('no memory');
  });
});

describe('a volume with values that are no numbers', () => {
  it('is refused with their count', () => {
    expect(() => expectNumbers(Float32Array.of(1, Number.NaN, 2, Number.NEGATIVE_INFINITY))).toThrow(
      expect.objectContaining({ code: 'NOT_ANALYSABLE', detail: { reason: 'NOT_A_NUMBER', count: 2 } }),
    );
    expectNumbers(Float32Array.of(1, -1e30));
    expectNumbers(Int16Array.of(-1024));
  });
});
