import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  fitAge,
  fitDate,
  fitIdentifier,
  fitLongText,
  fitNumber,
  fitPersonName,
  fitSex,
  fits,
  fitText,
  fitTime,
} from '../../../services/dicom/sr/fit-value.ts';

/** Strings of any kind, unpaired surrogates and control characters among them. */
const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc
    .array(fc.constantFrom('^', '=', '\\', '\u0000', '\u001b', '\n', '王', '\ud800', 'a', ' '), { maxLength: 200 })
    .map((a) => a.join('')),
);
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
const FORBIDDEN = /[\u0000-\u001f\u007f\\]/;

describe('LO and SH (PS3.5 Table 6.2-1)', () => {
  it('leave a value that fits as it is', () => {
    expect(fitText('CT chest', 64)).toBe('CT chest');
    expect(fitIdentifier('PAT 1/2~x', 64)).toBe('PAT 1/2~x');
    expect(fitIdentifier('王'.repeat(64), 64)).toBe('王'.repeat(64));
  });

  it('never exceed their length or hold a control character or backslash', () => {
    fc.assert(
      fc.property(anyText, fc.constantFrom(16, 64), (value, limit) => {
        for (const fitted of [fitText(value, limit), fitIdentifier(value, limit)]) {
          expect([...fitted].length).toBeLessThanOrEqual(limit);
          expect(fitted).not.toMatch(FORBIDDEN);
          expect(fitted.isWellFormed()).toBe(true);
        }
      }),
    );
  });

  it('tell identifiers apart that differ only where they had to be changed', () => {
    const [long, longer, backslash] = ['9'.repeat(70), '9'.repeat(71), 'A\\B'];
    expect(fitIdentifier(long, 64)).not.toBe(fitIdentifier(longer, 64));
    expect(fitIdentifier(backslash, 64)).not.toBe(fitIdentifier('A/B', 64));
    expect(fitIdentifier(long, 64)).toMatch(/^9{51}~[0-9a-f]{12}$/);
  });

  it('say whether a value can stand as it is', () => {
    expect([fits('A-1 ', 16), fits('x'.repeat(17), 16), fits('A\\1', 16)]).toEqual([true, false, false]);
  });
});

describe('PN (PS3.5 §6.2.1)', () => {
  it.each([
    ['Zhang^San=张^三=ㄓㄤ^ㄙㄢ', 'Zhang^San=张^三=ㄓㄤ^ㄙㄢ'],
    ['=张^三', '=张^三'],
    ['A^B==', 'A^B'],
    ['', ''],
    ['a=b=c=d=e', 'a=b=c d e'],
    ['a^b^c^d^e^f^g', 'a^b^c^d^e f g'],
    ['O\\Brien^\u0000Mary', 'O/Brien^ Mary'],
  ])('%j becomes %j', (value, fitted) => {
    expect(fitPersonName(value)).toBe(fitted);
  });

  it('has at most three groups of five components and 64 characters', () => {
    fc.assert(
      fc.property(anyText, (value) => {
        const groups = fitPersonName(value).split('=');
        expect(groups.length).toBeLessThanOrEqual(3);
        for (const group of groups) {
          expect([...group].length).toBeLessThanOrEqual(64);
          expect(group.split('^').length).toBeLessThanOrEqual(5);
          expect(group).not.toMatch(FORBIDDEN);
        }
      }),
    );
  });
});

describe('DA, TM, AS, CS', () => {
  it.each([
    [fitDate, '20240229', '20240229'],
    [fitDate, '2024.02.29', '20240229'],
    [fitDate, '20250229', ''],
    [fitDate, '20251301', ''],
    [fitDate, '20250101-20250102', ''],
    [fitTime, '101112.123456', '101112.123456'],
    [fitTime, '10:11:12', '101112'],
    [fitTime, '10', '10'],
    [fitTime, '246060', ''],
    [fitAge, '065Y', '065Y'],
    [fitAge, '65', ''],
    [fitSex, 'F', 'F'],
    [fitSex, 'female', ''],
  ] as const)('%o of %j is %j', (made, value, fitted) => {
    expect(made(value)).toBe(fitted);
  });
});

describe('DS', () => {
  it.each([
    [8.8123, 2, '8.81'],
    [0, 2, '0'],
    [100, 2, '100'],
    [0.000001, 2, '0'],
    [1e300, 2, '1.0000000e+300'],
    [123456789.123456, 6, '123456789.123456'],
  ])('%d with %i decimals is %j', (value, decimals, text) => {
    expect(fitNumber(value, decimals)).toBe(text);
  });

  it('has at most 16 characters and stays near the number', () => {
    fc.assert(
      fc.property(
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.integer({ min: 0, max: 6 }),
        (value, decimals) => {
          const fitted = fitNumber(value, decimals);
          expect(fitted).toMatch(/^-?[0-9.]+(e[+-]?\d+)?$/);
          expect(fitted.length).toBeLessThanOrEqual(16);
          expect(Math.abs(Number(fitted) - value)).toBeLessThanOrEqual(
            Math.max(0.5 * 10 ** -decimals, Math.abs(value) * 1e-5),
          );
        },
      ),
    );
  });
});

it('UT keeps lines and loses other control characters', () => {
  expect(fitLongText('one\r\ntwo\u0000\u001b three ')).toBe('one\r\ntwo   three');
});
