import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { openImage } from '../../services/dicom/dataset/read-file.ts';
import { decodeFrame } from '../../services/dicom/pixel/codecs.ts';
import { readFrame } from '../../services/dicom/pixel/frames.ts';
import { pixelInfo } from '../../services/dicom/pixel/pixel-info.ts';
import type { StoredFile } from '../../services/domain/ports.ts';
import { TRANSFER_SYNTAX, type TransferSyntax } from '../support/dicom-bytes.ts';
import { hasSharedData, SHARED_DATA } from '../support/programs.ts';
import { syntheticObject, syntheticSeries } from '../support/synthetic-series.ts';
import { type AppServer, folderWith } from './app-server.ts';
import { readMultipart } from './multipart-reader.ts';
import { realFile, startOver } from './real-files.ts';

const seriesUrl = ({ url }: AppServer, file: StoredFile) =>
  `${url}/dicomweb/studies/${file.StudyInstanceUID}/series/${file.SeriesInstanceUID}`;
const read = async (url: string, accept = '*/*') => {
  const answer = await fetch(url, { headers: { accept } });
  expect(answer.status, url).toBe(200);
  return readMultipart(answer.headers.get('content-type'), new Uint8Array(await answer.arrayBuffer()));
};

describe.each(Object.keys(TRANSFER_SYNTAX) as TransferSyntax[])('a synthetic series in %s', (transferSyntax) => {
  const options = { slices: 3, rows: 32, columns: 32, transferSyntax };
  const { instances } = syntheticSeries(options);
  const report = syntheticObject('sr', options);
  const folder = folderWith({
    ...Object.fromEntries(instances.map(({ file }, index) => [`${index}.dcm`, file])),
    'report.dcm': report.file,
  });
  const state: { app?: AppServer; files?: readonly StoredFile[] } = {};
  const running = () => {
    if (state.app === undefined || state.files === undefined) throw new Error('not started');
    return { app: state.app, files: state.files };
  };
  beforeAll(async () => {
    state.files = await Promise.all([...instances.keys()].map((index) => realFile(join(folder, `${index}.dcm`))));
    state.app = await startOver([...state.files, await realFile(join(folder, 'report.dcm'))]);
  });
  afterAll(() => state.app?.close());

  it('comes back byte for byte', async () => {
    const { app, files } = running();
    const [first] = files;
    if (first === undefined) throw new Error('no file');
    const parts = await read(seriesUrl(app, first));
    expect(parts.map(({ body }) => body)).toEqual(instances.map(({ file }) => Buffer.from(file)));
  });

  it('has frames that decode to the pixels that were written', async () => {
    const { app, files } = running();
    for (const file of files) {
      const [part] = await read(`${seriesUrl(app, file)}/instances/${file.SOPInstanceUID}/frames/1`);
      const [, syntax = ''] = /; transfer-syntax=([\d.]+)$/.exec(part?.headers['content-type'] ?? '') ?? [];
      const { dataset, close } = await openImage(file.file);
      await close();
      // Decoded by the name of the part alone, as a client does.
      const sent = await decodeFrame(part?.body ?? Buffer.alloc(0), pixelInfo(dataset, syntax));
      const image = await openImage(file.file);
      const stored = await decodeFrame(await readFrame(image, 0), pixelInfo(dataset, file.TransferSyntaxUID));
      await image.close();
      expect(sent).toEqual(stored);
      expect(new Set(sent).size).toBeGreaterThan(3);
    }
  });

  it('has metadata that says the same as the files', async () => {
    const { app, files } = running();
    const [first] = files;
    if (first === undefined) throw new Error('no file');
    const list = (await (await fetch(`${seriesUrl(app, first)}/metadata`)).json()) as Record<
      string,
      { vr: string; Value?: unknown[] }
    >[];
    expect(list.map((attributes) => attributes['00080018'])).toEqual(
      files.map(({ SOPInstanceUID }) => ({ vr: 'UI', Value: [SOPInstanceUID] })),
    );
    for (const attributes of list) {
      expect(attributes['00280010']).toEqual({ vr: 'US', Value: [32] });
      expect(attributes['00083002']).toEqual({ vr: 'UI', Value: [TRANSFER_SYNTAX[transferSyntax]] });
      expect(attributes['00200032']?.Value).toHaveLength(3);
      expect(attributes['7FE00010']).toBeUndefined();
    }
  });

  it('has no frames where there are no pixels', async () => {
    const { app } = running();
    const file = await realFile(join(folder, 'report.dcm'));
    const answer = await fetch(`${seriesUrl(app, file)}/instances/${file.SOPInstanceUID}/frames/1`);
    expect([answer.status, await answer.json()]).toEqual([404, expect.objectContaining({ code: 'FRAME_NOT_FOUND' })]);
    expect((await fetch(`${seriesUrl(app, file)}/instances/${file.SOPInstanceUID}/metadata`)).status).toBe(200);
  });
});

