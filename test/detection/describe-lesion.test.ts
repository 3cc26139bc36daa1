import { describe, expect, it } from 'vitest';
import { describeLesion } from '../../services/detection/describe-lesion.ts';
import { patientPoint, toPatient, type VolumeGeometry, voxelPoint } from '../../services/domain/geometry.ts';
import { planesOf } from '../../services/imaging/image-stack.ts';
import { AXIAL_TURNS, gridAround } from '../imaging/chest-volume.ts';

const source: VolumeGeometry = {
  shape: [100, 80, 20],
  origin: patientPoint(-50, -40, 10),
  axes: [patientPoint(1, 0, 0), patientPoint(0, 1, 0), patientPoint(0, 0, 1)],
  spacingMm: [0.5, 0.5, 2],
};
const seriesOf = ({ shape, spacingMm }: VolumeGeometry) => ({
  SeriesInstanceUID: '1.2.3',
  FrameOfReferenceUID: '1.2.9',
  Modality: 'CT',
  shape: [...shape] as [number, number, number],
  spacingMm: [...spacingMm] as [number, number, number],
  images: Array.from({ length: shape[2] }, (_, k) => ({ SOPClassUID: '1.2', SOPInstanceUID: `1.2.3.${k}` })),
  warnings: [],
});
const regionAt = (i: number, j: number, k: number, diameterMm: number, grid = source) => {
  const center = toPatient(grid, voxelPoint(i, j, k));
  return describeLesion(
    { center, diameterMm, score: 0.8, classId: 0 },
    'nodule',
    seriesOf(grid),
    planesOf(grid),
    undefined,
  ).region;
};

describe('the box of a lesion in image coordinates (PS3.3 §C.18.6.1.1)', () => {
  it('lies around the centre of its pixel, which is at +0.5', () => {
    expect(regionAt(30, 40, 7, 4)).toEqual({
      SOPClassUID: '1.2',
      SOPInstanceUID: '1.2.3.7',
      frame: 1,
      left: expect.closeTo(26.5, 9),
      top: expect.closeTo(36.5, 9),
      right: expect.closeTo(34.5, 9),
      bottom: expect.closeTo(44.5, 9),
    });
  });

  it('is on the nearest image, as wide as the cut there', () => {
    const { SOPInstanceUID, left, right } = regionAt(30, 40, 7.4, 4);
    expect(SOPInstanceUID).toBe('1.2.3.7');
    expect(right - left).toBeCloseTo((2 * Math.sqrt(4 - 0.8 * 0.8)) / 0.5, 9);
    expect(regionAt(30, 40, 7.6, 4).SOPInstanceUID).toBe('1.2.3.8');
  });

  it('is a pixel where the sphere passes between two images', () => {
    const { left, right, top, bottom } = regionAt(30, 40, 7.45, 0.4);
    expect([right - left, bottom - top]).toEqual([expect.closeTo(1, 9), expect.closeTo(1, 9)]);
  });

  it('stays inside the image, also for a centre beyond it', () => {
    expect(regionAt(0, 79, 0, 10)).toMatchObject({ left: 0, bottom: 80 });
    const { left, right, top, bottom } = regionAt(-9, 300, 40, 3);
    expect(left).toBe(0);
    expect(right).toBeGreaterThan(0);
    expect(top).toBeLessThan(80);
    expect(bottom).toBe(80);
    expect(regionAt(0, 0, 40, 3).SOPInstanceUID).toBe('1.2.3.19');
  });

  it.each(AXIAL_TURNS)('follows the rows and columns of the image: %j %j %j', (...axes) => {
    const grid = gridAround({ axes, tiltDeg: [5, 3, -7], spacingMm: [0.7, 0.9, 2] });
    const { left, right, top, bottom, SOPInstanceUID } = regionAt(50, 61, 12, 9, grid);
    expect([(left + right) / 2, (top + bottom) / 2]).toEqual([expect.closeTo(50.5, 6), expect.closeTo(61.5, 6)]);
    expect([(right - left) * 0.7, (bottom - top) * 0.9]).toEqual([expect.closeTo(9, 6), expect.closeTo(9, 6)]);
    expect(SOPInstanceUID).toBe('1.2.3.12');
  });
});

it('a lesion has the volume of its sphere, and no side without a mask', () => {
  const center = patientPoint(0, 0, 20);
  const lesion = describeLesion(
    { center, diameterMm: 10, score: 0.8, classId: 0 },
    'nodule',
    seriesOf(source),
    planesOf(source),
    undefined,
  );
  expect(lesion).toMatchObject({ center: [0, 0, 20], diameterMm: 10, label: 'nodule', laterality: null });
  expect(lesion.volumeMm3).toBeCloseTo(523.6, 1);
});
