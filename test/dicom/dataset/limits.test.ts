import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join as joinPath } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { bulkData } from '../../../services/dicom/dataset/bulk-data.ts';
import { readDataset } from '../../../services/dicom/dataset/dataset.ts';
import { dicomJson } from '../../../services/dicom/dataset/dicom-json.ts';
import {
  MAX_DEPTH,
  MAX_ELEMENTS,
  MAX_INDEXED_CHARACTERS,
  MAX_ITEMS,
  MAX_JSON_VALUES,
  MAX_LONG_TEXT_BYTES,
  MAX_NUMBERS,
  MAX_SHORT_TEXT_BYTES,
} from '../../../services/dicom/dataset/limits.ts';
import { part10Header } from '../../../services/dicom/dataset/part10.ts';
import { openImage } from '../../../services/dicom/dataset/read-file.ts';
import { readHeader } from '../../../services/dicom/dataset/read-header.ts';
import { TAG } from '../../../services/dicom/dataset/tags.ts';
import { workMeter } from '../../support/work-meter.ts';
import { ascii, ctHead, element, item, join, sequence } from './dataset-bytes.ts';

const EXPLICIT = '1.2.840.10008.1.2.1';
const IMPLICIT = '1.2.840.10008.1.2';
const DEFLATED = '1.2.840.10008.1.2.1.99';
const bytes = (length: number, unit = '\0') => new Uint8Array(Buffer.alloc(length, unit, 'latin1'));
const PRIVATE = 0x00291000;
const folder = mkdtempSync(joinPath(tmpdir(), 'limits-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** At the limit, one beyond it, ten times it. */
const atAndBeyond = (limit: number) =>
  [
    [limit, true],
    [limit + 1, false],
    [10 * limit, false],
  ] as const;

describe('counts of a data set', () => {
  const nested = (depth: number): Uint8Array => {
    let inner = element(0x00080104, 'LO', 'x');
    for (let level = 0; level < depth; level++) inner = sequence(0x0040a730, [item(inner)]);
    return inner;
  };
  const within = (content: Uint8Array) => () => readDataset(content, EXPLICIT);
  const refused = (limit: number) => expect.objectContaining({ message: expect.stringContaining(String(limit)) });

  it.each(atAndBeyond(MAX_DEPTH))('%i sequences deep', (count, isTaken) => {
    if (isTaken) expect(within(nested(count))).not.toThrow();
    else expect(within(nested(count))).toThrow(refused(MAX_DEPTH));
  });

  it.each(atAndBeyond(MAX_ELEMENTS))('%i elements', (count, isTaken) => {
    const many = bytes(count * 8, Buffer.from(element(PRIVATE, 'LO', '')).toString('latin1'));
    if (isTaken) expect(within(many)).not.toThrow();
    else expect(within(many)).toThrow(refused(MAX_ELEMENTS));
  });

  it.each(atAndBeyond(MAX_ITEMS))('%i items', (count, isTaken) => {
    const many = element(0x0040a730, 'SQ', bytes(count * 8, Buffer.from(item(bytes(0))).toString('latin1')));
    if (isTaken) expect(within(many)).not.toThrow();
    else expect(within(many)).toThrow(refused(MAX_ITEMS));
  });
});

describe('a text', () => {
  it.each([
    ['LO', MAX_SHORT_TEXT_BYTES],
    ['UT', MAX_LONG_TEXT_BYTES],
  ])('of VR %s is read up to %i bytes', (vr, limit) => {
    const read = (length: number) => readDataset(element(PRIVATE, vr, bytes(length, 'x'), 'implicit'), IMPLICIT);
    const known = (length: number, tag: number) =>
      readDataset(element(tag, vr, bytes(length, 'x'), 'implicit'), IMPLICIT).string(tag).length;
    expect(read(2).vr(PRIVATE)).toBe('UN');
    const tag = vr === 'LO' ? TAG.PatientID : TAG.TextValue;
    expect([limit, limit + 2, 10 * limit].map((length) => known(length, tag))).toEqual([limit, 0, 0]);
  });

  it('is indexed by its beginning, and that is said', () => {
    const [limit, long] = [MAX_INDEXED_CHARACTERS, MAX_INDEXED_CHARACTERS * 10];
    const header = (length: number) =>
      readHeader(join(element(TAG.PatientName, 'PN', bytes(length, 'x')), ctHead()), EXPLICIT);
    expect(header(limit).study.PatientName).toHaveLength(limit);
    expect(header(limit).tolerated.join()).not.toContain('indexed');
    expect(header(long).study.PatientName).toHaveLength(limit);
    expect(header(long).tolerated).toContain(`only the first ${limit} characters of a value are indexed`);
  });
});

it.each(atAndBeyond(MAX_NUMBERS))('%i numbers', (count, isTaken) => {
  const dataset = readDataset(element(TAG.ExtendedOffsetTable, 'OV', bytes(8 * count)), EXPLICIT);
  expect(dataset.numbers(TAG.ExtendedOffsetTable)).toHaveLength(isTaken ? count : 0);
  expect(dataset.number(TAG.ExtendedOffsetTable)).toBe(0);
});

describe('what once took seconds or hours', () => {
  const soon = (work: () => unknown) => {
    const done = workMeter();
    work();
    expect(done()).toBeLessThan(200);
  };

  it('digits without end that are no number, one instance against the receiver', () => {
    const digits = join(bytes(60_000, '1'), ascii('x '));
    const many = Array.from({ length: 8 }, (_, n) => element(PRIVATE + n, 'DS', digits));
    soon(() => readHeader(join(element(TAG.SeriesNumber, 'IS', digits), ctHead()), EXPLICIT));
    soon(() => dicomJson(readDataset(join(...many), EXPLICIT)));
  });

  it('declarations of character sets, thousands at a time', () => {
    const declared = element(TAG.SpecificCharacterSet, 'CS', bytes(60_000, '\\'));
    const items = Array.from({ length: 500 }, () => item(declared));
    soon(() => dicomJson(readDataset(sequence(0x0040a730, items), EXPLICIT)));
  });

  it.each([['\x1b$B!\0'], ['\x1b$)C\xff^'], ['\x1b$B\xff\xff\xff'], ['!\0'], ['^']])(
    'text that is parted at every byte: %j',
    (unit) => {
      const text = join(ascii('\x1b$B'), new Uint8Array(Buffer.alloc(MAX_LONG_TEXT_BYTES - 4, unit, 'latin1')));
      const dataset = join(
        element(TAG.SpecificCharacterSet, 'CS', '\\ISO 2022 IR 87'),
        element(TAG.TextValue, 'UT', text),
      );
      soon(() => readDataset(dataset, EXPLICIT).string(TAG.TextValue));
    },
  );
});

describe('metadata', () => {
  const json = (...elements: readonly Uint8Array[]) => dicomJson(readDataset(join(...elements), EXPLICIT), 'http://x');
  const words = (tag: number, vr: string, count: number) => element(tag, vr, bytes(2 * count, '1\\'));

  it('of more values than anyone shows are refused, however many bytes they are', () => {
    const part = 30_000;
    const many = (count: number) => Array.from({ length: count / part }, (_, n) => words(PRIVATE + n, 'LO', part));
    expect(() => json(...many(MAX_JSON_VALUES - 2 * part))).not.toThrow();
    expect(() => json(...many(MAX_JSON_VALUES + 2 * part))).toThrow(
      expect.objectContaining({ code: 'DATASET_TOO_LARGE' }),
    );
  });

  it('name long texts and numbers as bulk data, in UTF-8 and in little endian', () => {
    const numbers = new Uint8Array(Uint16Array.from({ length: 40_000 }, (_, n) => n).buffer);
    const dataset = readDataset(
      join(
        element(TAG.SpecificCharacterSet, 'CS', 'ISO_IR 100'),
        // What is too long for its 16-bit length goes as UN (PS3.5 §6.2.2).
        element(TAG.ImagePositionPatient, 'UN', bytes(70_000, '1')),
        element(0x00289001, 'UN', numbers),
        element(TAG.TextValue, 'UT', bytes(70_000, '\xe9')),
        element(TAG.StudyDescription, 'UN', bytes(70_000, 'x')),
      ),
      EXPLICIT,
    );
    expect(JSON.parse(dicomJson(dataset, 'http://x'))).toEqual({
      '00080005': { vr: 'CS', Value: ['ISO_IR 192'] },
      '00200032': { vr: 'DS', BulkDataURI: 'http://x/00200032' },
      '00289001': { vr: 'UL', BulkDataURI: 'http://x/00289001' },
      '0040A160': { vr: 'UT', BulkDataURI: 'http://x/0040A160' },
    });
    expect(Buffer.from(bulkData(dataset, ['0040A160'])).toString()).toBe('é'.repeat(70_000));
    expect(Buffer.from(bulkData(dataset, ['00289001']))).toEqual(Buffer.from(numbers));
  });
});

describe('a deflated file', () => {
  const fileOf = (dataset: Uint8Array): string => {
    const file = joinPath(folder, `${Math.random()}.dcm`);
    const meta = { SOPClassUID: '1.2', SOPInstanceUID: '1.3', TransferSyntaxUID: DEFLATED, sourceAETitle: 'A' };
    writeFileSync(file, join(part10Header(meta), dataset));
    return file;
  };
  const pixels = (length: number) => element(TAG.PixelData, 'OW', bytes(length));

  it('that grows a thousandfold behind its header is indexed and opened in little memory', async () => {
    const bomb = deflateRawSync(join(ctHead(), pixels(200 * 2 ** 20)));
    expect(bomb.length).toBeLessThan(2 ** 20);
    global.gc?.();
    const before = process.memoryUsage().rss;
    expect(readHeader(bomb.subarray(0, 65_536), DEFLATED).instance.Rows).toBe(512);
    const image = await openImage(fileOf(bomb));
    expect(image.pixelData?.length).toBe(200 * 2 ** 20);
    expect(Buffer.from(await image.read((image.pixelData?.offset ?? 0) + 150 * 2 ** 20, 4))).toEqual(Buffer.alloc(4));
    expect(process.memoryUsage().rss - before).toBeLessThan(100 * 2 ** 20);
    await image.close();
  });

  it('is read again from where it is asked for', async () => {
    const ramp = Uint8Array.from({ length: 40 * 2 ** 20 }, (_, at) => at >> 12);
    const image = await openImage(fileOf(deflateRawSync(join(ctHead(), element(TAG.PixelData, 'OW', ramp)))));
    const start = image.pixelData?.offset ?? 0;
    for (const offset of [0, 5 * 2 ** 20, 39 * 2 ** 20, 2 ** 20]) {
      expect(Buffer.from(await image.read(start + offset, 8192))).toEqual(
        Buffer.from(ramp.subarray(offset, offset + 8192)),
      );
    }
    await expect(image.read(start, 40 * 2 ** 20 + 1)).rejects.toMatchObject({ code: 'DATASET_UNREADABLE' });
    await image.close();
  });

  it.each([
    [
      'an attribute that fills it',
      deflateRawSync(join(ctHead(), element(0x00e11010, 'OB', bytes(100 * 2 ** 20)))),
      'no pixel data within',
    ],
    ['a stream that is cut', deflateRawSync(join(ctHead(), pixels(99_999))).subarray(0, -20), 'no deflate stream'],
    [
      'shorter than its pixels say',
      deflateRawSync(join(ctHead(), pixels(10_000)).subarray(0, -100)),
      'claims 10000 bytes, 9900 remain',
    ],
  ])('is refused when it is %s', async (_name, dataset, message) => {
    await expect(openImage(fileOf(dataset))).rejects.toMatchObject({
      code: 'DATASET_UNREADABLE',
      message: expect.stringMatching(message),
    });
  });
});
