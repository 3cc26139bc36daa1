import { describe, expect, it } from 'vitest';
import { chestPhantom } from '../../services/detection/chest-phantom.ts';
import { segmentAt, surroundings } from '../../services/detection/segment-at.ts';
import { patientPoint } from '../../services/domain/geometry.ts';
import type { Volume } from '../../services/domain/volume.ts';
import { planesOf } from '../../services/imaging/image-stack.ts';
import { refusalReason } from '../../services/imaging/refusal.ts';
import { lungScene } from '../imaging/lung-lesions.ts';

function surroundingsIn(volume: Volume) {
  const stack = planesOf(volume.geometry);
  return surroundings(
    { volume, stack },
    {
      ...{ SeriesInstanceUID: '1.2.3', FrameOfReferenceUID: '1.2.4', Modality: 'CT', warnings: [] },
      ...{ shape: [...volume.geometry.shape], spacingMm: [...volume.geometry.spacingMm] },
      images: stack.positions.map((_, k) => ({
        SOPClassUID: '1.2.840.10008.5.1.4.1.1.2',
        SOPInstanceUID: `1.2.3.${k + 1}`,
      })),
    },
  );
}

const { volume, balls } = chestPhantom(7);
const around = surroundingsIn(volume);
const { stack } = around;
const at = (x: number, y: number, z: number) => segmentAt(around, patientPoint(x, y, z), 'nodule');

function reasonAt(x: number, y: number, z: number): string | undefined {
  try {
    at(x, y, z);
    return undefined;
  } catch (error) {
    return refusalReason(error)?.code;
  }
}

describe('what is at a point', () => {
  it.each(balls.map((ball) => [ball.diameterMm, ball] as const))(
    'is a ball of %d mm, from anywhere inside',
    (mm, ball) => {
      const [x, y, z] = ball.center;
      for (const beside of [0, mm / 4]) {
        const lesion = at(x + beside, y, z - beside / 2);
        expect(Math.hypot(...lesion.center.map((value, a) => value - (ball.center[a] ?? 0)))).toBeLessThan(1.5);
        expect(Math.abs(lesion.diameterMm - mm)).toBeLessThan(1.3);
        expect(lesion.laterality).toBe(x > 0 ? 'left' : 'right');
        expect(lesion).toMatchObject({ label: 'nodule', SeriesInstanceUID: '1.2.3', measurement: expect.anything() });
        expect('score' in lesion).toBe(false);
      }
    },
  );

  it('is measured the same from two points of one ball', () => {
    const [x = 0, y = 0, z = 0] = balls[3]?.center ?? [];
    const [one, other] = [at(x, y, z), at(x + 3, y - 2, z + 2)];
    expect(Math.abs(one.diameterMm - other.diameterMm)).toBeLessThan(0.4);
  });

  it('is the whole cavity, from its air and from beside its middle', () => {
    const ball = (mm: number, hu: number) => ({ semiAxesMm: [mm / 2, mm / 2, mm / 2] as const, hu });
    const chest = surroundingsIn(lungScene([ball(20, 40), ball(13, -950)], { noiseHu: 15 }));
    for (const point of [patientPoint(0, 0, 0), patientPoint(3, -2, 1), patientPoint(-4, 1, 2)])
      expect(Math.abs(segmentAt(chest, point, 'nodule').diameterMm - 20.5)).toBeLessThan(1);
  });

  it('is on the image that shows it', () => {
    const [x = 0, y = 0, z = 0] = balls[3]?.center ?? [];
    const { region } = at(x, y, z);
    const k = Number(region.SOPInstanceUID.split('.').at(-1)) - 1;
    expect(Math.abs((stack.positions[k]?.[2] ?? 0) - z)).toBeLessThanOrEqual(2);
    const column = (x - volume.geometry.origin[0]) / 2 + 0.5;
    expect(region.left).toBeLessThan(column);
    expect(region.right).toBeGreaterThan(column);
  });

  it('is refused by name where there is nothing to measure', () => {
    expect(reasonAt(41, -40, 0)).toBe('NOTHING_THERE');
    expect(reasonAt(90, 66, 0)).toBe('OUTSIDE_LUNGS');
    expect(reasonAt(0, -10, 0)).toBe('NO_BORDER');
    expect(reasonAt(0, 60, 0)).toMatch(/OUTSIDE_LUNGS|NO_BORDER/);
  });
});
