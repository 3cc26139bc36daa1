import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ReadLesion } from '../../../services/domain/contract/reading.ts';
import { isPlaced } from '../../../services/domain/finding.ts';
import {
  handlesOf,
  onNearestImage,
  type PlacedLesion,
  reshape,
  stepped,
} from '../../../viewer/review/reshape-lesion.ts';
import type { Point } from '../../../viewer/slice.ts';
import { pixelStack } from '../../support/pixel-stack.ts';
import { readLesion } from '../../support/read-lesions.ts';
import { lesionOnImage } from '../single-images.ts';

const [RIGHT, UP]: readonly Point[] = [
  [1, 0, 0],
  [0, -1, 0],
] as const;
const lesionInPatient = (patch: Partial<ReadLesion> = {}): PlacedLesion => {
  const lesion = readLesion(patch);
  if (!isPlaced(lesion)) throw new Error('no place');
  return lesion;
};
const move = (handle: Parameters<typeof reshape>[1], to: Point, lesion = lesionInPatient()) =>
  reshape(lesion, handle, to, RIGHT as Point, UP as Point);

describe('the axes of a lesion', () => {
  it('are where its handles are', () => {
    expect([...handlesOf(lesionInPatient(), RIGHT as Point).keys()]).toEqual([
      'long0',
      'long1',
      'short0',
      'short1',
      'whole',
    ]);
    const plain = handlesOf(lesionInPatient({ measurement: undefined }), RIGHT as Point);
    expect(plain.get('rim')).toEqual([-55.75, 10, 15]);
  });

  it('are measured again when an end is dragged', () => {
    const longer = move('long1', [-52.6, 10, 15]);
    expect(longer.measurement).toMatchObject({ longAxisMm: 12, shortAxisMm: 7.8, meanDiameterMm: 9.9 });
    expect(longer.diameterMm).toBe(9.9);
    expect(longer.volumeMm3).toBeCloseTo((300 * 12 * 7.8 * 9.9) / (9.2 * 7.8 * 8.5), 1);
  });

  it('keep a right angle: the short one follows the long, and is dragged only along itself', () => {
    const right = (lesion: ReadLesion) => {
      const {
        longAxis: [a, b],
        shortAxis: [c, d],
      } = lesion.measurement ?? {
        longAxis: [
          [0, 0],
          [0, 0],
        ],
        shortAxis: [
          [0, 0],
          [0, 0],
        ],
      };
      return (
        (((b[0] ?? 0) - (a[0] ?? 0)) * ((d[0] ?? 0) - (c[0] ?? 0)) +
          ((b[1] ?? 0) - (a[1] ?? 0)) * ((d[1] ?? 0) - (c[1] ?? 0))) /
        100
      );
    };
    const tilted = move('long1', [-55, 15, 15]);
    expect(tilted.measurement?.shortAxisMm).toBeCloseTo(7.8, 1);
    expect(right(tilted)).toBeCloseTo(0, 2);
    const slid = move('short1', [-50, 16, 15]);
    expect(slid.measurement).toMatchObject({ shortAxisMm: 9.2, longAxisMm: 9.9 });
    expect(right(slid)).toBeCloseTo(0, 2);
  });

  it('are long and short whichever was dragged', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('long0', 'long1', 'short0', 'short1', 'whole' as const),
        fc.tuple(fc.float({ min: -90, max: -30, noNaN: true }), fc.float({ min: -20, max: 40, noNaN: true })),
        (handle, [x, y]) => {
          const lesion = move(handle, [x, y, 15]);
          const { longAxisMm = 0, shortAxisMm = 0 } = lesion.measurement ?? {};
          expect(longAxisMm).toBeGreaterThanOrEqual(shortAxisMm);
          expect(ReadLesion.safeParse(lesion).error).toBeUndefined();
        },
      ),
    );
  });

  it('stay where a drag would leave nothing', () => {
    expect(move('long1', [-64.5, 10, 15])).toEqual(lesionInPatient());
  });
});

it('moves as a whole, its sizes as they were', () => {
  const moved = move('whole', [-58, 11, 15]);
  expect(moved.center).toEqual([-58, 11, 15]);
  expect(moved.measurement).toMatchObject({
    longAxisMm: 9.2,
    longAxis: [
      [-62.6, 11, 15],
      [-53.4, 11, 15],
    ],
  });
});

it('is a sphere where it was never measured', () => {
  const plain = lesionInPatient({ measurement: undefined });
  const grown = move('rim', [-54, 10, 15], plain);
  expect([grown.diameterMm, grown.volumeMm3]).toEqual([12, 904.78]);
  expect(grown.measurement).toBeUndefined();
});

it('steps along the screen', () => {
  expect(stepped([0, 0, 0], RIGHT as Point, UP as Point, 0.5, 1)).toEqual([0.5, -1, 0]);
});

it('stays on its image where it is known on that one alone, though the images may lie in the patient', () => {
  const lesion = lesionOnImage(2, [1, 2, 3, 4], { SeriesInstanceUID: '1.2.3' });
  const { series } = pixelStack({
    ...{ columns: 11, rows: 11, heights: [0, 5], spacingMm: [2, 2], valueAt: () => 0 },
  });
  expect(onNearestImage(lesion, series)).toBe(lesion);
});
