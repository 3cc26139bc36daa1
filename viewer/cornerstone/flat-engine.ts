import { greyTable, paintNumbers } from '../series/paint.ts';
import { gridOfImage, onGrid } from '../series/plane-grid.ts';
import { nearestImage } from '../series/slice-index.ts';
import { along, cross } from '../series/vector.ts';
import type { CanvasPoint, GreyWindow, Plane, Point, Slice } from '../slice.ts';
import type { Drawing, ViewerEngine } from '../viewer-engine.ts';
import { type DecoderPool, decoderPool } from './decoder-pool.ts';
import type { DrawnFrame } from './drawn-frame.ts';
import { rangeOf, windowOf } from './look.ts';
import { nearestFirst } from './nearest-first.ts';
import { type OpenSeries, openSeries } from './open-series.ts';
import { greyPixels } from './viewport-series.ts';

interface FlatState {
  open: OpenSeries | undefined;
  openings: number;
  window: GreyWindow | undefined;
  requested: number;
  /** The image on the canvas. */
  shown: number;
  zoom: number;
  pan: CanvasPoint;
  revision: number;
  drawing: boolean;
}

const ZOOM_RANGE = [0.25, 20] as const;
/** Openings of this engine and of Cornerstone are told apart. */
const counter = { next: 1_000_000 };

/**
 * A stack on a canvas of two dimensions: for browsers without WebGL, and for a prior beside the study that Cornerstone
 * shows. It knows the plane that was acquired and no other.
 */
