import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openImage } from '../../services/dicom/dataset/read-file.ts';
import { isDecodable } from '../../services/dicom/pixel/codecs.ts';
import { readFrame } from '../../services/dicom/pixel/frames.ts';
import { INSTANCE_TARGETS as MADE, FRAME_TARGETS as MADE_FRAMES } from '../../services/dicom/pixel/transcode-frame.ts';
import { AppError } from '../../services/domain/errors.ts';
import type { StoredFile } from '../../services/domain/ports.ts';
import { FRAME_TARGETS, INSTANCE_TARGETS } from '../../services/http/dicom-media.ts';
import { type ImagerPool, imagerPool } from '../../services/imaging/imager-pool.ts';
import { transcodedFile } from '../../services/imaging/transcoded-file.ts';
import { shownPixels } from '../dicom/pixel/transcoded-file.ts';
import { TRANSFER_SYNTAX, type TransferSyntax } from '../support/dicom-bytes.ts';
import { fakeContext } from '../support/fake-context.ts';
import { syntheticObject, syntheticSeries } from '../support/synthetic-series.ts';
import { type AppServer, filesPort, folderWith, startApp, unusedDicomweb } from './app-server.ts';
import { bodyOf, EXPLICIT, JPEG_LS, startWado, storedFile } from './stored-files.ts';

const HTJ2K_RPCL = '1.2.840.10008.1.2.4.202';
const NEAR_LOSSLESS = '1.2.840.10008.1.2.4.81';
const IMPLICIT = '1.2.840.10008.1.2';
const DICOM = 'multipart/related; type="application/dicom"';

it('what the web server offers is what can be made', () => {
  expect(FRAME_TARGETS.map(({ transferSyntaxUID }) => transferSyntaxUID).toSorted()).toEqual(MADE_FRAMES.toSorted());
  expect(INSTANCE_TARGETS.toSorted()).toEqual(MADE.toSorted());
});

describe('the transfer syntax of instances (PS3.18 §8.7.3.4)', () => {
  const [as] = [(...syntaxes: string[]) => syntaxes.map((uid, n) => ({ ...storedFile(n), TransferSyntaxUID: uid }))];
  async function answered(files: readonly StoredFile[], accept: string, refuse = (_uid: string) => false) {
    const { app, get } = await startWado(files, {
      canTranscode: (uid) => uid !== '1.2.3.private',
      transcodedInstance: async ({ TransferSyntaxUID }, target) => {
        if (refuse(TransferSyntaxUID)) throw new AppError('NOT_ACCEPTABLE', 'not this one');
        const body = async function* () {
          yield Buffer.from(`${TransferSyntaxUID} to ${target}`);
        };
        return { TransferSyntaxUID: target, length: undefined, body: body() };
      },
    });
    try {
      const answer = await get('1.2', accept);
      const body = Buffer.from(await answer.arrayBuffer());
      const types = [...body.toString('latin1').matchAll(/Content-Type: application\/dicom; transfer-syntax=(\S+)/g)];
      return { status: answer.status, types: types.map(([, uid]) => uid) };
    } finally {
      await app.close();
    }
  }

  // biome-ignore format: a table
  it.each<[string, readonly StoredFile[], string, readonly string[]]>([
    ['named *: as stored',                          as(JPEG_LS, IMPLICIT),       `${DICOM}; transfer-syntax=*`,              [JPEG_LS, IMPLICIT]],
    ['nothing named at all: as stored',             as(JPEG_LS, IMPLICIT),       '*/*',                                      [JPEG_LS, IMPLICIT]],
    ['none named: Explicit VR Little Endian',       as(JPEG_LS, IMPLICIT),       DICOM,                                      [EXPLICIT, EXPLICIT]],
    ['none named: what has loss stays',             as(NEAR_LOSSLESS, JPEG_LS),  DICOM,                                      [NEAR_LOSSLESS, EXPLICIT]],
    ['none named: what is not decoded stays',       as('1.2.3.private', JPEG_LS), DICOM,                                     ['1.2.3.private', EXPLICIT]],
    ['one named: what is in it is not touched',     as(JPEG_LS, EXPLICIT),       `${DICOM}; transfer-syntax=${JPEG_LS}`,     [JPEG_LS, JPEG_LS]],
    ['one named: also from what has loss',          as(NEAR_LOSSLESS),           `${DICOM}; transfer-syntax=${EXPLICIT}`,    [EXPLICIT]],
    ['one named that is stored and never made',     as(IMPLICIT),                `${DICOM}; transfer-syntax=${IMPLICIT}`,    [IMPLICIT]],
    ['two named, the better liked first',           as(EXPLICIT),                `${DICOM}; transfer-syntax=${JPEG_LS}; q=0.5, ${DICOM}; transfer-syntax=${HTJ2K_RPCL}`, [HTJ2K_RPCL]],
  ])('%s', async (_what, files, accept, expected) => {
    expect(await answered(files, accept)).toEqual({ status: 200, types: expected });
  });

  it('one named that not all can be brought into is 406', async () => {
    const [private_, implicit] = [as('1.2.3.private', EXPLICIT), as(EXPLICIT)];
    expect((await answered(private_, `${DICOM}; transfer-syntax=${JPEG_LS}`)).status).toBe(406);
    expect((await answered(implicit, `${DICOM}; transfer-syntax=${IMPLICIT}`)).status).toBe(406);
    expect((await answered(implicit, `${DICOM}; transfer-syntax=1.2.840.10008.1.2.4.50`)).status).toBe(406);
    expect((await answered(as(JPEG_LS), `${DICOM}; transfer-syntax=${EXPLICIT}`, () => true)).status).toBe(406);
  });

  it('an image that cannot be brought into the default stays in the answer as it is stored', async () => {
    const files = as(JPEG_LS, IMPLICIT);
    expect(await answered(files, DICOM, (uid) => uid === JPEG_LS)).toEqual({ status: 200, types: [JPEG_LS, EXPLICIT] });
    expect((await answered(files, DICOM, (uid) => uid === IMPLICIT)).types).toEqual([EXPLICIT, IMPLICIT]);
  });
});

