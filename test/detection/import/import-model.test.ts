import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { importModel } from '../../../services/detection/import/import-model.ts';
import { ModelManifest } from '../../../services/detection/model-manifest.ts';
import { validatePackage } from '../../../services/detection/validate-model.ts';
import type { LooseManifest } from '../../support/model-packages.ts';

const EXPORTS = join(import.meta.dirname, '../exports');
const home = mkdtempSync(join(tmpdir(), 'overread-import-'));

async function imported(source: string, id: string) {
  const directory = join(home, id);
  const answer = await importModel(join(EXPORTS, source), id, directory);
  const manifest: LooseManifest = JSON.parse(readFileSync(join(directory, 'manifest.json'), 'utf8'));
  return { ...answer, directory, manifest };
}

/** What a person does last: an answer to every `FILL IN`. */
function filledIn(json: unknown): unknown {
  if (typeof json === 'string') return json.startsWith('FILL IN') ? 'answered' : json;
  if (Array.isArray(json)) return json.map(filledIn);
  if (json === null || typeof json !== 'object') return json;
  return Object.fromEntries(Object.entries(json).map(([key, value]) => [key, filledIn(value)]));
}

const ultralytics = await imported('ultralytics/best.onnx', 'from-ultralytics');
const monai = await imported('monai', 'from-monai');
const nnunet = await imported('nnunet', 'from-nnunet');

describe('an Ultralytics export', () => {
  it('is read from its metadata', () => {
    const { manifest, source } = ultralytics;
    expect(source).toBe('Ultralytics 8.3.0');
    expect(manifest).toMatchObject({ dims: '2d', kind: 'detection', license: expect.stringContaining('AGPL-3.0') });
    expect(manifest.classes.map(({ name }: { name: string }) => name)).toEqual(['nodule', 'mass', 'opacity']);
    expect(manifest.decode).toMatchObject({ family: 'yolo', variant: 'v8', layout: 'B(4+C)N', objectness: false });
    expect(manifest.inputs).toMatchObject([{ name: 'images', layout: 'NCHW', shape: [1, 3, 640, 640] }]);
    expect(manifest.preprocess).toContainEqual(
      expect.objectContaining({ op: 'letterbox', size: [640, 640], fill: 114 }),
    );
    expect(manifest.artifacts).toMatchObject([{ path: 'model.onnx', precision: 'fp32', opset: 17 }]);
  });
});

describe('a MONAI bundle', () => {
  it('is read from metadata.json and inference.json', () => {
    const { manifest } = monai;
    expect(manifest).toMatchObject({ version: '0.6.8', title: 'CT lung nodule detection', dims: '3d' });
    expect(manifest.preprocess).toMatchObject([
      { op: 'modalityLut', to: 'HU' },
      { op: 'reorient', axes: 'RAS' },
      { op: 'resample', spacingMm: [0.703125, 0.703125, 1.25], order: 'xyz' },
      { op: 'clip', min: -1024, max: 300 },
      { op: 'scale', from: [-1024, 300], to: [0, 1] },
    ]);
    expect(manifest.decode.levels).toEqual([
      {
        stride: [4, 4, 2],
        anchors: [
          [6, 8, 4],
          // Half of 5 is rounded to the even 2.
          [8, 6, 4],
          [10, 10, 6],
        ],
      },
      {
        stride: [8, 8, 4],
        anchors: [
          [12, 16, 8],
          [16, 12, 10],
          [20, 20, 12],
        ],
      },
      {
        stride: [16, 16, 8],
        anchors: [
          [24, 32, 16],
          [32, 24, 20],
          [40, 40, 24],
        ],
      },
    ]);
    expect(manifest.outputs.map(({ role, level }: LooseManifest) => `${role} ${level}`)).toEqual([
      ...['cls 0', 'cls 1', 'cls 2'],
      ...['box 0', 'box 1', 'box 2'],
    ]);
    expect(manifest.postprocess).toContainEqual(expect.objectContaining({ op: 'nms', threshold: 0.22 }));
    expect(manifest.decode).toMatchObject({ minScore: 0.02, topKPerLevel: 1000 });
    expect(manifest.tiling).toMatchObject({ roi: [512, 512, 192], overlap: 0.25, blend: 'constant' });
  });
});

