import { describe, expect, it } from 'vitest';
import { lungRuler } from '../../services/detection/measure-lesion.ts';
import { patientPoint } from '../../services/domain/geometry.ts';
import { lungMask } from '../../services/imaging/lung-mask.ts';
import { chestVolume, gridAround } from '../imaging/chest-volume.ts';
import { type Ellipsoid, lungScene, type SceneOptions } from '../imaging/lung-lesions.ts';

const CENTER = patientPoint(0, 0, 0);

const rulerIn = (lesions: readonly Ellipsoid[], options: SceneOptions = {}) =>
  lungRuler(lungScene(lesions, options), undefined);
function measured(lesions: readonly Ellipsoid[], options: SceneOptions = {}, diameterMm = 9, center = CENTER) {
  return rulerIn(lesions, options)({ center, diameterMm });
}
const ball = (diameterMm: number, hu = 40): Ellipsoid => ({
  semiAxesMm: [diameterMm / 2, diameterMm / 2, diameterMm / 2],
  hu,
});
/** The border is where the profile has risen by 30 %: 0.19 of the edge's width outside its middle. */
const OUTSIDE_MM = 2 * 0.19 * 1.2;

describe('the size of a ball in lung', () => {
  it.each([4, 6, 8, 12, 20, 32])('of %i mm is right to half a millimetre, whatever the detector thought', (mm) => {
    const ruler = rulerIn([ball(mm)], { noiseHu: 20 });
    for (const thought of [mm * 0.7, mm, mm * 1.4]) {
      const size = ruler({ center: CENTER, diameterMm: thought });
      expect(size?.longAxisMm).toBeCloseTo(mm + OUTSIDE_MM + 0.2, 0);
      expect(Math.abs((size?.meanDiameterMm ?? 0) - mm - OUTSIDE_MM)).toBeLessThan(Math.max(0.5, mm * 0.02));
      const volume = (Math.PI / 6) * (mm + OUTSIDE_MM) ** 3;
      expect(Math.abs((size?.volumeMm3 ?? 0) / volume - 1)).toBeLessThan(0.2);
    }
  });

  it('does not depend on thick slices much: 2.5 mm', () => {
    const size = measured([ball(10)], { spacingMm: [0.7, 0.7, 2.5] });
    expect(Math.abs((size?.meanDiameterMm ?? 0) - 10 - OUTSIDE_MM)).toBeLessThan(0.6);
  });

  it('does not depend on where rows, columns and slices run', () => {
    const turned = measured([{ semiAxesMm: [9, 5, 6], turnDeg: 30 }], {
      axes: [patientPoint(0, -1, 0), patientPoint(1, 0, 0), patientPoint(0, 0, 1)],
    });
    const straight = measured([{ semiAxesMm: [9, 5, 6], turnDeg: 30 }]);
    expect(turned?.longAxisMm).toBeCloseTo(straight?.longAxisMm ?? 0, 0);
    expect(turned?.shortAxisMm).toBeCloseTo(straight?.shortAxisMm ?? 0, 0);
  });
});

describe('the axes of an ellipsoid', () => {
  it('are its longest line and the longest across, on the axial image of its middle', () => {
    const size = measured([{ semiAxesMm: [9, 5, 6], turnDeg: 30 }], { noiseHu: 10 });
    expect(size?.longAxisMm).toBeCloseTo(18 + OUTSIDE_MM, 0);
    expect(size?.shortAxisMm).toBeCloseTo(10 + OUTSIDE_MM, 0);
    const [[fromX = 0, fromY = 0, fromZ = 0], [toX = 0, toY = 0, toZ = 0]] = size?.longAxis ?? [[], []];
    const angleDeg = (Math.atan2(toY - fromY, toX - fromX) * 180) / Math.PI;
    expect(Math.abs(((angleDeg + 360) % 180) - 30)).toBeLessThan(6);
    expect([fromZ, toZ].every((z) => Math.abs(z) < 1.5)).toBe(true);
    const [[u0 = 0, v0 = 0], [u1 = 0, v1 = 0]] = size?.shortAxis ?? [[], []];
    const across = (toX - fromX) * (u1 - u0) + (toY - fromY) * (v1 - v0);
    expect(Math.abs(across)).toBeLessThan(0.1);
  });
});

