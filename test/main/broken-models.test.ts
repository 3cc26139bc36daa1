import { spawnSync } from 'node:child_process';
import { truncateSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sendInstances } from '../../services/dicom/net/storage-scu.ts';
import { Health, SystemInfo } from '../../services/domain/contract/system.ts';
import type { StudyDetail } from '../../services/domain/contract/worklist.ts';
import { EndState } from '../../services/domain/run.ts';
import { modelPackage, modelsFolder } from '../support/model-packages.ts';
import { heatmapModel, tensorInfo } from '../support/onnx-bytes.ts';
import { type Overread, startOverread } from '../support/overread.ts';
import { syntheticSeries } from '../support/synthetic-series.ts';

/** One good model among those that an operator may put beside it, in one worker. */
const folder = modelsFolder();
const VOLUME = [1, 1, 'd', 'h', 'w'];

/** What each is called, and what its studies and the API say of it. */
const BROKEN: Record<string, RegExp> = {
  'wrong-hash': /model\.fp32\.onnx is not the file its sha256 names/,
  'huge-file': /has 2147483648 bytes, the limit is 536870912/,
  'unknown-step': /manifest\.json: preprocess/,
  'no-manifest': /manifest\.json cannot be read/,
  'wrong-shape': /input image has 4 axes \(1x1xhxw\), the manifest says 5/,
  'nan-weights': /weights are not finite numbers: kernel and 0 more/,
  'unknown-operator': /the runtime refuses the graph: .*com\.example/,
  'nan-answers': /output heat holds what is no number/,
  'failing-self-test': /the lesion at .* was not found/,
};

function makeModels(): void {
  modelPackage(folder, 'good', {
    change: (m) => {
      m.report.sizes = 'model'; // it measures nothing, to be quick
    },
  });
  modelPackage(folder, 'wrong-hash', {
    change: (m) => {
      m.artifacts[0].sha256 = '0'.repeat(64);
    },
  });
  truncateSync(join(modelPackage(folder, 'huge-file'), 'model.fp32.onnx'), 2 ** 31); // a hole: it takes no disk
  modelPackage(folder, 'unknown-step', {
    change: (m) => {
      m.preprocess[3] = { op: 'sharpen' };
    },
  });
  modelPackage(folder, 'wrong-shape', { graph: heatmapModel({ inputs: [tensorInfo('image', [1, 1, 'h', 'w'])] }) });
  modelPackage(folder, 'nan-weights', { graph: heatmapModel({ weight: Number.NaN }) });
  modelPackage(folder, 'unknown-operator', { graph: heatmapModel({ op: 'Magic', domain: 'com.example' }) });
  // A negative number to the power of 0.5 is none.
  modelPackage(folder, 'nan-answers', {
    graph: heatmapModel({
      op: 'Pow',
      weight: 0.5,
      outputs: ['heat', 'lnDiameter'].map((name) => tensorInfo(name, VOLUME)),
    }),
  });
  modelPackage(folder, 'failing-self-test', {
    change: (m) => {
      m.selfTest.lesions[0].centerMm[2] += 9;
    },
  });
}

const running: { overread?: Overread } = {};
const overread = (): Overread => {
  if (running.overread === undefined) throw new Error('not started');
  return running.overread;
};
const series = syntheticSeries({ slices: 42, rows: 64, columns: 64, spacingMm: 4, seed: 'broken models' });
const read = async (path: string) => (await fetch(`${overread().url}${path}`)).json();

beforeAll(async () => {
  makeModels();
  running.overread = await startOverread({
    MODELS_DIR: folder,
    MODELS: ['good', ...Object.keys(BROKEN)].join(','),
    EXECUTION_PROVIDERS: 'tensorrt,cpu',
  });
}, 120_000);
afterAll(async () => {
  await running.overread?.stop();
  running.overread?.remove();
});

/** Every run of the study, once all have ended. */
async function endedRuns(): Promise<StudyDetail['runs']> {
  for (const until = Date.now() + 120_000; Date.now() < until; await sleep(300)) {
    const runs = (await overread().study(series.StudyInstanceUID))?.runs ?? [];
    const ended = runs.length > 0 && runs.every(({ state }) => EndState.safeParse(state).success);
    if (ended) return runs;
  }
  throw new Error(`runs did not end\n${overread().output().slice(-4000)}`);
}

