import { Enums, getRenderingCapabilities, RenderingEngine } from '@cornerstonejs/core';
import { PLANES, type Plane } from '../slice.ts';

export const ORIENTATION = {
  axial: Enums.OrientationAxis.ACQUISITION,
  sagittal: Enums.OrientationAxis.SAGITTAL,
  coronal: Enums.OrientationAxis.CORONAL,
} as const satisfies Record<Plane, Enums.OrientationAxis>;

/** A reader's or an administrator's choice, for a machine whose graphics driver misbehaves: `cpu` or `gpu`. */
const BACKEND_KEY = 'overread.renderBackend';

/** Without a graphics card the browser imitates one, and drawing directly is twice as fast as that. */
export function renderBackend(): 'cpu' | 'gpu' {
  const chosen = localStorage.getItem(BACKEND_KEY);
  if (chosen === 'cpu' || chosen === 'gpu') return chosen;
  return getRenderingCapabilities().softwareRasterizer ? 'cpu' : 'gpu';
}

export function hostElement(notify: () => void): HTMLDivElement {
  const element = document.createElement('div');
  element.className = 'plane-pixels';
  // Inline: Cornerstone makes an element `relative`, and so without height, that says nothing else for itself.
  element.style.cssText = 'position:absolute;inset:0';
  element.addEventListener(Enums.Events.IMAGE_RENDERED, notify);
  return element;
}

/** Sizes must not be zero when a viewport is made, so they are made in a corner of the page that is not shown. */
export function enableViewports(elements: Record<Plane, HTMLDivElement>): RenderingEngine {
  const nursery = document.createElement('div');
  nursery.style.cssText = 'position:fixed;left:-2000px;top:0;width:512px;height:512px';
  nursery.append(...Object.values(elements));
  document.body.append(nursery);
  const rendering = new RenderingEngine('overread');
  rendering.setViewports(
    PLANES.map((plane) => ({
      viewportId: plane,
      type: Enums.ViewportType.PLANAR_NEXT,
      element: elements[plane],
      defaultOptions: { orientation: ORIENTATION[plane], background: [0, 0, 0] as [number, number, number] },
    })),
  );
  nursery.remove();
  return rendering;
}

const SETTLED_MS = 150;

/**
 * Calls `resize` when an element has another size, and once more when it has settled: Cornerstone skips a resize that
 * comes while a frame is due.
 */
export function onResize(elements: readonly Element[], resize: () => void): void {
  const settling: { timer: ReturnType<typeof setTimeout> | undefined } = { timer: undefined };
  const observer = new ResizeObserver(() => {
    resize();
    clearTimeout(settling.timer);
    settling.timer = setTimeout(resize, SETTLED_MS);
  });
  for (const element of elements) observer.observe(element);
}
