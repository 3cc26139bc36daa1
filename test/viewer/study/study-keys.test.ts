import { describe, expect, it } from 'vitest';
import { REVIEW_KEYS, STUDY_HELP, STUDY_KEYS } from '../../../viewer/study/study-keys.ts';

const NAMES: Readonly<Record<string, string>> = {
  ' ': 'Space',
  'shift+n': 'Shift N',
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
};

describe('keys of the study screen', () => {
  it('do one thing each, and none is one of the review', () => {
    const keys = Object.values(STUDY_KEYS);
    expect(new Set(keys).size).toBe(keys.length);
    expect(keys.filter((key) => (REVIEW_KEYS as readonly string[]).includes(key))).toEqual([]);
  });

  it('are all in the help', () => {
    const told = STUDY_HELP.flatMap(({ rows }) => rows.flatMap(([keys]) => keys));
    const bound = Object.entries(STUDY_KEYS).filter(([action]) => action !== 'deleteMeasurementToo');
    for (const [action, key] of bound) expect(told, action).toContain(NAMES[key] ?? key.toUpperCase());
    expect(told).toHaveLength(bound.length);
  });
});
