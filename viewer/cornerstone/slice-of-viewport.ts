import type { PlanarViewport } from '@cornerstonejs/core';
import { sliceIndex } from '../series/slice-index.ts';
import { cross } from '../series/vector.ts';
import type { CanvasPoint, GreyWindow, Plane, Point, Slice } from '../slice.ts';
import type { OpenSeries } from './open-series.ts';

const point = (value: readonly number[] | undefined): Point | undefined => {
  const [x, y, z] = value ?? [];
  return x === undefined || y === undefined || z === undefined ? undefined : [x, y, z];
};

/** Reads the slice a viewport shows, or undefined while it has no camera yet. */
export function sliceOfViewport(
  viewport: PlanarViewport,
  plane: Plane,
  open: OpenSeries,
  window: GreyWindow | undefined,
): Slice | undefined {
  const view = viewport.getResolvedView();
  const camera = view?.toICamera();
  const focalPoint = point(camera?.focalPoint);
  const normal = point(camera?.viewPlaneNormal);
  const up = point(camera?.viewUp);
  if (!view || !focalPoint || !normal || !up) return undefined;
  const { index, count } =
    plane === 'axial'
      ? { index: viewport.getSliceIndex(), count: open.series.images.length }
      : sliceIndex(open.series, plane, focalPoint);
  return {
    plane,
    index,
    count,
    focalPoint,
    normal,
    up,
    right: cross(up, normal),
    width: viewport.element.clientWidth,
    height: viewport.element.clientHeight,
    zoom: view.zoom,
    window,
    failure: plane === 'axial' ? open.failed.get(index) : undefined,
    toCanvas: ([x, y, z]) => canvasPoint(view.worldToCanvas([x, y, z])),
    toPatient: ([x, y]) => point(view.canvasToWorld([x, y])) ?? focalPoint,
  };
}

const canvasPoint = ([x, y]: readonly number[]): CanvasPoint => [x ?? 0, y ?? 0];
