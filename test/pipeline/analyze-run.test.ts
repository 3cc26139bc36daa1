import { describe, expect, it, vi } from 'vitest';
import { AppError } from '../../services/domain/errors.ts';
import type { Lesion } from '../../services/domain/finding.ts';
import type { ClaimedRun, RunResult } from '../../services/domain/ports.ts';
import type { Reason } from '../../services/domain/reason.ts';
import type { Algorithm } from '../../services/domain/report-source.ts';
import type { AnalysisAnswer } from '../../services/domain/run.ts';
import { type AnalyzePorts, analyzeRun } from '../../services/pipeline/analyze-run.ts';
import { fakeContext } from '../support/fake-context.ts';
import { fakeQueue } from '../support/fake-queue.ts';

const CT = '1.2.840.10008.5.1.4.1.1.2';
const image = { SOPClassUID: CT, SOPInstanceUID: '1.2.3.4.1' };

const lesion = (score: number): Lesion => ({
  center: [1, 2, 3],
  diameterMm: 8,
  volumeMm3: 268,
  score,
  label: 'nodule',
  laterality: 'left',
  SeriesInstanceUID: '1.2.3',
  region: { ...image, frame: 1, left: 10, top: 20, right: 30, bottom: 40 },
});

const series = {
  SeriesInstanceUID: '1.2.3',
  FrameOfReferenceUID: '1.2.7',
  Modality: 'CT',
  shape: [64, 64, 1] as [number, number, number],
  spacingMm: [1, 1, 2] as [number, number, number],
  images: [image],
  warnings: [],
};
const analysed = (...scores: number[]): AnalysisAnswer => ({
  outcome: 'ANALYSED',
  series,
  lesions: scores.map(lesion),
  provider: 'cpu',
  stageSeconds: { graph: 1.5 },
});

const algorithm: Algorithm = {
  name: 'blob',
  version: '1.0.0',
  modelHash: 'a'.repeat(64),
  parameters: ['threshold=0.5'],
  manufacturer: 'Overread',
  banner: 'Research use only, not for diagnosis',
  classes: [{ name: 'nodule', code: { scheme: 'SCT', value: '27925004', meaning: 'Nodule' }, site: undefined }],
};

const claimed: ClaimedRun = {
  runId: '00000000-0000-4000-8000-000000000001',
  fence: 1,
  revision: 1,
  crashes: 0,
  threshold: 0.5,
  modelId: 'blob',
  modelHash: 'a'.repeat(64),
  study: {
    StudyInstanceUID: '1.2',
    PatientName: 'Phantom^Chest',
    PatientID: 'P1',
    IssuerOfPatientID: '',
    PatientBirthDate: '',
    PatientSex: 'O',
    PatientAge: '',
    StudyDate: '20260102',
    StudyTime: '101112',
    StudyID: '',
    AccessionNumber: '',
    ReferringPhysicianName: '',
    StudyDescription: '',
  },
  inputs: [],
  considered: [{ SeriesInstanceUID: '1.2.3', ...image }],
  predecessor: undefined,
  installationId: '00000000-0000-4000-8000-00000000000f',
};

function given(analyze: AnalyzePorts['analyze'], overrides: Partial<Omit<AnalyzePorts, 'deliveries'>> = {}) {
  const results: RunResult[] = [];
  const job = { id: '00000000-0000-4000-8000-0000000000d1', generation: 0 };
  const ports = {
    claimRun: vi.fn(async () => claimed as ClaimedRun | undefined),
    releaseRun: vi.fn(async () => {}),
    countCrash: vi.fn(async () => 1),
    isHeld: async () => true,
    commitResult: vi.fn(async (_runId: string, _fence: number, result: RunResult, destinations: readonly string[]) => {
      results.push(result);
      return destinations.map(() => job);
    }),
    modelOf: async () => ({ directory: 'models/blob', hash: claimed.modelHash, algorithm }),
    analyze,
    destinations: ['PACS@host:104'],
    deliveries: fakeQueue(),
    ...overrides,
  };
  return { ports, results, run: () => analyzeRun(fakeContext(), ports, claimed.runId) };
}

describe('a run that is taken back while it is worked on', () => {
  it('ends the work and commits, counts and releases nothing', async () => {
    const held = { aborted: false };
    const analyze = (_request: unknown, signal: AbortSignal) =>
      new Promise<never>((_done, failed) => {
        signal.addEventListener('abort', () => {
          held.aborted = true;
          failed(new AppError('ANALYZER_DIED', 'killed'));
        });
      });
    const { run, ports } = given(analyze, { isHeld: async () => false });
    await run();
    expect(held.aborted).toBe(true);
    for (const port of [ports.commitResult, ports.countCrash, ports.releaseRun]) expect(port).not.toHaveBeenCalled();
  });

  it('goes on while nobody can tell', async () => {
    const isHeld = () => Promise.reject(new Error('the database is away'));
    const analyze = () => new Promise<AnalysisAnswer>((done) => setTimeout(() => done(analysed(0.9)), 1300));
    const { run, results } = given(analyze, { isHeld });
    await run();
    expect(results[0]?.endState).toBe('FINDINGS');
  });
});

