import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { elementBytes } from '../../services/dicom/dataset/element-bytes.ts';
import { TAG } from '../../services/dicom/dataset/tags.ts';
import { type ImagerPool, imagerPool } from '../../services/imaging/imager-pool.ts';
import { CT_16, writeImage } from '../dicom/pixel/image-file.ts';
import { fakeContext } from '../support/fake-context.ts';
import { SHARED_DATA } from '../support/programs.ts';
import { syntheticObject } from '../support/synthetic-series.ts';
import { type AppServer, folderWith } from './app-server.ts';
import { readMultipart } from './multipart-reader.ts';
import { bodyOf, startWado, storedFile } from './stored-files.ts';

const COLUMNS = 32;
const ROWS = 16;
const PIXELS = COLUMNS * ROWS;
const folder = folderWith({});
const ramp = Int16Array.from({ length: PIXELS }, (_, at) => at);
const ATTRIBUTES = {
  ...CT_16,
  Rows: ROWS,
  Columns: COLUMNS,
  PixelRepresentation: 1,
  RescaleSlope: 2,
  RescaleIntercept: -100,
  WindowCenter: 412,
  WindowWidth: 1022,
};
const image = (name: string, attributes: object, pixels: ArrayBufferView) => {
  const bytes = new Uint8Array(pixels.buffer, pixels.byteOffset, pixels.byteLength);
  const attributed = { ...ATTRIBUTES, ...attributes };
  const element = elementBytes(TAG.PixelData, 'OW', bytes);
  return writeImage(join(folder, name), attributed as Parameters<typeof writeImage>[1], element);
};
const written = {
  grey: image('grey.dcm', {}, ramp),
  inverted: image('inverted.dcm', { PhotometricInterpretation: 'MONOCHROME1' }, ramp),
  frames: image(
    'frames.dcm',
    { NumberOfFrames: 3 },
    Int16Array.from({ length: PIXELS * 3 }, (_, at) => (at < PIXELS ? 0 : at < PIXELS * 2 ? 256 : 511)),
  ),
  oblong: image('oblong.dcm', { PixelAspectRatio: ['1', '2'] }, ramp),
  spaced: image('spaced.dcm', { PixelSpacing: ['1.5', '0.5'], PixelAspectRatio: ['1', '2'] }, ramp),
};
writeFileSync(join(folder, 'report.dcm'), syntheticObject('sr').file);
writeFileSync(join(folder, 'damaged.dcm'), Buffer.alloc(300));

const fileOf = (index: number, name: string, NumberOfFrames = 1) => ({
  ...storedFile(index),
  file: name,
  SeriesInstanceUID: '1.2.1',
  SOPInstanceUID: `1.2.9.${index}`,
  NumberOfFrames,
});
const FILES = [
  fileOf(0, written.grey),
  fileOf(1, written.inverted),
  fileOf(2, written.frames, 3),
  fileOf(3, join(folder, 'report.dcm')),
  fileOf(4, join(folder, 'damaged.dcm')),
  fileOf(5, written.oblong),
  fileOf(6, written.spaced),
];
const at = (index: number) => `1.2/series/1.2.1/instances/1.2.9.${index}`;

const held: { imager?: ImagerPool; app?: AppServer; get?: Awaited<ReturnType<typeof startWado>>['get'] } = {};
beforeAll(async () => {
  const imager = imagerPool({
    size: 1,
    deadlineSeconds: 60,
    memoryMb: 1024,
    entry: join(import.meta.dirname, '../../services/main/imager.ts'),
    log: fakeContext().log,
  });
  const renderedFrame: ImagerPoolPort = ({ file }, frame, options, signal) =>
    imager.picture(file, frame, options, signal);
  Object.assign(held, { imager, ...(await startWado(FILES, { renderedFrame })) });
});
afterAll(async () => {
  await held.app?.close();
  await held.imager?.close();
});
type ImagerPoolPort = NonNullable<Parameters<typeof startWado>[1]>['renderedFrame'] & object;

async function get(path: string, accept?: string, headers?: Record<string, string>) {
  if (!held.get) throw new Error('not started');
  return held.get(path, accept, headers);
}

const partsIn = async (answer: Response) => readMultipart(answer.headers.get('content-type'), await bodyOf(answer));

/** Pixels of a lossless answer, and how they are laid out. */
async function shown(path: string, accept = 'image/png') {
  const answer = await get(path, accept);
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, accept]);
  const body = await bodyOf(answer);
  const { channels } = await sharp(body).metadata();
  // Without a colour space named, sharp answers three channels for one.
  const read = sharp(body).toColourspace(channels === 1 ? 'b-w' : 'srgb');
  const { data, info } = await read.raw().toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, channels, data: [...data] };
}

/** PS3.3 §C.11.2.1.2.1, over values of the modality. */
const linear = (value: number, center: number, width: number) =>
  Math.round(255 * Math.min(1, Math.max(0, (value - (center - 0.5)) / (width - 1) + 0.5)));

