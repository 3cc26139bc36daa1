import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StoredFile } from '../../services/domain/ports.ts';
import type { AnalysisInput } from '../../services/domain/run.ts';
import { type ImagerPool, imagerPool } from '../../services/imaging/imager-pool.ts';
import { readVolume } from '../../services/imaging/read-volume.ts';
import { refusalReason } from '../../services/imaging/refusal.ts';
import type { SeriesCriteria } from '../../services/imaging/series-criteria.ts';
import { CRITERIA } from '../imaging/slice-headers.ts';
import { stored } from '../imaging/stored-series.ts';
import { volumeReader } from '../imaging/volume-reader.ts';
import { type Element, part10Bytes, syntheticUid } from '../support/dicom-bytes.ts';
import { fakeContext } from '../support/fake-context.ts';
import { hasSharedData, SHARED_DATA } from '../support/programs.ts';
import { syntheticInstance } from '../support/synthetic-series.ts';
import { type AppServer, folderWith } from './app-server.ts';
import { readMultipart } from './multipart-reader.ts';
import { realFile, startOver } from './real-files.ts';

const ROWS = 6;
const COLUMNS = 8;
const PIXELS = ROWS * COLUMNS;
const FRAMES = 3;
/** A frame that is known by its grey: 40, 120, 200 of 255. */
const shade = (frame: number) => 40 + 80 * frame;

interface Kind {
  readonly name: string;
  readonly SOPClassUID: string;
  readonly Modality: string;
  readonly elements: readonly Element[];
  readonly pixels: Uint8Array | Uint16Array;
  /** What a pixel of a frame is when it is shown. */
  readonly shown: (frame: number) => readonly number[];
}

const layout = (
  bitsAllocated: number,
  bitsStored: number,
  samples: number,
  photometric: string,
): readonly Element[] => [
  [0x00280002, 'US', [samples]],
  [0x00280004, 'CS', photometric],
  [0x00280100, 'US', [bitsAllocated]],
  [0x00280101, 'US', [bitsStored]],
  [0x00280102, 'US', [bitsStored - 1]],
  [0x00280103, 'US', [0]],
  ...(samples > 1 ? ([[0x00280006, 'US', [0]]] as const) : []),
];
const window = (center: number, width: number): readonly Element[] => [
  [0x00281050, 'DS', String(center)],
  [0x00281051, 'DS', String(width)],
];
const everyPixel = (samples: number, of: (frame: number, sample: number) => number) =>
  Array.from({ length: FRAMES * PIXELS * samples }, (_, at) => of(Math.floor(at / (PIXELS * samples)), at % samples));
const grey = (frame: number) => [shade(frame)];
const colour = (frame: number) => [shade(frame), 255 - shade(frame), 7];

/** Number of Frames and nothing else that tells one frame from another (PS3.3 §C.7.6.6, §A.8.2 to §A.8.5, §A.7, §A.14). */
const KINDS: readonly Kind[] = [
  {
    name: 'a multi-frame XA',
    SOPClassUID: '1.2.840.10008.5.1.4.1.1.12.1',
    Modality: 'XA',
    elements: [
      ...layout(16, 10, 1, 'MONOCHROME2'),
      ...window(512, 1023),
      [0x00181065, 'DS', '0\\66\\66'],
      [0x00280009, 'AT', [0x00181065]],
    ],
    pixels: Uint16Array.from(everyPixel(1, (frame) => Math.round((shade(frame) * 1023) / 255))),
    shown: grey,
  },
  {
    name: 'a US loop in colour',
    SOPClassUID: '1.2.840.10008.5.1.4.1.1.3.1',
    Modality: 'US',
    elements: [...layout(8, 8, 3, 'RGB'), [0x00181063, 'DS', '33.3'], [0x00280009, 'AT', [0x00181063]]],
    pixels: Uint8Array.from(everyPixel(3, (frame, sample) => colour(frame)[sample] ?? 0)),
    shown: colour,
  },
  {
    name: 'a multi-frame SC of bytes',
    SOPClassUID: '1.2.840.10008.5.1.4.1.1.7.2',
    Modality: 'OT',
    elements: [...layout(8, 8, 1, 'MONOCHROME2'), ...window(128, 256)],
    pixels: Uint8Array.from(everyPixel(1, shade)),
    shown: grey,
  },
  {
    name: 'a multi-frame SC of single bits',
    SOPClassUID: '1.2.840.10008.5.1.4.1.1.7.1',
    Modality: 'OT',
    elements: [...layout(1, 1, 1, 'MONOCHROME2'), ...window(1, 2)],
    // The second frame alone is set; a frame of 48 pixels is six bytes.
    pixels: Uint8Array.from({ length: (FRAMES * PIXELS) / 8 }, (_, byte) => (byte >= 6 && byte < 12 ? 0xff : 0)),
    shown: (frame) => [frame === 1 ? 255 : 0],
  },
  {
    name: 'a multi-frame SC in true colour',
    SOPClassUID: '1.2.840.10008.5.1.4.1.1.7.4',
    Modality: 'OT',
    elements: layout(8, 8, 3, 'RGB'),
    pixels: Uint8Array.from(everyPixel(3, (frame, sample) => colour(frame)[sample] ?? 0)),
    shown: colour,
  },
];