describe('a folder of nnU-Net', () => {
  it('is read from plans.json and dataset.json', () => {
    const { manifest, assumed } = nnunet;
    expect(manifest).toMatchObject({ kind: 'segmentation', dims: '3d', title: 'Dataset900_Tests' });
    expect(manifest.outputs).toMatchObject([{ role: 'segLogits', channels: ['background', 'liver', 'lesion'] }]);
    expect(manifest.decode).toMatchObject({ family: 'segmentation', foreground: [2] });
    expect(manifest.classes.map(({ name }: { name: string }) => name)).toEqual(['lesion']);
    expect(manifest.preprocess).toContainEqual({ op: 'zscore', mean: 99.4, std: 39.4 });
    expect(manifest.preprocess).toContainEqual({ op: 'clip', min: -17, max: 201 });
    expect(assumed).toContainEqual(expect.stringContaining('mirror'));
  });
});

/** Whether the schema of this version has the families that exports need. */
const hasFamilies = ModelManifest.shape.decode.safeParse(ultralytics.manifest.decode).success;

describe.each([
  ['Ultralytics', ultralytics],
  ['MONAI', monai],
  ['nnU-Net', nnunet],
])('the draft from %s', (_name, { directory, open, manifest }) => {
  it('does not load, and says each place that a person must fill in', async () => {
    const [first, ...rest] = await validatePackage(directory);
    expect(rest).toEqual([]);
    const asked = first?.problems.filter((problem) => problem.includes('still to be filled in')) ?? [];
    expect(asked.map((problem) => problem.split(' ')[0])).toEqual(open);
    expect(open).toContain('card.intendedUse');
    expect(open.some((path) => path.startsWith('operatingPoints.0'))).toBe(true);
  });

  it.skipIf(!hasFamilies)('is valid once that is done (needs its family in the schema)', async () => {
    const id = `${manifest.id}-done`;
    cpSync(directory, join(home, id), { recursive: true });
    const done = filledIn({ ...manifest, id });
    writeFileSync(join(home, id, 'manifest.json'), JSON.stringify(done));
    const findings = await validatePackage(join(home, id));
    expect(findings.flatMap(({ problems }) => problems)).toEqual([]);
    expect(findings).toHaveLength(3);
  });
});

describe('what cannot be imported says why', () => {
  const refusal = (source: string) =>
    importModel(source, 'refused', join(home, 'refused')).then(
      () => 'imported',
      (error: Error) => error.message,
    );
  /** A copy of an export with one of its JSON files changed. */
  function changed(source: string, file: string, change: (json: LooseManifest) => void): string {
    const copy = mkdtempSync(join(home, 'export-'));
    cpSync(join(EXPORTS, source), copy, { recursive: true });
    const json = JSON.parse(readFileSync(join(copy, file), 'utf8'));
    change(json);
    writeFileSync(join(copy, file), JSON.stringify(json));
    return copy;
  }

  // biome-ignore format: a table
  it.each<[string, () => string, RegExp]>([
    ['an ONNX file of another origin', () => join(EXPORTS, 'nnunet/model.onnx'), /metadata of an Ultralytics export/],
    ['a folder of something else', () => home, /no MONAI bundle and no folder of nnU-Net/],
    ['a file that is not there', () => join(home, 'nowhere.onnx'), /cannot be read/],
    ['a bundle without anchors', () => changed('monai', 'configs/inference.json', (json) => { delete json.anchor_generator; }), /has no AnchorGeneratorWithAnchorShape/],
    ['a bundle with a number that is none', () => changed('monai', 'configs/inference.json', (json) => { json.preprocessing.transforms[4].a_min = 'low'; }), /ScaleIntensityRanged: a_min/],
    ['a bundle of other anchors than its graph', () => changed('monai', 'configs/inference.json', (json) => { json.anchor_generator.base_anchor_shapes.pop(); }), /has 3 channels, neither scores nor boxes/],
    ['several channels', () => changed('nnunet', 'dataset.json', (json) => { json.channel_names['1'] = 'PET'; }), /2 channels/],
    ['transposed axes', () => changed('nnunet', 'plans.json', (json) => { json.transpose_forward = [2, 0, 1]; }), /transposed axes/],
    ['an unknown normalization', () => changed('nnunet', 'plans.json', (json) => { json.configurations['3d_fullres'].normalization_schemes = ['RGBTo01']; }), /RGBTo01 is not known/],
    ['plans without 3d_fullres', () => changed('nnunet', 'plans.json', (json) => { delete json.configurations['3d_fullres']; }), /plans\.json: configurations\.3d_fullres/],
  ])('%s', async (_name, source, words) => {
    expect(await refusal(source())).toMatch(words);
  });

  it('a folder that is there already is left alone', async () => {
    await expect(importModel(join(EXPORTS, 'monai'), 'from-monai', monai.directory)).rejects.toThrow(/exists already/);
    rmSync(home, { recursive: true });
  });
});
