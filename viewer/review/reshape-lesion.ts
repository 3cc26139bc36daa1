import type { ReadLesion } from '../../services/domain/contract/reading.ts';
import { isPlaced, type Placed } from '../../services/domain/finding.ts';
import type { ImageSeries } from '../series/image-series.ts';
import { nearestImage } from '../series/slice-index.ts';
import { along, dot, length, minus } from '../series/vector.ts';
import type { Point } from '../slice.ts';

/** What can be reshaped: a finding on a single image has no size in the patient, and stays as it is. */
export type PlacedLesion = ReadLesion & Placed;

/** What can be taken hold of: an end of an axis, the rim of a lesion without axes, or the whole. */
export type Handle = 'long0' | 'long1' | 'short0' | 'short1' | 'rim' | 'whole';

const MIN_MM = 1;
const MAX_MM = 200;

type Axis = readonly [Point, Point];
const axisLength = ([a, b]: Axis): number => length(minus(b, a));
const middle = ([a, b]: Axis): Point => [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2, (a[2] + b[2]) / 2];
const unit = (a: Point): Point => along([0, 0, 0], a, 1 / (length(a) || 1));
const plus = (a: Point, b: Point): Point => along(a, b, 1);

/** Where the handles of a lesion are, LPS mm. */
export function handlesOf({ center, diameterMm, measurement }: PlacedLesion, right: Point): ReadonlyMap<Handle, Point> {
  if (!measurement)
    return new Map([
      ['rim', along(center, right, diameterMm / 2)],
      ['whole', center],
    ]);
  const { longAxis, shortAxis } = measurement;
  return new Map([
    ['long0', longAxis[0]],
    ['long1', longAxis[1]],
    ['short0', shortAxis[0]],
    ['short1', shortAxis[1]],
    ['whole', center],
  ]);
}

/**
 * The lesion after `handle` was put at `to`, measured again. The short axis stays at a right angle to the long one; `right`
 * and `up` span the slice. The volume grows with the axes; a lesion without axes is a sphere.
 */
export function reshape(lesion: PlacedLesion, handle: Handle, to: Point, right: Point, up: Point): PlacedLesion {
  if (handle === 'whole') return moved(lesion, minus(to, lesion.center));
  const { measurement } = lesion;
  if (!measurement) return withDiameter(lesion, 2 * length(minus(to, lesion.center)));
  const at = handle.endsWith('0') ? 0 : 1;
  if (handle === 'rim') return lesion;
  return handle.startsWith('long')
    ? withAxes(lesion, ...turned(replaced(measurement.longAxis, at, to), measurement.shortAxis, right, up))
    : withAxes(lesion, measurement.longAxis, slid(measurement, at, to, right, up));
}

/** A step of `mm` along the screen, for the keys. */
export const stepped = (from: Point, right: Point, up: Point, dx: number, dy: number): Point =>
  along(along(from, right, dx), up, dy);

const replaced = (axis: Axis, at: 0 | 1, to: Point): Axis => (at === 0 ? [to, axis[1]] : [axis[0], to]);

/** At a right angle to `axis` within the slice. */
function across(axis: Axis, right: Point, up: Point): Point {
  const along1 = minus(axis[1], axis[0]);
  const [x, y] = [dot(along1, right), dot(along1, up)];
  return unit(plus(along([0, 0, 0], right, -y), along([0, 0, 0], up, x)));
}

/** The short axis keeps its middle and its length, and follows the direction of the long one. */
function turned(long: Axis, short: Axis, right: Point, up: Point): readonly [Axis, Axis] {
  const half = axisLength(short) / 2;
  const direction = across(long, right, up);
  const before = minus(short[1], short[0]);
  const sign = dot(direction, before) < 0 ? -1 : 1;
  const shift = minus(middle(long), middle(short));
  const onLong = along(middle(short), unit(minus(long[1], long[0])), dot(shift, unit(minus(long[1], long[0]))));
  return [long, [along(onLong, direction, -sign * half), along(onLong, direction, sign * half)]];
}

