import { describe, expect, it } from 'vitest';
import { openDataset } from '../../../services/dicom/dataset/dataset.ts';
import { dicomJson } from '../../../services/dicom/dataset/dicom-json.ts';
import { explicitElements } from '../../../services/dicom/dataset/explicit-elements.ts';
import { readElements } from '../../../services/dicom/dataset/read-elements.ts';
import { splicedElements } from '../../../services/dicom/dataset/spliced-elements.ts';
import { EXPLICIT_BIG, EXPLICIT_LITTLE, IMPLICIT_LITTLE } from '../../../services/dicom/dataset/transfer-syntax.ts';
import { ascii, element, hex, item, join, sequence } from './dataset-bytes.ts';

const json = (bytes: Uint8Array, encoding = EXPLICIT_LITTLE) => {
  const { elements, tolerated } = readElements(bytes, encoding);
  return JSON.parse(dicomJson(openDataset(elements, tolerated).dataset, 'u'));
};
const implicit = (bytes: Uint8Array) => explicitElements(readElements(bytes, IMPLICIT_LITTLE).elements);
const big = (bytes: Uint8Array) => explicitElements(readElements(bytes, EXPLICIT_BIG).elements);

describe('Implicit VR Little Endian, written anew as Explicit (PS3.5 §A.1, §A.2)', () => {
  it('has the VR of the registry, the value byte for byte', () => {
    const bytes = join(
      element(0x00080005, '', 'ISO_IR 100', 'implicit'),
      element(0x00100010, '', Uint8Array.of(0x4d, 0xfc, 0x6c, 0x20), 'implicit'),
      element(0x00280010, '', hex('00 02'), 'implicit'),
    );
    expect(implicit(bytes)).toEqual(
      join(
        element(0x00080005, 'CS', 'ISO_IR 100'),
        element(0x00100010, 'PN', Uint8Array.of(0x4d, 0xfc, 0x6c, 0x20)),
        element(0x00280010, 'US', hex('00 02')),
      ),
    );
  });

  it('says UN of what nobody knows, and keeps what is in it', () => {
    const value = join(element(0x00291001, '', 'X', 'implicit'));
    const bytes = element(0x00291010, '', value, 'implicit');
    expect(implicit(bytes)).toEqual(element(0x00291010, 'UN', value));
  });

  it.each([
    [0, 'US'],
    [1, 'SS'],
  ])('decides "US or SS" by Pixel Representation %i: %s', (representation, vr) => {
    const bytes = join(
      element(0x00280103, '', Uint8Array.of(representation, 0), 'implicit'),
      element(0x00280120, '', hex('30 f8'), 'implicit'),
    );
    expect(implicit(bytes)).toEqual(
      join(element(0x00280103, 'US', Uint8Array.of(representation, 0)), element(0x00280120, vr, hex('30 f8'))),
    );
  });

  it('leaves group lengths out, also in items, and gives sequences their length', () => {
    const inner = join(
      element(0x00080000, '', hex('0c 00 00 00'), 'implicit'),
      element(0x00080100, '', 'T-1', 'implicit'),
    );
    const bytes = join(
      element(0x00080000, '', hex('ff 00 00 00'), 'implicit'),
      sequence(0x00081032, [item(inner, 'implicit', true)], 'implicit', true),
    );
    expect(implicit(bytes)).toEqual(sequence(0x00081032, [item(element(0x00080100, 'SH', 'T-1'))]));
  });

  it('says UN of a value too long for its VR (PS3.18 §8.7.3.4)', () => {
    const value = ascii('1\\'.repeat(40_000));
    expect(implicit(element(0x00280034, '', value, 'implicit'))).toEqual(element(0x00280034, 'UN', value));
  });
});

describe('Explicit VR Big Endian, written anew', () => {
  // biome-ignore format: a table
  it.each<[string, string, string]>([
    ['US', '01 02 03 04',             '02 01 04 03'],
    ['SS', 'ff fe',                   'fe ff'],
    ['OW', '01 02 03 04',             '02 01 04 03'],
    ['AT', '00 10 00 20',             '10 00 20 00'],
    ['UL', '01 02 03 04',             '04 03 02 01'],
    ['FL', '3f 80 00 00',             '00 00 80 3f'],
    ['FD', '3f f0 00 00 00 00 00 00', '00 00 00 00 00 00 f0 3f'],
    ['OB', '01 02 03 04',             '01 02 03 04'],
    ['LO', '41 42',                   '41 42'],
    ['UN', '01 02 03 04',             '01 02 03 04'],
  ])('%s', (vr, sent, expected) => {
    expect(big(element(0x00091001, vr, hex(sent), 'big'))).toEqual(element(0x00091001, vr, hex(expected)));
  });

  it('reads the same, items and all', () => {
    const inner = element(0x00280010, 'US', hex('02 00'), 'big');
    const bytes = join(
      element(0x00280009, 'AT', hex('00 18 10 63'), 'big'),
      sequence(0x00402017, [item(inner, 'big')], 'big'),
    );
    expect(json(big(bytes))).toEqual(json(bytes, EXPLICIT_BIG));
  });
});

describe('what would not come through whole', () => {
  // biome-ignore format: a table
  it.each<[string, Uint8Array, string]>([
    ['a value of odd length',           join(element(0x00100020, '', ascii('ABC'), 'implicit')), 'odd'],
    ['compressed pixels in a sequence', sequence(0x00880200, [item(join(hex('e0 7f 10 00 0a 00 00 00'), item(hex('01 02'))), 'implicit')], 'implicit'), 'compressed pixels'],
  ])('%s is refused', (_what, bytes, reason) => {
    expect(() => implicit(bytes)).toThrow(expect.objectContaining({ code: 'NOT_ACCEPTABLE', message: expect.stringContaining(reason) }));
  });
});

describe('corrections in Explicit VR Little Endian', () => {
  // The length field of UN is longer than that of the VR which the registry knows.
  const bytes = join(
    element(0x00280002, 'US', hex('03 00')),
    element(0x00280004, 'UN', 'YBR_FULL'),
    element(0x00280010, 'US', hex('01 00')),
    element(0x7fe00001, 'OV', new Uint8Array(8)),
  );
  const spliced = (...corrections: Parameters<typeof splicedElements>[2]) =>
    splicedElements(bytes, readElements(bytes, EXPLICIT_LITTLE).elements, corrections);

  it('take the place of what was there, whatever its length; the rest is the same bytes', () => {
    expect(
      spliced({ tag: 0x7fe00001, vr: '', value: undefined }, { tag: 0x00280004, vr: 'CS', value: ascii('RGB ') }),
    ).toEqual(join(bytes.subarray(0, 10), element(0x00280004, 'CS', 'RGB '), bytes.subarray(30, 40)));
  });

  it('stand in order where nothing was', () => {
    expect(spliced({ tag: 0x00280006, vr: 'US', value: hex('00 00') })).toEqual(
      join(bytes.subarray(0, 30), element(0x00280006, 'US', hex('00 00')), bytes.subarray(30)),
    );
    expect(spliced({ tag: 0x7fe00002, vr: 'OV', value: hex('') })).toEqual(
      join(bytes, element(0x7fe00002, 'OV', hex(''))),
    );
  });

  it('remove nothing where nothing is', () => {
    expect(spliced({ tag: 0x7fe00003, vr: '', value: undefined })).toEqual(new Uint8Array(bytes));
  });
});
