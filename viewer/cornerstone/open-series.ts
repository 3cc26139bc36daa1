import { type Types, utilities } from '@cornerstonejs/core';
import { fetchFrame } from '../api.ts';
import type { ImageSeries, SeriesImage } from '../series/image-series.ts';
import { framePart } from '../series/multipart.ts';
import { cross } from '../series/vector.ts';
import type { DecodedFrame } from './decode-frame.ts';
import type { DecoderPool } from './decoder-pool.ts';
import type { NearestFirst } from './nearest-first.ts';

/** Scheme of our image identifiers: `overread:<opening>:<position in the series>`. */
export const SCHEME = 'overread';
/** The syntax every DICOM system can write, and the one a server that names none has sent (PS3.18 §8.7.3.5.2). */
const DEFAULT_SYNTAX = '1.2.840.10008.1.2.1';
const FRAME_TIMEOUT_MS = 60_000;
/** Outside the picture: what a frame without pixels holds, darker than any window. */
const NO_PIXEL = -32768;

/** One series while it is open: its images by identifier, what has been loaded and what failed. */
export interface OpenSeries {
  readonly id: string;
  readonly series: ImageSeries;
  readonly imageIds: readonly string[];
  readonly failed: Map<number, string>;
  readonly loaded: Set<number>;
  readonly indexOf: (imageId: string) => number;
  load(imageId: string): Promise<Types.IImage>;
  metadata(type: string, imageId: string): unknown;
  end(): void;
}

interface Ports {
  readonly decoders: DecoderPool;
  readonly queue: NearestFirst;
  readonly onChange: () => void;
}

export function openSeries(opening: number, series: ImageSeries, { decoders, queue, onChange }: Ports): OpenSeries {
  const id = `${SCHEME}:${opening}`;
  const imageIds = series.images.map((_image, index) => `${id}:${index}`);
  const indexOf = (imageId: string) => Number(imageId.slice(id.length + 1));
  const failed = new Map<number, string>();
  const loaded = new Set<number>();
  const ending = new AbortController();

  const fetchAndDecode = async (image: SeriesImage): Promise<DecodedFrame> => {
    const signal = AbortSignal.any([ending.signal, AbortSignal.timeout(FRAME_TIMEOUT_MS)]);
    const { contentType, body } = await fetchFrame(series, image.SOPInstanceUID, image.frame, signal);
    const { bytes, transferSyntaxUID } = framePart(contentType, body);
    return decoders.decode(bytes as Uint8Array<ArrayBuffer>, transferSyntaxUID ?? DEFAULT_SYNTAX, image.pixels);
  };

  /**
   * Never rejects: a failed frame becomes an image without a picture, and its reason is kept beside it. A rejection
   * would leave the image before it on screen under the number of this one. Once the series is closed nobody waits.
   */
  const load = async (imageId: string): Promise<Types.IImage> => {
    const index = indexOf(imageId);
    const image = series.images[index];
    if (!image) throw new Error(`no image ${imageId}`);
    const frame = await queue.run(index, () =>
      fetchAndDecode(image).catch((error: unknown) => {
        failed.set(index, error instanceof Error ? error.message : String(error));
        return noPicture(image);
      }),
    );
    if (ending.signal.aborted) return new Promise(() => undefined);
    loaded.add(index);
    onChange();
    return cornerstoneImage(imageId, image, frame);
  };

  return {
    id,
    series,
    imageIds,
    failed,
    loaded,
    indexOf,
    load,
    metadata: (type, imageId) => moduleOf(type, series, series.images[indexOf(imageId)]),
    end: () => ending.abort(),
  };
}

function noPicture({ pixels }: SeriesImage): DecodedFrame {
  return { values: new Int16Array(pixels.Rows * pixels.Columns).fill(NO_PIXEL), min: NO_PIXEL, max: NO_PIXEL };
}

function cornerstoneImage(imageId: string, { pixels, plane, window }: SeriesImage, frame: DecodedFrame): Types.IImage {
  const { Rows: rows, Columns: columns } = pixels;
  const voxelManager = utilities.VoxelManager.createImageVoxelManager({
    width: columns,
    height: rows,
    scalarData: frame.values,
    numberOfComponents: 1,
  }) as Types.IVoxelManager<number>;
  return {
    imageId,
    rows,
    columns,
    height: rows,
    width: columns,
    minPixelValue: frame.min,
    maxPixelValue: frame.max,
    slope: 1,
    intercept: 0,
    isPreScaled: true,
    preScale: { enabled: true, scaled: true, scalingParameters: { rescaleSlope: 1, rescaleIntercept: 0 } },
    windowCenter: window?.center ?? 40,
    windowWidth: window?.width ?? 400,
    voiLUTFunction: 'LINEAR' as Types.IImage['voiLUTFunction'],
    getPixelData: () => frame.values,
    getCanvas: () => document.createElement('canvas'),
    color: false,
    rgba: false,
    numberOfComponents: 1,
    columnPixelSpacing: plane?.spacingMm[0] ?? 1,
    rowPixelSpacing: plane?.spacingMm[1] ?? 1,
    invert: pixels.PhotometricInterpretation === 'MONOCHROME1',
    photometricInterpretation: pixels.PhotometricInterpretation,
    sizeInBytes: frame.values.byteLength,
    dataType: 'Int16Array',
    voxelManager,
  };
}

/** The metadata modules Cornerstone asks for. Pixel attributes describe what we hand over: rescaled, signed 16 bits. */
function moduleOf(type: string, series: ImageSeries, image: SeriesImage | undefined): unknown {
  if (!image) return undefined;
  const { pixels, plane } = image;
  switch (type) {
    case 'imagePlaneModule':
      return {
        frameOfReferenceUID: series.FrameOfReferenceUID,
        rows: pixels.Rows,
        columns: pixels.Columns,
        sliceThickness: image.SliceThickness,
        ...planeModule(plane),
      };
    case 'imagePixelModule':
      return {
        bitsAllocated: 16,
        bitsStored: 16,
        highBit: 15,
        pixelRepresentation: 1,
        samplesPerPixel: 1,
        photometricInterpretation: pixels.PhotometricInterpretation,
        rows: pixels.Rows,
        columns: pixels.Columns,
      };
    case 'generalSeriesModule':
      return { modality: series.Modality, seriesInstanceUID: series.SeriesInstanceUID };
    case 'modalityLutModule':
      return { rescaleSlope: 1, rescaleIntercept: 0 };
    case 'voiLutModule':
      return { windowCenter: [image.window?.center ?? 40], windowWidth: [image.window?.width ?? 400] };
    default:
      return undefined;
  }
}

function planeModule(plane: SeriesImage['plane']) {
  const row = plane?.row ?? [1, 0, 0];
  const column = plane?.column ?? [0, 1, 0];
  const [columnSpacing, rowSpacing] = plane?.spacingMm ?? [1, 1];
  return {
    imagePositionPatient: [...(plane?.position ?? [0, 0, 0])],
    imageOrientationPatient: [...row, ...column],
    rowCosines: [...row],
    columnCosines: [...column],
    scanAxisNormal: [...cross(row, column)],
    pixelSpacing: [rowSpacing, columnSpacing],
    rowPixelSpacing: rowSpacing,
    columnPixelSpacing: columnSpacing,
    usingDefaultValues: plane === undefined,
  };
}