/** One end of the short axis, moved along it. */
function slid(
  { longAxis, shortAxis }: NonNullable<ReadLesion['measurement']>,
  at: 0 | 1,
  to: Point,
  right: Point,
  up: Point,
): Axis {
  const fixed = shortAxis[at === 0 ? 1 : 0];
  const direction = across(longAxis, right, up);
  const end = along(fixed, direction, dot(minus(to, fixed), direction));
  return replaced(shortAxis, at, end);
}

function withAxes(lesion: PlacedLesion, first: Axis, second: Axis): PlacedLesion {
  const { measurement, center } = lesion;
  if (!measurement) return lesion;
  const [a, b] = [axisLength(first), axisLength(second)];
  if (Math.min(a, b) < MIN_MM || Math.max(a, b) > MAX_MM) return lesion;
  const [longAxis, shortAxis] = a >= b ? [first, second] : [second, first];
  const [longAxisMm, shortAxisMm] = [round(Math.max(a, b)), round(Math.min(a, b))];
  const meanDiameterMm = round((longAxisMm + shortAxisMm) / 2);
  const grown =
    (longAxisMm * shortAxisMm * meanDiameterMm) /
    (measurement.longAxisMm * measurement.shortAxisMm * measurement.meanDiameterMm);
  const volumeMm3 = round(measurement.volumeMm3 * grown);
  const was = centerOfEnds(measurement.longAxis, measurement.shortAxis);
  return {
    ...lesion,
    center: triple(plus(center, minus(centerOfEnds(longAxis, shortAxis), was))),
    diameterMm: meanDiameterMm,
    volumeMm3,
    measurement: {
      ...measurement,
      ...{ longAxisMm, shortAxisMm, meanDiameterMm, volumeMm3 },
      longAxis: pair(longAxis),
      shortAxis: pair(shortAxis),
    },
  };
}

const centerOfEnds = (a: Axis, b: Axis): Point => middle([middle(a), middle(b)]);

function withDiameter(lesion: PlacedLesion, mm: number): PlacedLesion {
  if (mm < MIN_MM || mm > MAX_MM) return lesion;
  const diameterMm = round(mm);
  return { ...lesion, diameterMm, volumeMm3: round((Math.PI / 6) * diameterMm ** 3) };
}

function moved(lesion: PlacedLesion, by: Point): PlacedLesion {
  const { measurement } = lesion;
  const axis = ([a, b]: Axis): [Triple, Triple] => pair([plus(a, by), plus(b, by)]);
  return {
    ...lesion,
    center: triple(plus(lesion.center, by)),
    ...(measurement
      ? {
          measurement: {
            ...measurement,
            longAxis: axis(measurement.longAxis),
            shortAxis: axis(measurement.shortAxis),
          },
        }
      : {}),
  };
}

type Triple = [number, number, number];
const round = (mm: number): number => Math.round(mm * 100) / 100;
const triple = ([x, y, z]: Point): Triple => [round(x), round(y), round(z)];
const pair = ([a, b]: Axis): [Triple, Triple] => [triple(a), triple(b)];

/** The box around the lesion on the image nearest to its centre (PS3.3 §C.18.6.1.1); as it was without geometry. */
export function onNearestImage(lesion: ReadLesion, series: ImageSeries): ReadLesion {
  if (!isPlaced(lesion)) return lesion;
  const image = series.images[nearestImage(series, lesion.center) ?? -1];
  if (!image?.plane || series.SeriesInstanceUID !== lesion.SeriesInstanceUID) return lesion;
  const { position, row, column, spacingMm } = image.plane;
  const offset = minus(lesion.center, position);
  const [x, y] = [dot(offset, row) / spacingMm[0] + 0.5, dot(offset, column) / spacingMm[1] + 0.5];
  const [halfX, halfY] = [lesion.diameterMm / 2 / spacingMm[0], lesion.diameterMm / 2 / spacingMm[1]];
  return {
    ...lesion,
    region: {
      SOPClassUID: lesion.region.SOPClassUID,
      SOPInstanceUID: image.SOPInstanceUID,
      frame: image.frame,
      left: round(x - halfX),
      right: round(x + halfX),
      top: round(y - halfY),
      bottom: round(y + halfY),
    },
  };
}