const PATIENT = { timeout: 150_000 };

describe('a good model among broken ones', PATIENT, () => {
  it('reads the study; each of the others says on it why it does not', async () => {
    const peer = { AETitle: 'OVERREAD', host: '127.0.0.1', port: overread().dimsePort };
    const sent = await sendInstances(peer, 'SENDER', series.instances, { timeoutSeconds: 20 });
    expect(sent.every(({ taken }) => taken)).toBe(true);
    const runs = await endedRuns();
    expect(runs).toHaveLength(1 + Object.keys(BROKEN).length);
    expect(runs.find(({ model }) => model.id === 'good')).toMatchObject({
      state: expect.stringMatching(/^(NO_)?FINDINGS$/),
      provider: 'cpu',
    });
    for (const [id, words] of Object.entries(BROKEN)) {
      const run = runs.find(({ model }) => model.id === id);
      expect(run).toMatchObject({ state: 'FAILED', reason: { code: 'MODEL_DISABLED', params: { model: id } } });
      expect(run?.reason?.params.detail).toMatch(words);
    }
  });

  it('the API and the log name each of them; the node warns of them and goes on serving', async () => {
    const { models } = SystemInfo.parse(await read('/api/system'));
    expect(models.find(({ id }) => id === 'good')).toMatchObject({
      ...{ status: 'READY', provider: 'cpu', problem: null },
      passedOver: [{ provider: 'tensorrt', detail: expect.any(String) }],
    });
    expect(overread().output()).toContain('model.provider-passed-over');
    for (const [id, words] of Object.entries(BROKEN)) {
      const model = models.find((each) => each.id === id);
      expect(model).toMatchObject({ status: 'FAILED' });
      expect(model?.problem).toMatch(words);
    }
    expect(
      overread()
        .output()
        .match(/model\.disabled/g),
    ).toHaveLength(Object.keys(BROKEN).length);
    const health = Health.parse(await read('/api/health'));
    expect(health).toMatchObject({ status: 'warning', checks: { models: { ok: false } } });
    expect(health.checks.models?.detail).toContain('nan-weights');
  });
});

describe('overread model disable and enable', PATIENT, () => {
  const model = (...args: string[]) => {
    const cli = join(import.meta.dirname, '../../services/main/cli.ts');
    return spawnSync(process.execPath, [cli, 'model', ...args], { env: overread().env, encoding: 'utf8' });
  };
  it('a model that is switched off reads nothing more, and reads again when it is switched on', async () => {
    expect(model('disable', 'good')).toMatchObject({ status: 0, stdout: 'good: switched off, SWITCHED_OFF\n' });
    const other = syntheticSeries({ slices: 42, rows: 64, columns: 64, spacingMm: 4, seed: 'switched off' });
    const peer = { AETitle: 'OVERREAD', host: '127.0.0.1', port: overread().dimsePort };
    await sendInstances(peer, 'SENDER', other.instances, { timeoutSeconds: 20 });
    await overread().ended(other.StudyInstanceUID);
    const good = async () =>
      (await overread().study(other.StudyInstanceUID))?.runs.find((run) => run.model.id === 'good');
    for (let i = 0; i < 100 && (await good())?.state !== 'FAILED'; i++) await sleep(200);
    expect(await good()).toMatchObject({
      state: 'FAILED',
      reason: { code: 'MODEL_DISABLED', params: { model: 'good', detail: 'switched off by an operator' } },
    });
    const { models } = SystemInfo.parse(await read('/api/system'));
    expect(models.find(({ id }) => id === 'good')).toMatchObject({ status: 'SWITCHED_OFF' });

    expect(model('enable', 'good')).toMatchObject({ status: 0, stdout: 'good: switched on, READY\n' });
    const runId = (await good())?.runId;
    expect((await fetch(`${overread().url}/api/runs/${runId}/retry`, { method: 'POST' })).status).toBe(202);
    for (let i = 0; i < 300 && !/FINDINGS/.test((await good())?.state ?? ''); i++) await sleep(200);
    expect((await good())?.state).toMatch(/FINDINGS/);
  });

  it('a model that is nowhere is an error', () => {
    expect(model('disable', 'nobody')).toMatchObject({ status: 1, stderr: expect.stringContaining('MODEL_NOT_FOUND') });
  });
});
