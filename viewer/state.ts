import { create } from 'zustand';
import type { GreyWindow, Point } from './slice.ts';
import { type PresetId, WINDOW_PRESETS } from './study/window-presets.ts';

const OVERLAYS = ['ticks', 'circle', 'off'] as const;
export type Overlay = (typeof OVERLAYS)[number];
export type DragTool = 'window' | 'pan' | 'zoom' | 'scroll';

/** What is selected and how it is shown. What the server says stays in the query cache. */
export interface ViewState {
  readonly selected: string | undefined;
  readonly overlay: Overlay;
  /** Held down: every mark is gone. */
  readonly peeking: boolean;
  /** The display threshold, when the reader has moved it. */
  readonly threshold: number | undefined;
  /** Without one each image is seen as it wants to be. */
  readonly window: GreyWindow | undefined;
  readonly preset: PresetId | undefined;
  /** The window for Hounsfield units, while images of other values are on screen. */
  readonly waiting: Pick<ViewState, 'window' | 'preset'> | undefined;
  readonly tool: DragTool;
  /** The point that every plane shows. */
  readonly crosshair: Point | undefined;
}

const LUNG = WINDOW_PRESETS[0];

export const START: ViewState = {
  selected: undefined,
  overlay: 'ticks',
  peeking: false,
  threshold: undefined,
  window: LUNG.window,
  preset: LUNG.id,
  waiting: undefined,
  tool: 'window',
  crosshair: undefined,
};

export const useViewState = create<ViewState>(() => START);

export const setView = (patch: Partial<ViewState>): void => useViewState.setState(patch);
export const nextOverlay = (overlay: Overlay): Overlay =>
  OVERLAYS[(OVERLAYS.indexOf(overlay) + 1) % OVERLAYS.length] ?? 'ticks';

/** A reader's window is kept from one CT to the next; other images begin as they want to be seen. */
export function windowFor(isHounsfield: boolean, { window, preset, waiting }: ViewState): Partial<ViewState> {
  if (isHounsfield) return waiting ? { ...waiting, waiting: undefined } : {};
  return { window: undefined, preset: 'stored', waiting: waiting ?? { window, preset } };
}
