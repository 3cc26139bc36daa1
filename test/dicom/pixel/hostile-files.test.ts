import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../../services/domain/errors.ts';
import { workMeter } from '../../support/work-meter.ts';
import { element, item, join as joinBytes, sequence } from '../dataset/dataset-bytes.ts';
import { CT_16, decodeFile, RLE, synthetic, testFolder, writeImage } from './image-file.ts';

const folder = testFolder();
const SMALL = { ...CT_16, Rows: 4, Columns: 4, BitsAllocated: 8, BitsStored: 8, HighBit: 7, NumberOfFrames: 2 };
const META_BYTES = 300;

/** A frame of RLE with one segment of one literal run (PS3.5 §G.5). */
function rleFrame(): Uint8Array {
  const header = new Uint8Array(new Uint32Array([1, 64, ...Array<number>(14).fill(0)]).buffer);
  return joinBytes(header, Uint8Array.of(15), Uint8Array.from(synthetic(16, 8)), Uint8Array.of(0));
}
const table = new Uint8Array(Uint32Array.of(0, 8 + rleFrame().length).buffer);
const fragments = sequence(
  0x7fe00010,
  [table, rleFrame(), rleFrame()].map((each) => item(each)),
  'explicit',
  true,
  'OB',
);

describe.each([
  ['uncompressed', element(0x7fe00010, 'OB', Uint8Array.from(synthetic(32, 8))), undefined],
  ['encapsulated', fragments, RLE],
])('a file of a stranger, %s', (name, pixelData, syntax) => {
  const original = new Uint8Array(readFileSync(writeImage(join(folder, `${name}.dcm`), SMALL, pixelData, syntax)));

  it('is decoded as it is', async () => {
    expect(await decodeFile(join(folder, `${name}.dcm`), 1)).toHaveLength(16);
  });

  it('is, damaged, decoded to exactly its pixels or answered with an AppError', async () => {
    const place = fc.oneof(fc.nat(original.length - 1), fc.integer({ min: META_BYTES, max: original.length - 1 }));
    const change = fc.tuple(place, fc.constantFrom(0, 1, 2, 8, 0x7f, 0x80, 0xfe, 0xff));
    const file = join(folder, `${name}-mutant.dcm`);
    await fc.assert(
      fc.asyncProperty(
        fc.array(change, { minLength: 1, maxLength: 5 }),
        fc.nat(original.length),
        fc.boolean(),
        async (changes, length, isCut) => {
          const mutant = Uint8Array.from(original);
          for (const [at, value] of changes) mutant[at] = value;
          writeFileSync(file, isCut ? mutant.subarray(0, length) : mutant);
          const work = workMeter();
          const outcome: unknown = await decodeFile(file, 1).catch((error: unknown) => error);
          if (outcome instanceof Error) expect(outcome).toBeInstanceOf(AppError);
          expect(work()).toBeLessThan(500);
        },
      ),
      { numRuns: 1_500 },
    );
  });
});
