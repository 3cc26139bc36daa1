import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { openModel } from '../../services/detection/load-model.ts';
import { openSession } from '../../services/detection/onnx-session.ts';
import { runSelfTest } from '../../services/detection/self-test.ts';

const MODEL = join(import.meta.dirname, '../../models/lung-nodule-ct');
const Golden = z.looseObject({
  shape: z.tuple([z.number(), z.number(), z.number()]),
  backgroundHu: z.number(),
  clipHu: z.tuple([z.number(), z.number()]),
  balls: z.array(z.object({ x: z.number(), y: z.number(), z: z.number(), diameterMm: z.number(), hu: z.number() })),
  tolerance: z.object({ fp32: z.number(), fp16: z.number() }),
  cells: z.array(
    z.object({
      at: z.tuple([z.number(), z.number(), z.number()]),
      heat: z.number(),
      regression: z.array(z.number()).length(4),
    }),
  ),
});
const golden = Golden.parse(JSON.parse(readFileSync(join(MODEL, 'golden/expected.json'), 'utf8')));
const { manifest, graph } = await openModel(MODEL);
const options = { input: 'image', outputs: ['heat', 'regression'], threads: 1 };

/** Balls in lung as the network sees them, z slowest. */
function image(): Float32Array {
  const [depth, height, width] = golden.shape;
  const [low, high] = golden.clipHu;
  return Float32Array.from({ length: depth * height * width }, (_, at) => {
    const [x, y, z] = [at % width, Math.floor(at / width) % height, Math.floor(at / width / height)];
    const values = golden.balls.map((ball) => {
      const inside = 0.5 + ball.diameterMm / 2 - Math.hypot(x - ball.x, y - ball.y, z - ball.z);
      return golden.backgroundHu + (ball.hu - golden.backgroundHu) * Math.min(1, Math.max(0, inside));
    });
    return (Math.min(high, Math.max(low, ...values)) - low) / (high - low);
  });
}

describe('the graph of lung-nodule-ct', () => {
  it.each([
    ['fp32', graph, golden.tolerance.fp32],
    ['fp16', new Uint8Array(readFileSync(join(MODEL, 'model.fp16.onnx'))), golden.tolerance.fp16],
  ] as const)('answers as the trained network did in double precision: %s', async (_precision, bytes, tolerance) => {
    const session = await openSession(bytes, options);
    try {
      const [heat, regression] = await session.run(image(), [1, 1, ...golden.shape]);
      const cells = golden.shape.map((size) => size / 4) as [number, number, number];
      expect(heat?.dims).toEqual([1, 1, ...cells]);
      for (const cell of golden.cells) {
        const index = (cell.at[0] * cells[1] + cell.at[1]) * cells[2] + cell.at[2];
        const count = cells[0] * cells[1] * cells[2];
        const answers = [
          heat?.data[index],
          ...[0, 1, 2, 3].map((channel) => regression?.data[channel * count + index]),
        ];
        for (const [at, expected] of [cell.heat, ...cell.regression].entries())
          expect(Math.abs((answers[at] ?? Number.NaN) - expected)).toBeLessThan(tolerance);
      }
    } finally {
      await session.release();
    }
  });

  it('finds the known answer of its manifest', async () => {
    const session = await openSession(graph, options);
    try {
      expect(await runSelfTest(MODEL, manifest, session, 'fp32')).toMatchObject({ passed: true });
    } finally {
      await session.release();
    }
  });
});

it('carries its label word for word on its card and in the README', () => {
  const root = join(MODEL, '../..');
  for (const page of [join(MODEL, 'README.md'), join(root, 'README.md')])
    expect(readFileSync(page, 'utf8')).toContain(manifest.card.label);
});
