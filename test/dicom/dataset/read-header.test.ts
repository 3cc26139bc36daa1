import { deflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { readHeader } from '../../../services/dicom/dataset/read-header.ts';
import { ascii, ctHead, element, join } from './dataset-bytes.ts';

const EXPLICIT = '1.2.840.10008.1.2.1';
const SYNTAXES = [
  ['explicit', EXPLICIT],
  ['implicit', '1.2.840.10008.1.2'],
  ['big', '1.2.840.10008.1.2.2'],
] as const;
const EXPECTED = {
  study: {
    StudyInstanceUID: '1.2.3',
    PatientName: 'Müller^Anna',
    PatientID: 'P-1',
    IssuerOfPatientID: '',
    PatientBirthDate: '',
    PatientSex: '',
    PatientAge: '',
    StudyDate: '20240131',
    StudyTime: '',
    StudyID: '',
    AccessionNumber: 'A1',
    ReferringPhysicianName: '',
    StudyDescription: '',
  },
  series: {
    SeriesInstanceUID: '1.2.3.5',
    Modality: 'CT',
    SeriesNumber: 3,
    SeriesDescription: '',
    BodyPartExamined: '',
    FrameOfReferenceUID: '',
  },
  instance: {
    SOPClassUID: '1.2.840.10008.5.1.4.1.1.2',
    SOPInstanceUID: '1.2.3.4',
    InstanceNumber: 42,
    Rows: 512,
    Columns: 256,
    NumberOfFrames: undefined,
    ImageType: 'ORIGINAL\\PRIMARY\\AXIAL',
  },
  tolerated: [],
};

describe('the indexed header of an arriving instance', () => {
  it.each(SYNTAXES)('is read from a head in %s layout', (layout, syntax) => {
    expect(readHeader(ctHead(layout), syntax)).toEqual(EXPECTED);
  });

  it('is read from a head that ends inside Pixel Data, and from a deflated one', () => {
    const whole = join(ctHead(), element(0x7fe00010, 'OW', new Uint8Array(1000), 'explicit', 0x0fffffff));
    expect(readHeader(whole, EXPLICIT)).toEqual(EXPECTED);
    expect(readHeader(deflateRawSync(whole).subarray(0, 400), '1.2.840.10008.1.2.1.99')).toEqual(EXPECTED);
  });

  it('stops before what is not indexed, so that lies behind it do no harm', () => {
    expect(readHeader(join(ctHead(), ascii('not a data set at all')), EXPLICIT)).toEqual(EXPECTED);
  });

  it.each(SYNTAXES)('has the priority of the order where an image says it, and only there (%s)', (layout, syntax) => {
    const behind = join(element(0x00280030, 'DS', '1\\1', layout), element(0x00401003, 'SH', 'STAT', layout));
    expect(readHeader(join(ctHead(layout), behind), syntax).study).toEqual({
      ...EXPECTED.study,
      RequestedProcedurePriority: 'STAT',
    });
    const lie = join(ctHead(layout), element(0x00280030, 'DS', '', layout, 0x7f00), ascii('@\0\x03\x10\0@\x10\x03'));
    expect(readHeader(lie, syntax)).toEqual(EXPECTED);
  });

  it('does not believe numbers that are none', () => {
    const instanceNumber = element(0x00200013, 'IS', '42');
    const at = Buffer.from(ctHead()).indexOf(Buffer.from(instanceNumber));
    const bytes = ctHead();
    bytes.set(ascii('4x'), at + 8);
    const { instance, tolerated } = readHeader(bytes, EXPLICIT);
    expect(instance.InstanceNumber).toBeUndefined();
    expect(tolerated).toEqual(['value is not a number']);
  });

  it.each([
    [
      'absent',
      join(element(0x00080016, 'UI', '1.2.3\0'), element(0x00080018, 'UI', '1.2\0')),
      'StudyInstanceUID is absent',
    ],
    [
      'a path',
      join(element(0x0020000d, 'UI', '../../etc'), element(0x00080018, 'UI', '1.2\0')),
      'StudyInstanceUID is not a UID',
    ],
    ['with a leading zero', element(0x0020000d, 'UI', '1.02\0'), 'StudyInstanceUID is not a UID'],
    ['too long', element(0x0020000d, 'UI', `1.${'2'.repeat(64)}`), 'StudyInstanceUID is not a UID'],
  ])('is refused when a UID is %s, without naming its value', (_name, bytes, message) => {
    expect(() => readHeader(bytes, EXPLICIT)).toThrow(
      expect.objectContaining({
        code: 'DATASET_UNREADABLE',
        message: expect.stringMatching(new RegExp(`^${message}`)),
      }),
    );
  });
});