const state: { imager?: ImagerPool } = {};
const imager = () => {
  if (state.imager === undefined) throw new Error('not started');
  return state.imager;
};
beforeAll(() => {
  const entry = join(import.meta.dirname, '../../services/main/imager.ts');
  state.imager = imagerPool({ size: 2, deadlineSeconds: 30, memoryMb: 1024, entry, log: fakeContext().log });
});
afterAll(() => state.imager?.close());

/** The application as `main/web.ts` joins it, over these files. */
async function startOver(files: readonly string[]): Promise<{ app: AppServer; stored: readonly StoredFile[] }> {
  const stored = await Promise.all(files.map(storedAs));
  const app = await startApp({
    dicomweb: { ...unusedDicomweb, ...filesPort(stored) },
    canTranscode: isDecodable,
    frameOf: async ({ file }, frame) => {
      const image = await openImage(file);
      return readFrame(image, frame).finally(image.close);
    },
    transcodedFrame: ({ file }, frame, uid, signal) => imager().frame(file, frame, uid, signal),
    transcodedInstance: ({ file }, uid, signal) => transcodedFile(imager(), file, uid, signal),
  });
  return { app, stored };
}

async function storedAs(file: string): Promise<StoredFile> {
  const { meta, dataset, size, close } = await openImage(file);
  await close();
  const { TransferSyntaxUID, SOPInstanceUID, SOPClassUID } = meta;
  const [StudyInstanceUID, SeriesInstanceUID] = [dataset.string(0x0020000d), dataset.string(0x0020000e)];
  const NumberOfFrames = dataset.number(0x00280008) ?? 1;
  return {
    file,
    StudyInstanceUID,
    SeriesInstanceUID,
    SOPInstanceUID,
    SOPClassUID,
    TransferSyntaxUID,
    NumberOfFrames,
    bytes: size,
  };
}

const urlOf = ({ url }: AppServer, { StudyInstanceUID, SeriesInstanceUID, SOPInstanceUID }: StoredFile) =>
  `${url}/dicomweb/studies/${StudyInstanceUID}/series/${SeriesInstanceUID}/instances/${SOPInstanceUID}`;