describe('what touches a lesion is not part of it', () => {
  const vessel = (radiusMm: number) => ({ depth: (x: number, y: number) => radiusMm - Math.hypot(x, y - 1), hu: 40 });
  const wall = (fromMm: number) => ({ depth: (x: number) => x - fromMm, hu: 40 });

  it.each([1, 1.8, 2.4])('a vessel of %d mm radius through it', (radiusMm) => {
    const size = measured([ball(10)], { matter: [vessel(radiusMm)], noiseHu: 15 });
    expect(Math.abs((size?.volumeMm3 ?? 0) / ((Math.PI / 6) * (10 + OUTSIDE_MM) ** 3) - 1)).toBeLessThan(0.3);
    expect(size?.longAxisMm).toBeLessThan(12);
  });

  it('the chest wall it leans on', () => {
    const size = measured([ball(10)], { matter: [wall(4)], noiseHu: 15 });
    expect(size?.longAxisMm).toBeGreaterThan(9);
    expect(size?.longAxisMm).toBeLessThan(12.5);
    expect(size?.volumeMm3).toBeLessThan(850);
  });

  it('the chest wall it grows from, half of it inside', () => {
    const size = measured([ball(12)], { matter: [wall(0)], noiseHu: 15 }, 9, patientPoint(-2, 0, 0));
    expect(size?.longAxisMm).toBeGreaterThan(10);
    expect(size?.longAxisMm).toBeLessThan(15);
    expect(size?.volumeMm3).toBeLessThan(1100);
  });
});

describe('a wall too thin for the ball that a wall is known by', () => {
  // What both lungs leave between them, 60 mm long and high.
  const between = (thickMm: number) => ({
    depth: (x: number, y: number, z: number) =>
      Math.min(thickMm / 2 - Math.abs(x - 4 - thickMm / 2), 30 - Math.abs(y), 30 - Math.abs(z)),
    hu: 40,
  });

  it.each([
    [8, 10],
    [12, 16],
    [16, 20],
  ])('is not part of a ball of %i mm that leans on %i mm of it', (mm, thickMm) => {
    const lesion: Ellipsoid = { ...ball(mm), center: [4 - mm / 2 + 1, 0, 0] };
    const ruler = rulerIn([lesion], { matter: [between(thickMm)], noiseHu: 15 });
    for (const diameterMm of [mm * 0.85, mm, mm * 1.15]) {
      const size = ruler({ center: patientPoint(4 - mm / 2 + 1, 0, 0), diameterMm });
      expect(Math.abs((size?.meanDiameterMm ?? 0) - mm)).toBeLessThan(0.3 * mm);
    }
  });

  it('leaves a lesion as it is that is larger than its mark, and whole', () => {
    const size = measured([ball(20)], { noiseHu: 20 }, 9);
    expect(Math.abs((size?.meanDiameterMm ?? 0) - 20 - OUTSIDE_MM)).toBeLessThan(0.6);
  });
});

describe('a cavity', () => {
  const air = (diameterMm: number) => ball(diameterMm, -950);
  const hole = (radiusMm: number): Ellipsoid => ({
    center: [12, 0, 0],
    semiAxesMm: [12, radiusMm, radiusMm],
    hu: -900,
  });

  // biome-ignore format: a table
  it.each<[string, number, Ellipsoid[]]>([
    ['4 mm of air in 10',                 10, [ball(10), air(4)]],
    ['6 mm of air in 12',                 12, [ball(12), air(6)]],
    ['12 mm of air in 20',                20, [ball(20), air(12)]],
    ['22 mm of air in 30',                30, [ball(30), air(22)]],
    ['12 mm of air in 20, open by 3 mm',  20, [ball(20), air(12), hole(1.5)]],
  ])('of %s is measured from outside, and is as dense as its wall', (_what, mm, lesions) => {
    const ruler = rulerIn(lesions, { noiseHu: 20 });
    for (const thought of [mm * 0.75, mm, mm * 1.4]) {
      const size = ruler({ center: CENTER, diameterMm: thought });
      expect(Math.abs((size?.meanDiameterMm ?? 0) - mm - OUTSIDE_MM)).toBeLessThan(0.8);
      expect(Math.abs((size?.volumeMm3 ?? 0) / ((Math.PI / 6) * (mm + OUTSIDE_MM) ** 3) - 1)).toBeLessThan(0.25);
      expect(size?.meanHu).toBeGreaterThan(-300);
      expect(size?.density).toBe('solid');
    }
  });

  it('with a wall that is all edge has no density that could be told', () => {
    const size = measured([ball(12, -300), air(8)], { noiseHu: 20 }, 12);
    expect(Math.abs((size?.meanDiameterMm ?? 0) - 12)).toBeLessThan(1);
    expect(size?.density).toBeNull();
  });

  it('is not the bronchus beside a nodule', () => {
    const tube = (radiusMm: number, hu: number): Ellipsoid => ({
      center: [8.2, 0, 0],
      semiAxesMm: [radiusMm, radiusMm, 400],
      hu,
    });
    const ruler = rulerIn([tube(4.2, 0), ball(9), tube(3, -1000)], { noiseHu: 20 });
    for (const diameterMm of [9, 12, 15]) {
      const size = ruler({ center: CENTER, diameterMm });
      expect(Math.abs((size?.meanDiameterMm ?? 0) - 9 - OUTSIDE_MM)).toBeLessThan(1.2);
    }
  });
});

