import { cache, type PlanarViewport, utilities } from '@cornerstonejs/core';
import type { GreyPixels } from '../series/grey-pixels.ts';
import type { VolumeObstacle } from '../series/image-series.ts';
import { PLANES, type Plane, type Point } from '../slice.ts';
import type { OpenSeries } from './open-series.ts';

/** Whether values can be put together is known when all are here. */
export function obstacleOf(open: OpenSeries | undefined): VolumeObstacle | undefined {
  return open && open.loaded.size === open.imageIds.length ? open.obstacle() : open?.series.obstacle;
}

export function register(open: OpenSeries, firstIndex: number): void {
  const provider = utilities.genericViewportDisplaySetMetadataProvider;
  const imageIds = [...open.imageIds];
  provider.add(`${open.id}:stack`, { kind: 'planar', imageIds, initialImageIdIndex: firstIndex });
  provider.add(`${open.id}:volume`, {
    kind: 'planar',
    imageIds,
    volumeId: `cornerstoneStreamingImageVolume:${open.id}`,
  });
}

/** Takes a series out of the viewports and out of the cache. */
export function closeSeries(open: OpenSeries, viewport: (plane: Plane) => PlanarViewport): void {
  for (const plane of PLANES) {
    for (const { displaySetId } of viewport(plane).getDisplaySets()) viewport(plane).removeData(displaySetId);
  }
  const provider = utilities.genericViewportDisplaySetMetadataProvider;
  for (const kind of ['stack', 'volume']) provider.remove(`${open.id}:${kind}`);
  open.end();
  cache.purgeCache();
}

/** When a zoomed plane does not show the point, it becomes the middle; else the picture stays where it is. */
export function bringIntoView(viewport: PlanarViewport, point: Point): void {
  const [x, y] = viewport.worldToCanvas([...point]);
  const { clientWidth, clientHeight } = viewport.element;
  const inside = x >= 0 && y >= 0 && x <= clientWidth && y <= clientHeight;
  if (inside || clientWidth === 0) return;
  viewport.setViewState({ anchorWorld: [...point], anchorCanvas: [0.5, 0.5] });
}

/** The pixels of an image that is loaded and grey. */
export function greyPixels(open: OpenSeries | undefined, index: number): GreyPixels | undefined {
  const frame = open?.frames.get(index);
  if (frame?.kind !== 'grey') return undefined;
  return { numbers: frame.values, scale: frame.scale, low: frame.low, isMeasured: frame.isCurved === undefined };
}
