import { execFileSync } from 'node:child_process';
import { globSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readPart10Meta } from '../../../services/dicom/dataset/part10.ts';
import { openImage } from '../../../services/dicom/dataset/read-file.ts';
import { decodeFrame, isDecodable } from '../../../services/dicom/pixel/codecs.ts';
import { readFrame } from '../../../services/dicom/pixel/frames.ts';
import { frameCount, pixelInfo } from '../../../services/dicom/pixel/pixel-info.ts';
import { AppError } from '../../../services/domain/errors.ts';
import { hasProgram, hasSharedData, SHARED_DATA } from '../../support/programs.ts';
import { workMeter } from '../../support/work-meter.ts';
import { bytesOf, decodeFile, testFolder } from './image-file.ts';
import { PROOFS } from './proofs.ts';

const name = (file: string) => relative(SHARED_DATA, file);
const syntaxOf = (file: string): string => {
  try {
    return readPart10Meta(readFileSync(file)).TransferSyntaxUID;
  } catch {
    return '';
  }
};
const files = globSync(`${SHARED_DATA}/corpus/**/*`)
  .filter((file) => statSync(file).isFile())
  .map((file) => [name(file), file, syntaxOf(file)] as const)
  .filter(([, , syntax]) => syntax !== '');

/** Objects whose pixels are not what their attributes say, and what is said about them. */
// biome-ignore format: a table
const REFUSED: Readonly<Record<string, string>> = {
  'corpus/pydicom/test_files/MR_small_padded.dcm': 'Pixel Data holds 8320 bytes, its frames are 8192',
  'corpus/pydicom/test_files/MR_truncated.dcm':    'Pixel Data claims 8192 bytes, 8130 remain',
  'corpus/pydicom/test_files/JPEG2000-embedded-sequence-delimiter.dcm':
    'the JPEG 2000 header claims 14540801 tiles, there are parts of 1',
  'corpus/pydicom/test_files/badVR.dcm':           'NumberOfFrames is absent or no number',
};

async function decodeAll(file: string): Promise<number> {
  const image = await openImage(file);
  try {
    if (!image.pixelData) return 0;
    const info = pixelInfo(image.dataset, image.meta.TransferSyntaxUID);
    const frames = frameCount(image.dataset);
    for (let frame = 0; frame < frames; frame++) {
      const pixels = await decodeFrame(await readFrame(image, frame), info);
      expect(pixels).toHaveLength(info.rows * info.columns * info.samplesPerPixel);
    }
    return frames;
  } finally {
    await image.close();
  }
}

describe.skipIf(!hasSharedData)('pixels of the corpus (../shared/data)', () => {
  it.each(files)('%s', async (short, file, syntax) => {
    const work = workMeter();
    const outcome: unknown = await decodeAll(file).catch((error: unknown) => error);
    expect(work()).toBeLessThan(1200);
    if (outcome instanceof Error) expect(outcome).toBeInstanceOf(AppError);
    const message = outcome instanceof AppError ? outcome.message : '';
    if (REFUSED[short]) expect(message).toBe(REFUSED[short]);
    else if (!isDecodable(syntax) && outcome !== 0) expect(message).toContain(syntax);
    else if (message)
      expect(message).toMatch(
        /remain|value representation|single bits|no JPEG 2000 start marker|BitsAllocated is absent/,
      );
  });
});

describe.skipIf(!hasSharedData || !hasProgram('dcmdrle'))('dcmtk decodes to the same pixels', () => {
  const folder = testFolder();
  const compressed = files.flatMap(([short, file, syntax]) => {
    const program = PROOFS[syntax.replace(/^1\.2\.840\.10008\.1\.2\.?/, '')]?.dcmtk;
    return program && /\.dcm$/.test(file) ? [[short, file, program] as const] : [];
  });

  it.each(compressed)('%s', async (_short, file, program) => {
    const image = await openImage(file);
    await image.close();
    if (!image.pixelData) return;
    const decoded = join(folder, 'decoded.dcm');
    execFileSync(program, program === 'dcmconv' ? ['+te', file, decoded] : [file, decoded], { stdio: 'pipe' });
    const last = frameCount(image.dataset) - 1;
    expect(bytesOf(await decodeFile(file, last)).equals(bytesOf(await decodeFile(decoded, last)))).toBe(true);
  });
});