describe('density', () => {
  // biome-ignore format: a table
  it.each<[string, Ellipsoid[], string | null]>([
    ['soft tissue of 20 mm', [ball(20)], 'solid'],
    ['soft tissue of 8 mm', [ball(8)], 'solid'],
    ['soft tissue of 5 mm', [ball(5)], 'solid'],
    ['calcium', [ball(8, 500)], 'solid'],
    ['ground glass of 20 mm', [ball(20, -600)], 'groundGlass'],
    ['ground glass of 8 mm', [ball(8, -550)], 'groundGlass'],
    ['ground glass too small to tell', [ball(4, -550)], null],
    ['ground glass with a solid middle', [ball(16, -600), ball(7)], 'partSolid'],
    ['ground glass with a vessel of 1.4 mm', [ball(16, -600), { semiAxesMm: [0.7, 0.7, 20] }], 'groundGlass'],
  ])('of %s', (_what, lesions, expected) => {
    const size = measured(lesions, { noiseHu: 20 }, 10);
    expect(size?.density).toBe(expected);
    expect(size?.solidMm === null).toBe(expected !== 'partSolid');
  });

  it('comes with the mean of all its voxels, and the size of the solid part', () => {
    expect(measured([ball(20, -600)])?.meanHu).toBeCloseTo(-620, -2);
    expect(Math.abs((measured([ball(18, -600), ball(8)])?.solidMm ?? 0) - 8)).toBeLessThan(1);
  });
});

describe('nothing is measured', () => {
  it('where lung is all there is, or outside the volume', () => {
    expect(measured([], { noiseHu: 25 })).toBeUndefined();
    expect(measured([ball(10)], {}, 9, patientPoint(500, 0, 0))).toBeUndefined();
  });

  it('where what grows is far from the mark: only a mass may be known by a part', () => {
    expect(measured([ball(26)], {}, 9)).toBeUndefined();
    expect(measured([ball(48)], {}, 16)?.meanDiameterMm).toBeGreaterThan(45);
    expect(measured([ball(5)], {}, 14)).toBeUndefined();
  });

  it('in a volume of NaN', () => {
    const scene = lungScene([ball(10)]);
    const hollow = { ...scene, voxels: new Float32Array(scene.voxels.length).fill(Number.NaN) };
    expect(lungRuler(hollow, undefined)({ center: CENTER, diameterMm: 10 })).toBeUndefined();
  });
});

describe('the way to the pleura', () => {
  it('is known with a lung mask, from the surface of the lesion', () => {
    const volume = chestVolume(gridAround({ spacingMm: [1, 1, 1.5] }), {
      balls: [
        { center: [65, 0, 0], diameterMm: 10 },
        { center: [100, 0, 0], diameterMm: 10 },
      ],
    });
    const ruler = lungRuler(volume, lungMask(volume, 8));
    const deep = ruler({ center: patientPoint(65, 0, 0), diameterMm: 9 });
    const shallow = ruler({ center: patientPoint(100, 0, 0), diameterMm: 9 });
    expect(deep?.pleuraMm).toBeGreaterThan(30);
    expect(deep?.pleuraMm).toBeLessThan(44);
    expect(Math.abs((shallow?.pleuraMm ?? 99) - 5)).toBeLessThan(3);
    expect(measured([ball(10)])?.pleuraMm).toBeNull();
  });
});
