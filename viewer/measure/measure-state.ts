import { create } from 'zustand';
import type { Plane, Point } from '../slice.ts';
import type { Measurement, MeasureTool } from './measurement.ts';

/** A measurement that is being drawn: what was given so far, and where the pointer is. */
export interface Draft extends Pick<Measurement, 'tool' | 'SeriesInstanceUID' | 'plane' | 'index' | 'normal'> {
  readonly right: Point;
  readonly up: Point;
  readonly given: readonly Point[];
  readonly pointer: Point;
}

/** What the reader measured since this page was opened, of every series; it goes into no report. */
export interface MeasureState {
  readonly tool: MeasureTool | undefined;
  readonly draft: Draft | undefined;
  readonly measurements: readonly Measurement[];
  readonly selected: string | undefined;
  /** Made with a key: its first handle takes the focus. */
  readonly grabbed: string | undefined;
  /** Positions of images that a measurement would have crossed, though they cannot be seen. */
  readonly refused: { readonly plane: Plane; readonly images: readonly number[] } | undefined;
}

const counter = { next: 1 };

export const useMeasureState = create<MeasureState>(() => ({
  tool: undefined,
  draft: undefined,
  measurements: [],
  selected: undefined,
  grabbed: undefined,
  refused: undefined,
}));

export const setMeasure = (patch: Partial<MeasureState>): void => useMeasureState.setState(patch);

export const chooseTool = (tool: MeasureTool | undefined): void => setMeasure({ tool, draft: undefined });

export function addMeasurement(made: Omit<Measurement, 'id'>): Measurement {
  const measurement = { ...made, id: `m${counter.next++}` };
  setMeasure({
    measurements: [...useMeasureState.getState().measurements, measurement],
    selected: measurement.id,
    draft: undefined,
    refused: undefined,
  });
  return measurement;
}

export function replaceMeasurement(changed: Measurement): void {
  const { measurements } = useMeasureState.getState();
  setMeasure({ measurements: measurements.map((one) => (one.id === changed.id ? changed : one)) });
}

export function deleteMeasurement(id: string | undefined): void {
  const { measurements, selected } = useMeasureState.getState();
  setMeasure({
    measurements: measurements.filter((one) => one.id !== id),
    selected: selected === id ? undefined : selected,
  });
}

/** Drops what is being drawn, else the tool; false when there was neither. */
export function cancelMeasuring(): boolean {
  const { tool, draft, selected } = useMeasureState.getState();
  if (draft) setMeasure({ draft: undefined });
  else if (tool) setMeasure({ tool: undefined });
  else if (selected) setMeasure({ selected: undefined });
  else return false;
  return true;
}
