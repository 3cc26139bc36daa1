import { deflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { readDataset } from '../../../services/dicom/dataset/dataset.ts';
import { inflateHead } from '../../../services/dicom/dataset/inflate.ts';
import { TAG } from '../../../services/dicom/dataset/tags.ts';
import { workMeter } from '../../support/work-meter.ts';
import { ctHead, element, hex, item, join, sequence } from './dataset-bytes.ts';

const EXPLICIT = '1.2.840.10008.1.2.1';
const IMPLICIT = '1.2.840.10008.1.2';
const BIG = '1.2.840.10008.1.2.2';
const DEFLATED = '1.2.840.10008.1.2.1.99';
const read = (...elements: Uint8Array[]) => readDataset(join(...elements), EXPLICIT);

describe('text (PS3.5 §6.2)', () => {
  it('is decoded by the character set of its own data set, or of the one around', () => {
    const name = element(0x00100010, 'PN', 'M\xfcller');
    const greek = join(element(0x00080005, 'CS', 'ISO_IR 126'), element(0x00100010, 'PN', '\xc4\xe9\xef'));
    const dataset = read(
      element(0x00080005, 'CS', 'ISO_IR 100'),
      sequence(0x00101002, [item(name), item(greek)]),
      name,
    );
    expect(dataset.string(TAG.PatientName)).toBe('Müller');
    expect(dataset.sequence(0x00101002).map((each) => each.string(TAG.PatientName))).toEqual(['Müller', 'Διο']);
  });

  it('loses its padding; a long text keeps spaces in front and its backslashes', () => {
    const dataset = read(
      element(0x00080016, 'UI', '1.2.3\0'),
      element(0x00080008, 'CS', ' ORIGINAL \\PRIMARY\\\\AXIAL '),
      element(0x00104000, 'LT', '  a\\b  '),
    );
    expect(dataset.string(TAG.SOPClassUID)).toBe('1.2.3');
    expect(dataset.strings(TAG.ImageType)).toEqual(['ORIGINAL', 'PRIMARY', '', 'AXIAL']);
    expect(dataset.string(0x00104000)).toBe('  a\\b');
  });

  it('answers with nothing when absent, empty or no text', () => {
    const dataset = read(element(0x00100020, 'LO', ''), element(0x00280010, 'US', hex('01 00')));
    expect(dataset.string(TAG.PatientID)).toBe('');
    expect(dataset.string(TAG.PatientName)).toBe('');
    expect(dataset.strings(TAG.Rows)).toEqual([]);
    expect(dataset.has(TAG.PatientID)).toBe(true);
    expect(dataset.has(TAG.PatientName)).toBe(false);
  });
});

describe('numbers', () => {
  it.each([
    ['DS', '1.5\\-2e-3\\ +.5 ', [1.5, -0.002, 0.5]],
    ['IS', '12\\-7\\1.0', [12, -7, 1]],
    ['DS', '1\\two\\3', []],
    ['DS', '1\\\\3', []],
    ['DS', '1,5', []],
    ['DS', '1e999', []],
    ['DS', 'NaN', []],
    ['DS', '0x10', []],
    ['US', hex('01 00 ff ff'), [1, 65_535]],
    ['SS', hex('ff ff'), [-1]],
    ['UL', hex('ff ff ff ff'), [4_294_967_295]],
    ['SL', hex('fe ff ff ff'), [-2]],
    ['FL', hex('00 00 c0 3f'), [1.5]],
    ['FD', hex('00 00 00 00 00 00 04 c0'), [-2.5]],
    ['AT', hex('10 00 20 00'), [0x00100020]],
    ['US', hex('01 00 ff'), [1]],
    ['LO', '12', []],
  ])('%s %s', (vr, value, numbers) => {
    const tag = 0x00280030;
    expect(read(element(tag, vr, value)).numbers(tag)).toEqual(numbers);
    expect(read(element(tag, vr, value)).number(tag)).toBe(numbers[0]);
  });

  it('"US or SS" follows Pixel Representation, also inside an item (PS3.5 §A.1)', () => {
    const padding = element(0x00280120, 'XS', hex('30 f8'), 'implicit');
    const signed = element(0x00280103, 'US', hex('01 00'), 'implicit');
    const inside = sequence(0x00409096, [item(padding, 'implicit')], 'implicit');
    expect(readDataset(padding, IMPLICIT).number(TAG.PixelPaddingValue)).toBe(63_536);
    const dataset = readDataset(join(signed, padding, inside), IMPLICIT);
    expect(dataset.number(TAG.PixelPaddingValue)).toBe(-2000);
    expect(dataset.vr(TAG.PixelPaddingValue)).toBe('SS');
    expect(dataset.sequence(0x00409096)[0]?.number(TAG.PixelPaddingValue)).toBe(-2000);
  });

  it('are the same in each byte order', () => {
    expect(readDataset(ctHead('big'), BIG).number(TAG.Rows)).toBe(512);
    expect(readDataset(ctHead('big'), BIG).number(TAG.PixelPaddingValue)).toBe(-2000);
    expect(readDataset(ctHead('implicit'), IMPLICIT).number(TAG.PixelPaddingValue)).toBe(-2000);
  });
});

describe('a data set as a whole', () => {
  it('is refused when it is empty', () => {
    expect(() => readDataset(new Uint8Array(0), EXPLICIT)).toThrow(
      expect.objectContaining({ code: 'DATASET_UNREADABLE', message: 'no element at offset 0' }),
    );
  });

  it('may be looked at only in its head', () => {
    const dataset = readDataset(ctHead(), EXPLICIT, { maxBytes: 100 });
    expect(dataset.has(TAG.ImageType)).toBe(true);
    expect(dataset.has(TAG.PatientName)).toBe(false);
  });

  it('gives its tags in order and its bytes as a view', () => {
    const dataset = read(element(0x00100020, 'LO', 'B'), element(0x00100010, 'PN', 'A'));
    expect(dataset.tags()).toEqual([TAG.PatientName, TAG.PatientID]);
    expect(dataset.bytes(TAG.PatientID)).toEqual(hex('42 20'));
    expect(dataset.bytes(TAG.StudyID)).toBeUndefined();
  });
});

describe('a deflated data set (PS3.5 §A.5)', () => {
  const large = join(
    ctHead(),
    element(
      0x7fe00010,
      'OW',
      new Uint8Array(1_000_000).map((_, at) => (at * at) >> 7),
    ),
  );

  it('is inflated, also when a byte of padding follows', () => {
    const deflated = join(deflateRawSync(large), new Uint8Array(1));
    expect(readDataset(deflated, DEFLATED).bytes(TAG.PixelData)).toHaveLength(1_000_000);
  });

  it('may be looked at only in its head', () => {
    const head = deflateRawSync(large).subarray(0, 500);
    expect(Buffer.from(large).subarray(0, 300)).toEqual(Buffer.from(inflateHead(head)).subarray(0, 300));
  });

  it.each([
    ['cut', deflateRawSync(large).subarray(0, 5_000), 'no deflate stream'],
    ['garbage', hex('ff ff ff ff ff'), 'no deflate stream'],
    ['a bomb', deflateRawSync(Buffer.alloc(200 * 2 ** 20)), 'inflates to more than 100 times its size'],
  ])('is refused when it is %s', (_name, bytes, message) => {
    const work = workMeter();
    expect(() => readDataset(bytes, DEFLATED)).toThrow(
      expect.objectContaining({ code: 'DATASET_UNREADABLE', message: expect.stringContaining(message) }),
    );
    expect(work()).toBeLessThan(10);
  });

  it('may be an empty slice, which deflates to almost nothing', () => {
    const blank = join(ctHead(), element(0x7fe00010, 'OW', new Uint8Array(2 * 512 * 512)));
    expect(readDataset(deflateRawSync(blank), DEFLATED).bytes(TAG.PixelData)).toHaveLength(2 * 512 * 512);
  });
});
