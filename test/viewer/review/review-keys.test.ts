import { describe, expect, it } from 'vitest';
import { RejectReason } from '../../../services/domain/contract/reading.ts';
import { type ReviewCommands, reviewKey } from '../../../viewer/review/review-keys.ts';
import type { Mode } from '../../../viewer/review/review-state.ts';
import { readLesion } from '../../support/read-lesions.ts';

const lesion = readLesion();
const MODES: Readonly<Record<Mode['name'], Mode>> = {
  idle: { name: 'idle' },
  adding: { name: 'adding' },
  rejecting: { name: 'rejecting', TrackingUID: '2.25.1' },
  editing: { name: 'editing', TrackingUID: '2.25.1', lesion, before: lesion },
};

/** Presses one key and answers what was done; `undefined` when it was left to the rest of the screen. */
function press(key: string, mode: Mode['name'] = 'idle', patch: Partial<ReviewCommands> = {}): string | undefined {
  const [, ctrl, name = ''] = /^(ctrl\+)?(.+)$/.exec(key) ?? [];
  const done: string[] = [];
  const tell = (what: string) => (value?: unknown) => void done.push(value === undefined ? what : `${what} ${value}`);
  const asked = (what: string) => async () => void done.push(what);
  const commands: ReviewCommands = {
    mode: () => MODES[mode],
    readOnly: () => false,
    canReveal: () => false,
    holdExit: () => false,
    ...{ accept: tell('accept'), startReject: tell('startReject'), reject: tell('reject'), defer: tell('defer') },
    ...{ startEdit: tell('startEdit'), keepEdit: tell('keepEdit'), startAdd: tell('startAdd'), cancel: tell('cancel') },
    ...{
      undo: tell('undo'),
      redo: tell('redo'),
      save: tell('save'),
      askToSign: tell('sign'),
      summary: tell('summary'),
    },
    ...{
      addAt: asked('addAt'),
      measureAgain: asked('measure'),
      sign: asked('signed'),
      reveal: asked('reveal'),
      amend: asked('amend'),
    },
    ...{ openConflict: tell('conflict'), showFinding: tell('show') },
    ...patch,
  };
  const action = reviewKey({ key: name, ctrlKey: ctrl !== undefined, shiftKey: false }, commands);
  action?.(commands);
  return action && (done[0] ?? 'nothing');
}

describe('keys of a review', () => {
  // biome-ignore format: a table
  it.each([
    ['a', 'accept'], ['x', 'startReject'], ['e', 'startEdit'], ['m', 'startAdd'], ['d', 'defer'], ['u', 'undo'],
    ['y', 'summary'], ['ctrl+z', 'undo'], ['ctrl+y', 'redo'], ['ctrl+s', 'save'], ['ctrl+Enter', 'sign'], ['A', 'accept'],
  ])('%s: %s', (key, what) => {
    expect(press(key)).toBe(what);
  });

  it.each(RejectReason.options.map((reason, at) => [String(at + 1), reason] as const))(
    'X then %s rejects as %s, and is no window preset',
    (digit, reason) => {
      expect(press(digit, 'rejecting')).toBe(`reject ${reason}`);
      expect(press(digit)).toBeUndefined();
    },
  );

  it('X then Enter rejects without a reason; 9 and 0 mean nothing, nor a preset', () => {
    expect(press('Enter', 'rejecting')).toBe('reject null');
    expect([press('9', 'rejecting'), press('0', 'rejecting')]).toEqual(['nothing', 'nothing']);
  });

  it.each(['n', 'o', ',', '.', 'Home', 'ArrowUp', '=', ' ', 'l', 'r'])(
    'leaves %s to the images, after X too',
    (key) => {
      expect([press(key), press(key, 'rejecting')]).toEqual([undefined, undefined]);
    },
  );

  it('Esc leaves what was begun, then asks before it leaves the study', () => {
    for (const mode of ['rejecting', 'editing', 'adding'] as const) expect(press('Escape', mode)).toBe('cancel');
    expect(press('Escape')).toBeUndefined();
    expect(press('Escape', 'idle', { holdExit: () => true })).toBe('nothing');
  });

  it('Enter and E keep an edit', () => {
    expect([press('Enter', 'editing'), press('e', 'editing')]).toEqual(['keepEdit', 'keepEdit']);
  });

  it('V reveals only what is hidden', () => {
    expect(press('v')).toBeUndefined();
    expect(press('v', 'idle', { canReveal: () => true })).toBe('reveal');
  });

  it('a signed reading takes no verdicts, but gives its summary', () => {
    const readOnly = { readOnly: () => true };
    expect(['a', 'x', 'e', 'm', 'd', 'u'].map((key) => press(key, 'idle', readOnly))).toEqual(Array(6).fill(undefined));
    expect(press('y', 'idle', readOnly)).toBe('summary');
  });
});
