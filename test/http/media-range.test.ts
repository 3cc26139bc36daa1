import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { negotiate, parseAccept, typeSpecificity } from '../../services/http/media-range.ts';
import { workMeter } from '../support/work-meter.ts';

const plain = (header: string) =>
  parseAccept(header).map(({ type, subtype, parameters, q }) => [
    `${type}/${subtype}`,
    Object.fromEntries(parameters),
    q,
  ]);

describe('Accept (RFC 9110 §12.5.1)', () => {
  it('is a list of ranges with parameters and quality', () => {
    expect(plain('Image/JLS, multipart/related; Type="a/b, c;d\\"e" ;q=0.5,*/*;q=0.1')).toEqual([
      ['image/jls', {}, 1],
      ['multipart/related', { type: 'a/b, c;d"e' }, 0.5],
      ['*/*', {}, 0.1],
    ]);
  });

  it.each(['', ' '])('%j accepts anything', (header) => expect(plain(header)).toEqual([['*/*', {}, 1]]));

  it.each(['nonsense', ',', ';', '/', 'a/', '"a/b"', 'a/b/c'])('%j names nothing', (header) =>
    expect(plain(header)).toEqual([]),
  );

  it.each(['x', '2', '-1', 'NaN'])('a quality of %s is none', (q) =>
    expect(plain(`a/b;q=${q}`)).toEqual([['a/b', {}, 0]]),
  );

  it('takes any text without an error', () => {
    fc.assert(fc.property(fc.string(), (header) => void parseAccept(header)));
  });

  it('takes 64 KB of quotes in no time', () => {
    const work = workMeter();
    parseAccept('"\\'.repeat(32_000));
    expect(work()).toBeLessThan(50);
  });
});

describe('the offer', () => {
  const choose = (accept: string, ...offers: string[]) => negotiate(parseAccept(accept), offers, typeSpecificity);

  it('is the one of the highest quality, the first of equals', () => {
    expect(choose('a/b;q=0.5, a/c', 'a/b', 'a/c')).toBe('a/c');
    expect(choose('*/*', 'a/b', 'a/c')).toBe('a/b');
    expect(choose('x/y', 'a/b')).toBeUndefined();
  });

  it('is judged by the range that names it most exactly', () => {
    expect(choose('a/*, a/b;q=0.1', 'a/b', 'a/c')).toBe('a/c');
    expect(choose('*/*, a/b;q=0', 'a/b')).toBeUndefined();
    expect(choose('a/*;q=0, a/b', 'a/c', 'a/b')).toBe('a/b');
  });
});
