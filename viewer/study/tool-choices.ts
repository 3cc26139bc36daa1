import type { Finding } from '../../services/domain/finding.ts';
import { chooseTool } from '../measure/measure-state.ts';
import type { MeasureTool } from '../measure/measurement.ts';
import type { ImageSeries } from '../series/image-series.ts';
import type { SlabMode } from '../series/slab.ts';
import { setView } from '../state.ts';
import { arrange } from './arrangement.ts';
import { type PresetId, presetOfLabel, WINDOW_PRESETS } from './window-presets.ts';

/** The presets that mean something for these images: windows of Hounsfield units, and how each wants to be seen. */
export function presetsOf(series: ImageSeries | undefined) {
  const windows = series?.isHounsfield === false ? [] : WINDOW_PRESETS;
  const grey = series?.images.find(({ isColour }) => !isColour);
  if (!grey || (series?.isHounsfield && !grey.hasVoi)) return windows;
  return [...windows, { id: 'stored', key: '5', name: grey.hasVoi ? 'stored' : 'full' } as const];
}

/** Sets a window preset; `stored` shows each image by what it carries. */
export function choosePreset(preset: PresetId, series: ImageSeries | undefined): void {
  if (!presetsOf(series).some(({ id }) => id === preset)) return;
  setView({ window: WINDOW_PRESETS.find(({ id }) => id === preset)?.window, preset });
}

const held: { auto: PresetId | undefined } = { auto: undefined };

/**
 * The window a finding of this type is read on. It is set when the type asks for another one than the last finding did: a
 * window that the reader chose stays from one finding of a type to the next.
 */
export function choosePresetOf({ label }: Pick<Finding, 'label'>, series: ImageSeries | undefined): void {
  const preset = presetOfLabel(label);
  if (!series?.isHounsfield || preset === undefined || preset === held.auto) return;
  held.auto = preset;
  choosePreset(preset, series);
}

/** What values are measured on is one slice: the slab goes. */
export function chooseMeasureTool(tool: MeasureTool | undefined): void {
  if (tool === 'ellipse' || tool === 'probe') arrange({ slab: undefined });
  chooseTool(tool);
}

export function chooseSlab(slab: SlabMode | undefined): void {
  arrange({ slab });
}