describe('ends in one of four states', () => {
  it('FINDINGS: marks at the operating point go into the report, all are kept, best first', async () => {
    const { run, results, ports } = given(async () => analysed(0.3, 0.9, 0.6));
    await run();
    expect(results[0]?.endState).toBe('FINDINGS');
    expect(results[0]?.findings.map(({ index, score }) => [index, score])).toEqual([
      [1, 0.9],
      [2, 0.6],
      [3, 0.3],
    ]);
    const text = Buffer.from(results[0]?.report?.dataset ?? []).toString('latin1');
    const [first, second, third] = results[0]?.findings ?? [];
    expect([first, second, third].map((f) => text.includes(f?.TrackingUID ?? '-'))).toEqual([true, true, false]);
    expect(ports.deliveries.added).toHaveLength(1);
  });

  it('NO_FINDINGS: everything lies below the operating point', async () => {
    const { run, results } = given(async () => analysed(0.3));
    await run();
    expect(results[0]).toMatchObject({ endState: 'NO_FINDINGS', provider: 'cpu', stageSeconds: { graph: 1.5 } });
    expect(results[0]?.report).toBeDefined();
  });

  it('NOT_ANALYSABLE: with the reason and a report', async () => {
    const reason = { code: 'TOO_FEW_SLICES', params: { count: 3, minimum: 40 } } as const;
    const { run, results } = given(async () => ({
      outcome: 'NOT_ANALYSABLE',
      reason,
      SeriesInstanceUID: null,
      stageSeconds: {},
    }));
    await run();
    expect(results[0]).toMatchObject({ endState: 'NOT_ANALYSABLE', reason });
    expect(results[0]?.report).toBeDefined();
  });

  it('FAILED after the third death on one input, without a report', async () => {
    const died = new AppError('ANALYZER_DIED', 'the analyzer ended with SIGSEGV');
    const { run, results, ports } = given(() => Promise.reject(died), { countCrash: async () => 3 });
    await run();
    expect(results[0]).toMatchObject({
      endState: 'FAILED',
      reason: { code: 'CRASHED_REPEATEDLY', params: { count: 3 } },
    });
    expect(results[0]?.report).toBeUndefined();
    expect(ports.deliveries.added).toEqual([]);
  });

  it.each<Reason>([
    { code: 'INTEGRITY', params: { slice: 4 } },
    { code: 'INVALID_MODEL_OUTPUT', params: { detail: 'output heat holds what is no number' } },
  ])('FAILED, not "not analysable", when the fault is not that of the study: $code', async (reason) => {
    const { run, results } = given(async () => ({
      outcome: 'NOT_ANALYSABLE',
      reason,
      SeriesInstanceUID: null,
      stageSeconds: {},
    }));
    await run();
    expect(results[0]).toMatchObject({ endState: 'FAILED', reason });
  });
});

it('gives the run back and asks for a retry while deaths are few', async () => {
  const died = new AppError('ANALYZER_DIED', 'killed');
  const { run, ports, results } = given(() => Promise.reject(died));
  await expect(run()).rejects.toBe(died);
  expect(ports.releaseRun).toHaveBeenCalledExactlyOnceWith(claimed.runId, 1);
  expect(results).toEqual([]);
});

it('says in the report what really ran', async () => {
  const answer = { ...analysed(0.9), provider: 'webgpu, then cpu', precision: 'fp16' };
  const { run, results } = given(async () => answer);
  await run();
  const text = Buffer.from(results[0]?.report?.dataset ?? []).toString('latin1');
  expect(text).toContain('provider=webgpu, then cpu');
  expect(text).toContain('precision=fp16');
});

describe('a model that may not read studies', () => {
  const mayRead = { directory: 'models/blob', hash: claimed.modelHash, algorithm };

  it('ends its runs as failed, by name, without an analysis', async () => {
    const analyze = vi.fn(async () => analysed(0.9));
    const { run, results } = given(analyze, { modelOf: async () => ({ disabled: 'its self test failed' }) });
    await run();
    expect(results).toMatchObject([
      {
        endState: 'FAILED',
        reason: { code: 'MODEL_DISABLED', params: { model: 'blob', detail: 'its self test failed' } },
      },
    ]);
    expect(analyze).not.toHaveBeenCalled();
  });

  it('is another than the one that the run was planned for', async () => {
    const { run, results } = given(async () => analysed(0.9), {
      modelOf: async () => ({ ...mayRead, hash: 'b'.repeat(64) }),
    });
    await run();
    expect(results[0]?.reason?.params.detail).toBe('replaced by another version');
  });

  it('was disabled while it read: what it found does not count', async () => {
    const states = [mayRead, { disabled: 'a lesion of its self test was not found' }];
    const { run, results } = given(async () => analysed(0.9), { modelOf: async () => states.shift() ?? mayRead });
    await run();
    expect(results).toMatchObject([{ endState: 'FAILED', findings: [], report: undefined }]);
  });
});

it('counts no crash when it is the worker that stops', async () => {
  const { ports } = given(() => Promise.reject(new AppError('ANALYZER_DIED', 'aborted')));
  const context = { ...fakeContext(), signal: AbortSignal.abort() };
  await expect(analyzeRun(context, ports, claimed.runId)).rejects.toMatchObject({ code: 'ANALYZER_DIED' });
  expect(ports.countCrash).not.toHaveBeenCalled();
});

it('does nothing for a run that has ended', async () => {
  const { run, ports } = given(async () => analysed(), { claimRun: async () => undefined });
  await run();
  expect(ports.commitResult).not.toHaveBeenCalled();
});

it('queues no delivery when its commit came too late', async () => {
  const { run, ports } = given(async () => analysed(0.9), { commitResult: async () => undefined });
  await run();
  expect(ports.deliveries.added).toEqual([]);
});

it('names the same finding the same in a second run: a retry writes the same object', async () => {
  const [a, b] = [given(async () => analysed(0.9)), given(async () => analysed(0.9))];
  await a.run();
  await b.run();
  expect(a.results[0]?.report?.SOPInstanceUID).toBe(b.results[0]?.report?.SOPInstanceUID);
  expect(a.results[0]?.findings[0]?.TrackingUID).toBe(b.results[0]?.findings[0]?.TrackingUID);
});