const STUDY = syntheticUid('multi-frame', 'study');
const seriesOf = (kind: Kind) => syntheticUid('multi-frame', kind.name);
const instanceOf = (kind: Kind) => syntheticUid('multi-frame', kind.name, 'instance');

function elementsOf(kind: Kind): readonly Element[] {
  const pixels = new Uint8Array(kind.pixels.buffer, kind.pixels.byteOffset, kind.pixels.byteLength);
  return [
    [0x00080016, 'UI', kind.SOPClassUID],
    [0x00080018, 'UI', instanceOf(kind)],
    [0x00080060, 'CS', kind.Modality],
    [0x0020000d, 'UI', STUDY],
    [0x0020000e, 'UI', seriesOf(kind)],
    [0x00200013, 'IS', '1'],
    [0x00280008, 'IS', String(FRAMES)],
    [0x00280010, 'US', [ROWS]],
    [0x00280011, 'US', [COLUMNS]],
    ...kind.elements,
    [0x7fe00010, 'OW', pixels],
  ];
}

const folder = folderWith({});
const running: { app?: AppServer; imager?: ImagerPool; files: readonly StoredFile[] } = { files: [] };
const corpus = ['examples_ybr_color.dcm', 'SC_rgb_rle_16bit_2frame.dcm', 'rtdose_rle.dcm'].map((name) =>
  join(SHARED_DATA, 'corpus/pydicom/test_files', name),
);

beforeAll(async () => {
  const imager = imagerPool({
    size: 1,
    deadlineSeconds: 60,
    memoryMb: 1024,
    entry: join(import.meta.dirname, '../../services/main/imager.ts'),
    log: fakeContext().log,
  });
  const written = KINDS.map((kind) => join(folder, `${kind.SOPClassUID}.dcm`));
  for (const [at, kind] of KINDS.entries()) writeFileSync(written[at] ?? '', part10Bytes(elementsOf(kind)));
  const files = await Promise.all([...written, ...(hasSharedData ? corpus : [])].map(realFile));
  const renderedFrame: Parameters<typeof startOver>[1] = {
    renderedFrame: ({ file }, frame, options, signal) => imager.picture(file, frame, options, signal),
  };
  Object.assign(running, { app: await startOver(files, renderedFrame), imager, files });
});
afterAll(async () => {
  await running.app?.close();
  await running.imager?.close();
});

async function get(
  file: Pick<StoredFile, 'StudyInstanceUID' | 'SeriesInstanceUID' | 'SOPInstanceUID'>,
  path: string,
  accept = '*/*',
) {
  const { StudyInstanceUID, SeriesInstanceUID, SOPInstanceUID } = file;
  const url = `${running.app?.url}/dicomweb/studies/${StudyInstanceUID}/series/${SeriesInstanceUID}/instances/${SOPInstanceUID}`;
  const answer = await fetch(`${url}/${path}`, { headers: { accept } });
  expect(answer.status, path).toBe(200);
  return answer;
}
const partsOf = async (answer: Response) =>
  readMultipart(answer.headers.get('content-type'), new Uint8Array(await answer.arrayBuffer()));
