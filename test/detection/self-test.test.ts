import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { chestPhantom } from '../../services/detection/chest-phantom.ts';
import { openModel } from '../../services/detection/load-model.ts';
import { isOfImage } from '../../services/detection/manifest/self-test.ts';
import { openSession } from '../../services/detection/onnx-session.ts';
import { runSelfTest, selfTestProblem } from '../../services/detection/self-test.ts';
import type { Lesion, Placed } from '../../services/domain/finding.ts';
import { lungMask } from '../../services/imaging/lung-mask.ts';
import { BLOB_LOG, modelPackage, modelsFolder } from '../support/model-packages.ts';

const { manifest, graph } = await openModel(BLOB_LOG);
const { selfTest } = manifest;
if (selfTest === undefined || isOfImage(selfTest)) throw new Error('the shipped model has no self test');
const session = await openSession(graph, { input: 'image', outputs: ['heat', 'lnDiameter'], threads: 0 });
afterAll(() => session.release());

describe('the phantom of self tests', () => {
  it('is the same for the same seed and another for another', () => {
    const { volume, balls } = chestPhantom(7);
    expect(chestPhantom(7).volume.voxels).toEqual(volume.voxels);
    expect(chestPhantom(8).balls).not.toEqual(balls);
  });

  it('has lungs, for any seed, and its balls lie in them', () => {
    for (const seed of [0, 1, 20240101, 2 ** 31]) {
      const { volume, balls } = chestPhantom(seed);
      const { litres } = lungMask(volume, 3);
      expect(litres).toBeGreaterThan(0.5);
      expect(balls.map(({ center }) => Math.sign(center[0]))).toEqual([1, -1, 1, -1]);
    }
  });
});

describe('the self test of blob-log-ct', () => {
  it('passes', async () => {
    expect(await runSelfTest(BLOB_LOG, manifest, session, 'fp32')).toMatchObject({
      passed: true,
      detail: '4 lesions found',
    });
  });

  it('expects the balls of the phantom, where they are', () => {
    const { balls } = chestPhantom(20240101);
    for (const { center } of balls)
      expect(
        selfTest.lesions.some(({ centerMm }) => Math.hypot(...centerMm.map((mm, a) => mm - (center[a] ?? 0))) < 0.2),
      ).toBe(true);
  });

  it('fails when the graph answers a little differently, and says so', async () => {
    const off = {
      ...session,
      run: async (...args: Parameters<typeof session.run>) => {
        const [heat, sizes] = await session.run(...args);
        if (!heat || !sizes) throw new Error('two outputs');
        return [{ ...heat, data: heat.data.map((value) => value * 0.95) }, sizes];
      },
    };
    const result = await runSelfTest(BLOB_LOG, manifest, off, 'fp32');
    expect(result).toMatchObject({
      passed: false,
      detail: expect.stringMatching(/has score 0\.8\d+ instead of 0\.8691$/),
    });
  });

  it('is not there for a model without one', async () => {
    const { selfTest: _, ...without } = manifest;
    expect(await runSelfTest(BLOB_LOG, without, session, 'fp32')).toBeNull();
  });
});

it('a volume of the package is read, and held against its hash and its shape', async () => {
  const { volume } = chestPhantom(20240101);
  const file = gzipSync(new Uint8Array(volume.voxels.buffer));
  const directory = modelPackage(modelsFolder(), 'with-volume');
  writeFileSync(join(directory, 'chest.raw.gz'), file);
  const input = {
    kind: 'volume' as const,
    path: 'chest.raw.gz',
    sha256: createHash('sha256').update(file).digest('hex'),
    shape: [...volume.geometry.shape] as [number, number, number],
    spacingMm: [2, 2, 2] as [number, number, number],
  };
  const run = (changed: Partial<typeof input>) =>
    runSelfTest(
      directory,
      { ...manifest, selfTest: { ...selfTest, input: { ...input, ...changed } } },
      session,
      'fp32',
    );
  expect(await run({})).toMatchObject({ passed: true });
  expect(await run({ sha256: '0'.repeat(64) })).toMatchObject({
    passed: false,
    detail: expect.stringMatching(/sha256/),
  });
  expect(await run({ shape: [4, 4, 4] })).toMatchObject({
    passed: false,
    detail: expect.stringMatching(/longer than its shape/),
  });
  expect(await run({ path: 'absent.raw.gz' })).toMatchObject({
    passed: false,
    detail: expect.stringMatching(/cannot be read/),
  });
});

describe('what counts as the known answer', () => {
  const lesion = (x: number, score: number, diameterMm = 8) =>
    ({ center: [x, 0, 0], score, diameterMm }) as unknown as Lesion & Placed;
  const expected = {
    ...selfTest,
    lesions: [
      { centerMm: [0, 0, 0], score: 0.9, diameterMm: 8 },
      { centerMm: [0.5, 0, 0], score: 0.8 },
    ] as typeof selfTest.lesions,
    maxOthers: 1,
    tolerance: { centerMm: 1, diameterMm: 0.5, score: { fp32: 0.001, fp16: 0.02, int8: 0.05 } },
  };
  // biome-ignore format: a table
  it.each<[string, (Lesion & Placed)[], 'fp32' | 'fp16', RegExp | undefined]>([
    ['both lesions', [lesion(0, 0.9), lesion(0.5, 0.8)], 'fp32', undefined],
    ['one mark is not two lesions', [lesion(0, 0.9)], 'fp32', /^the lesion at 0\.5, 0, 0 mm was not found: the nearest mark is nowhere/],
    ['a score off by 0.01', [lesion(0, 0.91), lesion(0.5, 0.8)], 'fp32', /has score 0\.9100 instead of 0\.9$/],
    ['the same at half precision', [lesion(0, 0.91), lesion(0.5, 0.8)], 'fp16', undefined],
    ['a size off by 1 mm', [lesion(0, 0.9, 9), lesion(0.5, 0.8)], 'fp32', /measures 9\.00 mm instead of 8$/],
    ['one mark more', [lesion(0, 0.9), lesion(0.5, 0.8), lesion(40, 0.85)], 'fp32', undefined],
    ['two marks more', [lesion(0, 0.9), lesion(0.5, 0.8), lesion(40, 0.85), lesion(50, 0.8)], 'fp32', /^2 further marks, at most 1/],
    ['marks below the operating point', [lesion(0, 0.9), lesion(0.5, 0.8), lesion(40, 0.2), lesion(50, 0.2)], 'fp32', undefined],
  ])('%s', (_name, found, precision, problem) => {
    const said = selfTestProblem(expected, found, 0.75, precision);
    if (problem === undefined) expect(said).toBeUndefined();
    else expect(said).toMatch(problem);
  });
});
