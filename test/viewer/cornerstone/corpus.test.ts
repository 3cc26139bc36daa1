import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bulkData } from '../../../services/dicom/dataset/bulk-data.ts';
import type { Dataset } from '../../../services/dicom/dataset/dataset.ts';
import { dicomJson } from '../../../services/dicom/dataset/dicom-json.ts';
import type { DicomJson } from '../../../services/dicom/dataset/json-attributes.ts';
import { openImage } from '../../../services/dicom/dataset/read-file.ts';
import { decodeFrame, isDecodable } from '../../../services/dicom/pixel/codecs.ts';
import { readFrame } from '../../../services/dicom/pixel/frames.ts';
import { readFrameMeaning } from '../../../services/dicom/pixel/picture.ts';
import { type PixelInfo, pixelInfo } from '../../../services/dicom/pixel/pixel-info.ts';
import { frameMedia } from '../../../services/http/dicom-media.ts';
import { type DrawnFrame, drawnFrame } from '../../../viewer/cornerstone/drawn-frame.ts';
import { imageSeries } from '../../../viewer/series/image-series.ts';
import { withTables } from '../../../viewer/series/look-up-tables.ts';
import { hasSharedData, SHARED_DATA } from '../../support/programs.ts';

interface Reference {
  readonly syntax: string;
  readonly exact?: Readonly<Record<string, string>>;
}
const REFERENCE: Readonly<Record<string, Reference>> = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../dicom/pixel/reference/frames.json'), 'utf8'),
);
/** The smallest: all of them are decoded in test/dicom/pixel. */
const PER_SYNTAX = 12;
const KEY = { StudyInstanceUID: '1.2', SeriesInstanceUID: '1.2.3' };
const BULK_DATA_URL = 'http://127.0.0.1/bulkdata';

interface Drawn {
  readonly frame: DrawnFrame;
  readonly info: PixelInfo;
  readonly slope: number;
  readonly intercept: number;
}

/** All frames of a file by the way of the viewer: metadata and bulk data as the server sends them, then the worker's steps. */
async function drawAll(file: string): Promise<readonly Drawn[]> {
  const image = await openImage(file);
  try {
    const metadata = JSON.parse(dicomJson(image.dataset, BULK_DATA_URL)) as DicomJson;
    const series = imageSeries(KEY, [metadata]);
    const syntax = frameMedia(image.meta.TransferSyntaxUID).transferSyntaxUID;
    const attributes = await withTables(metadata, async (url) => bulkOf(image.dataset, url));
    const drawn: Drawn[] = [];
    for (const { frame } of [...series.images].sort((a, b) => a.frame - b.frame)) {
      const info = pixelInfo(attributes, syntax);
      const meaning = readFrameMeaning(attributes, info, frame - 1);
      const pixels = await decodeFrame(await readFrame(image, frame - 1), info);
      const { slope, intercept } = meaning.kind === 'grey' ? meaning.modality : { slope: 1, intercept: 0 };
      drawn.push({ frame: drawnFrame(pixels, info, meaning, series.spread), info, slope, intercept });
    }
    return drawn;
  } finally {
    await image.close();
  }
}

const bulkOf = (dataset: Dataset, url: string): Uint8Array =>
  bulkData(dataset, url.slice(BULK_DATA_URL.length + 1).split('/'));

/** The stored values of drawn greys or colours, as the independent decoders were hashed: 32 bits each. */
function storedOf({ frame, slope, intercept }: Drawn): Int32Array {
  if (frame.kind === 'colour') return Int32Array.from(frame.values);
  const { zero, unit } = frame.scale;
  return Int32Array.from(frame.values, (number) => Math.round((zero + unit * number - intercept) / slope));
}

function hashOf(frames: readonly Int32Array[]): string {
  const hash = createHash('sha256');
  for (const frame of frames) hash.update(new Uint8Array(frame.buffer, frame.byteOffset, frame.byteLength));
  return hash.digest('hex').slice(0, 32);
}

/** What is drawn is another thing than what is stored: through a palette, a curve, in fewer bits, with padding apart. */
const isPlain = (drawn: readonly Drawn[]): boolean =>
  drawn.every(
    ({ frame, info }) =>
      info.bitsStored <= (frame.kind === 'colour' ? 8 : 16) &&
      info.photometric !== 'PALETTE COLOR' &&
      !(frame.kind === 'grey' && frame.values.some((number) => number < frame.low)),
  );

/** Whose pixel data is not what its attributes say. */
const REFUSED: Readonly<Record<string, string>> = {
  'corpus/pydicom/test_files/MR_small_padded.dcm': 'Pixel Data holds 8320 bytes, its frames are 8192',
};

describe.skipIf(!hasSharedData)('images of the corpus, from metadata and frames to what is drawn', () => {
  const exact = (hasSharedData ? Object.entries(REFERENCE) : []).filter(
    ([, { syntax, exact: hashes }]) => hashes && isDecodable(syntax),
  );
  const bySize = exact
    .map(([file, reference]) => ({ file, reference, bytes: statSync(join(SHARED_DATA, file)).size }))
    .sort((a, b) => a.bytes - b.bytes);
  const chosen = Object.values(Object.groupBy(bySize, ({ reference }) => reference.syntax))
    .flatMap((files) => files?.slice(0, PER_SYNTAX) ?? [])
    .map(({ file, reference }) => [file, reference] as const);
  const counted = { plain: 0, other: 0 };

  it.each(chosen)('%s', async (file, { exact: hashes }) => {
    const refused = REFUSED[file];
    if (refused) return expect(drawAll(join(SHARED_DATA, file))).rejects.toThrow(refused);
    const drawn = await drawAll(join(SHARED_DATA, file));
    for (const { frame, info } of drawn) {
      expect(frame.values).toHaveLength(info.rows * info.columns * (frame.kind === 'colour' ? 3 : 1));
    }
    counted[isPlain(drawn) ? 'plain' : 'other'] += 1;
    if (isPlain(drawn)) expect(hashOf(drawn.map(storedOf))).toBe(Object.keys(hashes ?? {})[0]);
  });

  it('most of which are drawn to the last pixel as independent decoders read them', () => {
    expect(counted.plain).toBeGreaterThan(counted.other * 3);
  });
});
