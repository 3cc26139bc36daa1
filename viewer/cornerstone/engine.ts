import {
  cache,
  Enums,
  eventTarget,
  imageLoader,
  imageLoadPoolManager,
  init,
  metaData,
  type PlanarViewport,
  setRenderBackend,
  utilities,
} from '@cornerstonejs/core';
import { nearestImage, pointOnIndex } from '../series/slice-index.ts';
import { type GreyWindow, PLANES, type Plane, type Point, type Slice } from '../slice.ts';
import { type Drawing, type LoadProgress, NoWebGl, type ViewerEngine } from '../viewer-engine.ts';
import { atMostEvery } from './at-most-every.ts';
import { decoderPool } from './decoder-pool.ts';
import { type Look, lookOfAll, rangeOf, windowOf } from './look.ts';
import { nearestFirst } from './nearest-first.ts';
import { type OpenSeries, openSeries, SCHEME } from './open-series.ts';
import { sliceOfViewport } from './slice-of-viewport.ts';
import { bringIntoView, closeSeries, greyPixels, obstacleOf, register } from './viewport-series.ts';
import { enableViewports, hostElement, ORIENTATION, onResize, renderBackend } from './viewports.ts';

const GIGABYTE = 1024 ** 3;
/** Hundreds of images come within seconds: told one by one, the screen would be made anew for each. */
const ARRIVALS_TOLD_MS = 100;
/** What changes while the engine lives. */
interface EngineState {
  open: OpenSeries | undefined;
  openings: number;
  /** The reader's; without one each image is seen as it wants to be. */
  window: GreyWindow | undefined;
  /** The image the reader asked for; what is on screen follows when it is loaded. */
  requested: number;
  /** Where the reader last jumped to: the reformats open there even when they come later. */
  goal: Point | undefined;
  revision: number;
  drawing: Drawing;
}

/**
 * Cornerstone behind our own interface. One engine for the life of the page: its three viewports are made once and
 * their elements move into and out of the screen, because disabling one leaves the others drawn at a wrong scale.
 * @throws {NoWebGl} when the browser gives no WebGL context.
 */