describe('rendered instances and frames (PS3.18 §10.4.1.1.3)', () => {
  it('show grey through the rescale and the first window, in one channel', async () => {
    const picture = await shown(`${at(0)}/rendered`);
    expect(picture).toMatchObject({ width: COLUMNS, height: ROWS, channels: 1 });
    expect(picture.data).toEqual([...ramp].map((value) => linear(value * 2 - 100, 412, 1022)));
  });

  it('show MONOCHROME1 with its lowest value brightest', async () => {
    const plain = await shown(`${at(0)}/rendered`);
    const { data } = await shown(`${at(1)}/rendered`);
    expect(data.every((grey, pixel) => Math.abs(255 - grey - (plain.data[pixel] ?? 0)) <= 1)).toBe(true);
  });

  it.each([
    ['200,100', (value: number) => linear(value, 200, 100)],
    ['200,100,LINEAR-EXACT', (value: number) => Math.round(255 * Math.min(1, Math.max(0, (value - 200) / 100 + 0.5)))],
    ['200,100,sigmoid', (value: number) => Math.round(255 / (1 + Math.exp((-4 * (value - 200)) / 100)))],
  ])('take the window %s of the client instead', async (window, grey) => {
    const { data } = await shown(`${at(0)}/rendered?window=${window}`);
    expect(data).toEqual([...ramp].map((value) => grey(value * 2 - 100)));
  });

  it('fit into the viewport and keep their aspect', async () => {
    expect(await shown(`${at(0)}/rendered?viewport=16,16`)).toMatchObject({ width: 16, height: 8 });
    expect(await shown(`${at(0)}/rendered?viewport=64,64`)).toMatchObject({ width: 64, height: 32 });
  });

  it('show pixels that are twice as wide as high (1:2) twice as wide, and lose none', async () => {
    const picture = await shown(`${at(5)}/rendered`);
    expect(picture).toMatchObject({ width: 2 * COLUMNS, height: ROWS });
    const plain = await shown(`${at(0)}/rendered`);
    const { data } = picture;
    // Grey rises by half a level from pixel to pixel; a row is 16 levels above the one before.
    const off = data.map((grey, place) => Math.abs(grey - (plain.data[Math.floor(place / 2)] ?? 999)));
    expect(Math.max(...off)).toBeLessThanOrEqual(2);
  });

  it('keep the proportions of what was imaged in a viewport, in a part, and in a thumbnail', async () => {
    expect(await shown(`${at(5)}/rendered?viewport=32,32`)).toMatchObject({ width: 32, height: 8 });
    expect(await shown(`${at(5)}/rendered?viewport=32,32,0,0,8,16`)).toMatchObject({ width: 32, height: 32 });
    expect(await shown(`${at(5)}/thumbnail`)).toMatchObject({ width: 128, height: 32 });
    expect(await shown(`${at(6)}/rendered`)).toMatchObject({ width: COLUMNS, height: 3 * ROWS });
    expect(await shown(`${at(6)}/thumbnail?viewport=96,96`)).toMatchObject({ width: 64, height: 96 });
  });

  it('are cut to a region, and turned over for negative sizes', async () => {
    const whole = await shown(`${at(0)}/rendered`);
    const row = (y: number, from: number, to: number) => whole.data.slice(y * COLUMNS + from, y * COLUMNS + to);
    const part = await shown(`${at(0)}/rendered?viewport=4,2,8,3,4,2`);
    expect(part).toMatchObject({ width: 4, height: 2, data: [...row(3, 8, 12), ...row(4, 8, 12)] });
    const turned = await shown(`${at(0)}/rendered?viewport=4,2,8,3,-4,-2`);
    expect(turned.data).toEqual([...row(4, 8, 12).reverse(), ...row(3, 8, 12).reverse()]);
  });

  it('are JPEG where nothing else is named, of the quality asked for; WebP and PNG where they are', async () => {
    const jpeg = await get(`${at(0)}/rendered`);
    expect(jpeg.headers.get('content-type')).toBe('image/jpeg');
    const sizes = await Promise.all(
      [100, 10].map(async (q) => (await bodyOf(await get(`${at(0)}/rendered?quality=${q}`))).length),
    );
    expect(sizes[0]).toBeGreaterThan(sizes[1] ?? 0);
    expect((await get(`${at(0)}/rendered`, 'image/webp, image/jpeg;q=0.5')).headers.get('content-type')).toBe(
      'image/webp',
    );
    expect((await get(`${at(0)}/rendered?accept=image/png`, 'image/jpeg')).headers.get('content-type')).toBe(
      'image/png',
    );
  });

  it('are one frame, several in a container, or the one that stands for all', async () => {
    expect((await shown(`${at(2)}/frames/3/rendered`)).data[0]).toBe(linear(511 * 2 - 100, 412, 1022));
    expect((await shown(`${at(2)}/rendered`)).data[0]).toBe(linear(256 * 2 - 100, 412, 1022));
    const answer = await get(`${at(2)}/frames/3,1/rendered`, 'multipart/related; type="image/png"');
    const parts = await partsIn(answer);
    const greys = await Promise.all(parts.map(async ({ body }) => (await sharp(body).raw().toBuffer())[0]));
    expect(greys).toEqual([linear(922, 412, 1022), linear(-100, 412, 1022)]);
    expect(parts.map(({ headers }) => headers['content-type'])).toEqual(['image/png', 'image/png']);
  });

  it('are asked for once: a validator answers the second time', async () => {
    const first = await get(`${at(0)}/rendered`);
    const validator = { 'if-none-match': first.headers.get('etag') ?? '' };
    expect((await get(`${at(0)}/rendered`, undefined, validator)).status).toBe(304);
    expect((await get(`${at(0)}/rendered?quality=20`, undefined, validator)).status).toBe(200);
  });
});

