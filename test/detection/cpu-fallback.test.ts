import { describe, expect, it } from 'vitest';
import { analyzeInputs } from '../../services/detection/analyze-inputs.ts';
import { cpuFallback } from '../../services/detection/cpu-fallback.ts';
import { openModel } from '../../services/detection/load-model.ts';
import type { ModelManifest } from '../../services/detection/model-manifest.ts';
import { type OnnxSession, openSession } from '../../services/detection/onnx-session.ts';
import { expectNumbers } from '../../services/detection/warm-model.ts';
import { AppError } from '../../services/domain/errors.ts';
import type { Lesion } from '../../services/domain/finding.ts';
import { reasonText } from '../../services/domain/reason.ts';
import { storedSeries } from '../imaging/stored-series.ts';
import { volumeReader } from '../imaging/volume-reader.ts';
import { BLOB_LOG } from '../support/model-packages.ts';

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

it('a study goes on when the card is full in its middle, marks what is there, and says so', {
  timeout: 60_000,
}, async () => {
  const { manifest: shipped, graph } = await openModel(BLOB_LOG);
  const manifest: ModelManifest = { ...shipped, report: { ...shipped.report, sizes: 'model' } };
  const { inputs, nodules } = storedSeries({ slices: 40, rows: 56, columns: 56, spacingMm: 4 });
  const onProcessor = await openSession(graph, { input: 'image', outputs: ['heat', 'lnDiameter'], threads: 0 });
  const card = cpuFallback(scripted('cuda', 1, [full]).session, async () => onProcessor);
  const answer = await analyzeInputs(inputs, { manifest, session: card, precision: 'fp32' }, volumeReader());
  await onProcessor.release();
  if (answer.outcome !== 'ANALYSED') throw new Error('not analysed');
  for (const { center } of nodules) {
    const off = ({ center: at }: Lesion) => Math.hypot(...center.map((mm, axis) => mm - (at?.[axis] ?? Number.NaN)));
    expect(answer.lesions.some((lesion) => off(lesion) < 1.5)).toBe(true);
  }
  expect(answer).toMatchObject({ provider: 'cuda, then cpu', precision: 'fp32' });
  expect(answer.series.warnings.map(reasonText)).toEqual([
    'cuda ran out of memory in the middle; the rest was computed on the processor',
  ]);
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
