import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toPatient, voxelPoint } from '../../services/domain/geometry.ts';
import { Reason } from '../../services/domain/reason.ts';
import type { ImageHeader } from '../../services/imaging/image-header.ts';
import { refusalReason } from '../../services/imaging/refusal.ts';
import { sortSlices } from '../../services/imaging/sort-slices.ts';
import { CRITERIA, stack } from './slice-headers.ts';

function refused(headers: readonly ImageHeader[], criteria = CRITERIA): Reason | undefined {
  try {
    sortSlices(headers, criteria);
  } catch (error) {
    const reason = refusalReason(error);
    if (!reason) throw error;
    return Reason.parse(reason);
  }
  return undefined;
}

const at = (z: number): Partial<ImageHeader> => ({ ImagePositionPatient: [-150, -140, z] });
const turned = (deg: number): Partial<ImageHeader> => {
  const a = (deg * Math.PI) / 180;
  return {
    ImageOrientationPatient: [
      [1, 0, 0],
      [0, Math.cos(a), Math.sin(a)],
    ],
  };
};

describe('slices of one volume', () => {
  it('are sorted along the normal, whatever the order they came in or their instance numbers say', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(stack(), { minLength: 20 }), (shuffled) => {
        const { headers, geometry } = sortSlices(
          shuffled.map((slice, i) => ({ ...slice, InstanceNumber: 100 - i })),
          CRITERIA,
        );
        const z = headers.map(({ ImagePositionPatient }) => ImagePositionPatient?.[2] ?? 0);
        expect(z).toEqual(z.toSorted((a, b) => a - b));
        expect(geometry.spacingMm).toEqual([0.7, 0.7, 2]);
        expect([...toPatient(geometry, voxelPoint(10, 20, 3))]).toEqual([-143, -126, -294]);
      }),
    );
  });

  it('run against z when the columns do: the axes stay right-handed', () => {
    const prone = stack(() => ({
      ImageOrientationPatient: [
        [1, 0, 0],
        [0, -1, 0],
      ],
    }));
    const { headers, geometry } = sortSlices(prone, CRITERIA);
    expect(headers[0]?.ImagePositionPatient?.[2]).toBe(-262);
    expect([...geometry.axes[2]]).toEqual([0, 0, -1]);
    expect(toPatient(geometry, voxelPoint(0, 0, 19))[2]).toBeCloseTo(-300);
  });

  it('may be rounded: cosines of three digits, positions of a tenth', () => {
    const rounded = stack((k) => ({
      ImageOrientationPatient: [
        [1, 0.001, 0],
        [0, 1, -0.001],
      ],
      ...at(Math.round((-300 + 1.25 * k) * 10) / 10),
      SliceThickness: 1.25,
    }));
    const { geometry } = sortSlices(rounded, CRITERIA);
    expect(geometry.spacingMm[2]).toBeCloseTo(1.25, 2);
    expect(Math.hypot(...geometry.axes[1])).toBeCloseTo(1, 12);
  });

  it('warn of thickness before they are refused for it', () => {
    const { warnings } = sortSlices(
      stack((k) => ({ SliceThickness: 3, ...at(3 * k) })),
      CRITERIA,
    );
    expect(warnings).toEqual([{ code: 'SLICE_TOO_THICK', params: { thicknessMm: 3, limitMm: 2.5 } }]);
    expect(sortSlices(stack(), CRITERIA).warnings).toEqual([]);
  });
});

