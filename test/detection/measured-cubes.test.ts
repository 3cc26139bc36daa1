import { expect, it } from 'vitest';
import { lungRuler } from '../../services/detection/measure-lesion.ts';
import type { LesionMeasurement } from '../../services/domain/finding.ts';
import { patientPoint } from '../../services/domain/geometry.ts';
import { lesionAxes } from '../../services/imaging/lesion-axes.ts';
import { cubeRows, type NoduleCube, packedMasks, readCube } from '../support/nodule-cubes.ts';
import { hasSharedData } from '../support/programs.ts';

/** Sizes that the floor model can answer: the ruler starts from the nearest, as it would in a study. */
const STEPS_MM = [4, 6, 9, 13, 19];
const nearestStep = (mm: number) =>
  STEPS_MM.toSorted((a, b) => Math.abs(Math.log(a / mm)) - Math.abs(Math.log(b / mm)))[0];

/** A mark as a detector sets it: up to a millimetre beside the middle on each axis, the same each time. */
function markOf({ center, diameterMm }: NoduleCube, row: number) {
  const off = [0, 1, 2].map((a) => (((row * 7 + a * 13) % 21) / 10 - 1) * Math.min(1, diameterMm / 8));
  const at = patientPoint(center[0] + (off[0] ?? 0), center[1] + (off[1] ?? 0), center[2] + (off[2] ?? 0));
  return { center: at, diameterMm: nearestStep(diameterMm) ?? diameterMm };
}

const sorted = (values: readonly number[]) => values.toSorted((a, b) => a - b);
const quantile = (values: readonly number[], part: number) =>
  sorted(values)[Math.floor(values.length * part)] ?? Number.NaN;
const median = (values: readonly number[]) => quantile(values, 0.5);
const absolute = (values: readonly number[]) => values.map(Math.abs);

/** The axes of the readers' mask, by the same rule. */
function maskAxes({ volume, mask }: NoduleCube) {
  const block = { geometry: volume.geometry, hu: new Float32Array(mask) };
  return lesionAxes({ block, inside: mask, voxels: 0, borderHu: 0.5, lungHu: 0, coreHu: 1, isHollow: false });
}

it.skipIf(!hasSharedData)(
  'sizes of 266 real nodules agree with the masks of readers (needs ../shared/data)',
  { timeout: 300_000 },
  async () => {
    const masks = packedMasks();
    const errors = { sphereMm: [] as number[], longMm: [] as number[], meanMm: [] as number[], volume: [] as number[] };
    let unmeasured = 0;
    const rows = cubeRows(['validation', 'test']);
    for (const row of rows) {
      const cube = await readCube(row, masks);
      const size: LesionMeasurement | undefined = lungRuler(cube.volume, undefined)(markOf(cube, row.row));
      const drawn = maskAxes(cube);
      if (!size || !drawn) {
        unmeasured++;
        continue;
      }
      errors.sphereMm.push(((6 / Math.PI) * size.volumeMm3) ** (1 / 3) - cube.diameterMm);
      errors.longMm.push(size.longAxisMm - drawn.long.lengthMm);
      errors.meanMm.push(size.meanDiameterMm - (drawn.long.lengthMm + drawn.short.lengthMm) / 2);
      errors.volume.push(size.volumeMm3 / ((Math.PI / 6) * cube.diameterMm ** 3) - 1);
    }
    for (const [what, values] of Object.entries(errors))
      console.log(
        `${what}: median error ${median(values).toFixed(2)}, median |error| ${median(absolute(values)).toFixed(2)}, p90 |error| ${quantile(absolute(values), 0.9).toFixed(2)}`,
      );
    expect(rows).toHaveLength(266);
    expect(unmeasured).toBeLessThanOrEqual(3);
    expect(median(absolute(errors.sphereMm))).toBeLessThan(0.7);
    expect(Math.abs(median(errors.sphereMm))).toBeLessThan(0.5);
    expect(quantile(absolute(errors.sphereMm), 0.9)).toBeLessThan(2.5);
    expect(median(absolute(errors.meanMm))).toBeLessThan(1.2);
    expect(median(absolute(errors.longMm))).toBeLessThan(1.3);
    expect(median(absolute(errors.volume))).toBeLessThan(0.25);
  },
);
