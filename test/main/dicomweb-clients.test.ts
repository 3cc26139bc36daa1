import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DICOMWEB_PYTHON, hasDicomwebPython } from '../support/fetched-peers.ts';
import { type Overread, startOverread } from '../support/overread.ts';
import { syntheticSeries } from '../support/synthetic-series.ts';
import { hasChromium, launch } from '../support/viewer-page.ts';

const require = createRequire(import.meta.url);
const SLICES = 4;
const SIZE = { rows: 40, columns: 50, slices: SLICES };
/** The client of npm, as a page loads it: it needs a browser. */
const NPM_CLIENT = require.resolve('dicomweb-client');
/** A table that is bulk data in the metadata. */
const elements = () => [[0x00281201, 'OW', Uint16Array.from({ length: 700 }, (_, n) => n + 0x0102)] as const];

const running: { overread?: Overread; folder: string } = { folder: mkdtempSync(join(tmpdir(), 'overread-clients-')) };
const overread = (): Overread => {
  if (running.overread === undefined) throw new Error('not started');
  return running.overread;
};
beforeAll(async () => {
  running.overread = await startOverread({ SERIES_QUIET_SECONDS: '3600', SERIES_RELEASED_QUIET_SECONDS: '3600' });
}, 120_000);
afterAll(async () => {
  await running.overread?.stop();
  running.overread?.remove();
  rmSync(running.folder, { recursive: true, force: true });
});

describe.skipIf(!hasDicomwebPython())("Python's dicomweb-client (needs python3-venv and its packages)", () => {
  it('stores, searches, retrieves, transcodes, renders: every basic call', async () => {
    const { instances } = syntheticSeries({ ...SIZE, seed: 'python', elements, patient: { name: 'Client^Python' } });
    const files = instances.map(({ file }, at) => {
      const path = join(running.folder, `python-${at}.dcm`);
      writeFileSync(path, file);
      return path;
    });
    const script = join(import.meta.dirname, 'dicomweb-client.py');
    const { stdout } = await promisify(execFile)(DICOMWEB_PYTHON, [script, `${overread().url}/dicomweb`, ...files]);
    expect(JSON.parse(stdout)).toEqual({
      stored: SLICES,
      studies: 1,
      fuzzy: 1,
      series: 1,
      instances: SLICES,
      study: Array.from({ length: SLICES }, () => true),
      retrievedSeries: SLICES,
      instance: true,
      instanceSyntax: '1.2.840.10008.1.2.1',
      metadata: true,
      seriesMetadata: SLICES,
      frame: true,
      // The first marker of the codestream.
      jpegLs: 'ffd8',
      jpeg: ['JPEG', 'L', 50, 40],
      png: ['PNG', 'L', 50, 40],
      scaled: [20, 16],
      bulkData: '02010301',
    });
  });
});

describe.skipIf(!hasChromium)('dicomweb-client of npm, in a browser (needs Chromium)', () => {
  it('stores, searches, retrieves, renders: every basic call', async () => {
    const { instances, StudyInstanceUID, SeriesInstanceUID } = syntheticSeries({ ...SIZE, seed: 'npm', elements });
    const browser = await launch();
    try {
      const page = await (await browser.newContext({ bypassCSP: true })).newPage();
      // Any page of our origin will do.
      await page.goto(`${overread().url}/api/system`);
      await page.addScriptTag({ content: readFileSync(NPM_CLIENT, 'utf8') });
      const told = await page.evaluate(askAll, {
        url: `${overread().url}/dicomweb`,
        of: { studyInstanceUID: StudyInstanceUID, seriesInstanceUID: SeriesInstanceUID },
        sopInstanceUID: instances[0]?.SOPInstanceUID ?? '',
        files: instances.map(({ file }) => Buffer.from(file).toString('base64')),
      });
      const [first] = instances;
      expect(told).toMatchObject({
        studies: 1,
        series: 1,
        instances: SLICES,
        studyMetadata: SLICES,
        seriesMetadata: SLICES,
        metadata: first?.SOPInstanceUID,
        study: SLICES,
        retrievedSeries: SLICES,
        rendered: 'ffd8ff',
        thumbnail: 'ffd8ff',
        frameRendered: '89504e',
        frames: [SIZE.rows * SIZE.columns * 2],
        bulkData: '020103',
      });
      // The file meta information is ours, the data set as it was sent.
      const dataset = Buffer.from(first?.dataset ?? '');
      expect(Buffer.from(told.instance, 'base64').subarray(-dataset.length).equals(dataset)).toBe(true);
    } finally {
      await browser.close();
    }
  });
});