// biome-ignore format: a table
describe.each<[string, ImageHeader[], Reason]>([
  ['too few', stack(undefined, '1.2', 9), { code: 'TOO_FEW_SLICES', params: { count: 9, minimum: 10 } }],
  ['one', stack(undefined, '1.2', 1), { code: 'TOO_FEW_SLICES', params: { count: 1, minimum: 10 } }],
  ['none', [], { code: 'TOO_FEW_SLICES', params: { count: 0, minimum: 10 } }],
  ['a missing slice', stack().toSpliced(7, 1), { code: 'MISSING_SLICES', params: { gapMm: 4, after: 7, before: 9, spacingMm: 2 } }],
  ['a missing block', stack().toSpliced(3, 5), { code: 'MISSING_SLICES', params: { gapMm: 12, after: 3, before: 9, spacingMm: 2 } }],
  ['a slice twice', [...stack(), ...stack().slice(4, 5)], { code: 'DUPLICATE_POSITION', params: { first: 5, second: 5 } }],
  ['two stacks in one', stack((k) => at(-300 + 2 * (k % 10))), { code: 'DUPLICATE_POSITION', params: { first: 1, second: 11 } }],
  ['uneven spacing', stack((k) => at(-300 + 2 * k + (k % 2 ? 0.4 : 0))), { code: 'NOT_UNIFORM', params: { attribute: 'slice spacing' } }],
  ['two spacings', stack((k) => at(k < 12 ? 2 * k : 24 + 2.8 * (k - 12))), { code: 'NOT_UNIFORM', params: { attribute: 'slice spacing' } }],
  ['mixed orientation', stack((k) => (k === 9 ? turned(30) : {})), { code: 'NOT_UNIFORM', params: { attribute: 'ImageOrientationPatient' } }],
  ['mixed sizes', stack((k) => (k === 9 ? { Rows: 256 } : {})), { code: 'NOT_UNIFORM', params: { attribute: 'Rows' } }],
  ['mixed widths', stack((k) => (k === 9 ? { Columns: 256 } : {})), { code: 'NOT_UNIFORM', params: { attribute: 'Columns' } }],
  ['mixed pixel spacing', stack((k) => (k === 9 ? { PixelSpacing: [0.8, 0.8] } : {})), { code: 'NOT_UNIFORM', params: { attribute: 'PixelSpacing' } }],
  ['another frame of reference', stack((k) => (k === 9 ? { FrameOfReferenceUID: '1.2.8' } : {})), { code: 'NOT_UNIFORM', params: { attribute: 'FrameOfReferenceUID' } }],
  ['a shifted image', stack((k) => (k === 9 ? { ImagePositionPatient: [-150, -137, -282] } : {})), { code: 'NOT_UNIFORM', params: { attribute: 'image position' } }],
  ['gantry tilt', stack((k) => ({ ImagePositionPatient: [-150, -140 + 0.3 * k, -300 + 2 * k] })), { code: 'GANTRY_TILT', params: { shearMm: 5.7 } }],
  ['thick slices', stack((k) => ({ SliceThickness: 8, ...at(8 * k) })), { code: 'SLICE_TOO_THICK', params: { thicknessMm: 8, limitMm: 5 } }],
  ['thin slices far apart', stack((k) => ({ SliceThickness: 1, ...at(10 * k) })), { code: 'SLICE_TOO_THICK', params: { thicknessMm: 10, limitMm: 5 } }],
  ['thick and few: thickness says why', stack((k) => ({ SliceThickness: 8, ...at(8 * k) }), '1.2', 5), { code: 'SLICE_TOO_THICK', params: { thicknessMm: 8, limitMm: 5 } }],
  ['a steep stack', stack((k) => ({ ...turned(20), ImagePositionPatient: [0, 2 * k * -Math.sin(Math.PI / 9), 2 * k * Math.cos(Math.PI / 9)] })), { code: 'NOT_AXIAL', params: { tiltDeg: 20, limitDeg: 10 } }],
  ['no position', stack((k) => (k === 3 ? { ImagePositionPatient: undefined } : {})), { code: 'NO_GEOMETRY', params: { slice: 4, attribute: 'ImagePositionPatient' } }],
  ['no orientation', stack(() => ({ ImageOrientationPatient: undefined })), { code: 'NO_GEOMETRY', params: { slice: 1, attribute: 'ImageOrientationPatient' } }],
  ['no spacing', stack((k) => (k === 3 ? { PixelSpacing: undefined } : {})), { code: 'NO_GEOMETRY', params: { slice: 4, attribute: 'PixelSpacing' } }],
  ['negative spacing', stack((k) => (k === 3 ? { PixelSpacing: [-1, 1] } : {})), { code: 'NO_GEOMETRY', params: { slice: 4, attribute: 'PixelSpacing' } }],
  ['no size', stack((k) => (k === 3 ? { Rows: 0 } : {})), { code: 'NO_GEOMETRY', params: { slice: 4, attribute: 'Rows, Columns' } }],
  ['directions that are none', stack(() => ({ ImageOrientationPatient: [[1, 0, 0], [1, 0, 0]] })), { code: 'NO_GEOMETRY', params: { slice: 1, attribute: 'valid ImageOrientationPatient' } }],
])('a series with %s', (_what, headers, reason) => {
  it(`is refused: ${reason.code}`, () => {
    expect(refused(headers)).toEqual(reason);
  });
});

describe('dropping any one slice but the first and last', () => {
  it('is always noticed', () => {
    for (let k = 1; k < 19; k++) expect(refused(stack().toSpliced(k, 1))?.code).toBe('MISSING_SLICES');
  });
});
