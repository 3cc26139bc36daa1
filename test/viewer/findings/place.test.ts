import { describe, expect, it } from 'vitest';
import { crosshairLines, isOfOtherImage } from '../../../viewer/findings/crosshair-lines.ts';
import { cornerTicks, frameHalves, marksOnSlice, outline } from '../../../viewer/findings/marks-on-slice.ts';
import { goToPlace, placeOn, type SeenFinding, seenOn } from '../../../viewer/findings/place.ts';
import type { ListedFinding } from '../../../viewer/review/listed-findings.ts';
import { gridOfImage, onGrid } from '../../../viewer/series/plane-grid.ts';
import type { Point, Slice } from '../../../viewer/slice.ts';
import { pixelStack } from '../../support/pixel-stack.ts';
import { readLesion } from '../../support/read-lesions.ts';
import { lesionOnImage, singleImages } from '../single-images.ts';

const series = singleImages([
  { columns: 100, rows: 80, pixelSize: 0.5 },
  { columns: 40, rows: 60 },
]);
const listed = (index: number, lesion: ReturnType<typeof readLesion>): ListedFinding => ({
  ...lesion,
  ...{ index, TrackingUID: `2.25.${index}`, score: 0.5, state: 'unreviewed' },
});
const seen = (...findings: readonly ListedFinding[]): readonly SeenFinding[] => seenOn(series, findings);

/** The slice of an image of that series at 2 px per unit: every image without geometry lies in one and the same plane. */
const sliceOf = (index: number): Slice => ({
  ...{ plane: 'axial', index, count: 2, focalPoint: [0, 0, 0], normal: [0, 0, -1], up: [0, -1, 0], right: [1, 0, 0] },
  ...{ width: 200, height: 160, zoom: 1, window: undefined, failure: undefined },
  toCanvas: ([x, y]) => [2 * x, 2 * y],
  toPatient: ([x, y]) => [x / 2, y / 2, 0],
});

describe('the place of a finding on a single image (PS3.3 §C.18.6.1.1)', () => {
  it('is its region in the coordinates in which the viewer draws that image', () => {
    const place = placeOn(series, lesionOnImage(1, [10, 20, 30, 26]));
    expect(place).toMatchObject({ shape: 'box', index: 0 });
    const image = series.images[0];
    if (!image || place?.shape !== 'box') throw new Error('no box');
    const grid = gridOfImage(image, undefined);
    // A grid counts from the centre of the first pixel, a region from its corner.
    const [topLeft, bottomRight] = place.corners.map((corner) => onGrid(grid, corner));
    expect(topLeft).toEqual([9.5, 19.5]);
    expect(bottomRight).toEqual([29.5, 25.5]);
    expect(onGrid(grid, place.center)).toEqual([19.5, 22.5]);
    expect(place.center.every(Number.isFinite)).toBe(true);
  });

  it('is on the image that is named, and on none where that is not here', () => {
    expect(placeOn(series, lesionOnImage(2, [1, 2, 3, 4]))?.index).toBe(1);
    expect(placeOn(series, lesionOnImage(3, [1, 2, 3, 4]))).toBeUndefined();
    expect(placeOn(undefined, lesionOnImage(1, [1, 2, 3, 4]))).toBeUndefined();
  });

  it('is on the frame that is named', () => {
    const cine = singleImages([{ columns: 40, rows: 40, frames: 3 }]);
    const onFrame = (frame: number) => {
      const lesion = lesionOnImage(1, [1, 2, 3, 4]);
      return placeOn(cine, { ...lesion, region: { ...lesion.region, frame } })?.index;
    };
    expect([1, 3, 4].map(onFrame)).toEqual([0, 2, undefined]);
  });

  it('is where its image lies when that says so', () => {
    const { series: stack } = pixelStack({
      ...{ columns: 11, rows: 11, heights: [0, 5], spacingMm: [2, 2], valueAt: () => 0 },
    });
    const at = stack.images.findIndex(({ SOPInstanceUID }) => SOPInstanceUID === '1.2.3.2');
    const lesion = lesionOnImage(2, [5, 5, 6, 6]);
    const region = { ...lesion.region, SOPInstanceUID: '1.2.3.2' };
    expect(placeOn(stack, { ...lesion, region })).toMatchObject({ index: at, center: [0, 0, 5] });
  });

  it('is a sphere for one that lies in the patient, with or without images', () => {
    const lesion = readLesion();
    const sphere = { shape: 'sphere', center: lesion.center, diameterMm: lesion.diameterMm };
    expect(placeOn(undefined, lesion)).toEqual({ ...sphere, index: undefined });
    expect(placeOn(series, lesion)).toEqual({ ...sphere, index: undefined });
  });
});

