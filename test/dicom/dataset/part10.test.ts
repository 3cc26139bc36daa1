import { describe, expect, it } from 'vitest';
import { part10Header, readPart10Meta } from '../../../services/dicom/dataset/part10.ts';
import { ctHead, element, join } from './dataset-bytes.ts';

const META = {
  SOPClassUID: '1.2.840.10008.5.1.4.1.1.2',
  SOPInstanceUID: '1.2.3.4',
  TransferSyntaxUID: '1.2.840.10008.1.2.1',
};
const header = part10Header({ ...META, sourceAETitle: 'MODALITY' });
const prefixed = (...elements: Uint8Array[]) => join(new Uint8Array(128), Buffer.from('DICM'), ...elements);

describe('file meta information (PS3.10 §7.1)', () => {
  it('begins with 128 zeros and DICM, counts its group and reads back', () => {
    expect(header.subarray(0, 128).every((byte) => byte === 0)).toBe(true);
    expect(new DataView(header.buffer).getUint32(140, true)).toBe(header.length - 144);
    expect(readPart10Meta(join(header, ctHead()))).toEqual({ ...META, datasetOffset: header.length });
  });

  it.each(['explicit', 'implicit', 'big'] as const)('ends where a data set in %s layout begins', (layout) => {
    expect(readPart10Meta(join(header, ctHead(layout))).datasetOffset).toBe(header.length);
  });

  it('ends where a deflated data set begins', () => {
    const deflate = Buffer.from('7d92cd6eda40108091a3', 'hex');
    expect(readPart10Meta(join(header, deflate)).datasetOffset).toBe(header.length);
  });

  it('ends where it says, though the data set begins with what looks like more of it', () => {
    const stray = element(0x00000005, 'UL', '1234');
    expect(readPart10Meta(join(header, stray, ctHead())).datasetOffset).toBe(header.length);
  });

  it('ends by its tags where the group length is wrong', () => {
    const wrong = Uint8Array.from(header);
    new DataView(wrong.buffer).setUint32(140, 70, true);
    expect(readPart10Meta(join(wrong, ctHead())).datasetOffset).toBe(header.length);
  });

  it('is found without its group length', () => {
    const bytes = prefixed(element(0x00020010, 'UI', META.TransferSyntaxUID), ctHead());
    expect(readPart10Meta(bytes)).toMatchObject({ TransferSyntaxUID: META.TransferSyntaxUID, SOPClassUID: '' });
  });

  it.each([
    ['is empty', new Uint8Array(0), 'no DICM prefix'],
    ['is something else', Buffer.from('%PDF-1.7'.padEnd(200)), 'no DICM prefix'],
    ['is cut', header.subarray(0, 200), 'ends inside the file meta information'],
    ['names no transfer syntax', prefixed(element(0x00020002, 'UI', '1.2'), ctHead()), 'names no transfer syntax'],
    ['lies', prefixed(element(0x00020010, 'UI', '1.2', 'explicit', 9_000)), 'ends inside'],
  ])('is refused when it %s', (_name, bytes, message) => {
    expect(() => readPart10Meta(bytes)).toThrow(
      expect.objectContaining({ code: 'DATASET_UNREADABLE', message: expect.stringContaining(message) }),
    );
  });
});
