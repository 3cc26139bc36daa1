import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join as joinPath } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { readDataset } from '../../../services/dicom/dataset/dataset.ts';
import { dicomJson } from '../../../services/dicom/dataset/dicom-json.ts';
import { part10Header } from '../../../services/dicom/dataset/part10.ts';
import { TAG } from '../../../services/dicom/dataset/tags.ts';
import { type PlainDataset, writeDataset } from '../../../services/dicom/dataset/write-dataset.ts';
import { hasProgram } from '../../support/programs.ts';
import { element, hex, item, join, sequence } from './dataset-bytes.ts';

const EXPLICIT = '1.2.840.10008.1.2.1';
const readBack = (dataset: PlainDataset) => readDataset(writeDataset(dataset), EXPLICIT);

describe('writing (PS3.5 §7.1.2, §7.5.2)', () => {
  it('sorts tags, gives lengths to sequences and pads to even', () => {
    const bytes = writeDataset({
      PatientID: 'P-1',
      ConceptNameCodeSequence: [{ CodeValue: '111059', CodingSchemeDesignator: 'DCM' }, {}],
      SOPClassUID: '1.2.3',
      StudyDate: '',
      ImageComments: undefined,
    });
    const code = join(element(0x00080100, 'SH', '111059'), element(0x00080102, 'SH', 'DCM '));
    expect(bytes).toEqual(
      join(
        element(0x00080016, 'UI', '1.2.3\0'),
        element(0x00080020, 'DA', ''),
        element(0x00100020, 'LO', 'P-1 '),
        sequence(0x0040a043, [item(code), item(new Uint8Array(0))]),
      ),
    );
  });

  it('writes text in UTF-8 and numbers by VR', () => {
    const dataset = readBack({
      SpecificCharacterSet: 'ISO_IR 192',
      PatientName: 'Wang^XiaoDong=王^小东=',
      TextValue: 'a\\b\r\nü',
      Rows: 512,
      GraphicData: [1.5, -2.25],
      FloatingPointValue: Math.PI,
      SeriesNumber: -7,
      DimensionIndexPointer: TAG.ImagePositionPatient,
      ImageType: ['DERIVED', 'SECONDARY'],
      EncapsulatedDocument: hex('01 02 03'),
    });
    expect(dataset.string(TAG.PatientName)).toBe('Wang^XiaoDong=王^小东=');
    expect(dataset.string(TAG.TextValue)).toBe('a\\b\r\nü');
    expect(dataset.number(TAG.Rows)).toBe(512);
    expect(dataset.numbers(TAG.GraphicData)).toEqual([1.5, -2.25]);
    expect(dataset.number(0x0040a161)).toBe(Math.PI);
    expect(dataset.number(TAG.SeriesNumber)).toBe(-7);
    expect(dataset.number(0x00209165)).toBe(TAG.ImagePositionPatient);
    expect(dataset.strings(TAG.ImageType)).toEqual(['DERIVED', 'SECONDARY']);
    expect(dataset.bytes(0x00420011)).toEqual(hex('01 02 03 00'));
  });

  it('gives the same bytes for the same object, whatever the order of its keys', () => {
    const [one, other] = [
      { PatientID: 'A', Rows: 1 },
      { Rows: 1, PatientID: 'A' },
    ];
    expect(writeDataset(one)).toEqual(writeDataset(other));
  });

  it.each<[string, PlainDataset, string]>([
    ['an unknown keyword', { PatientsName: 'A' }, 'PatientsName is not in the dictionary'],
    ['a keyword that is a property of objects', { constructor: 'A' }, 'constructor is not in the dictionary'],
    ['no UID', { SOPInstanceUID: '1.02' }, 'SOPInstanceUID is not a UID'],
    ['a backslash', { PatientID: 'A\\B' }, 'PatientID has a backslash in a value'],
    ['a number out of range', { Rows: 65_536 }, 'Rows has a value out of range'],
    ['text for a number', { Rows: '1' }, 'Rows has a value out of range'],
    ['NaN', { NumericValue: Number.NaN }, 'NumericValue has a number that VR DS cannot hold'],
    ['a number for text', { PatientID: 5 }, 'PatientID has a number that VR LO cannot hold'],
    ['a fraction for IS', { SeriesNumber: 1.5 }, 'SeriesNumber has a number that VR IS cannot hold'],
    ['text for a sequence', { ContentSequence: 'A' }, 'ContentSequence takes a list of data sets'],
    ['a data set for text', { PatientID: [{}] }, 'PatientID takes text or numbers'],
    ['text for bytes', { EncapsulatedDocument: 'A' }, 'EncapsulatedDocument takes bytes'],
    ['several long texts', { TextValue: ['A', 'B'] }, 'TextValue takes one value'],
    ['US or SS', { PixelPaddingValue: 1 }, 'PixelPaddingValue is "US or SS"'],
    ['a value longer than its field', { PatientID: 'A'.repeat(70_000) }, '70000 bytes do not fit VR LO'],
  ])('refuses %s', (_name, dataset, message) => {
    expect(() => writeDataset(dataset)).toThrow(message);
  });
});

