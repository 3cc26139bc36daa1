import type { ReadLesion } from '../../services/domain/contract/reading.ts';
import type { ImageRegion } from '../../services/domain/finding.ts';
import { isPlaced } from '../../services/domain/finding.ts';
import type { ListedFinding } from '../review/listed-findings.ts';
import type { ImageSeries } from '../series/image-series.ts';
import { gridOfImage } from '../series/plane-grid.ts';
import { nearestImage } from '../series/slice-index.ts';
import { along } from '../series/vector.ts';
import type { Plane, Point } from '../slice.ts';

/**
 * Where a finding is seen on the series that is open. A sphere lies in the patient: on every plane that cuts it. A box is all
 * that is known of a finding on a single image: it lies on that one and on no other, however near another is drawn.
 */
export type Place =
  | {
      readonly shape: 'sphere';
      readonly center: Point;
      readonly diameterMm: number;
      /** The image nearest to the centre, where it can be told. */
      readonly index: number | undefined;
    }
  | {
      readonly shape: 'box';
      /** All in the coordinates in which the viewer draws that image: nobody else knows them. */
      readonly center: Point;
      readonly corners: readonly [topLeft: Point, bottomRight: Point];
      readonly index: number;
    };

/** A finding of the list that can be seen on the series that is open. */
export interface SeenFinding extends ListedFinding {
  readonly place: Place;
}

type Located = Pick<ReadLesion, 'center' | 'diameterMm' | 'volumeMm3' | 'region'>;

/** `undefined` for a finding on a single image that is none of this series. */
export function placeOn(series: ImageSeries | undefined, lesion: Located): Place | undefined {
  if (!isPlaced(lesion)) return series && boxOn(series, lesion.region);
  const { center, diameterMm } = lesion;
  return { shape: 'sphere', center, diameterMm, index: series && nearestImage(series, center) };
}

/** Those of `findings` that lie on the series, each with its place. */
export function seenOn(series: ImageSeries | undefined, findings: readonly ListedFinding[]): readonly SeenFinding[] {
  return findings.flatMap((finding) => {
    if (finding.SeriesInstanceUID !== series?.SeriesInstanceUID) return [];
    const place = placeOn(series, finding);
    return place ? [{ ...finding, place }] : [];
  });
}

function boxOn(series: ImageSeries, { SOPInstanceUID, frame, left, top, right, bottom }: ImageRegion) {
  const index = series.images.findIndex((one) => one.SOPInstanceUID === SOPInstanceUID && one.frame === frame);
  const image = series.images[index];
  if (!image) return undefined;
  const grid = gridOfImage(image, series.sliceSpacingMm);
  // Column 0 of a grid is the centre of the first pixel; of a region it is its left edge (PS3.3 §C.18.6.1.1).
  const at = (column: number, row: number): Point =>
    along(along(grid.origin, grid.right, (column - 0.5) * grid.stepMm[0]), grid.down, (row - 0.5) * grid.stepMm[1]);
  return {
    shape: 'box',
    center: at((left + right) / 2, (top + bottom) / 2),
    corners: [at(left, top), at(right, bottom)],
    index,
  } as const;
}

/** What of the image engine brings a place on screen. */
interface Scrolled {
  goTo(point: Point): void;
  showIndex(plane: Plane, index: number): void;
}

/** Every plane shows the place. Images without geometry are not found by a point: the image of a box is named. */
export function goToPlace(engine: Scrolled, place: Place): void {
  engine.goTo(place.center);
  if (place.shape === 'box') engine.showIndex('axial', place.index);
}
