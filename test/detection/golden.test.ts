import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openModel } from '../../services/detection/load-model.ts';
import { openSession } from '../../services/detection/onnx-session.ts';

const MODEL = join(import.meta.dirname, '../../models/blob-log-ct');
const golden = JSON.parse(readFileSync(join(MODEL, 'golden/expected.json'), 'utf8'));
const { graph } = await openModel(MODEL);
const options = { input: 'image', outputs: ['heat', 'lnDiameter'], threads: 1 };
const session = await openSession(graph, options);
afterAll(() => session.release());

function input(): Float32Array {
  const [depth, height, width] = golden.shape;
  return Float32Array.from({ length: depth * height * width }, (_, at) => {
    const [x, y, z] = [at % width, Math.floor(at / width) % height, Math.floor(at / width / height)];
    const values = golden.balls.map((ball: Record<'x' | 'y' | 'z' | 'diameterMm' | 'hu', number>) => {
      const inside = 0.5 + ball.diameterMm / 2 - Math.hypot(x - ball.x, y - ball.y, z - ball.z);
      return golden.backgroundHu + (ball.hu - golden.backgroundHu) * Math.min(1, Math.max(0, inside));
    });
    return Math.max(...values);
  });
}

describe('the graph of blob-log-ct', () => {
  it('answers as the reference evaluator of ONNX and as SciPy did', async () => {
    const [heat, lnDiameter] = await session.run(input(), [1, 1, ...golden.shape]);
    expect(heat?.dims).toEqual([1, 1, ...golden.shape]);
    for (const { at, heat: expected, response, diameterMm } of golden.points) {
      const index = (at[0] * golden.shape[1] + at[1]) * golden.shape[2] + at[2];
      const value = heat?.data[index] ?? Number.NaN;
      expect(Math.abs(value - expected)).toBeLessThan(golden.tolerance.heat);
      expect(Math.abs(value * 150 + 300 - response)).toBeLessThan(golden.tolerance.response);
      expect(Math.exp(lnDiameter?.data[index] ?? 0)).toBeCloseTo(diameterMm, 3);
    }
  });

  it('answers the same twice, and the same to a mirrored image, mirrored', async () => {
    const image = input();
    const [once] = await session.run(image, [1, 1, ...golden.shape]);
    const [twice] = await session.run(image, [1, 1, ...golden.shape]);
    expect(twice?.data).toEqual(once?.data);
    const [turned] = await session.run(image.toReversed(), [1, 1, ...golden.shape]);
    const back = turned?.data.toReversed() ?? new Float32Array();
    expect(Math.max(...back.map((value, i) => Math.abs(value - (once?.data[i] ?? 0))))).toBeLessThan(1e-4);
  });
});

describe('a graph the runtime cannot use', () => {
  it('is an invalid model, not a crash', async () => {
    await expect(openSession(new Uint8Array(64), options)).rejects.toMatchObject({ code: 'MODEL_INVALID' });
    await expect(openSession(graph, { ...options, input: 'other' })).rejects.toMatchObject({ code: 'MODEL_INVALID' });
    const wrong = { ...options, outputs: ['heat', 'offset'] };
    await expect(openSession(graph, wrong)).rejects.toMatchObject({ code: 'MODEL_INVALID' });
  });
});