describe('what is seen on a series', () => {
  it('are its own findings whose image is here', () => {
    const other = lesionOnImage(1, [1, 2, 3, 4], { SeriesInstanceUID: '1.2.8' });
    const findings = [lesionOnImage(1, [1, 2, 3, 4]), other, lesionOnImage(9, [1, 2, 3, 4]), readLesion()];
    expect(seen(...findings.map((lesion, at) => listed(at + 1, lesion))).map(({ index }) => index)).toEqual([1]);
  });

  it('is brought on screen by the number of its image: no point finds one without geometry', () => {
    const told: unknown[] = [];
    const engine = {
      goTo: (point: Point) => told.push(point),
      showIndex: (plane: string, index: number) => told.push([plane, index]),
    };
    const [finding] = seen(listed(1, lesionOnImage(2, [10, 20, 30, 26])));
    if (finding) goToPlace(engine, finding.place);
    expect(told).toEqual([finding?.place.center, ['axial', 1]]);
    const sphere = placeOn(series, readLesion());
    if (sphere) goToPlace(engine, sphere);
    expect(told).toHaveLength(3);
  });
});

describe('the mark of a box', () => {
  const findings = seen(listed(1, lesionOnImage(1, [10, 20, 70, 50])), listed(2, lesionOnImage(2, [10, 20, 12, 22])));

  it('is on its own image and on no other, though all are drawn in one plane', () => {
    const indices = (index: number) => marksOnSlice(findings, sliceOf(index)).map(({ finding }) => finding.index);
    expect([indices(0), indices(1)]).toEqual([[1], [2]]);
    expect(marksOnSlice(findings, { ...sliceOf(0), plane: 'coronal' })).toEqual([]);
  });

  it('has its sides, and its ticks at its corners', () => {
    const [mark] = marksOnSlice(findings, sliceOf(0));
    // 0.5 mm a pixel, 2 px a mm: as many pixels of the screen as of the image, half a pixel before the grid.
    expect(mark).toMatchObject({ x: 39.5, y: 34.5, halves: [30, 15] });
    if (!mark) return;
    const ends = [...cornerTicks(mark).matchAll(/H(-?[\d.]+)V/g)].map(([, x]) => Number(x));
    expect(ends).toEqual([9.5, 69.5, 69.5, 9.5]);
    expect(outline(mark)).toBe('M9.5 19.5H69.5V49.5H9.5Z');
  });

  it('can be hit however small', () => {
    const [mark] = marksOnSlice(findings, sliceOf(1));
    expect(mark && frameHalves(mark)).toEqual([12, 12]);
  });

  it('has a crosshair beside it, and none on another image', () => {
    const [finding] = findings;
    const [mark] = marksOnSlice(findings, sliceOf(0));
    const { center } = finding?.place ?? { center: [0, 0, 0] };
    const lines = crosshairLines(sliceOf(0), center as Point, mark);
    expect([...lines.matchAll(/H(-?[\d.]+)M/g)].map(([, x]) => Number(x))).toEqual([3.5, 121.5]);
    expect(isOfOtherImage(center as Point, finding?.place, sliceOf(0))).toBe(false);
    expect(isOfOtherImage(center as Point, finding?.place, sliceOf(1))).toBe(true);
    // Where the reader has set it himself it stays, as on any stack.
    expect(isOfOtherImage([1, 2, 0], finding?.place, sliceOf(1))).toBe(false);
  });
});
