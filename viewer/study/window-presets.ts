import type { GreyWindow } from '../slice.ts';

export const WINDOW_PRESETS = [
  { id: 'lung', key: '1', window: { center: -600, width: 1500 } },
  { id: 'mediastinum', key: '2', window: { center: 40, width: 400 } },
  { id: 'bone', key: '3', window: { center: 400, width: 1800 } },
  { id: 'soft', key: '4', window: { center: 50, width: 350 } },
] as const satisfies readonly { readonly id: string; readonly key: string; readonly window: GreyWindow }[];

export type PresetId = (typeof WINDOW_PRESETS)[number]['id'] | 'stored';

const PRESET_OF_TYPE: readonly (readonly [type: RegExp, preset: PresetId])[] = [
  [/nodule|lung|pulmon|emphysema|pneumo|ground.?glass|airway/i, 'lung'],
  [/fracture|bone|rib|vertebra|osseous|lytic|sclerotic/i, 'bone'],
  [/node|mediastin|vessel|embol|aort|heart|calcif|thyroid/i, 'mediastinum'],
  [/liver|kidney|spleen|pancrea|adrenal|soft|mass|cyst|abdom/i, 'soft'],
];

/** The window on which findings of a class are read, by the words of its name; `undefined` for a class that has none. */
export const presetOfLabel = (label: string): PresetId | undefined =>
  PRESET_OF_TYPE.find(([type]) => type.test(label.replaceAll(/[-_]/g, ' ')))?.[1];

/** Grey values at the two ends (PS3.3 §C.11.2.1.2, width counted as a plain range). */
export const greyRange = ({ center, width }: GreyWindow): { readonly lower: number; readonly upper: number } => ({
  lower: center - width / 2,
  upper: center + width / 2,
});

/**
 * A drag across the image: to the right widens, downwards darkens; faster on a wide window. Whole numbers, or hundredths of
 * a narrow one: values are not always HU.
 */
export function dragWindow({ center, width }: GreyWindow, dx: number, dy: number): GreyWindow {
  const step = width >= 100 ? 1 : 10 ** Math.floor(Math.log10(width)) / 100;
  const perPixel = Math.max(step, width / 400);
  const rounded = (value: number) => Math.round(value / step) * step;
  return { center: rounded(center + dy * perPixel), width: Math.max(step, rounded(width + dx * perPixel)) };
}

/** At most three digits behind the point, and no more than say something. */
export function windowNumber(value: number): number {
  return Math.abs(value) >= 1000 ? Math.round(value) : Number(value.toPrecision(3));
}
