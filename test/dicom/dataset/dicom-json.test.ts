import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join as joinPath } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readDataset } from '../../../services/dicom/dataset/dataset.ts';
import { availableAs, dicomJson } from '../../../services/dicom/dataset/dicom-json.ts';
import { part10Header } from '../../../services/dicom/dataset/part10.ts';
import { hasProgram } from '../../support/programs.ts';
import { ctHead, element, hex, item, join, sequence } from './dataset-bytes.ts';

const EXPLICIT = '1.2.840.10008.1.2.1';
const json = (...elements: Uint8Array[]) => JSON.parse(dicomJson(readDataset(join(...elements), EXPLICIT)));
const UTF8 = element(0x00080005, 'CS', 'ISO_IR 192');

describe('the DICOM JSON model (PS3.18 §F.2)', () => {
  it('names tags in upper case, gives VRs and values', () => {
    expect(
      json(element(0x0020000d, 'UI', '1.2\0'), element(0x0040a30a, 'DS', '1.50'), element(0x00080008, 'CS', 'A\\\\B')),
    ).toEqual({
      '0020000D': { vr: 'UI', Value: ['1.2'] },
      '0040A30A': { vr: 'DS', Value: [1.5] },
      '00080008': { vr: 'CS', Value: ['A', null, 'B'] },
    });
  });

  it('splits a person name into its groups', () => {
    expect(json(UTF8, element(0x00100010, 'PN', Buffer.from('Wang=王^小东=')))['00100010']).toEqual({
      vr: 'PN',
      Value: [{ Alphabetic: 'Wang', Ideographic: '王^小东' }],
    });
    expect(json(element(0x00100010, 'PN', '==x'))['00100010']).toEqual({ vr: 'PN', Value: [{ Phonetic: 'x' }] });
  });

  it('has sequences, empty items, tags as values and empty values', () => {
    expect(
      json(
        sequence(0x00082218, [item(element(0x00209165, 'AT', hex('20 00 32 00'))), item(new Uint8Array(0))]),
        element(0x00100020, 'LO', ''),
      ),
    ).toEqual({
      '00082218': { vr: 'SQ', Value: [{ '00209165': { vr: 'AT', Value: ['00200032'] } }, {}] },
      '00100020': { vr: 'LO' },
    });
  });

  it('always says UTF-8, and leaves out group lengths and bulk data', () => {
    expect(
      json(
        element(0x00080000, 'UL', hex('01 00 00 00')),
        element(0x00080005, 'CS', 'ISO_IR 100'),
        element(0x00091010, 'OB', new Uint8Array(1024)),
        element(0x00091011, 'OB', new Uint8Array(1026)),
        element(0x00091012, 'UN', hex('01 02')),
      ),
    ).toEqual({
      '00080005': { vr: 'CS', Value: ['ISO_IR 192'] },
      '00091010': { vr: 'OB', InlineBinary: Buffer.alloc(1024).toString('base64') },
      '00091012': { vr: 'UN', InlineBinary: 'AQI=' },
    });
  });

  it('has no NaN, and keeps a decimal string that is no number', () => {
    expect(
      json(element(0x00280030, 'DS', '0.5\\x'), element(0x0040a161, 'FD', hex('00 00 00 00 00 00 f8 7f'))),
    ).toEqual({
      '00280030': { vr: 'DS', Value: ['0.5', 'x'] },
      '0040A161': { vr: 'FD', Value: ['NaN'] },
    });
  });

  it('orders attributes by tag, also those an engine takes for array indices, and what is added (§F.2.2)', () => {
    const nested = item(join(element(0x70531000, 'DS', '1'), element(0x00080100, 'SH', '"x"')));
    const dataset = readDataset(
      join(element(0x20010010, 'LO', 'A'), sequence(0x0040a730, [nested]), element(0x00080005, 'CS', 'ISO_IR 100')),
      EXPLICIT,
    );
    const text = dicomJson(dataset, undefined, [availableAs('1.2.3')]);
    expect(text.match(/"[0-9A-F]{8}"/g)).toEqual(
      ['00080005', '00083002', '0040A730', '00080100', '70531000', '20010010'].map((tag) => `"${tag}"`),
    );
    expect(text.match(/"(Value|vr)"/g)?.slice(0, 2)).toEqual(['"Value"', '"vr"']);
    expect(JSON.parse(text)['00083002']).toEqual({ vr: 'UI', Value: ['1.2.3'] });
  });

  it('gives "US or SS" by Pixel Representation', () => {
    expect(JSON.parse(dicomJson(readDataset(ctHead('implicit'), '1.2.840.10008.1.2')))['00280120']).toEqual({
      vr: 'SS',
      Value: [-2000],
    });
  });
});

describe.skipIf(!hasProgram('dcm2json'))('dcmtk dcm2json', () => {
  const folder = mkdtempSync(joinPath(tmpdir(), 'dicom-json-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('says the same', () => {
    const meta = { SOPClassUID: '1.2.840.10008.5.1.4.1.1.2', SOPInstanceUID: '1.2.3.4', TransferSyntaxUID: EXPLICIT };
    const file = joinPath(folder, 'ct.dcm');
    writeFileSync(file, join(part10Header({ ...meta, sourceAETitle: 'A' }), ctHead()));
    const peer = JSON.parse(execFileSync('dcm2json', ['-fc', file], { encoding: 'utf8' }));
    expect(JSON.parse(dicomJson(readDataset(ctHead(), EXPLICIT)))).toEqual(peer);
  });
});