export function startFlatEngine(drawing: Drawing, pool: DecoderPool = decoderPool(2)): ViewerEngine {
  const element = document.createElement('div');
  element.className = 'plane-pixels';
  element.style.cssText = 'position:absolute;inset:0';
  const canvas = document.createElement('canvas');
  canvas.style.cssText = 'position:absolute;inset:0;width:100%;height:100%';
  element.append(canvas);
  const source = document.createElement('canvas');

  const state: FlatState = {
    ...{ open: undefined, openings: 0, window: undefined, requested: 0, shown: 0 },
    ...{ zoom: 1, pan: [0, 0], revision: 0, drawing: false },
  };
  const listeners = new Set<() => void>();
  const notify = () => {
    state.revision += 1;
    for (const listener of listeners) listener();
  };
  const queue = nearestFirst(4);

  const slice = (): Slice | undefined => {
    const { open, shown, window } = state;
    return open?.loaded.has(shown)
      ? sliceOnCanvas(open, shown, { element, zoom: state.zoom, pan: state.pan }, window)
      : undefined;
  };

  const paint = () => {
    state.drawing = false;
    const frame = state.open?.frames.get(state.shown);
    const at = slice();
    if (!at) return;
    fitCanvas(canvas, element);
    const context = canvas.getContext('2d');
    context?.clearRect(0, 0, canvas.width, canvas.height);
    if (context && frame) drawFrame(context, frame, state, at, source);
    notify();
  };
  const paintSoon = () => {
    if (state.drawing) return;
    state.drawing = true;
    requestAnimationFrame(paint);
  };
  new ResizeObserver(paintSoon).observe(element);

  const show = (index: number) => {
    const { open } = state;
    if (!open) return;
    state.requested = Math.min(open.series.images.length - 1, Math.max(0, index));
    queue.focus(state.requested);
    if (open.loaded.has(state.requested)) state.shown = state.requested;
    paintSoon();
  };
  const arrived = () => {
    if (state.open?.loaded.has(state.requested)) state.shown = state.requested;
    paintSoon();
  };

  return {
    attach: (plane, container) => {
      if (plane !== 'axial') return () => undefined;
      container.append(element);
      paintSoon();
      return () => element.remove();
    },
    open: async (series, firstIndex, window) => {
      state.open?.end();
      const opening = counter.next++;
      state.openings = opening;
      const open = openSeries(opening, series, { decoders: pool, queue, onChange: arrived });
      Object.assign(state, { open, window, requested: firstIndex, shown: firstIndex, zoom: 1, pan: [0, 0] });
      queue.focus(firstIndex);
      const frames = series.images.map((_image, index) => open.frame(index));
      await frames[firstIndex];
      if (opening === state.openings) paint();
    },
    close: () => {
      state.open?.end();
      state.open = undefined;
      state.openings = 0;
      notify();
    },
    goTo: (point) => {
      const index = state.open && nearestImage(state.open.series, point);
      if (index !== undefined) show(index);
    },
    scroll: (plane, slices) => {
      if (plane === 'axial') show(state.requested + slices);
    },
    showIndex: (plane, index) => {
      if (plane === 'axial') show(index);
    },
    setWindow: (window) => {
      state.window = window;
      paintSoon();
    },
    pan: (_plane, dx, dy) => {
      state.pan = [state.pan[0] + dx, state.pan[1] + dy];
      paintSoon();
    },
    zoomBy: (_plane, factor, around) => {
      const zoom = Math.min(ZOOM_RANGE[1], Math.max(ZOOM_RANGE[0], state.zoom * factor));
      const by = zoom / state.zoom;
      const middle: CanvasPoint = [element.clientWidth / 2, element.clientHeight / 2];
      const [x, y] = around ?? middle;
      const kept = (from: number, pan: number, center: number) => from - center - (from - center - pan) * by;
      state.pan = [kept(x, state.pan[0], middle[0]), kept(y, state.pan[1], middle[1])];
      state.zoom = zoom;
      paintSoon();
    },
    fit: () => {
      Object.assign(state, { zoom: 1, pan: [0, 0] });
      paintSoon();
    },
    pixels: (index) => greyPixels(state.open, index),
    greyRange: (plane) => {
      const look = plane === 'axial' ? state.open?.loaded.get(state.shown) : undefined;
      return look && rangeOf(look, state.window);
    },
    slice: (plane: Plane) => (plane === 'axial' ? slice() : undefined),
    progress: () => ({
      requested: state.requested,
      loaded: state.open?.loaded.size ?? 0,
      total: state.open?.imageIds.length ?? 0,
      failed: state.open?.failed ?? new Map(),
      obstacle: state.open?.series.obstacle,
      drawing,
    }),
    revision: () => state.revision,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

interface View {
  readonly element: HTMLElement;
  readonly zoom: number;
  readonly pan: CanvasPoint;
}

/** Rows of the image lie across, columns down, square in millimetres and as large as they fit at zoom 1. */
function sliceOnCanvas(
  open: OpenSeries,
  index: number,
  { element, zoom, pan }: View,
  window: GreyWindow | undefined,
): Slice | undefined {
  const { series } = open;
  const image = series.images[index];
  if (!image) return undefined;
  const grid = gridOfImage(image, series.sliceSpacingMm);
  const { clientWidth: width, clientHeight: height } = element;
  const [stepX, stepY] = grid.stepMm;
  const pxPerMm = Math.min(width / (grid.columns * stepX), height / (grid.rows * stepY)) * zoom;
  const left = width / 2 + pan[0] - ((grid.columns - 1) / 2) * stepX * pxPerMm;
  const top = height / 2 + pan[1] - ((grid.rows - 1) / 2) * stepY * pxPerMm;
  const toPatient = ([x, y]: CanvasPoint): Point =>
    along(along(grid.origin, grid.right, (x - left) / pxPerMm), grid.down, (y - top) / pxPerMm);
  const [rx, ry, rz] = grid.down;
  const up: Point = [-rx, -ry, -rz];
  const [nx, ny, nz] = cross(grid.right, grid.down);
  return {
    plane: 'axial',
    index,
    count: series.images.length,
    focalPoint: toPatient([width / 2, height / 2]),
    normal: [-nx, -ny, -nz],
    up,
    right: grid.right,
    width,
    height,
    zoom,
    failure: open.failed.get(index),
    window: windowOf(open.loaded.get(index), window),
    toCanvas: (point) => {
      const [column, row] = onGrid(grid, point);
      return [left + column * stepX * pxPerMm, top + row * stepY * pxPerMm];
    },
    toPatient,
  };
}

function fitCanvas(canvas: HTMLCanvasElement, { clientWidth, clientHeight }: HTMLElement): void {
  const [width, height] = [clientWidth, clientHeight].map((size) => Math.max(1, Math.round(size * devicePixelRatio)));
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
}

function drawFrame(
  context: CanvasRenderingContext2D,
  frame: DrawnFrame,
  { open, shown, window }: FlatState,
  at: Slice,
  source: HTMLCanvasElement,
): void {
  const image = open?.series.images[shown];
  if (!image) return;
  const { Columns: columns, Rows: rows } = image;
  if (frame.kind === 'grey') {
    paintNumbers(source, { numbers: frame.values, columns, rows }, greyTable(rangeOf(frame, window)));
  } else {
    paintColours(source, frame.values, columns, rows);
  }
  const grid = gridOfImage(image, undefined);
  const corner = (column: number, row: number) =>
    at.toCanvas(along(along(grid.origin, grid.right, column * grid.stepMm[0]), grid.down, row * grid.stepMm[1]));
  const [left, top] = corner(-0.5, -0.5);
  const [right, bottom] = corner(columns - 0.5, rows - 0.5);
  context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
  context.drawImage(source, left, top, right - left, bottom - top);
}

function paintColours(canvas: HTMLCanvasElement, values: Uint8Array, columns: number, rows: number): void {
  Object.assign(canvas, { width: columns, height: rows });
  const image = new ImageData(columns, rows);
  for (let from = 0, to = 0; from < values.length; from += 3, to += 4) {
    image.data.set([values[from] ?? 0, values[from + 1] ?? 0, values[from + 2] ?? 0, 255], to);
  }
  canvas.getContext('2d')?.putImageData(image, 0, 0);
}
