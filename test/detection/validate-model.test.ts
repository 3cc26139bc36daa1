import { rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadModel } from '../../services/detection/load-model.ts';
import { validatePackage } from '../../services/detection/validate-model.ts';
import { BLOB_LOG, type LooseManifest, modelPackage, modelsFolder } from '../support/model-packages.ts';
import { bytes, heatmapModel, message, number, tensorInfo } from '../support/onnx-bytes.ts';

const folder = modelsFolder();
const problemsOf = async (directory: string) => (await validatePackage(directory)).flatMap(({ problems }) => problems);
const VOLUME = [1, 1, 'd', 'h', 'w'];

it('the shipped model is sound, and so is a model made of its pieces', async () => {
  const findings = await validatePackage(BLOB_LOG);
  expect(findings.map(({ check }) => check)).toEqual(['manifest', 'file model.fp32.onnx', 'graph model.fp32.onnx']);
  expect(findings.flatMap(({ problems }) => problems)).toEqual([]);
  expect(await problemsOf(modelPackage(folder, 'made', { graph: heatmapModel() }))).toEqual([]);
});

describe('a graph that is not what its manifest promises', () => {
  const external = message(number(1, 2), number(2, 1), bytes(8, 'w'), number(14, 1));
  // biome-ignore format: a table
  it.each<[string, Uint8Array, RegExp]>([
    ['weights that are no numbers', heatmapModel({ weight: Number.NaN }), /^weights are not finite numbers: kernel and 0 more, 1 values$/],
    ['infinite weights', heatmapModel({ weight: Number.POSITIVE_INFINITY }), /^weights are not finite/],
    ['weights in another file', heatmapModel({ weights: [external] }), /^weights lie outside the file: w/],
    ['another opset', heatmapModel({ opset: 18 }), /^the graph is of opset 18, the manifest says 17$/],
    ['another input', heatmapModel({ inputs: [tensorInfo('picture', VOLUME)] }), /^the graph has no input image, but picture$/],
    ['one input more', heatmapModel({ inputs: [tensorInfo('image', VOLUME), tensorInfo('age', [1])] }), /^the graph wants an input age/],
    ['a missing output', heatmapModel({ outputs: [tensorInfo('heat', VOLUME)] }), /^the graph has no output lnDiameter, but heat$/],
    ['an input of four axes', heatmapModel({ inputs: [tensorInfo('image', [1, 1, 'h', 'w'])] }), /^input image has 4 axes \(1x1xhxw\), the manifest says 5$/],
    ['an input of one size', heatmapModel({ inputs: [tensorInfo('image', [1, 1, 64, 64, 64])] }), /^input image is 1x1x64x64x64, the manifest says 1x1xdxhxw$/],
    ['an output of four axes', heatmapModel({ outputs: [tensorInfo('heat', [1, 1, 'h', 'w']), tensorInfo('lnDiameter', VOLUME)] }), /^output heat has 4 axes/],
    ['an input of half precision', heatmapModel({ inputs: [tensorInfo('image', VOLUME, 10)] }), /^input image is float16, not float32$/],
    ['an output of doubles', heatmapModel({ outputs: [tensorInfo('heat', VOLUME, 11), tensorInfo('lnDiameter', VOLUME)] }), /^output heat is float64, not float32 or int64 or int32$/],
    ['a file that is no model', Buffer.from('PK\u0003\u0004 a zip file'), /no ONNX model/],
  ])('%s', async (name, graph, words) => {
    const problems = await problemsOf(modelPackage(folder, `graph-${name.replaceAll(' ', '-')}`, { graph }));
    expect(problems).toContainEqual(expect.stringMatching(words));
  });

  it('an infinite bound of one value is no damage', async () => {
    const one = message(
      number(1, 1),
      number(2, 1),
      bytes(8, 'bound'),
      bytes(9, new Uint8Array(Float32Array.of(1 / 0).buffer)),
    );
    expect(await problemsOf(modelPackage(folder, 'bound', { graph: heatmapModel({ weights: [one] }) }))).toEqual([]);
  });
});

describe('a package that does not load', () => {
  // biome-ignore format: a table
  it.each<[string, (manifest: LooseManifest) => void, RegExp]>([
    ['another hash', (m) => { m.artifacts[0].sha256 = '0'.repeat(64); }, /is not the file its sha256 names$/],
    ['another size', (m) => { m.artifacts[0].bytes = 1; }, /has \d+ bytes, not 1$/],
    ['an operation that is not known', (m) => { m.preprocess[3] = { op: 'sharpen' }; }, /^preprocess/],
    ['a provider that is not known', (m) => { m.runtime.providers = ['gpu']; }, /^runtime\.providers\.0/],
    ['a draft', (m) => { m.card.population = 'FILL IN: who'; }, /^card\.population is still to be filled in/],
    ['no file at full precision', (m) => { m.artifacts[0].precision = 'fp16'; }, /^artifacts: one must be fp32/],
    ['the same file twice', (m) => { m.artifacts.push(m.artifacts[0]); }, /^artifacts: a path may appear once/],
    ['a self test that is none', (m) => { m.selfTest.lesions = []; }, /^selfTest\.lesions/],
  ])('%s', async (name, change, words) => {
    const directory = modelPackage(folder, `package-${name.replaceAll(' ', '-')}`, { change });
    expect(await problemsOf(directory)).toContainEqual(expect.stringMatching(words));
    await expect(loadModel(directory)).rejects.toMatchObject({ code: 'MODEL_INVALID' });
  });

  it('names every problem of a manifest, not only the first', async () => {
    const directory = modelPackage(folder, 'two', {
      change: (manifest) => {
        manifest.surprise = 1;
        manifest.classes = [];
      },
    });
    expect((await problemsOf(directory)).length).toBeGreaterThanOrEqual(2);
  });

  it('a file of 2 GB is refused before a byte of it is read', async () => {
    const directory = modelPackage(folder, 'huge');
    truncateSync(join(directory, 'model.fp32.onnx'), 2 ** 31); // a hole: it takes no disk
    const before = process.memoryUsage.rss();
    expect(await problemsOf(directory)).toEqual([
      expect.stringMatching(/has 2147483648 bytes, the limit is 536870912$/),
    ]);
    await expect(loadModel(directory)).rejects.toMatchObject({ code: 'MODEL_INVALID' });
    expect(process.memoryUsage.rss() - before).toBeLessThan(200 * 1024 * 1024);
    rmSync(directory, { recursive: true });
  });

  it('a manifest of 2 MB is refused, and one that is missing is named', async () => {
    const directory = modelPackage(folder, 'wordy');
    writeFileSync(join(directory, 'manifest.json'), ' '.repeat(2 ** 21));
    expect(await problemsOf(directory)).toEqual([expect.stringMatching(/manifest\.json has 2097152 bytes/)]);
    rmSync(join(directory, 'manifest.json'));
    expect(await problemsOf(directory)).toEqual([expect.stringMatching(/manifest\.json cannot be read/)]);
  });
});
