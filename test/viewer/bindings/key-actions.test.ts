import { describe, expect, it } from 'vitest';
import {
  type Bindings,
  type KeyAction,
  keptBindings,
  keyLabel,
  OHIF_KEYS,
  OWN_KEYS,
  ownerOf,
  PRESETS,
  presetOf,
  rebound,
  reviewKeyOf,
} from '../../../viewer/bindings/key-actions.ts';
import { KEY_HELP, meaningOf } from '../../../viewer/bindings/key-help-rows.ts';
import { keyName } from '../../../viewer/bindings/key-name.ts';

const ACTIONS = Object.keys(OWN_KEYS) as KeyAction[];
const changed = (action: KeyAction, key: string, from: Bindings = OWN_KEYS): Bindings => {
  const made = rebound(action, key, from);
  if (!('bindings' in made)) throw new Error('refused');
  return made.bindings;
};

describe.each(Object.entries(PRESETS))('the set of keys %s', (name, bindings) => {
  it('does one thing with each key, and each can be pressed', () => {
    const keys = Object.values(bindings);
    expect(new Set(keys).size).toBe(keys.length);
    for (const key of keys) {
      const [, shift, plain = key] = /^(shift\+)?(.+)$/.exec(key) ?? [];
      expect(keyName({ key: plain, shiftKey: shift !== undefined })).toBe(key);
    }
    expect(presetOf(bindings)).toBe(name);
  });

  it('has a meaning in the help for every action, once', () => {
    const told = KEY_HELP.flatMap(({ rows }) =>
      rows.flatMap(([keys]) => keys.filter((key) => typeof key === 'string')),
    );
    expect(told.toSorted()).toEqual(ACTIONS.toSorted());
    for (const action of ACTIONS) expect(meaningOf(action)).not.toBe('keys.title');
  });
});

describe('the keys of OHIF (its hotkeyBindings)', () => {
  // biome-ignore format: a table
  it.each([
    ['z', 'zoomTool'], ['+', 'zoomIn'], ['-', 'zoomOut'], ['c', 'cine'], ['i', 'invert'], [' ', 'fit'],
    ['arrowleft', 'previousPlane'], ['arrowright', 'nextPlane'], ['pageup', 'previousSeries'], ['pagedown', 'nextSeries'],
    ['home', 'firstSlice'], ['end', 'lastSlice'], ['1', 'lung'], ['backspace', 'deleteMeasurement'],
  ] as const)('%s: %s', (key, action) => {
    expect(ownerOf(key, OHIF_KEYS)).toBe(action);
  });

  it.each(['r', 'l', 'h', 'v'])('%s, which turns or flips there, does nothing here', (key) => {
    expect(ownerOf(key, OHIF_KEYS)).toBeUndefined();
  });
});

describe('a key that a reader chooses', () => {
  it('takes effect, and the old one does nothing any more', () => {
    const mine = changed('accept', 'k');
    expect([ownerOf('k', mine), ownerOf('a', mine), presetOf(mine)]).toEqual(['accept', undefined, undefined]);
    expect([reviewKeyOf('k', mine), reviewKeyOf('a', mine), reviewKeyOf('n', mine)]).toEqual([
      'a',
      undefined,
      undefined,
    ]);
    expect(changed('nextFinding', 'a', mine).nextFinding).toBe('a');
  });

  it('is refused where it is another one`s, and where it must keep its meaning', () => {
    expect(rebound('accept', 'n', OWN_KEYS)).toEqual({ taken: 'nextFinding' });
    expect(rebound('accept', 'a', OWN_KEYS)).toEqual({ bindings: OWN_KEYS });
    for (const key of ['escape', 'enter', 'tab', 'control'])
      expect(rebound('accept', key, OWN_KEYS)).toEqual({ refused: 'reserved' });
    expect(rebound('escape', 'k', OWN_KEYS)).toEqual({ refused: 'reserved' });
  });

  it('comes back as it was kept; what makes no sense is the default', () => {
    const mine = changed('accept', 'k');
    expect(keptBindings(JSON.parse(JSON.stringify(mine)))).toEqual(mine);
    const nonsense = [
      null,
      7,
      [],
      'x',
      { accept: 'n' },
      { accept: 5, unknown: 'q' },
      { accept: 'escape' },
      { escape: 'k' },
    ];
    for (const kept of nonsense) expect(keptBindings(kept)).toEqual(OWN_KEYS);
  });

  it('is printed as on a keyboard', () => {
    expect(['shift+n', ' ', 'arrowup', 'pagedown', 'n', '?', 'f2'].map(keyLabel)).toEqual([
      ...['Shift N', 'Space', '↑', 'PgDn', 'N', '?', 'F2'],
    ]);
  });
});
