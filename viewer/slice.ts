/** Millimetres in the patient, LPS, as on the wire. */
export type Point = readonly [x: number, y: number, z: number];
/** CSS pixels from the top left corner of the image on screen. */
export type CanvasPoint = readonly [x: number, y: number];

/** `axial` is the plane the series was acquired in; the other two are cut from the volume. */
export const PLANES = ['axial', 'sagittal', 'coronal'] as const;
export type Plane = (typeof PLANES)[number];

/** Values between black and white, HU for CT (PS3.3 §C.11.2.1.2). */
export interface GreyWindow {
  readonly center: number;
  readonly width: number;
}

/**
 * `unsupported`: nothing decodes it. `damaged`: its bytes are not the image its attributes describe. `silent`: the decoder
 * had to be ended. `unreachable`: it could not be fetched.
 */
export type FailureKind = 'unsupported' | 'damaged' | 'silent' | 'unreachable';

/** Why an image has no picture; the detail is for whoever looks into it. */
export interface ImageFailure {
  readonly kind: FailureKind;
  readonly detail: string;
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
  readonly failure: ImageFailure | undefined;
  /** What is seen; nothing for colours. */
  readonly window: GreyWindow | undefined;
  toCanvas(point: Point): CanvasPoint;
  toPatient(point: CanvasPoint): Point;
}