describe.each(Object.keys(TRANSFER_SYNTAX) as TransferSyntax[])(
  'a series stored in %s, transcoded by an imager',
  (stored) => {
    const { instances } = syntheticSeries({
      seed: `to ${stored}`,
      slices: 3,
      rows: 40,
      columns: 50,
      transferSyntax: stored,
    });
    const report = syntheticObject('sr', {
      seed: `to ${stored}`,
      transferSyntax: stored === 'rle' ? 'explicit' : stored,
    });
    const folder = folderWith({
      ...Object.fromEntries(instances.map(({ file }, index) => [`${index}.dcm`, file])),
      'report.dcm': report.file,
    });
    const running: { server?: Awaited<ReturnType<typeof startOver>> } = {};
    const server = () => {
      if (running.server === undefined) throw new Error('not started');
      return running.server;
    };
    beforeAll(async () => {
      running.server = await startOver(['0.dcm', '1.dcm', '2.dcm', 'report.dcm'].map((name) => join(folder, name)));
    });
    afterAll(() => running.server?.app.close());

    it.each(INSTANCE_TARGETS)('%s: files with the same pixels', async (target) => {
      const { app, stored: files } = server();
      const [first] = files;
      if (first === undefined) throw new Error('no file');
      const answer = await fetch(`${app.url}/dicomweb/studies/${first.StudyInstanceUID}`, {
        headers: { accept: `${DICOM}; transfer-syntax=${target}` },
      });
      const parts = readParts(answer.headers.get('content-type'), await bodyOf(answer));
      expect(parts).toHaveLength(files.length);
      for (const [index, { type, body }] of parts.entries()) {
        const isImage = index < 3;
        expect(type).toBe(`application/dicom; transfer-syntax=${isImage ? target : EXPLICIT}`);
        writeFileSync(join(folder, 'got.dcm'), body);
        expect(await shownPixels(join(folder, 'got.dcm'))).toEqual(await shownPixels(files[index]?.file ?? ''));
      }
    });

    it('a single file says how long it is when that is known', async () => {
      const {
        app,
        stored: [file],
      } = server();
      if (file === undefined) throw new Error('no file');
      const answer = await fetch(urlOf(app, file), { headers: { accept: 'application/dicom' } });
      expect(answer.headers.get('content-type')).toBe(`application/dicom; transfer-syntax=${EXPLICIT}`);
      const body = await bodyOf(answer);
      expect(answer.headers.get('content-length')).toBe(String(body.length));
      const again = await fetch(urlOf(app, file), {
        headers: { accept: 'application/dicom', 'if-none-match': answer.headers.get('etag') ?? '' },
      });
      expect(again.status).toBe(304);
    });

    it('a frame as plain samples, asked for as octets', async () => {
      const {
        app,
        stored: [file],
      } = server();
      if (file === undefined) throw new Error('no file');
      const answer = await fetch(`${urlOf(app, file)}/frames/1`, { headers: { accept: 'application/octet-stream' } });
      expect(answer.headers.get('content-type')).toBe(`application/octet-stream; transfer-syntax=${EXPLICIT}`);
      expect([Buffer.from(await bodyOf(answer))]).toEqual(await shownPixels(file.file));
    });
  },
);

/** Parts of a body whose lengths are not told: by the delimiters, which are random. */
function readParts(contentType: string | null, body: Uint8Array): { type: string; body: Buffer }[] {
  const [, boundary = ''] = /boundary="([^"]+)"$/.exec(contentType ?? '') ?? [];
  const text = Buffer.from(body).toString('latin1');
  return text
    .split(`--${boundary}`)
    .slice(1, -1)
    .map((part) => {
      const end = part.indexOf('\r\n\r\n');
      const [, type = ''] = /Content-Type: (.*)\r/.exec(part) ?? [];
      return { type, body: Buffer.from(part.slice(end + 4, -2), 'latin1') };
    });
}

describe('a damaged image', () => {
  it('is a problem of its own; the next request is served', async () => {
    const { instances } = syntheticSeries({ seed: 'damaged', slices: 2, rows: 40, columns: 50, transferSyntax: 'rle' });
    const [damaged = new Uint8Array(), whole = new Uint8Array()] = instances.map(({ file }) => file);
    const cut = Buffer.from(damaged);
    cut.fill(0xff, cut.length - 400, cut.length - 100);
    const folder = folderWith({ 'damaged.dcm': cut, 'whole.dcm': whole });
    const { app, stored } = await startOver(['damaged.dcm', 'whole.dcm'].map((name) => join(folder, name)));
    const [first, second] = stored;
    if (first === undefined || second === undefined) throw new Error('no files');
    const headers = { accept: 'application/octet-stream' };
    const answer = await fetch(`${urlOf(app, first)}/frames/1`, { headers });
    expect([answer.status, await answer.json()]).toEqual([
      500,
      expect.objectContaining({ code: 'INSTANCE_UNREADABLE' }),
    ]);
    expect((await fetch(`${urlOf(app, second)}/frames/1`, { headers })).status).toBe(200);
    // By default it comes as it is; who names a syntax is told.
    const byDefault = await fetch(urlOf(app, first), { headers: { accept: 'application/dicom' } });
    expect(Buffer.from(await bodyOf(byDefault)).equals(readFileSync(join(folder, 'damaged.dcm')))).toBe(true);
    const named = await fetch(urlOf(app, first), {
      headers: { accept: `application/dicom; transfer-syntax=${EXPLICIT}` },
    });
    expect(named.status).toBe(500);
    await app.close();
  });
});
