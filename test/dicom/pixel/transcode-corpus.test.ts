import { createHash } from 'node:crypto';
import { globSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import { TRANSFER_SYNTAX } from '../../../services/dicom/dataset/transfer-syntax.ts';
import { pixelInfo } from '../../../services/dicom/pixel/pixel-info.ts';
import { AppError } from '../../../services/domain/errors.ts';
import { hasSharedData, SHARED_DATA } from '../../support/programs.ts';
import { testFolder } from './image-file.ts';
import { otherAttributes, shownPixels, transcodedFile, withImage } from './transcoded-file.ts';

const { explicitLittle, explicitBig, htj2kLosslessRpcl, jpegLsLossless } = TRANSFER_SYNTAX;
const TARGETS = [explicitLittle, htj2kLosslessRpcl, jpegLsLossless];
/** Why a real object may not be had in a syntax. */
const REASONS = /samples of (1|32) bits|YBR_FULL_422|colours of 16 bits|within a byte|not decoded/;
/** More of the same kind show nothing new. */
const OF_A_KIND = 1;
const MAX_BYTES = 600_000;
const out = join(testFolder(), 'out.dcm');

/** Readable objects of the corpus by how their pixels are laid out and coded. */
async function kinds(): Promise<Map<string, string[]>> {
  const found = new Map<string, string[]>();
  for (const file of globSync(`${SHARED_DATA}/corpus/**/*`).sort()) {
    const { size } = statSync(file);
    if (!statSync(file).isFile() || size > MAX_BYTES) continue;
    const kind = await withImage(file, async ({ dataset, meta: { TransferSyntaxUID }, pixelData, head }) => {
      const info = pixelData ? { ...pixelInfo(dataset, TransferSyntaxUID), rows: 0, columns: 0 } : TransferSyntaxUID;
      return JSON.stringify([info, head.encoding]);
    }).catch(() => undefined);
    if (kind !== undefined) found.set(kind, [...(found.get(kind) ?? []), file]);
  }
  return found;
}

interface Original {
  readonly file: string;
  readonly pixels: readonly string[] | undefined;
  readonly attributes: Record<string, unknown>;
  readonly isBigEndian: boolean;
}

async function originalOf(file: string): Promise<Original> {
  return {
    file,
    pixels: await hashes(file).catch(() => undefined),
    attributes: await otherAttributes(file),
    isBigEndian: await withImage(file, async ({ meta }) => meta.TransferSyntaxUID === explicitBig),
  };
}

const hashes = async (file: string) =>
  (await shownPixels(file)).map((pixels) => createHash('sha256').update(pixels).digest('hex'));

/** What is wrong with the copy; `undefined` when nothing is. */
async function problem(
  { file, pixels, attributes, isBigEndian }: Original,
  target: string,
): Promise<string | undefined> {
  const copy = await transcodedFile(file, target).catch((error: unknown) => error);
  // What cannot be decoded is no news; anything else needs a reason that we know.
  if (copy instanceof AppError) return pixels === undefined || REASONS.test(copy.message) ? undefined : copy.message;
  if (copy instanceof Error) return copy.stack;
  writeFileSync(out, (copy as { bytes: Buffer }).bytes);
  if (pixels !== undefined && !isDeepStrictEqual(await hashes(out), pixels)) return 'other pixels';
  // The binary values of a big endian data set are inline only once they are little endian.
  return isBigEndian || isDeepStrictEqual(await otherAttributes(out), attributes) ? undefined : 'other attributes';
}

describe.skipIf(!hasSharedData)('real objects of every kind in other transfer syntaxes (../shared/data)', () => {
  it('keep their pixels and attributes, or are refused with a reason', async () => {
    const found = await kinds();
    const problems: string[] = [];
    for (const files of found.values()) {
      for (const file of files.slice(0, OF_A_KIND)) {
        const original = await originalOf(file);
        for (const target of TARGETS) {
          const what = await problem(original, target);
          if (what !== undefined) problems.push(`${relative(SHARED_DATA, file)} in ${target}: ${what}`);
        }
      }
    }
    expect(problems).toEqual([]);
    expect(found.size).toBeGreaterThan(60);
  });
});
