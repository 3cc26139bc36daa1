import type { ImageSeries } from './series/image-series.ts';

/** Millimetres in the patient, LPS, as on the wire. */
export type Point = readonly [x: number, y: number, z: number];
/** CSS pixels from the top left corner of the image on screen. */
export type CanvasPoint = readonly [x: number, y: number];

/** `axial` is the plane the series was acquired in; the other two are cut from the volume. */
export const PLANES = ['axial', 'sagittal', 'coronal'] as const;
export type Plane = (typeof PLANES)[number];

/** Grey values between black and white, HU for CT (PS3.3 §C.11.2.1.2). */
export interface GreyWindow {
  readonly center: number;
  readonly width: number;
}

/** The slice on screen, at one render. */
export interface Slice {
  readonly plane: Plane;
  /** Position in the series, 0 is the first image; for reformats the voxel column or row that is cut. */
  readonly index: number;
  readonly count: number;
  readonly focalPoint: Point;
  /** Unit vectors in the patient: towards the reader, and to the top and right edge of the screen. */
  readonly normal: Point;
  readonly up: Point;
  readonly right: Point;
  readonly width: number;
  readonly height: number;
  /** 1 when the slice fits its panel. */
  readonly zoom: number;
  /** Why this image cannot be shown, when that is so: its pixels are hidden. */
  readonly failure: string | undefined;
  toCanvas(point: Point): CanvasPoint;
  toPatient(point: CanvasPoint): Point;
}

export interface LoadProgress {
  /** The image the reader asked for; it is not on screen before it is loaded. */
  readonly requested: number;
  readonly loaded: number;
  readonly total: number;
  /** Positions in the series of images that could not be fetched or decoded, with the reason. */
  readonly failed: ReadonlyMap<number, string>;
  /** The browser took the graphics context away: what is on screen may be wrong. */
  readonly contextLost: boolean;
}

/** What a panel may ask of the image engine. Only `viewer/cornerstone/` implements it. */
export interface ViewerEngine {
  /** Shows a plane inside `container` until the answer is called. */
  attach(plane: Plane, container: HTMLElement): () => void;
  /** Resolves when the first image is on screen; the reformats follow by themselves where the series allows them. */
  open(series: ImageSeries, firstIndex: number, window: GreyWindow): Promise<void>;
  close(): void;
  /** Scrolls every plane to `point`. */
  goTo(point: Point): void;
  scroll(plane: Plane, slices: number): void;
  showIndex(plane: Plane, index: number): void;
  setWindow(window: GreyWindow): void;
  pan(plane: Plane, dx: number, dy: number): void;
  zoomBy(plane: Plane, factor: number, around: CanvasPoint | undefined): void;
  fit(): void;
  slice(plane: Plane): Slice | undefined;
  progress(): LoadProgress;
  /** A number that is another one after each change that `subscribe` tells of. */
  revision(): number;
  /** Calls `listener` after each render and each loaded image; the answer ends the subscription. */
  subscribe(listener: () => void): () => void;
}

/** Why no image engine can run in this browser. */
export class NoWebGl extends Error {}
