import type { Types } from '@cornerstonejs/core';
import type { Attributes } from '../../services/dicom/dataset/attributes.ts';
import type { DicomJson } from '../../services/dicom/dataset/json-attributes.ts';
import { readFrameMeaning } from '../../services/dicom/pixel/picture.ts';
import { pixelInfo } from '../../services/dicom/pixel/pixel-info.ts';
import { ApiError, fetchBulkData, fetchFrame } from '../api.ts';
import type { ImageSeries, VolumeObstacle } from '../series/image-series.ts';
import { withTables } from '../series/look-up-tables.ts';
import { framePart } from '../series/multipart.ts';
import type { SeriesImage } from '../series/series-image.ts';
import type { ImageFailure } from '../slice.ts';
import { cornerstoneImage, moduleOf, noPicture } from './cornerstone-image.ts';
import { type DecoderPool, FrameFailure } from './decoder-pool.ts';
import type { DrawnFrame } from './drawn-frame.ts';
import { failureKind } from './failure-kind.ts';
import { areAlike, type Look } from './look.ts';
import type { NearestFirst } from './nearest-first.ts';

/** Scheme of our image identifiers: `overread:<opening>:<position in the series>`. */
export const SCHEME = 'overread';
/** The syntax every DICOM system can write, and the one a server that names none has sent (PS3.18 §8.7.3.5.2). */
const DEFAULT_SYNTAX = '1.2.840.10008.1.2.1';
const FRAME_TIMEOUT_MS = 60_000;

/** One series while it is open: its images by identifier, what has been loaded and what failed. */
export interface OpenSeries {
  readonly id: string;
  readonly series: ImageSeries;
  readonly imageIds: readonly string[];
  readonly failed: Map<number, ImageFailure>;
  /** What is drawn of each image that has been loaded. */
  readonly loaded: Map<number, Look>;
  /** The pixels behind it; Cornerstone holds the same arrays. Images that failed have none. */
  readonly frames: Map<number, DrawnFrame>;
  readonly indexOf: (imageId: string) => number;
  /** Why there are no reformats; known when all images are here. */
  obstacle(): VolumeObstacle | undefined;
  load(imageId: string): Promise<Types.IImage>;
  /** One frame, for whoever draws without Cornerstone; never rejects. */
  frame(index: number): Promise<DrawnFrame>;
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
  const failed = new Map<number, ImageFailure>();
  const loaded = new Map<number, Look>();
  const frames = new Map<number, DrawnFrame>();
  const ending = new AbortController();
  const { signal } = ending;
  const attributesOf = readAttributes((url) => fetchBulkData(url, signal));

  const fetchAndDecode = async (image: SeriesImage): Promise<DrawnFrame> => {
    const timely = AbortSignal.any([signal, AbortSignal.timeout(FRAME_TIMEOUT_MS)]);
    const attributes = await attributesOf(image.dataset);
    const { contentType, body } = await fetchFrame(series, image.SOPInstanceUID, image.frame, timely);
    const { bytes, transferSyntaxUID } = framePart(contentType, body);
    const info = pixelInfo(attributes, transferSyntaxUID ?? DEFAULT_SYNTAX);
    const meaning = readFrameMeaning(attributes, info, image.frame - 1);
    return decoders.decode({ bytes, info, meaning, spread: series.spread });
  };

  /**
   * Never rejects: a failed frame becomes an image without a picture, and its reason is kept beside it. A rejection
   * would leave the image before it on screen under the number of this one. Once the series is closed nobody waits.
   */
  const frame = async (index: number): Promise<DrawnFrame> => {
    const image = series.images[index];
    if (!image) throw new Error(`no image ${index}`);
    const drawn = await queue.run(index, () =>
      fetchAndDecode(image).catch((error: unknown) => {
        failed.set(index, failureOf(error));
        return noPicture(image);
      }),
    );
    if (signal.aborted) return new Promise(() => undefined);
    const { values: _pixels, ...look } = drawn;
    loaded.set(index, look);
    if (!failed.has(index)) frames.set(index, drawn);
    onChange();
    return drawn;
  };

  const load = async (imageId: string): Promise<Types.IImage> => {
    const image = series.images[indexOf(imageId)];
    if (!image) throw new Error(`no image ${imageId}`);
    return cornerstoneImage(imageId, image, await frame(indexOf(imageId)));
  };

  return {
    id,
    series,
    imageIds,
    failed,
    loaded,
    frames,
    indexOf,
    obstacle: () => series.obstacle ?? (areAlike([...loaded.values()]) ? undefined : 'mixedValues'),
    load,
    frame,
    metadata: (type, imageId) => moduleOf(type, series, series.images[indexOf(imageId)]),
    end: () => ending.abort(),
  };
}

/** The attributes of each object with its tables, fetched once; a failure is not kept. */
function readAttributes(fetchTable: (url: string) => Promise<Uint8Array>) {
  const known = new Map<DicomJson, Promise<Attributes>>();
  return (dataset: DicomJson): Promise<Attributes> => {
    const reading = known.get(dataset) ?? withTables(dataset, fetchTable);
    known.set(dataset, reading);
    reading.catch(() => known.delete(dataset));
    return reading;
  };
}

function failureOf(error: unknown): ImageFailure {
  if (error instanceof FrameFailure) return error.failure;
  const detail = error instanceof Error ? error.message : String(error);
  return { kind: failureKind(error, isOfTransfer(error) ? 'unreachable' : 'damaged'), detail };
}

/** `fetch` throws a TypeError where there is no answer, and a DOMException when it took too long. */
const isOfTransfer = (error: unknown): boolean =>
  error instanceof ApiError || error instanceof TypeError || error instanceof DOMException;
