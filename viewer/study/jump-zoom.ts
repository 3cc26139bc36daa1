import type { Plane, Point } from '../slice.ts';
import type { ViewerEngine } from '../viewer-engine.ts';

const SWITCH = 'overread.jumpZoom';
const ZOOM = 1.5;
const PLANES: readonly Plane[] = ['axial', 'sagittal', 'coronal'];

/** A jump to a finding comes closer, where the reader wants it so. */
export const jumpsClose = (): boolean => localStorage.getItem(SWITCH) === 'on';
export const switchJumpsClose = (on: boolean): void => localStorage.setItem(SWITCH, on ? 'on' : 'off');

/** Every plane at 150 % at least, with `point` in its middle; a plane that is closer stays so. */
export function comeClose(engine: ViewerEngine, point: Point): void {
  for (const plane of PLANES) {
    const slice = engine.slice(plane);
    if (!slice) continue;
    if (slice.zoom < ZOOM) engine.zoomBy(plane, ZOOM / slice.zoom, undefined);
    const [x, y] = engine.slice(plane)?.toCanvas(point) ?? [slice.width / 2, slice.height / 2];
    engine.pan(plane, slice.width / 2 - x, slice.height / 2 - y);
  }
}
