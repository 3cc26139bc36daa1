import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readDataset } from '../../../services/dicom/dataset/dataset.ts';
import { dicomJson } from '../../../services/dicom/dataset/dicom-json.ts';
import { element, join } from './dataset-bytes.ts';
import { jsonModel } from './json-model.ts';

const EXPLICIT = '1.2.840.10008.1.2.1';
const TAG = 0x00189999;
const SETS = ['', 'ISO_IR 100', 'ISO_IR 192', 'GB18030', 'ISO_IR 13', '\\ISO 2022 IR 87', 'SHIFTJIS'];
const TEXT_VRS = 'AE AS CS DA DS DT IS LO LT PN SH ST TM UC UI UR UT'.split(' ');

const datasetOf = (vr: string, value: Uint8Array, set = 'ISO_IR 192') =>
  readDataset(join(element(0x00080005, 'CS', set), element(TAG, vr, value)), EXPLICIT);

/** Values are of even length. */
const even = (bytes: Uint8Array) => (bytes.length & 1 ? Buffer.concat([bytes, Buffer.from(' ')]) : bytes);

describe('values that are copied into the text, and those that are not', () => {
  const letters = fc.constantFrom(...'09.-+eE \\\0"=^A~\n\x1b\x7f', 'é', '王');
  const texts = fc.array(letters, { maxLength: 12 }).map((parts) => Buffer.from(parts.join('')));
  const bytes = fc.oneof(texts, fc.uint8Array({ maxLength: 12 }));

  it('say what reading them says, whatever VR and character set', () => {
    fc.assert(
      fc.property(fc.constantFrom(...TEXT_VRS), fc.constantFrom(...SETS), bytes, (vr, set, value) => {
        const dataset = datasetOf(vr, even(value), set);
        expect(JSON.parse(dicomJson(dataset))).toEqual(jsonModel(dataset));
      }),
      { numRuns: 3000 },
    );
  });

  it.each([
    ['1.000000', '1'],
    ['-180.500000', '-180.5'],
    ['0', '0'],
    ['0.0', '0'],
    ['-0', '0'],
    ['-0.000', '0'],
    ['-0.25', '-0.25'],
    ['0.000001', '0.000001'],
    ['0.0000001', '1e-7'],
    ['0.0000100', '0.00001'],
    ['007', '7'],
    ['+1', '1'],
    ['.5', '0.5'],
    ['5.', '5'],
    ['100', '100'],
    ['1e3', '1000'],
    ['123456789012345', '123456789012345'],
    ['9007199254740993', '9007199254740992'],
    ['0.1234567890123456', '0.1234567890123456'],
    ['0.10000000000000001', '0.1'],
    ['-', '"-"'],
    ['.', '"."'],
    ['1.2.3', '"1.2.3"'],
  ])('writes the decimal %s as %s', (decimal, json) => {
    for (const padded of [decimal, `${decimal} `, ` ${decimal}  `]) {
      const value = even(Buffer.from(padded));
      expect(dicomJson(datasetOf('DS', value))).toContain(`"Value":[${json}],"vr":"DS"`);
      expect(dicomJson(datasetOf('DS', even(Buffer.from(`${padded}\\${padded}`))))).toContain(`[${json},${json}]`);
    }
  });

  it('write decimals as JavaScript writes the number', () => {
    const digits = fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: 1, maxLength: 9 });
    const signs = fc.constantFrom('', '-', '+');
    fc.assert(
      fc.property(signs, digits, digits, (sign, whole, fraction) => {
        const decimal = `${sign}${whole}.${fraction}`;
        const text = dicomJson(datasetOf('DS', even(Buffer.from(decimal))));
        expect(text).toContain(`[${String(Number(decimal))}]`);
      }),
      { numRuns: 2000 },
    );
  });

  it('are whole where the text is longer than the buffer, and the next text is its own', () => {
    const long = Array.from({ length: 200 }, (_, at) => element(0x00191000 + at, 'LO', `${'é'.repeat(30_000)}${at}`));
    const dataset = readDataset(join(element(0x00080005, 'CS', 'ISO_IR 100'), ...long), EXPLICIT);
    expect(JSON.parse(dicomJson(dataset))).toEqual(jsonModel(dataset));
    expect(dicomJson(datasetOf('CS', Buffer.from('AB')))).toBe(
      '{"00080005":{"Value":["ISO_IR 192"],"vr":"CS"},"00189999":{"Value":["AB"],"vr":"CS"}}',
    );
  });
});