describe('decimal strings', () => {
  it('have at most 16 characters and the nearest value that fits', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, min: -1e300, max: 1e300 }), (value) => {
        const dataset = readBack({ NumericValue: value });
        const text = dataset.string(TAG.NumericValue);
        expect(text.length).toBeLessThanOrEqual(16);
        expect(Math.abs((dataset.number(TAG.NumericValue) ?? Number.NaN) - value)).toBeLessThanOrEqual(
          Math.abs(value) * 1e-8,
        );
      }),
    );
  });
});

const unicode = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
  .filter((text) => !text.includes('\\') && text.trim() === text && text.isWellFormed());
const plain = fc.letrec<{ dataset: PlainDataset }>((tie) => ({
  dataset: fc.record(
    {
      SpecificCharacterSet: fc.constant('ISO_IR 192'),
      PatientName: unicode,
      PatientID: unicode,
      TextValue: unicode,
      Rows: fc.nat(65_535),
      GraphicData: fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), { minLength: 1, maxLength: 9 }),
      ContentSequence: fc.array(tie('dataset'), { maxLength: 3 }),
    },
    { requiredKeys: ['SpecificCharacterSet'] },
  ),
}));

it('reads back what it wrote, whatever the text and the nesting', () => {
  const content = (dataset: PlainDataset): unknown[] => {
    const items: unknown = dataset.ContentSequence ?? [];
    return [
      dataset.PatientName ?? '',
      dataset.PatientID ?? '',
      dataset.TextValue ?? '',
      dataset.Rows,
      dataset.GraphicData ?? [],
      (items as readonly PlainDataset[]).map(content),
    ];
  };
  const contentRead = (dataset: ReturnType<typeof readBack>): unknown[] => [
    dataset.string(TAG.PatientName),
    dataset.string(TAG.PatientID),
    dataset.string(TAG.TextValue),
    dataset.number(TAG.Rows),
    dataset.numbers(TAG.GraphicData),
    dataset.sequence(TAG.ContentSequence).map(contentRead),
  ];
  fc.assert(
    fc.property(plain.dataset, (dataset) => {
      expect(contentRead(readBack(dataset))).toEqual(content(dataset));
    }),
  );
});

describe.skipIf(!hasProgram('dcmdump'))('dcmtk dcmdump', () => {
  const folder = mkdtempSync(joinPath(tmpdir(), 'write-dataset-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('reads a file of ours without a warning', () => {
    const meta = { SOPClassUID: '1.2.840.10008.5.1.4.1.1.88.34', SOPInstanceUID: '1.2.3', TransferSyntaxUID: EXPLICIT };
    const file = joinPath(folder, 'ours.dcm');
    const dataset = writeDataset({
      ...{ SOPClassUID: meta.SOPClassUID, SOPInstanceUID: meta.SOPInstanceUID, SpecificCharacterSet: 'ISO_IR 192' },
      PatientName: '王^小东',
      ContentSequence: [{ ValueType: 'NUM', MeasuredValueSequence: [{ NumericValue: 1 / 3 }] }, { ValueType: 'TEXT' }],
    });
    writeFileSync(file, join(part10Header({ ...meta, sourceAETitle: 'OVERREAD' }), dataset));
    const dump = execFileSync('dcmdump', ['--verbose', '--print-all', file], { stdio: 'pipe', encoding: 'utf8' });
    expect(dump).toContain('(0040,a30a) DS [0.33333333333333]');
    expect(dump).toContain('(0010,0010) PN [王^小东]');
  });
});

it('becomes the same JSON as it was', () => {
  expect(JSON.parse(dicomJson(readBack({ PatientID: 'A', Rows: 3 })))).toEqual({
    '00100020': { vr: 'LO', Value: ['A'] },
    '00280010': { vr: 'US', Value: [3] },
  });
});
