import type { Box, PointMm } from '../evaluation/lesion.ts';
import { SliceDecoder, sliceTasks } from '../imaging/decode-slices.ts';
import type { ImageHeader } from '../imaging/image-header.ts';
import { cropPng } from '../imaging/render/crop-png.ts';
import { rescale } from '../imaging/rescale.ts';
import { headerOf } from './image-truth.ts';
import type { JudgedScan } from './measure-accuracy.ts';
import { type PictureOfImage, pictureOfImage } from './picture-of-image.ts';
import { readScanFiles } from './scan-files.ts';
import { gridPoint, type SeriesGrid, seriesGrid } from './series-grid.ts';

/** A case worth looking at. */
export interface WorstCase {
  readonly kind: 'false mark' | 'missed';
  readonly dataset: string;
  readonly scan: string;
  /** Of the lesion; `undefined` for a mark. */
  readonly lesion: string | undefined;
  readonly center: PointMm;
  readonly diameterMm: number | undefined;
  /** On a single image. */
  readonly box?: Box | undefined;
  readonly image?: string | undefined;
  readonly score: number | undefined;
  readonly strata: Readonly<Record<string, string>>;
}

/** Its picture, and where on it the case is. */
export interface GalleryItem extends WorstCase {
  /** `undefined`: there are no images, or they cannot be decoded. */
  readonly png: Uint8Array | undefined;
  /** InstanceNumber of the slice. */
  readonly slice: number | undefined;
  /** Of a case on a single image, instead of a circle. */
  readonly outline?: PictureOfImage['outline'];
}

/** Edge of a picture in the patient. */
export const CROP_MM = 48;
const DEFAULT_DIAMETER_MM = 8;

/** The false marks with the highest scores, and the missed lesions that score lowest, the largest first. */
export function worstCases(
  dataset: string,
  judged: readonly JudgedScan[],
  threshold: number,
  count: number,
): WorstCase[] {
  const analysed = judged.filter(({ counts, result }) => counts && result.outcome === 'ANALYSED');
  const falseMarks = analysed
    .flatMap(({ result, matched }) =>
      matched.falseMarks.map((mark): WorstCase => {
        const about = { kind: 'false mark', dataset, scan: result.scan.id, lesion: undefined, strata: {} } as const;
        return { ...about, ...mark };
      }),
    )
    .sort((a, b) => (b.score ?? 0) - (a.score ?? 0));
  const missed = analysed
    .flatMap(({ result, matched }) =>
      matched.lesions
        .filter(({ mark }) => mark === undefined || mark.score < threshold)
        .map(({ lesion: { id, center, diameterMm, box, image, strata }, mark }): WorstCase => {
          const about = { kind: 'missed', dataset, scan: result.scan.id, lesion: id, strata } as const;
          return { ...about, center, diameterMm, box, image, score: mark?.score };
        }),
    )
    .sort((a, b) => sizeOf(b) - sizeOf(a));
  return [...falseMarks.slice(0, count), ...missed.slice(0, count)];
}

/** A box has no millimetres; within a data set there are only boxes, or none. */
const sizeOf = ({ diameterMm, box, image }: WorstCase): number =>
  diameterMm ?? (box && image !== undefined ? Math.hypot(box.to[0] - box.from[0], box.to[1] - box.from[1]) : 0);

/** Pictures of the cases, each scan read once. A slice that cannot be decoded leaves its case without a picture. */
export async function pictures(cases: readonly WorstCase[], judged: readonly JudgedScan[]): Promise<GalleryItem[]> {
  const scans = new Map<string, readonly ImageHeader[]>();
  const items: GalleryItem[] = [];
  for (const one of cases) {
    const scan = judged.find(({ result }) => result.scan.id === one.scan)?.result.scan;
    if (!scans.has(one.scan) && scan?.folder !== undefined) scans.set(one.scan, (await readScanFiles(scan)).headers);
    const headers = scans.get(one.scan) ?? [];
    items.push({
      ...one,
      ...(one.image === undefined ? await pictureIn(headers, one) : await pictureOn(headers, one)),
    });
  }
  return items;
}

const NO_PICTURE = { png: undefined, slice: undefined };

async function pictureIn(headers: readonly ImageHeader[], { center }: WorstCase) {
  const grid = seriesGrid(headers);
  return grid ? await picture(center, grid) : NO_PICTURE;
}

async function pictureOn(headers: readonly ImageHeader[], { image, box }: WorstCase) {
  const header = headerOf(headers, image);
  if (!header || !box) return NO_PICTURE;
  try {
    return { ...(await pictureOfImage(header, box)), slice: header.InstanceNumber };
  } catch {
    return NO_PICTURE;
  }
}

async function picture(center: PointMm, grid: SeriesGrid): Promise<Pick<GalleryItem, 'png' | 'slice'>> {
  const at = gridPoint(grid, center);
  if (!at) return NO_PICTURE;
  const [betweenRows, betweenColumns] = at.nearest.PixelSpacing ?? [1, 1];
  try {
    const { Columns: columns, Rows: rows, InstanceNumber: slice } = at.nearest;
    const hu = await sliceHu(at.nearest);
    const halfPixels = { x: CROP_MM / 2 / betweenColumns, y: CROP_MM / 2 / betweenRows };
    return { png: await cropPng({ hu, columns, rows }, { x: at.column, y: at.row }, halfPixels), slice };
  } catch {
    return NO_PICTURE;
  }
}

async function sliceHu(header: ImageHeader): Promise<Int16Array> {
  const decoder = new SliceDecoder();
  const hu = new Int16Array(header.Rows * header.Columns);
  try {
    for (const task of sliceTasks([header])) {
      const { stored, ...mapping } = await decoder.decode(task);
      rescale(stored, mapping, hu);
    }
    return hu;
  } finally {
    await decoder.close();
  }
}

/** How large a circle marks the case. */
export const circleMm = ({ diameterMm }: WorstCase): number =>
  diameterMm === undefined || diameterMm <= 0 ? DEFAULT_DIAMETER_MM : diameterMm;
