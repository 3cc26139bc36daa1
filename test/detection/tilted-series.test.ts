import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { analyzeInputs } from '../../services/detection/analyze-inputs.ts';
import { openModel } from '../../services/detection/load-model.ts';
import { openSession } from '../../services/detection/onnx-session.ts';
import { storedSeries } from '../imaging/stored-series.ts';
import { volumeReader } from '../imaging/volume-reader.ts';
import type { SyntheticSeriesOptions } from '../support/synthetic-series.ts';

const { manifest, graph } = await openModel(join(import.meta.dirname, '../../models/blob-log-ct'));
const options = { input: 'image', outputs: ['heat', 'lnDiameter'], threads: 2 };
const session = await openSession(graph, options);
afterAll(() => session.release());

async function analysed(series: SyntheticSeriesOptions) {
  const { inputs, nodules, instances } = storedSeries(series);
  const answer = await analyzeInputs(inputs, { manifest, session }, volumeReader());
  if (answer.outcome !== 'ANALYSED') throw new Error(JSON.stringify(answer.reason));
  return { ...answer, nodules, instances };
}

describe('a series of a tilted gantry', () => {
  it.each([-8, 15])(
    'at %d degrees ends with lesions where the balls are, on the images that show them',
    async (tiltDeg) => {
      const { lesions, nodules, series, instances } = await analysed({ tiltDeg, rows: 112, columns: 112 });
      expect(series.warnings).toMatchObject([{ code: 'GANTRY_TILT', params: { tiltDeg: Math.abs(tiltDeg) } }]);
      for (const { center } of nodules) {
        const lesion = lesions.find(
          (each) => Math.hypot(...center.map((mm, a) => mm - (each.center?.[a] ?? 0))) < 0.15,
        );
        expect(lesion?.laterality).toBe(center[0] < 0 ? 'right' : 'left');
        const { SOPInstanceUID, left, right, top, bottom } = lesion?.region ?? {};
        // The middle of the body lies between the two middle slices, in the middle of each.
        expect([23, 24].map((k) => instances[k]?.SOPInstanceUID)).toContain(SOPInstanceUID);
        expect(((left ?? 0) + (right ?? 0)) / 2).toBeCloseTo(56 + center[0] / 2.5, 1);
        expect(Math.abs(((top ?? 0) + (bottom ?? 0)) / 2 - 56)).toBeLessThan(0.6);
      }
    },
    120_000,
  );
});
