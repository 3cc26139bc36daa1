import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonFault } from '../../../viewer/console/json-fault.ts';
import { readRules } from '../../../viewer/console/read-rules.ts';

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

describe('the place where a text stops being JSON (RFC 8259)', () => {
  it.each([
    ['', 1, 1, 'value'],
    ['{"rules": [}', 1, 12, 'value'],
    ['{"rules": [1,]}', 1, 14, 'value'],
    ['{\n  "rules": []\n  "more": 1\n}', 3, 3, 'comma'],
    ['{\n  rules: []\n}', 2, 3, 'name'],
    ['{"rules" []}', 1, 10, 'colon'],
    ['[1] 2', 1, 5, 'end'],
    ['[01]', 1, 3, 'comma'],
    ['["a\nb"]', 1, 2, 'value'],
    ['[1', 1, 3, 'comma'],
    ['[1}', 1, 3, 'comma'],
    ['{"a": nul}', 1, 7, 'value'],
  ])('%j: line %i, column %i, a %s', (text, line, column, expected) => {
    expect(jsonFault(text)).toEqual({ line, column, expected });
  });

  it('there is one when, and only when, the text is no JSON', () => {
    const pieces = fc.array(fc.constantFrom(...'{}[],:"\\0-1.eE+ntx u00e9\n\t', '"a"', 'true', 'null', '\\u0041'));
    fc.assert(
      fc.property(
        fc.oneof(
          fc.json(),
          pieces.map((each) => each.join('')),
        ),
        (text) => {
          expect(jsonFault(text) === undefined).toBe(isJson(text));
        },
      ),
      { numRuns: 3000 },
    );
  });

  it('a letter that was lost from a file of rules is found where it is missed, or it is still JSON', () => {
    const text = JSON.stringify({ rules: [{ name: 'a', when: { attribute: 'Modality', equals: 'CT' } }] }, null, 2);
    for (let at = 0; at < text.length; at += 1) {
      const cut = text.slice(0, at) + text.slice(at + 1);
      expect(jsonFault(cut) === undefined, cut).toBe(isJson(cut));
    }
  });
});

describe('the text of an editor', () => {
  it.each([
    ['{"rules": [1]}', { rules: [1] }],
    ['[1]', { rules: [1] }],
    ['{"rules": [], "more": 1}', { fault: 'shape' }],
    ['{"rule": []}', { fault: 'shape' }],
    ['{}', { fault: 'shape' }],
    ['null', { fault: 'shape' }],
    ['"rules"', { fault: 'shape' }],
    ['{', { fault: { line: 1, column: 2, expected: 'name' } }],
  ])('%s', (text, read) => {
    expect(readRules(text)).toEqual(read);
  });
});