describe('rendered series and studies', () => {
  it.each(['1.2', '1.2/series/1.2.1'])('%s: every frame of every instance that has pixels', async (path) => {
    const imagesOnly = await startWado(FILES.slice(0, 4), {
      renderedFrame: ({ file }, frame, options, signal) =>
        held.imager?.picture(file, frame, options, signal) ?? Promise.reject(new Error('not started')),
    });
    const parts = await partsIn(await imagesOnly.get(`${path}/rendered`, 'multipart/related; type="image/jpeg"'));
    expect(parts.map(({ headers }) => headers['content-location']?.replace(/^.*instances\//, ''))).toEqual([
      '1.2.9.0/rendered',
      '1.2.9.1/rendered',
      ...[1, 2, 3].map((frame) => `1.2.9.2/frames/${frame}/rendered`),
    ]);
    await imagesOnly.app.close();
  });
});

describe('thumbnails (PS3.18 §10.4.1.1.4)', () => {
  it.each(['1.2', '1.2/series/1.2.1', at(0), `${at(2)}/frames/2`])('%s has a small one', async (path) => {
    const answer = await get(`${path}/thumbnail`);
    const { width = 0, height = 0, format } = await sharp(await bodyOf(answer)).metadata();
    expect([format, width, height]).toEqual(['jpeg', 128, 64]);
    expect(await shown(`${path}/thumbnail?viewport=20,20`)).toMatchObject({ width: 20, height: 10 });
  });

  it('there is none of an object without pixels', async () => {
    expect((await get(`${at(3)}/thumbnail`)).status).toBe(404);
  });
});

// biome-ignore format: a table
describe('a request that cannot be met', () => {
  it.each([
    ['a window without a width',        `${at(0)}/rendered?window=40`,              400, undefined],
    ['a window of no width',            `${at(0)}/rendered?window=40,0`,            400, undefined],
    ['a function that is none',         `${at(0)}/rendered?window=40,400,log`,      400, undefined],
    ['a quality above 100',             `${at(0)}/rendered?quality=101`,            400, undefined],
    ['a viewport of one number',        `${at(0)}/rendered?viewport=10`,            400, undefined],
    ['a giant viewport',                `${at(0)}/rendered?viewport=1000000,10`,    400, undefined],
    ['a region outside the frame',      `${at(0)}/rendered?viewport=9,9,40,0,2,2`,  400, undefined],
    ['a region of a thumbnail',         `${at(0)}/thumbnail?viewport=9,9,0,0`,      400, undefined],
    ['a frame that is not there',       `${at(0)}/frames/2/rendered`,               404, undefined],
    ['an instance that is not there',   `${at(9)}/rendered`,                        404, undefined],
    ['a report',                        `${at(3)}/rendered`,                        404, undefined],
    ['a damaged file',                  `${at(4)}/rendered`,                        500, undefined],
    ['a type that is not made',         `${at(0)}/rendered`,                        406, 'image/gif'],
    ['a single part of a series',       '1.2/series/1.2.1/rendered',                406, 'image/jpeg'],
  ])('%s', async (_what, path, status, accept) => {
    const answer = await get(path, accept);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([
      status,
      expect.stringContaining('application/problem+json'),
    ]);
    expect((await get(`${at(0)}/rendered`)).status).toBe(200);
  });
});

it('what is left out is said', async () => {
  const answer = await get(`${at(0)}/rendered?annotation=patient&iccprofile=no`);
  expect([answer.status, answer.headers.get('warning')]).toEqual([200, expect.stringContaining('annotation')]);
  expect(answer.headers.get('warning')).not.toContain('iccprofile');
});

const palette = join(SHARED_DATA, 'corpus/cornerstone3D/packages/dicomImageLoader/testImages/TestPattern_Palette.dcm');
it.skipIf(!existsSync(palette))('a palette is shown in its colours (../shared/data)', async () => {
  const { imager } = held;
  if (!imager) throw new Error('not started');
  const options = { mediaType: 'image/png', quality: 90 } as const;
  const bytes = Buffer.concat(await imager.picture(palette, 0, options, new AbortController().signal));
  const { channels, width, height } = await sharp(bytes).metadata();
  expect([channels, width, height]).toEqual([3, expect.any(Number), expect.any(Number)]);
  const { data } = await sharp(bytes).raw().toBuffer({ resolveWithObject: true });
  const isColoured = data.some((value, place) => place % 3 === 0 && Math.abs(value - (data[place + 2] ?? 0)) > 40);
  expect(isColoured).toBe(true);
});