describe.each(Object.keys(TRANSFER_SYNTAX) as TransferSyntax[])('bulk data in %s (PS3.18 §F.2.7)', (transferSyntax) => {
  const table = Uint16Array.from({ length: 700 }, (_, n) => n * 7);
  const wave = Uint16Array.from({ length: 900 }, (_, n) => 65_535 - n);
  const { instances } = syntheticSeries({
    slices: 1,
    rows: 32,
    columns: 32,
    transferSyntax,
    elements: () => [
      [0x00281201, 'OW', table],
      [0x54000100, 'SQ', [[[0x54000005, 'IS', '1']], [[0x54001010, 'OW', wave]]]],
    ],
  });
  const folder = folderWith({ 'image.dcm': instances[0]?.file ?? '' });
  const state: { app?: AppServer; image: string } = { image: '' };
  beforeAll(async () => {
    const file = await realFile(join(folder, 'image.dcm'));
    state.app = await startOver([file]);
    state.image = `${seriesUrl(state.app, file)}/instances/${file.SOPInstanceUID}`;
  });
  afterAll(() => state.app?.close());
  const bytesOf = (values: Uint16Array) => Buffer.from(values.buffer);

  it('is named by the metadata and comes, little endian, from where it says', async () => {
    const [metadata] = z
      .array(z.record(z.string(), z.any()))
      .parse(await (await fetch(`${state.image}/metadata`)).json());
    expect(metadata?.['00281201']).toEqual({ vr: 'OW', BulkDataURI: `${state.image}/bulkdata/00281201` });
    const nested = metadata?.['54000100'].Value[1]['54001010'];
    expect(nested).toEqual({ vr: 'OW', BulkDataURI: `${state.image}/bulkdata/54000100/1/54001010` });
    const [part] = await read(nested.BulkDataURI);
    expect(part?.headers['content-type']).toBe('application/octet-stream');
    expect(part?.body.equals(bytesOf(wave))).toBe(true);
    const single = await fetch(`${state.image}/bulkdata/00281201`, {
      headers: { accept: 'application/octet-stream', range: 'bytes=2-' },
    });
    expect(single.status).toBe(206);
    expect(Buffer.from(await single.arrayBuffer()).equals(bytesOf(table).subarray(2))).toBe(true);
    const etag = single.headers.get('etag') ?? '';
    const again = await fetch(`${state.image}/bulkdata/00281201`, {
      headers: { accept: 'application/octet-stream', 'if-none-match': etag },
    });
    expect(again.status).toBe(304);
  });

  it.each([
    ['00281202', 404],
    ['54000100', 404],
    ['54000100/0/54001010', 404],
    ['54000100/9/54001010', 404],
    ['00281201/0/00281201', 404],
    ['54000100/1', 400],
    ['x', 400],
    ['54000100/-1/54001010', 400],
    ['..%2f..%2fetc', 400],
  ])('%s is %i', async (path, status) => {
    expect((await fetch(`${state.image}/bulkdata/${path}`)).status).toBe(status);
  });

  it('406: another form', async () => {
    const headers = { accept: 'image/jpeg' };
    expect((await fetch(`${state.image}/bulkdata/00281201`, { headers })).status).toBe(406);
  });
});

describe.skipIf(!hasSharedData)('lidc-0063, 133 slices of JPEG-LS (needs the shared data)', () => {
  const folder = join(SHARED_DATA, 'ct/lidc-0063');
  const state: { app?: AppServer; files: StoredFile[] } = { files: [] };
  beforeAll(async () => {
    const names = readdirSync(folder).filter((name) => name.endsWith('.dcm'));
    state.files = await Promise.all(names.map((name) => realFile(join(folder, name))));
    state.app = await startOver(state.files);
  });
  afterAll(() => state.app?.close());
  const start = () => {
    const [first] = state.files;
    if (state.app === undefined || first === undefined) throw new Error('not started');
    return { app: state.app, first };
  };

  it('every slice comes back byte for byte', async () => {
    const { app, first } = start();
    const parts = await read(seriesUrl(app, first), 'multipart/related; type="application/dicom"; transfer-syntax=*');
    expect(parts).toHaveLength(133);
    for (const [index, { body }] of parts.entries())
      expect(body.equals(readFileSync(state.files[index]?.file ?? '')), String(index)).toBe(true);
  });

  it('a frame is a JPEG-LS stream that decodes to 512 x 512 values of a CT', async () => {
    const { app, first } = start();
    const [frame] = await read(
      `${seriesUrl(app, first)}/instances/${first.SOPInstanceUID}/frames/1`,
      'multipart/related; type=application/octet-stream; transfer-syntax=*',
    );
    expect(frame?.headers['content-type']).toBe('application/octet-stream; transfer-syntax=1.2.840.10008.1.2.4.80');
    const { dataset, close } = await openImage(first.file);
    await close();
    const pixels = await decodeFrame(frame?.body ?? Buffer.alloc(0), pixelInfo(dataset, first.TransferSyntaxUID));
    expect(pixels).toHaveLength(512 * 512);
    expect(new Set(pixels).size).toBeGreaterThan(1000);
  });

  it('the metadata of the series names each slice and where it lies', async () => {
    const { app, first } = start();
    const list = (await (await fetch(`${seriesUrl(app, first)}/metadata`)).json()) as Record<
      string,
      { Value?: number[] }
    >[];
    const heights = new Set(list.map((attributes) => attributes['00200032']?.Value?.[2]));
    expect([list.length, heights.size]).toEqual([133, 133]);
  });
});
