import { RejectReason } from '../../services/domain/contract/reading.ts';
import { type Bindings, OWN_KEYS, reviewKeyOf } from '../bindings/key-actions.ts';
import { keyName } from '../bindings/key-name.ts';
import type { Point } from '../slice.ts';
import type { NamedLesion } from './listed-findings.ts';
import type { Mode } from './review-state.ts';

/** What a reader can do to the findings, by key or by button. */
export interface ReviewActions {
  accept(): void;
  startReject(): void;
  reject(reason: RejectReason | null): void;
  defer(): void;
  startEdit(): void;
  keepEdit(): void;
  startAdd(): void;
  /** Measures what is at `point` and adds it; says why where nothing is. */
  addAt(point: Point): Promise<void>;
  /** Measures the lesion that is edited anew, where it now is. */
  measureAgain(): Promise<void>;
  cancel(): void;
  undo(): void;
  redo(): void;
  sign(rejectRest: boolean): Promise<void>;
  reveal(): Promise<void>;
  amend(): Promise<void>;
}

/** What the keys do beside the verdicts themselves. */
export interface ReviewCommands extends ReviewActions {
  mode(): Mode;
  save(): void;
  askToSign(): void;
  summary(): void;
  /** Both drafts side by side. */
  openConflict(): void;
  /** Selects it and brings it on screen. */
  showFinding(finding: NamedLesion): void;
  /** True where leaving was put off to ask first. */
  holdExit(): boolean;
  /** Does `V` mean anything now? */
  canReveal(): boolean;
  readOnly(): boolean;
}

type Action = ((commands: ReviewCommands) => void) | undefined;

// biome-ignore format: a table
const PLAIN: Readonly<Record<string, Action>> = {
  a: (c) => c.accept(),
  x: (c) => c.startReject(),
  e: (c) => (c.mode().name === 'editing' ? c.keepEdit() : c.startEdit()),
  m: (c) => c.startAdd(),
  d: (c) => c.defer(),
  u: (c) => c.undo(),
};
const READING: Readonly<Record<string, Action>> = { y: (c) => c.summary() };
const WITH_CTRL: Readonly<Record<string, Action>> = {
  z: (c) => c.undo(),
  y: (c) => c.redo(),
  s: (c) => c.save(),
  enter: (c) => c.askToSign(),
};

/** What a key event says of itself. */
interface Pressed {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly shiftKey: boolean;
}

/**
 * The action of a key, by what the reader is in the middle of; `undefined` leaves it to the rest of the screen. After X a
 * digit is a reason and never a window preset, and every other key leaves it to what it means.
 */
export function reviewKey(
  { key, ctrlKey, shiftKey }: Pressed,
  commands: ReviewCommands,
  bindings: Bindings = OWN_KEYS,
): Action {
  const pressed = key.toLowerCase();
  if (ctrlKey) return shiftKey ? undefined : WITH_CTRL[pressed];
  const ofMode = keyOfMode(pressed, commands);
  if (ofMode) return ofMode;
  const name = reviewKeyOf(keyName({ key, shiftKey }), bindings);
  if (name === undefined) return undefined;
  if (name === 'v') return commands.canReveal() ? (c) => void c.reveal() : undefined;
  return commands.readOnly() ? READING[name] : (PLAIN[name] ?? READING[name]);
}

function keyOfMode(name: string, commands: ReviewCommands): Action {
  const mode = commands.mode().name;
  if (name === 'escape') return keyOfLeaving(mode, commands);
  if (mode === 'rejecting') return reasonKey(name);
  return mode === 'editing' && name === 'enter' ? (c) => c.keepEdit() : undefined;
}

function reasonKey(name: string): Action {
  if (name === 'enter') return (c) => c.reject(null);
  if (!/^\d$/.test(name)) return undefined;
  const reason = RejectReason.options[Number(name) - 1];
  return reason ? (c) => c.reject(reason) : () => {};
}

function keyOfLeaving(mode: Mode['name'], commands: ReviewCommands): Action {
  if (mode !== 'idle') return (c) => c.cancel();
  return commands.holdExit() ? () => {} : undefined;
}
