import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join as joinPath } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { part10Header } from '../../../services/dicom/dataset/part10.ts';
import { openImage } from '../../../services/dicom/dataset/read-file.ts';
import { TAG } from '../../../services/dicom/dataset/tags.ts';
import { ascii, ctHead, element, item, join, sequence } from './dataset-bytes.ts';

const folder = mkdtempSync(joinPath(tmpdir(), 'read-file-'));
afterAll(() => rmSync(folder, { recursive: true }));

const META = { SOPClassUID: '1.2.840.10008.5.1.4.1.1.2', SOPInstanceUID: '1.2.3.4' };
const EXPLICIT = '1.2.840.10008.1.2.1';
function fileOf(dataset: Uint8Array, TransferSyntaxUID = EXPLICIT): string {
  const file = joinPath(folder, `${Math.random()}.dcm`);
  writeFileSync(file, join(part10Header({ ...META, TransferSyntaxUID, sourceAETitle: 'A' }), dataset));
  return file;
}

describe('opening a file', () => {
  it('reads the attributes and says where the pixels are', async () => {
    const image = await openImage(fileOf(join(ctHead(), element(0x7fe00010, 'OW', ascii('pixels')))));
    expect(image.meta).toEqual({ ...META, TransferSyntaxUID: EXPLICIT });
    expect(image.dataset.string(TAG.PatientName)).toBe('Müller^Anna');
    expect(image.dataset.has(TAG.PixelData)).toBe(false);
    const { vr, offset, length = 0 } = image.pixelData ?? { vr: '', offset: 0 };
    expect({ vr, length }).toEqual({ vr: 'OW', length: 6 });
    expect(Buffer.from(await image.read(offset, length)).toString()).toBe('pixels');
    await expect(image.read(offset, 7)).rejects.toMatchObject({ code: 'DATASET_UNREADABLE' });
    await image.close();
  });

  it('reads more when the attributes are long: private blocks before the pixels', async () => {
    const block = element(0x00e11010, 'OB', new Uint8Array(1_000_000));
    const image = await openImage(fileOf(join(ctHead(), block, element(0x7fe00010, 'OW', ascii('pixels')))));
    expect(image.dataset.bytes(0x00e11010)).toHaveLength(1_000_000);
    expect(image.pixelData?.length).toBe(6);
    await image.close();
  });

  it('reads a head of any length, also when it ends inside the header of Pixel Data', async () => {
    const pixels = element(0x7fe00010, 'OW', ascii('pixels'));
    for (let rest = 0; rest < 14; rest++) {
      const filler = new Uint8Array(64 * 1024 - ctHead().length - 12 - rest * 2);
      const image = await openImage(fileOf(join(ctHead(), element(0x00e11010, 'OB', filler), pixels)));
      expect(image.pixelData?.length).toBe(6);
      await image.close();
    }
  });

  it('finds encapsulated pixels, and none where there are none', async () => {
    const fragments = sequence(0x7fe00010, [item(new Uint8Array(0)), item(ascii('ab'))], 'explicit', true, 'OB');
    const compressed = await openImage(fileOf(join(ctHead(), fragments), '1.2.840.10008.1.2.4.80'));
    expect(compressed.pixelData).toMatchObject({ vr: 'OB', length: undefined });
    await compressed.close();
    const report = await openImage(fileOf(join(ctHead(), element(0xfffcfffc, 'OB', ascii('  ')))));
    expect(report.pixelData).toBeUndefined();
    await report.close();
  });

  it('inflates a deflated file', async () => {
    const whole = join(ctHead(), element(0x7fe00010, 'OW', ascii('pixels')));
    const image = await openImage(fileOf(deflateRawSync(whole), '1.2.840.10008.1.2.1.99'));
    expect(image.dataset.number(TAG.Rows)).toBe(512);
    expect(Buffer.from(await image.read(image.pixelData?.offset ?? 0, 6)).toString()).toBe('pixels');
    await image.close();
  });

  it.each([
    [
      'Pixel Data is longer than the file',
      join(ctHead(), element(0x7fe00010, 'OW', ascii('ab'), 'explicit', 400)),
      'Pixel Data claims 400 bytes, 2 remain',
    ],
    ['the data set is cut', ctHead().subarray(0, 150), 'remain'],
    ['it is empty', new Uint8Array(0), 'ends inside the file meta information'],
  ])('is refused when %s', async (_name, dataset, message) => {
    await expect(openImage(fileOf(dataset))).rejects.toMatchObject({
      code: 'DATASET_UNREADABLE',
      message: expect.stringContaining(message),
    });
  });

  it('fails like the file system when there is no file', async () => {
    await expect(openImage(joinPath(folder, 'none'))).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
