import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadModel } from '../../services/detection/load-model.ts';
import { ModelManifest } from '../../services/detection/model-manifest.ts';
import { AppError } from '../../services/domain/errors.ts';

const MODEL = join(import.meta.dirname, '../../models/blob-log-ct');
const text = readFileSync(join(MODEL, 'manifest.json'), 'utf8');

/** The shipped manifest with one value set, or one key removed (`undefined`). */
function changed(path: string, value: unknown): unknown {
  const manifest = JSON.parse(text);
  const keys = path.split('.');
  const last = keys.pop() ?? '';
  const parent = keys.reduce((object, key) => object[key], manifest);
  if (value === undefined) delete parent[last];
  else parent[last] = value;
  return manifest;
}

describe('the manifest schema 1.0', () => {
  it('takes the shipped manifest', () => {
    expect(ModelManifest.parse(JSON.parse(text)).id).toBe('blob-log-ct');
  });

  // biome-ignore format: a table
  it.each<[string, string, unknown]>([
    ['another schema version', 'schemaVersion', '1.1'],
    ['an unknown key at the top', 'surprise', 1],
    ['an unknown key inside', 'accepts.colour', 'red'],
    ['an unknown key in an op', 'preprocess.3.unit', 'HU'],
    ['an unknown preprocess op', 'preprocess.3', { op: 'sharpen', mean: 0, std: 1 }],
    ['an unknown postprocess op', 'postprocess.0', { op: 'linkSlices' }],
    ['an unknown mask', 'preprocess.4.mask', 'liver'],
    ['an unknown metric', 'postprocess.0.metric', 'iou'],
    ['an unknown family', 'decode.family', 'anchors'],
    ['an unknown blend', 'tiling.blend', 'median'],
    ['an unknown layout', 'inputs.0.layout', 'NCWHD'],
    ['an unknown role', 'outputs.0.role', 'boxes'],
    ['an unknown rank', 'accepts.rank', ['prettiest']],
    ['flips along no axis', 'tta', { flips: ['w'], merge: 'mean' }],
    ['a missing threshold', 'operatingPoints.0.threshold', undefined],
    ['a threshold above 1', 'operatingPoints.1.threshold', 1.2],
    ['no default', 'operatingPoints.1.default', undefined],
    ['two defaults', 'operatingPoints.0.default', true],
    ['no banner', 'report.banner', ''],
    ['clinical use', 'card.clinicalUse', true],
    ['an id that is no folder name', 'id', '../other'],
    ['a version that is none', 'version', '1.0'],
    ['an artifact outside the folder', 'artifacts.0.path', '../model.onnx'],
    ['an absolute artifact', 'artifacts.0.path', '/etc/passwd'],
    ['an artifact without hash', 'artifacts.0.sha256', undefined],
    ['a hash in capitals', 'artifacts.0.sha256', 'A'.repeat(64)],
    ['a huge artifact', 'artifacts.0.bytes', 1e9],
    ['external data', 'artifacts.0.externalData', ['weights.bin']],
    ['a spacing of nothing', 'preprocess.2.spacingMm', [0, 1, 1]],
    ['resampling in another order', 'preprocess.2.order', 'yxz'],
    ['clipping before the units are known', 'preprocess', [{ op: 'clip', min: 0, max: 1 }]],
    ['resampling twice', 'preprocess.3', { op: 'resample', spacingMm: [1, 1, 1], order: 'zyx', interpolation: 'linear', antialias: true, align: 'center' }],
    ['tiles that overlap too much', 'tiling.overlap', [80, 48, 48]],
    ['a tile that is no multiple', 'inputs.0.multipleOf', [16, 16, 3000]],
    ['a stride that does not divide the tile', 'decode.stride', [4, 4, 4]],
    ['outputs in the wrong order', 'outputs.0.role', 'regression'],
    ['more marks than a report holds', 'postprocess.2.max', 1000],
    ['an even kernel', 'decode.peak.kernel', 4],
    ['text where a number belongs', 'decode.peak.minScore', '0.1'],
    ['not a number', 'accepts.minSlices', Number.NaN],
  ])('refuses %s', (_what, path, value) => {
    expect(ModelManifest.safeParse(changed(path, value)).success).toBe(false);
  });
});

describe('a model package', () => {
  function copy(change: (folder: string) => void, name = 'blob-log-ct'): string {
    const folder = join(mkdtempSync(join(tmpdir(), 'overread-model-')), name);
    cpSync(MODEL, folder, { recursive: true });
    change(folder);
    return folder;
  }
  const refusal = (folder: string) =>
    loadModel(folder).then(
      () => 'loaded',
      (error: unknown) => (error instanceof AppError ? `${error.code}: ${error.message}` : String(error)),
    );

  it('is named in the report by its own words, threshold and hash', async () => {
    const { algorithm, threshold, modelHash } = await loadModel(MODEL);
    expect(algorithm).toMatchObject({ name: 'blob-log-ct', manufacturer: 'Overread', version: '1.0.0', modelHash });
    expect(algorithm.parameters).toEqual([`threshold=${threshold}`]);
    expect(modelHash).toMatch(/^[0-9a-f]{64}$/);
    expect(algorithm.classes).toMatchObject([{ name: 'nodule', code: { scheme: 'SCT' } }]);
  });

  it('has the same hash elsewhere, and another one after any change', async () => {
    const { modelHash } = await loadModel(MODEL);
    expect((await loadModel(copy(() => {}))).modelHash).toBe(modelHash);
    const other = copy((folder) => {
      writeFileSync(join(folder, 'manifest.json'), text.replace('"threshold": 0.75', '"threshold": 0.74'));
    });
    expect((await loadModel(other)).modelHash).not.toBe(modelHash);
  });

  it('is refused when one bit of the graph is another', async () => {
    const folder = copy((at) => {
      const graph = readFileSync(join(at, 'model.fp32.onnx'));
      graph.writeUInt8(graph.readUInt8(4000) ^ 1, 4000);
      writeFileSync(join(at, 'model.fp32.onnx'), graph);
    });
    expect(await refusal(folder)).toMatch(/^MODEL_INVALID: .*sha256/);
  });

  it('is refused when the graph is cut, missing, or the folder has another name', async () => {
    const cut = copy((at) => writeFileSync(join(at, 'model.fp32.onnx'), 'short'));
    expect(await refusal(cut)).toMatch(/MODEL_INVALID: .*has 5 bytes/);
    const lost = copy((at) => {
      writeFileSync(join(at, 'manifest.json'), text.replace('model.fp32.onnx', 'other.onnx'));
    });
    expect(await refusal(lost)).toMatch(/MODEL_INVALID: .*other.onnx cannot be read/);
    expect(await refusal(copy(() => {}, 'renamed'))).toMatch(/MODEL_INVALID: .*the folder is renamed/);
    expect(await refusal('/nowhere/at-all')).toMatch(/MODEL_INVALID: .*manifest.json cannot be read/);
  });

  it('is refused with the place in the manifest that is wrong', async () => {
    const broken = copy((at) => writeFileSync(join(at, 'manifest.json'), '{'));
    expect(await refusal(broken)).toMatch(/MODEL_INVALID: .*not JSON/);
    const unknown = copy((at) => writeFileSync(join(at, 'manifest.json'), JSON.stringify(changed('accepts.x', 1))));
    expect(await refusal(unknown)).toMatch(/MODEL_INVALID: .*accepts/);
  });
});