export function startEngine(): ViewerEngine {
  if (!document.createElement('canvas').getContext('webgl2')) throw new NoWebGl('no WebGL 2 context');
  const backend = renderBackend();
  init({ debug: {}, rendering: { webGlContextCount: 1, planar: { renderBackend: backend } } });
  // While a volume streams in, Cornerstone warns of every image that has not come yet.
  utilities.logger.coreLog.getLogger('utilities', 'VoxelManager').setLevel('error');
  cache.setMaxCacheSize(3 * GIGABYTE);
  // Our own queue decides the order: it knows what is on screen.
  imageLoadPoolManager.setMaxSimultaneousRequests(Enums.RequestType.Prefetch, 100_000);

  const state: EngineState = {
    open: undefined,
    openings: 0,
    window: undefined,
    requested: 0,
    goal: undefined,
    revision: 0,
    drawing: backend === 'gpu' ? 'gpu' : 'software',
  };
  const listeners = new Set<() => void>();
  const notify = () => {
    state.revision += 1;
    for (const listener of listeners) listener();
  };
  const arrived = atMostEvery(ARRIVALS_TOLD_MS, notify);
  const queue = nearestFirst(6);
  const decoders = decoderPool(Math.max(1, Math.min(4, navigator.hardwareConcurrency - 1)));

  imageLoader.registerImageLoader(SCHEME, (imageId) => {
    const { open } = state;
    const promise = open?.imageIds.includes(imageId) ? open.load(imageId) : Promise.reject(new Error('series closed'));
    return { promise };
  });
  metaData.addProvider((type, imageId) =>
    state.open && typeof imageId === 'string' && imageId.startsWith(`${state.open.id}:`)
      ? state.open.metadata(type, imageId)
      : undefined,
  );

  const elements = Object.fromEntries(PLANES.map((plane) => [plane, hostElement(notify)])) as Record<
    Plane,
    HTMLDivElement
  >;
  const rendering = enableViewports(elements);
  const viewport = (plane: Plane) => rendering.getViewport(plane) as unknown as PlanarViewport;

  eventTarget.addEventListener(Enums.Events.WEBGL_CONTEXT_LOST, () => {
    if (state.drawing === 'lost') return;
    state.drawing = 'lost';
    setRenderBackend('cpu', 'the context was lost');
    for (const plane of PLANES) applyWindow(plane);
    notify();
  });

  const displaySet = (plane: Plane) => `${state.open?.id}:${plane === 'axial' ? 'stack' : 'volume'}`;
  const shown = (plane: Plane): boolean => viewport(plane).getDisplaySets().length > 0;
  onResize(Object.values(elements), () => {
    rendering.resize(true, false);
    // It leaves out a viewport that is drawn on the processor when it comes back to the size it was made with: the old
    // picture would be stretched, and every mark beside its place.
    for (const plane of PLANES) viewport(plane).resize();
    // What Cornerstone draws without the graphics card it does not draw again by itself.
    for (const plane of PLANES) if (shown(plane)) viewport(plane).render();
  });
  const lookOf = (plane: Plane): Look | undefined => {
    const { open } = state;
    if (plane === 'axial') return open?.loaded.get(viewport('axial').getSliceIndex());
    return lookOfAll([...(open?.loaded.values() ?? [])], open?.series.images[0]?.hasVoi ?? false);
  };
  const present = (plane: Plane, look: Look | undefined) => {
    if (!look || !shown(plane)) return;
    viewport(plane).setDisplaySetPresentation(displaySet(plane), { voiRange: rangeOf(look, state.window) });
  };
  const applyWindow = (plane: Plane) => {
    if (!shown(plane)) return;
    present(plane, lookOf(plane));
    viewport(plane).render();
  };
  // Each image has its own scale and may have its own window: said before it is drawn.
  elements.axial.addEventListener(Enums.Events.STACK_NEW_IMAGE, (event) => {
    const { imageIdIndex } = (event as CustomEvent<{ imageIdIndex?: number }>).detail;
    if (imageIdIndex !== undefined) present('axial', state.open?.loaded.get(imageIdIndex));
  });

  const showPlane = async (plane: Plane, opening: number) => {
    const options = { orientation: ORIENTATION[plane] };
    await viewport(plane).setDisplaySets({ displaySetId: displaySet(plane), options });
    if (opening === state.openings) applyWindow(plane);
  };

  /**
   * The reformats come when every image is here: voxels that have not come yet would be drawn as water, and each image
   * that arrives would draw both planes again.
   */
  const showReformats = async (opening: number) => {
    const { open } = state;
    if (!open) return;
    await Promise.all(open.imageIds.map((imageId) => imageLoader.loadAndCacheImage(imageId)));
    for (const plane of ['sagittal', 'coronal'] as const) {
      if (opening !== state.openings) return;
      if (open.obstacle()) break;
      await showPlane(plane, opening);
      if (state.goal && opening === state.openings) showPoint(plane, state.goal);
    }
    notify();
  };

  const slice = (plane: Plane): Slice | undefined =>
    state.open && shown(plane)
      ? sliceOfViewport(viewport(plane), plane, state.open, windowOf(lookOf(plane), state.window))
      : undefined;

  const showIndex = (plane: Plane, index: number) => {
    const { open } = state;
    if (!open || !shown(plane)) return;
    if (plane === 'axial') {
      state.requested = Math.min(open.imageIds.length - 1, Math.max(0, index));
      queue.focus(state.requested);
      void viewport('axial').setImageIdIndex(state.requested);
      return;
    }
    const shows = slice(plane);
    if (!shows) return;
    const inside = Math.min(shows.count - 1, Math.max(0, index));
    const point = pointOnIndex(open.series, plane, inside, shows.focalPoint);
    viewport(plane).setViewState({ slice: { kind: 'volumePoint', sliceWorldPoint: [...point] } });
  };

  const showPoint = (plane: Plane, point: Point) => {
    const { open } = state;
    if (!open || !shown(plane)) return;
    if (plane === 'axial') {
      const index = nearestImage(open.series, point);
      if (index !== undefined) showIndex('axial', index);
    } else {
      viewport(plane).setViewState({ slice: { kind: 'volumePoint', sliceWorldPoint: [...point] } });
    }
    bringIntoView(viewport(plane), point);
  };

  return {
    attach: (plane, container) => {
      container.append(elements[plane]);
      return () => elements[plane].remove();
    },
    open: async (series, firstIndex, window) => {
      if (state.open) closeSeries(state.open, viewport);
      const opening = ++state.openings;
      state.open = openSeries(opening, series, { decoders, queue, onChange: arrived });
      state.window = window;
      state.requested = firstIndex;
      state.goal = undefined;
      queue.focus(firstIndex);
      register(state.open, firstIndex);
      await showPlane('axial', opening);
      notify();
      showReformats(opening).catch((error: unknown) => reportError(error));
    },
    close: () => {
      state.openings += 1;
      if (state.open) closeSeries(state.open, viewport);
      state.open = undefined;
      notify();
    },
    goTo: (point) => {
      state.goal = point;
      for (const plane of PLANES) showPoint(plane, point);
    },
    scroll: (plane, slices) => {
      const from = plane === 'axial' ? state.requested : slice(plane)?.index;
      if (from !== undefined) showIndex(plane, from + slices);
    },
    showIndex,
    setWindow: (window) => {
      state.window = window;
      for (const plane of PLANES) applyWindow(plane);
    },
    pan: (plane, dx, dy) => {
      if (!shown(plane)) return;
      const [x, y] = viewport(plane).getPan();
      viewport(plane).setPan([x + dx, y + dy]);
    },
    zoomBy: (plane, factor, around) => {
      if (!shown(plane)) return;
      const zoom = Math.min(20, Math.max(0.25, viewport(plane).getZoom() * factor));
      viewport(plane).setZoom(zoom, around && [...around]);
    },
    fit: () => {
      for (const plane of PLANES) if (shown(plane)) viewport(plane).resetViewState({ resetOrientation: false });
    },
    pixels: (index) => greyPixels(state.open, index),
    greyRange: (plane) => {
      const look = lookOf(plane);
      return look && rangeOf(look, state.window);
    },
    slice,
    progress: (): LoadProgress => ({
      requested: state.requested,
      loaded: state.open?.loaded.size ?? 0,
      total: state.open?.imageIds.length ?? 0,
      failed: state.open?.failed ?? new Map(),
      obstacle: obstacleOf(state.open),
      drawing: state.drawing,
    }),
    revision: () => state.revision,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
