import { describe, expect, it } from 'vitest';
import { bodyProfile, bodyShift } from '../../../viewer/priors/body-shift.ts';
import { compareLesions } from '../../../viewer/priors/matched-lesions.ts';
import { priorsOf } from '../../../viewer/priors/prior-studies.ts';
import type { Point } from '../../../viewer/slice.ts';
import { pixelStack } from '../../support/pixel-stack.ts';

const value = (vr: string, ...Value: string[]) => ({ vr, Value });
const studyRow = (uid: string, date: string, patch: Record<string, ReturnType<typeof value>> = {}) => ({
  '0020000D': value('UI', uid),
  '00080020': value('DA', date),
  '00081030': value('LO', 'CT chest'),
  '00080061': value('CS', 'CT', 'SR'),
  '00100020': value('LO', '0001'),
  '00100030': value('DA', '19630214'),
  ...patch,
});
const CURRENT = {
  ...{ StudyInstanceUID: '1.1', PatientID: '0001', PatientBirthDate: '19630214', StudyDate: '20261123' },
  modalities: ['CT'],
};

describe('priors of a study', () => {
  it('are earlier studies of the same patient with images of the same kind, newest first', () => {
    const found = [
      studyRow('1.1', '20261123'),
      studyRow('1.2', '20250101'),
      studyRow('1.3', '20260502'),
      studyRow('1.4', '20270101'),
      studyRow('1.5', '20240101', { '00100020': value('LO', '00012') }),
      studyRow('1.6', '20240101', { '00100030': value('DA', '19990101') }),
      studyRow('1.7', '20240101', { '00080061': value('CS', 'MR') }),
    ];
    expect(priorsOf(found, CURRENT).map(({ StudyInstanceUID, days }) => [StudyInstanceUID, days])).toEqual([
      ['1.3', 205],
      ['1.2', 691],
    ]);
    expect(priorsOf(found, { ...CURRENT, PatientID: ' ' })).toEqual([]);
  });
});

/** A body as a cylinder that widens downwards, two lungs as balls, moved by `by`. */
const body = (by: Point, heights: readonly number[]) =>
  pixelStack({
    ...{ columns: 64, rows: 64, heights, spacingMm: [6, 6] as const },
    valueAt: ([px, py, pz]) => {
      const [x, y, z] = [px - by[0], py - by[1], pz - by[2]];
      const inLung = Math.hypot(Math.abs(x) - 60, y, z * 0.7) < 45;
      return inLung ? -850 : Math.hypot(x * 0.7, y) < 90 - z / 10 ? 40 : -1000;
    },
  });

describe('the way between two bodies', () => {
  const heights = (from: number, to: number, step: number) =>
    Array.from({ length: Math.floor((to - from) / step) + 1 }, (_none, at) => from + at * step);

  it.each([[[0, 0, 0]], [[12, -18, 57]], [[-6, 6, -83]]] as [Point][])('is found from tissue and lung: %j', (by) => {
    const now = body(by, heights(-110 + by[2], 110 + by[2], 5));
    const before = body([0, 0, 0], heights(-95, 120, 4));
    const shift = bodyShift(bodyProfile(now.series, now.pixelsOf), bodyProfile(before.series, before.pixelsOf));
    for (const axis of [0, 1, 2] as const) expect(Math.abs((shift?.[axis] ?? 999) - by[axis])).toBeLessThan(6);
  });

  it('is unknown where two stacks have too little in common to tell', () => {
    expect(bodyShift([], [])).toBeUndefined();
  });
});

describe('lesions beside each other', () => {
  const lesion = (index: number, center: Point, diameterMm: number) => ({
    TrackingUID: `2.25.${index}`,
    ...{ index, center: [...center] as [number, number, number], diameterMm },
    volumeMm3: (Math.PI / 6) * diameterMm ** 3,
  });

  it('share a letter when they are the same one; new and gone ones stand alone', () => {
    const rows = compareLesions(
      [lesion(1, [10, 0, 50], 9), lesion(2, [-70, 0, 0], 6)],
      [lesion(1, [70, 40, -90], 7), lesion(2, [12, 1, 8], 8)],
      [0, 0, 40],
      90,
    );
    expect(rows.map(({ letter, now, before }) => [letter, now?.index, before?.index])).toEqual([
      ['A', 1, 2],
      ['B', 2, undefined],
      ['C', undefined, 1],
    ]);
    expect(rows[0]?.growth?.doubling?.days).toBeCloseTo((90 * Math.LN2) / (3 * Math.log(9 / 8)), 6);
  });

  it('are none of single images: those lie nowhere in the patient, in this study or in the earlier one', () => {
    const placed = lesion(1, [0, 0, 0], 8);
    const onImage = { ...lesion(2, [0, 0, 0], 8), center: null, diameterMm: null, volumeMm3: null };
    const sides = (now: Parameters<typeof compareLesions>[0], before: Parameters<typeof compareLesions>[1]) =>
      compareLesions(now, before, [0, 0, 0], 90).map((row) => [row.now?.index, row.before?.index]);
    expect(sides([onImage, placed], [onImage, placed])).toEqual([[1, 1]]);
    expect(sides([onImage], [placed])).toEqual([[undefined, 1]]);
    expect(sides([placed], [onImage])).toEqual([[1, undefined]]);
    expect(sides([onImage], [onImage])).toEqual([]);
  });
});
