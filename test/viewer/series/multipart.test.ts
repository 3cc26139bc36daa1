import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { framePart } from '../../../viewer/series/multipart.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const TYPE = 'multipart/related; type="image/jls"; boundary="b-1"';

function body(
  pixels: Uint8Array,
  header = 'Content-Type: image/jls; transfer-syntax=1.2.840.10008.1.2.4.81',
): Uint8Array {
  return Uint8Array.from([
    ...bytes(`--b-1\r\n${header}\r\nContent-Location: x\r\n\r\n`),
    ...pixels,
    ...bytes('\r\n--b-1--\r\n'),
  ]);
}

describe('one frame of a multipart response (PS3.18 §8.6.1.2)', () => {
  it('comes out as it went in, with its coding', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (pixels) => {
        const part = framePart(TYPE, body(pixels));
        expect([...part.bytes]).toEqual([...pixels]);
        expect(part.transferSyntaxUID).toBe('1.2.840.10008.1.2.4.81');
      }),
    );
  });

  it('is not ended by pixels that look like a delimiter', () => {
    const pixels = bytes('ab\r\n--b-1--\r\ncd');
    expect([...framePart(TYPE, body(pixels)).bytes]).toEqual([...pixels]);
  });

  it('takes the coding from the media type when no syntax is named', () => {
    expect(framePart(TYPE, body(bytes('x'), 'Content-Type: image/dicom-rle')).transferSyntaxUID).toBe(
      '1.2.840.10008.1.2.5',
    );
    expect(
      framePart(TYPE, body(bytes('x'), 'Content-Type: application/octet-stream')).transferSyntaxUID,
    ).toBeUndefined();
  });

  it('is an error when cut short at any place', () => {
    const whole = body(bytes('0123456789'));
    const firstWhole = whole.length - '--\r\n'.length;
    for (let cut = 0; cut < firstWhole; cut += 1) {
      expect(() => framePart(TYPE, whole.subarray(0, cut)), `cut at ${cut}`).toThrow(/multipart/);
    }
  });

  it('reads a single part that is not multipart', () => {
    const part = framePart('application/octet-stream; transfer-syntax=1.2.840.10008.1.2.1', bytes('abcd'));
    expect([part.bytes.length, part.transferSyntaxUID]).toEqual([4, '1.2.840.10008.1.2.1']);
  });
});