type Call = (options: object) => Promise<unknown>;

/** Runs in the page. */
async function askAll({
  url,
  of,
  sopInstanceUID,
  files,
}: {
  url: string;
  of: { studyInstanceUID: string; seriesInstanceUID: string };
  sopInstanceUID: string;
  files: string[];
}) {
  const page = globalThis as unknown as {
    DICOMwebClient: { api: { DICOMwebClient: new (options: object) => Record<string, Call> } };
  };
  const client = new page.DICOMwebClient.api.DICOMwebClient({ url, singlepart: '' });
  const call = async <T>(name: string, options: object): Promise<T> => {
    const method = client[name];
    if (method === undefined) throw new Error(`no ${name}`);
    return (await method.call(client, options)) as T;
  };
  const bytes = (text: string) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer;
  const base64 = (buffer: ArrayBuffer) =>
    btoa(Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join(''));
  /** A single body comes as a list of one. */
  const start = (answer: ArrayBuffer | readonly ArrayBuffer[]) => {
    const buffer = answer instanceof ArrayBuffer ? answer : (answer[0] ?? new ArrayBuffer(3));
    return Array.from(new Uint8Array(buffer, 0, 3), (byte) => byte.toString(16).padStart(2, '0')).join('');
  };
  const one = { ...of, sopInstanceUID };
  type Attributes = Record<string, { Value?: string[]; BulkDataURI?: string }>;

  await call('storeInstances', { datasets: files.map(bytes), ...{ studyInstanceUID: of.studyInstanceUID } });
  const metadata = await call<Attributes>('retrieveInstanceMetadata', one);
  const attributes = Array.isArray(metadata) ? (metadata[0] as Attributes) : metadata;
  const uri = Object.values(attributes).find(({ BulkDataURI }) => BulkDataURI)?.BulkDataURI;
  const bulk = await call<ArrayBuffer[]>('retrieveBulkData', { BulkDataURI: uri });
  const png = [{ mediaType: 'image/png' }];
  return {
    studies: (await call<unknown[]>('searchForStudies', { queryParams: { StudyInstanceUID: of.studyInstanceUID } }))
      .length,
    series: (await call<unknown[]>('searchForSeries', of)).length,
    instances: (await call<unknown[]>('searchForInstances', of)).length,
    studyMetadata: (await call<unknown[]>('retrieveStudyMetadata', of)).length,
    seriesMetadata: (await call<unknown[]>('retrieveSeriesMetadata', of)).length,
    metadata: attributes['00080018']?.Value?.[0],
    study: (await call<ArrayBuffer[]>('retrieveStudy', of)).length,
    retrievedSeries: (await call<ArrayBuffer[]>('retrieveSeries', of)).length,
    instance: base64(await call<ArrayBuffer>('retrieveInstance', one)),
    frames: (await call<ArrayBuffer[]>('retrieveInstanceFrames', { ...one, frameNumbers: [1] })).map(
      ({ byteLength }) => byteLength,
    ),
    rendered: start(await call<ArrayBuffer[]>('retrieveInstanceRendered', one)),
    thumbnail: start(await call<ArrayBuffer[]>('retrieveInstanceThumbnail', one)),
    frameRendered: start(
      await call<ArrayBuffer[]>('retrieveInstanceFramesRendered', { ...one, frameNumbers: [1], mediaTypes: png }),
    ),
    bulkData: start(bulk),
  };
}
