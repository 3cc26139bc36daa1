import type { GreyPixels } from './series/grey-pixels.ts';
import type { ImageSeries, VolumeObstacle } from './series/image-series.ts';
import type { CanvasPoint, GreyWindow, ImageFailure, Plane, Point, Slice } from './slice.ts';

/** `gpu`: the graphics card. `software`: there is none. `lost`: it was taken away and the page draws on without it. */
export type Drawing = 'gpu' | 'software' | 'lost' | 'stackOnly';

export interface LoadProgress {
  /** The image the reader asked for; it is not on screen before it is loaded. */
  readonly requested: number;
  readonly loaded: number;
  readonly total: number;
  /** Positions in the series of images that could not be fetched or decoded. */
  readonly failed: ReadonlyMap<number, ImageFailure>;
  /** Why there are no reformats. */
  readonly obstacle: VolumeObstacle | undefined;
  readonly drawing: Drawing;
}

/** What a panel may ask of the image engine. Only `viewer/cornerstone/` implements it. */
export interface ViewerEngine {
  /** Shows a plane inside `container` until the answer is called. */
  attach(plane: Plane, container: HTMLElement): () => void;
  /** Resolves when the first image is on screen; the reformats follow by themselves where the series allows them. */
  open(series: ImageSeries, firstIndex: number, window: GreyWindow | undefined): Promise<void>;
  close(): void;
  /** Scrolls every plane to `point`. */
  goTo(point: Point): void;
  scroll(plane: Plane, slices: number): void;
  showIndex(plane: Plane, index: number): void;
  /** `undefined`: each image as it wants to be seen. */
  setWindow(window: GreyWindow | undefined): void;
  pan(plane: Plane, dx: number, dy: number): void;
  zoomBy(plane: Plane, factor: number, around: CanvasPoint | undefined): void;
  fit(): void;
  /** The pixels of an image; nothing for colours, and for what is not loaded or failed. */
  pixels(index: number): GreyPixels | undefined;
  /** The numbers of those pixels that are black and white on a plane now. */
  greyRange(plane: Plane): { readonly lower: number; readonly upper: number } | undefined;
  slice(plane: Plane): Slice | undefined;
  progress(): LoadProgress;
  /** A number that is another one after each change that `subscribe` tells of. */
  revision(): number;
  /** Calls `listener` after each render and each loaded image; the answer ends the subscription. */
  subscribe(listener: () => void): () => void;
}

/** Why Cornerstone cannot run in this browser. */
export class NoWebGl extends Error {}
