import { useLocation } from 'wouter';
import { useBindings } from '../bindings/use-bindings.ts';
import { type KeyMap, useKeys } from '../keys.ts';
import { cancelMeasuring, chooseTool, deleteMeasurement, useMeasureState } from '../measure/measure-state.ts';
import type { MeasureTool } from '../measure/measurement.ts';
import { measureByKey } from '../measure/use-measure.ts';
import type { ImageSeries } from '../series/image-series.ts';
import { nextOverlay, setView, useViewState } from '../state.ts';
import type { ViewerEngine } from '../viewer-engine.ts';
import { arrange, LAYOUTS, neighbourPlane, nextSlab, thicker, useArrangement } from './arrangement.ts';
import type { StudyAction } from './study-keys.ts';
import { chooseMeasureTool, choosePreset, chooseSlab } from './tool-choices.ts';
import { usePeek } from './use-peek.ts';

interface StudyKeys {
  readonly engine: ViewerEngine | undefined;
  readonly series: ImageSeries | undefined;
  /** In force; `undefined` where there are no marks to move one for. */
  readonly threshold: number | undefined;
  readonly onStep: (steps: 1 | -1) => void;
  readonly onSeries: (steps: 1 | -1) => void;
  readonly onHelp: () => void;
}

const ZOOM_STEP = 1.25;
const THRESHOLD_STEP = 0.05;
const SLAB_STEP_MM = 2;

export function useStudyKeys({ engine, series, threshold, onStep, onSeries, onHelp }: StudyKeys): void {
  const [, navigate] = useLocation();
  const peek = usePeek();
  const active = () => useArrangement.getState().active;
  const zoom = (factor: number) => {
    const { crosshair } = useViewState.getState();
    engine?.zoomBy(active(), factor, crosshair && engine.slice(active())?.toCanvas(crosshair));
  };
  // From where it is now: a second press may come before the first has been drawn.
  const moveThreshold = (by: number) => {
    if (threshold === undefined) return;
    const now = useViewState.getState().threshold ?? threshold;
    setView({ threshold: Math.min(1, Math.max(0, Math.round((now + by) * 100) / 100)) });
  };
  const thicken = (by: number) => {
    const { slab, slabMm } = useArrangement.getState();
    if (slab) arrange({ slabMm: thicker(slabMm, by) });
  };
  const toEnd = () => engine?.showIndex(active(), (engine.slice(active())?.count ?? 1) - 1);
  const measure = (tool: MeasureTool) => () => {
    chooseMeasureTool(useMeasureState.getState().tool === tool ? undefined : tool);
  };
  const place = (event: KeyboardEvent) => {
    // A button that has the focus is pressed, as everywhere.
    if (event.target instanceof Element && event.target.closest('button, a, [role=button]')) return false;
    if (!engine || !series) return false;
    return measureByKey(engine, series, active(), useViewState.getState().crosshair) !== undefined;
  };
  const removeSelected = () => deleteMeasurement(useMeasureState.getState().selected);

  const actions: Readonly<Record<StudyAction, (event: KeyboardEvent) => unknown>> = {
    nextFinding: () => onStep(1),
    previousFinding: () => onStep(-1),
    peek: peek.down,
    overlay: () => setView({ overlay: nextOverlay(useViewState.getState().overlay) }),
    thresholdDown: () => moveThreshold(-THRESHOLD_STEP),
    thresholdUp: () => moveThreshold(THRESHOLD_STEP),
    lung: () => choosePreset('lung', series),
    mediastinum: () => choosePreset('mediastinum', series),
    bone: () => choosePreset('bone', series),
    soft: () => choosePreset('soft', series),
    stored: () => choosePreset('stored', series),
    sliceUp: () => engine?.scroll(active(), -1),
    sliceDown: () => engine?.scroll(active(), 1),
    firstSlice: () => engine?.showIndex(active(), 0),
    lastSlice: toEnd,
    previousSeries: () => onSeries(-1),
    nextSeries: () => onSeries(1),
    previousPlane: () => arrange({ active: neighbourPlane(active(), -1) }),
    nextPlane: () => arrange({ active: neighbourPlane(active(), 1) }),
    cine: () => arrange({ cine: !useArrangement.getState().cine }),
    zoomIn: () => zoom(ZOOM_STEP),
    zoomOut: () => zoom(1 / ZOOM_STEP),
    fit: () => engine?.fit(),
    invert: () => arrange({ inverted: !useArrangement.getState().inverted }),
    maximise: () => arrange({ maximised: !useArrangement.getState().maximised }),
    layout: () => {
      const { layout } = useArrangement.getState();
      arrange({ layout: LAYOUTS[(LAYOUTS.indexOf(layout) + 1) % LAYOUTS.length] ?? 'three', maximised: false });
    },
    zoomTool: () => {
      chooseTool(undefined);
      setView({ tool: useViewState.getState().tool === 'zoom' ? 'window' : 'zoom' });
    },
    length: measure('length'),
    bidirectional: measure('bidirectional'),
    ellipse: measure('ellipse'),
    probe: measure('probe'),
    angle: measure('angle'),
    placeMeasurement: place,
    deleteMeasurement: removeSelected,
    deleteMeasurementToo: removeSelected,
    slab: () => chooseSlab(nextSlab(useArrangement.getState().slab)),
    thinner: () => thicken(-SLAB_STEP_MM),
    thicker: () => thicken(SLAB_STEP_MM),
    prior: () => arrange({ comparing: !useArrangement.getState().comparing, maximised: false }),
    help: onHelp,
    escape: () => leave(navigate),
  };
  const { bindings } = useBindings();
  const keys: KeyMap = Object.fromEntries(
    (Object.keys(actions) as StudyAction[]).map((action) => [
      bindings[action],
      // Hold and press are told apart by the peek itself.
      bindings[action] === ' ' && action !== 'peek' ? besideButtons(actions[action]) : actions[action],
    ]),
  );
  useKeys(keys, { [bindings.peek]: peek.up });
}

/** Space presses a button that has the focus, whatever else it means. */
const besideButtons =
  (act: (event: KeyboardEvent) => unknown) =>
  (event: KeyboardEvent): unknown =>
    event.target instanceof Element && event.target.closest('button, a, summary, [role=button]') ? false : act(event);

/** One step back: what is being measured, the cine, the prior, the large pane, and at last the study. */
function leave(navigate: (to: string) => void): void {
  if (cancelMeasuring()) return;
  const { cine, comparing, maximised } = useArrangement.getState();
  if (cine) arrange({ cine: false });
  else if (comparing) arrange({ comparing: false });
  else if (maximised) arrange({ maximised: false });
  else navigate('/worklist');
}
