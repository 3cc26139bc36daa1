import { STUDY_KEYS, type StudyAction } from '../study/study-keys.ts';

/** Keys of the review of findings. They are heard before all others, and mean these actions wherever they are bound. */
const REVIEW_KEYS = {
  accept: 'a',
  reject: 'x',
  edit: 'e',
  add: 'm',
  defer: 'd',
  undo: 'u',
  reveal: 'v',
  summary: 'y',
} as const;

export type ReviewAction = keyof typeof REVIEW_KEYS;
export type KeyAction = StudyAction | ReviewAction;

/** The keys of one reader, named as in `KeyMap`. */
export type Bindings = Readonly<Record<KeyAction, string>>;

export const OWN_KEYS: Bindings = { ...STUDY_KEYS, ...REVIEW_KEYS };

/**
 * Where a hand that knows OHIF finds the same: Space fits, Backspace deletes, and R, L and V, which turn and flip images there,
 * begin nothing unless Shift is held.
 */
export const OHIF_KEYS: Bindings = {
  ...OWN_KEYS,
  fit: ' ',
  peek: '`',
  length: 'shift+l',
  ellipse: 'shift+r',
  reveal: 'shift+v',
  layout: '.',
  thresholdDown: '<',
  thresholdUp: '>',
  deleteMeasurement: 'backspace',
  deleteMeasurementToo: 'delete',
};

export const PRESETS = { own: OWN_KEYS, ohif: OHIF_KEYS } as const;
export type PresetName = keyof typeof PRESETS;

/** What a reader cannot bind: the way out, the way on, the way through, and what a browser or a dialog needs. */
const RESERVED: readonly string[] = [
  'escape',
  'enter',
  'tab',
  'shift',
  'control',
  'alt',
  'meta',
  'capslock',
  'f5',
  'f11',
  'f12',
];
/** Actions that keep their key: their meaning is that of the key everywhere. */
export const FIXED: readonly KeyAction[] = ['escape', 'placeMeasurement'];

const ACTIONS = Object.keys(OWN_KEYS) as readonly KeyAction[];

/** What stands on a key now. */
export const ownerOf = (key: string, bindings: Bindings): KeyAction | undefined =>
  ACTIONS.find((action) => bindings[action] === key);

export type Rebinding =
  | { readonly bindings: Bindings }
  | { readonly refused: 'reserved' }
  | { readonly taken: KeyAction };

/** The action on another key; refused where the key is another's, so that no action ever loses its own. */
export function rebound(action: KeyAction, key: string, bindings: Bindings): Rebinding {
  if (FIXED.includes(action) || RESERVED.includes(key)) return { refused: 'reserved' };
  const owner = ownerOf(key, bindings);
  if (owner !== undefined && owner !== action) return { taken: owner };
  return { bindings: { ...bindings, [action]: key } };
}

/** The preset that these are, if they are one. */
export const presetOf = (bindings: Bindings): PresetName | undefined =>
  (Object.keys(PRESETS) as readonly PresetName[]).find((name) =>
    ACTIONS.every((action) => PRESETS[name][action] === bindings[action]),
  );

/** What was kept, as far as it still makes sense: unknown actions and keys that two want are those of the default. */
export function keptBindings(kept: unknown): Bindings {
  if (typeof kept !== 'object' || kept === null) return OWN_KEYS;
  const said = new Map(Object.entries(kept));
  const read = Object.fromEntries(
    ACTIONS.map((action) => {
      const key = said.get(action);
      const isKey = typeof key === 'string' && key !== '' && key.length <= 20 && !FIXED.includes(action);
      return [action, isKey && !RESERVED.includes(key) ? key : OWN_KEYS[action]];
    }),
  ) as Record<KeyAction, string>;
  return new Set(Object.values(read)).size === ACTIONS.length ? read : OWN_KEYS;
}

const NAMES: Readonly<Record<string, string>> = {
  ' ': 'Space',
  arrowup: '↑',
  arrowdown: '↓',
  arrowleft: '←',
  arrowright: '→',
  pageup: 'PgUp',
  pagedown: 'PgDn',
  home: 'Home',
  end: 'End',
  enter: 'Enter',
  escape: 'Esc',
  delete: 'Del',
  backspace: '⌫',
};

/** A key as it is printed on a keyboard. */
export function keyLabel(key: string): string {
  const [, shift = '', name = key] = /^(shift\+)?(.+)$/.exec(key) ?? [];
  const label = NAMES[name] ?? (name.length === 1 ? name.toUpperCase() : name.charAt(0).toUpperCase() + name.slice(1));
  return shift === '' ? label : `Shift ${label}`;
}

/** The key of the review's own table that a pressed key stands for; `undefined` where it stands for nothing of the review. */
export function reviewKeyOf(pressed: string, bindings: Bindings): string | undefined {
  const owner = ownerOf(pressed, bindings);
  return owner !== undefined && owner in REVIEW_KEYS ? REVIEW_KEYS[owner as ReviewAction] : undefined;
}
