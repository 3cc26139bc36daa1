import { describe, expect, it } from 'vitest';
import type { Volume } from '../../services/domain/volume.ts';
import { distanceToLung, lungMask, sideOf } from '../../services/imaging/lung-mask.ts';
import { refusalReason } from '../../services/imaging/refusal.ts';
import { AXIAL_TURNS, chestVolume, gridAround } from './chest-volume.ts';

/** Two ellipsoids of semi-axes 45, 60, 75 mm. */
const TRUE_LITRES = (2 * (4 / 3) * Math.PI * 45 * 60 * 75) / 1e6;
const maskOf = (volume: Volume) => lungMask(volume, 30);
const left = [65, 0, 0] as const;
const right = [-65, 0, 0] as const;

describe('lung mask', () => {
  it('finds both lungs and their volume', () => {
    const mask = maskOf(chestVolume(gridAround()));
    expect(Math.abs(mask.litres - TRUE_LITRES) / TRUE_LITRES).toBeLessThan(0.04);
    expect(distanceToLung(mask, left)).toBe(0);
    expect(distanceToLung(mask, [0, 0, 0])).toBeGreaterThan(15);
    expect(Math.abs(distanceToLung(mask, [0, 0, 0]) - 20)).toBeLessThan(3);
    expect(distanceToLung(mask, [5000, 0, 0])).toBe(Number.POSITIVE_INFINITY);
  });

  it.each(AXIAL_TURNS)('tells left from right whatever way the rows run: %j %j %j', (...axes) => {
    const mask = maskOf(chestVolume(gridAround({ axes, tiltDeg: [4, -3, 5], spacingMm: [2, 2, 2.5] })));
    expect(sideOf(mask, left, 5)).toBe('left');
    expect(sideOf(mask, right, 5)).toBe('right');
    expect(sideOf(mask, [0, 0, 0], 10)).toBeNull();
  });

  it('tells the sides when trachea and bronchi join the lungs, and drops the trachea', () => {
    const airway = (x: number, y: number, z: number) => {
      const trachea = Math.hypot(x, y) < 9 && z > 0;
      const bronchus = Math.hypot(y, z - 2) < 6 && Math.abs(x) < 40;
      return trachea || bronchus ? -1000 : undefined;
    };
    const mask = maskOf(chestVolume(gridAround(), { extra: airway }));
    expect(sideOf(mask, left, 5)).toBe('left');
    expect(sideOf(mask, right, 5)).toBe('right');
    expect(distanceToLung(mask, [0, 0, 60])).toBeGreaterThan(5);
  });

  it('tells the side of a lung that is alone', () => {
    const mask = maskOf(chestVolume(gridAround(), { lungs: ['left'] }));
    expect(sideOf(mask, left, 5)).toBe('left');
    expect(sideOf(mask, right, 5)).toBeNull();
  });

  it('holds nodules in the lung, at the pleura and vessels', () => {
    const balls = [
      { center: [65, 0, 0], diameterMm: 25 },
      { center: [-65, 52, 0], diameterMm: 14 },
    ] as const;
    const mask = maskOf(chestVolume(gridAround(), { balls }));
    for (const { center } of balls) expect(distanceToLung(mask, center)).toBeLessThanOrEqual(3);
  });

  it('leaves out bowel gas, the table and the air around', () => {
    const extra = (x: number, y: number, z: number) => {
      if (Math.hypot(x - 20, y + 40, z + 85) < 28) return -1000; // a stomach bubble of 92 ml below the lungs
      if (y > 98 && y < 100) return 200; // the shell of the table
      return y > 100 && y < 130 && Math.abs(x) < 148 ? -900 : undefined;
    };
    const mask = maskOf(chestVolume(gridAround({ extentMm: [300, 300, 220] }), { extra }));
    expect(distanceToLung(mask, [20, -40, -85])).toBeGreaterThan(2);
    expect(distanceToLung(mask, [0, 115, 0])).toBeGreaterThan(20);
    expect(Math.abs(mask.litres - TRUE_LITRES) / TRUE_LITRES).toBeLessThan(0.05);
  });

  it('reads lungs that are cut by the first and last slice', () => {
    const mask = maskOf(chestVolume(gridAround({ extentMm: [300, 210, 90] })));
    expect(distanceToLung(mask, [65, 0, 44])).toBe(0);
    expect(sideOf(mask, [65, 0, -44], 5)).toBe('left');
  });

  it('refuses what holds no lung, with the litres it found', () => {
    const reason = (lungs: readonly 'left'[]) => {
      try {
        maskOf(chestVolume(gridAround(), { lungs, extra: (x, y) => (Math.hypot(x, y) < 25 ? -850 : undefined) }));
      } catch (error) {
        return refusalReason(error);
      }
      return undefined;
    };
    expect(reason([])).toMatchObject({ code: 'LUNG_NOT_FOUND' });
    expect(reason([])?.params.litres).toBeGreaterThan(0.25);
    expect(reason([])?.params.litres).toBeLessThan(0.45);
  });
});