const samples = async (png: Uint8Array) => {
  const { channels } = await sharp(png).metadata();
  return [
    ...(await sharp(png)
      .toColourspace(channels === 1 ? 'b-w' : 'srgb')
      .raw()
      .toBuffer()),
  ];
};

async function whyNoVolume(...what: [readonly AnalysisInput[], SeriesCriteria]): Promise<unknown> {
  const answer = await readVolume(...what, volumeReader());
  return 'error' in answer ? (refusalReason(answer.error) ?? answer.error) : 'a volume';
}

describe.each(KINDS.map((kind) => [kind.name, kind] as const))('%s without functional groups', (_name, kind) => {
  const file = { StudyInstanceUID: STUDY, SeriesInstanceUID: seriesOf(kind), SOPInstanceUID: instanceOf(kind) };

  it('says in its metadata how many frames it has', async () => {
    const [attributes] = (await (await get(file, 'metadata')).json()) as Record<string, { Value?: unknown[] }>[];
    expect(attributes?.['00280008']?.Value).toEqual([FRAMES]);
    expect(attributes?.['00080016']?.Value).toEqual([kind.SOPClassUID]);
  });

  it('gives each frame as it was written', async () => {
    const parts = await partsOf(await get(file, 'frames/3,1,2'));
    const all = Buffer.from(kind.pixels.buffer, kind.pixels.byteOffset, kind.pixels.byteLength);
    const length = all.length / FRAMES;
    const frame = (at: number) => all.subarray(at * length, (at + 1) * length);
    expect(parts.map(({ body }) => Buffer.from(body))).toEqual([2, 0, 1].map(frame));
  });

  it('shows each frame, and the middle one for all', async () => {
    const parts = await partsOf(await get(file, 'frames/1,2,3/rendered', 'multipart/related; type="image/png"'));
    const pictures = await Promise.all(parts.map(({ body }) => samples(body)));
    for (const [frame, picture] of pictures.entries()) {
      const pixel = kind.shown(frame);
      expect(picture.length).toBe(PIXELS * pixel.length);
      expect(picture.every((value, at) => Math.abs(value - (pixel[at % pixel.length] ?? 999)) <= 1)).toBe(true);
    }
    const one = await samples(new Uint8Array(await (await get(file, 'rendered', 'image/png')).arrayBuffer()));
    expect(one).toEqual(pictures[1]);
  });

  it('is no volume, with a reason that has a name', async () => {
    const wanted = { ...CRITERIA, modality: [kind.Modality], sopClassUids: [kind.SOPClassUID] };
    const inputs = stored([syntheticInstance(elementsOf(kind), 'explicit')], seriesOf(kind));
    const refused = { code: 'MULTI_FRAME', params: { slice: 1, frames: FRAMES } };
    expect(await whyNoVolume(inputs, wanted)).toEqual(refused);
    expect(await whyNoVolume(inputs, CRITERIA)).toEqual({ code: 'NO_SUITABLE_SERIES', params: { modality: 'CT' } });
  });
});

describe.skipIf(!hasSharedData)('frames of real files without functional groups (../shared/data)', () => {
  // biome-ignore format: a table
  it.each([
    ['a US loop in JPEG, YBR_FULL_422', 0, 30, [320, 240]],
    ['a secondary capture of 16 bits, RLE', 1, 2,  [100, 100]],
    ['a dose, whose frames lie along a vector of offsets', 2, 15, [10, 10]],
  ] as const)('%s: the first and the last are shown', async (_what, at, frames, [width, height]) => {
    const file = running.files[KINDS.length + at];
    if (file === undefined) throw new Error('not started');
    expect(file.NumberOfFrames).toBe(frames);
    const parts = await partsOf(await get(file, `frames/1,${frames}/rendered`, 'multipart/related; type="image/png"'));
    const sizes = await Promise.all(parts.map(({ body }) => sharp(body).metadata()));
    expect(sizes.map((size) => [size.width, size.height])).toEqual([[width, height], [width, height]]);
  });
});
