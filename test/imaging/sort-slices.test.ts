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

describe('slices that are no grid', () => {
  const uneven = { isRegular: false, warnings: [{ code: 'UNEVEN_SPACING' }] };
  const tilted = (deg: number, cosines = deg) => {
    const a = (deg * Math.PI) / 180;
    return stack((k) => ({
      ...turned(-cosines),
      ImagePositionPatient: [-150, -140 + (deg === cosines ? 0 : 2 * k * Math.tan(a)), -300 + 2 * k],
    }));
  };

  it('are put on one when their distances jitter, and both distances are named', () => {
    const jitter = sortSlices(
      stack((k) => at(-300 + 2 * k + (k % 2 ? 0.4 : 0))),
      CRITERIA,
    );
    expect(jitter).toMatchObject({
      isRegular: false,
      warnings: [{ code: 'UNEVEN_SPACING', params: { fromMm: 1.6, toMm: 2.4, spacingMm: 1.6 } }],
    });
    const { geometry } = jitter;
    expect(geometry.spacingMm[2]).toBeCloseTo(38.4 / 24, 9);
    expect(toPatient(geometry, voxelPoint(0, 0, geometry.shape[2] - 1))[2]).toBeCloseTo(-300 + 38.4, 9);
  });

  it('are put on one when they change their pace for good', () => {
    const double = sortSlices(
      stack((k) => at(k < 8 ? 2 * k : 16 + 4 * (k - 8))),
      CRITERIA,
    );
    expect(double).toMatchObject({ isRegular: false, geometry: { shape: [512, 512, 31], spacingMm: [0.7, 0.7, 2] } });
    expect(double.warnings.map(({ code }) => code)).toEqual(['UNEVEN_SPACING', 'SLICE_TOO_THICK']);
  });

  it('are put on one when small steps add up, though each is within the tolerance', () => {
    expect(
      sortSlices(
        stack((k) => at(k < 50 ? 2 * k : 100 + 2.08 * (k - 50)), '1.2', 100),
        CRITERIA,
      ),
    ).toMatchObject(uneven);
  });

  it('stay what they are while rounding explains them', () => {
    const rounded = stack((k) => ({
      ImagePositionPatient: [-150, -140 + (k % 2 ? 0.05 : 0), Math.round(-3000 + 12.5 * k) / 10],
      SliceThickness: 1.25,
    }));
    expect(sortSlices(rounded, CRITERIA)).toMatchObject({ isRegular: true, warnings: [] });
  });

  it('keep their planes when a gantry tilted no more than the model allows', () => {
    const { geometry, warnings, isRegular } = sortSlices(tilted(6), CRITERIA);
    expect(isRegular).toBe(false);
    expect(warnings).toEqual([{ code: 'GANTRY_TILT', params: { shearMm: 4, tiltDeg: 6 } }]);
    expect(geometry.axes[2][1]).toBeCloseTo(Math.sin((6 * Math.PI) / 180), 9);
    expect(geometry.shape).toEqual([512, 518, 20]);
  });

  it('are laid along the table when it tilted more', () => {
    const { geometry, warnings } = sortSlices(tilted(15), CRITERIA);
    expect(warnings).toEqual([{ code: 'GANTRY_TILT', params: { shearMm: 9.8, tiltDeg: 15 } }]);
    expect([...geometry.axes[2]]).toEqual([expect.closeTo(0, 9), expect.closeTo(0, 9), expect.closeTo(1, 9)]);
    expect(geometry.spacingMm).toEqual([0.7, expect.closeTo(0.7 * Math.cos(Math.PI / 12), 9), expect.closeTo(2, 9)]);
  });

  it('stay axial when axial slices were moved sideways', () => {
    const { geometry, warnings } = sortSlices(tilted(9, 0), CRITERIA);
    expect(warnings).toEqual([{ code: 'GANTRY_TILT', params: { shearMm: 6, tiltDeg: 9 } }]);
    expect([...geometry.axes[2]]).toEqual([expect.closeTo(0, 9), expect.closeTo(0, 9), 1]);
  });

  it('may lie in any plane of the patient where the model takes any', () => {
    const coronal = stack((k) => ({
      ImageOrientationPatient: [
        [1, 0, 0],
        [0, 0, -1],
      ],
      ImagePositionPatient: [-150, 2 * k, 100],
    }));
    const any = { ...CRITERIA, orientation: { plane: 'any', toleranceDeg: 10 } } as const;
    const { geometry, isRegular } = sortSlices(coronal, any);
    expect([isRegular, geometry.axes[2][1], geometry.spacingMm[2]]).toEqual([true, 1, 2]);
    const steep = stack((k) => ({
      ...turned(40),
      ImagePositionPatient: [0, 2 * k * -Math.sin(Math.PI / 4.5), 2 * k * Math.cos(Math.PI / 4.5)],
    }));
    expect(refused(steep, any)).toEqual({ code: 'OBLIQUE', params: { tiltDeg: 40, limitDeg: 10 } });
  });
});

// biome-ignore format: a table
describe.each<[string, ImageHeader[], Reason]>([
  ['too few', stack(undefined, '1.2', 9), { code: 'TOO_FEW_SLICES', params: { count: 9, minimum: 10 } }],
  ['one', stack(undefined, '1.2', 1), { code: 'TOO_FEW_SLICES', params: { count: 1, minimum: 10 } }],
  ['none', [], { code: 'TOO_FEW_SLICES', params: { count: 0, minimum: 10 } }],
  ['a missing slice', stack().toSpliced(7, 1), { code: 'MISSING_SLICES', params: { gapMm: 4, after: 7, before: 9, spacingMm: 2 } }],
  ['a missing block', stack().toSpliced(3, 5), { code: 'MISSING_SLICES', params: { gapMm: 12, after: 3, before: 9, spacingMm: 2 } }],
  ['two missing slices, one between them', stack().toSpliced(7, 1).toSpliced(8, 1), { code: 'MISSING_SLICES', params: { gapMm: 4, after: 7, before: 9, spacingMm: 2 } }],
  ['uneven slices, two of them too far apart', stack((k) => at(4.6 * k + (k % 2 ? 0.2 : 0) + (k > 10 ? 0.6 : 0))), { code: 'MISSING_SLICES', params: { gapMm: 5.4, after: 11, before: 12, spacingMm: 4.8 } }],
  ['a shifted image', stack((k) => (k === 9 ? { ImagePositionPatient: [-150, -137, -282] } : {})), { code: 'SHIFTED_SLICE', params: { slice: 10, shiftMm: 2.8 } }],
  ['too much tilt', stack((k) => ({ ImagePositionPatient: [-150, -140 + 2 * k, -300 + 2 * k] })), { code: 'TILT_TOO_LARGE', params: { shearMm: 38, tiltDeg: 45, limitDeg: 40 } }],
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
