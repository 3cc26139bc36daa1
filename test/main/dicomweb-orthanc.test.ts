import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { readPart10Meta } from '../../services/dicom/dataset/part10.ts';
import { startOrthanc } from '../support/orthanc.ts';
import { startOverread } from '../support/overread.ts';
import { hasProgram } from '../support/programs.ts';
import { syntheticSeries } from '../support/synthetic-series.ts';

const PLUGIN = '/usr/share/orthanc/plugins/libOrthancDicomWeb.so';
const EXPLICIT = '1.2.840.10008.1.2.1';
const JPEG_LS = '1.2.840.10008.1.2.4.80';
const JPEG_2000 = '1.2.840.10008.1.2.4.90';
const HTJ2K = '1.2.840.10008.1.2.4.201';
const Uploaded = z.object({ ID: z.string() });

async function startBoth() {
  const overread = await startOverread();
  const orthanc = await startOrthanc({
    DicomWeb: { Enable: true, Servers: { overread: { Url: `${overread.url}/dicomweb/`, ChunkedTransfers: '1' } } },
  });
  const ask = async (path: string, body: object) => {
    const answer = await fetch(`${orthanc.url}${path}`, { method: 'POST', body: JSON.stringify(body) });
    return { status: answer.status, body: await answer.text() };
  };
  return { overread, orthanc, ask };
}

describe.skipIf(!hasProgram('Orthanc') || !existsSync(PLUGIN))(
  'the DICOMweb plug-in of Orthanc (needs Orthanc)',
  () => {
    const running: { both?: Awaited<ReturnType<typeof startBoth>> } = {};
    const both = () => {
      if (running.both === undefined) throw new Error('not started');
      return running.both;
    };
    beforeAll(async () => {
      running.both = await startBoth();
    }, 120_000);
    afterAll(async () => {
      await running.both?.orthanc.stop();
      await running.both?.overread.stop();
      running.both?.overread.remove();
    });
    const { instances, StudyInstanceUID, SeriesInstanceUID } = syntheticSeries({ seed: 'orthanc-web', slices: 20 });

    it('pushes a series to us by STOW-RS', async () => {
      const { overread, orthanc, ask } = both();
      const ids: string[] = [];
      for (const { file } of instances) {
        const answer = await fetch(`${orthanc.url}/instances`, { method: 'POST', body: Uint8Array.from(file) });
        ids.push(Uploaded.parse(await answer.json()).ID);
      }
      const pushed = await ask('/dicom-web/servers/overread/stow', { Resources: ids, Synchronous: true });
      expect(pushed.status, pushed.body).toBe(200);
      const found = await fetch(
        `${overread.url}/dicomweb/studies/${StudyInstanceUID}/series/${SeriesInstanceUID}/instances`,
      );
      expect(await found.json()).toHaveLength(20);
    });

    it('pulls it back by WADO-RS, bytes and all', async () => {
      const { orthanc, ask } = both();
      const [study] = z.array(z.string()).parse(await (await fetch(`${orthanc.url}/studies`)).json());
      expect((await fetch(`${orthanc.url}/studies/${study}`, { method: 'DELETE' })).status).toBe(200);
      const pulled = await ask('/dicom-web/servers/overread/retrieve', {
        Resources: [{ Study: StudyInstanceUID, Series: SeriesInstanceUID }],
        Synchronous: true,
      });
      expect(pulled.status, pulled.body).toBe(200);
      const ids = z.array(z.string()).parse(await (await fetch(`${orthanc.url}/instances`)).json());
      expect(ids).toHaveLength(20);
      const files = await Promise.all(ids.map(orthanc.file));
      for (const { dataset } of instances) {
        expect(files.some((file) => Buffer.from(file).subarray(-dataset.length).equals(dataset))).toBe(true);
      }
    });

    const idsOf = async (level: string) =>
      z.array(z.string()).parse(await (await fetch(`${both().orthanc.url}/${level}`)).json());

    /** Orthanc, empty, has its plug-in ask us for an instance in this form; the plug-in passes on what `Accept` it is told. */
    async function pull(Instance: string, transferSyntax: string, of = { StudyInstanceUID, SeriesInstanceUID }) {
      const { orthanc, ask } = both();
      for (const id of await idsOf('studies')) await fetch(`${orthanc.url}/studies/${id}`, { method: 'DELETE' });
      const answer = await ask('/dicom-web/servers/overread/retrieve', {
        Resources: [{ Study: of.StudyInstanceUID, Series: of.SeriesInstanceUID, Instance }],
        HttpHeaders: { Accept: `multipart/related; type="application/dicom"; transfer-syntax=${transferSyntax}` },
        Synchronous: true,
      });
      return { status: answer.status, ids: await idsOf('instances') };
    }

    /** The one instance that was pulled: its transfer syntax, and its samples as Orthanc decodes them. */
    async function pulled(...what: Parameters<typeof pull>) {
      const { orthanc } = both();
      const { status, ids } = await pull(...what);
      expect([status, ids.length]).toEqual([200, 1]);
      const [id = ''] = ids;
      const syntax = readPart10Meta(await orthanc.file(id)).TransferSyntaxUID;
      const headers = { accept: 'image/x-portable-arbitrarymap' };
      const answer = await fetch(`${orthanc.url}/instances/${id}/frames/0/image-int16`, { headers });
      const samples = answer.ok ? Buffer.from(await answer.arrayBuffer()).toString('base64') : undefined;
      return { id, syntax, samples };
    }
    const middle = instances[10]?.SOPInstanceUID ?? '';

    it('pulls JPEG-LS where it asks for it, and decodes what was stored', async () => {
      const stored = await pulled(middle, '*');
      const { syntax, samples } = await pulled(middle, JPEG_LS);
      expect([stored.syntax, syntax]).toEqual([EXPLICIT, JPEG_LS]);
      expect(samples).toBe(stored.samples);
      expect(samples?.length).toBeGreaterThan((128 * 128 * 2 * 4) / 3);
    });

    it('pulls HTJ2K where it asks for it, which it keeps and does not decode', async () => {
      expect(await pulled(middle, HTJ2K)).toMatchObject({ syntax: HTJ2K, samples: undefined });
    });

    it('gets nothing where it asks for what we do not make', async () => {
      expect(await pull(middle, '1.2.840.10008.1.2.5')).toEqual({ status: 500, ids: [] });
    });

    it.skipIf(!hasProgram('gdcmconv'))(
      'pulls JPEG 2000, which it does not decode, uncompressed (needs gdcmconv)',
      async () => {
        const { overread } = both();
        const series = syntheticSeries({ seed: 'orthanc-web-jpeg2000', slices: 3 });
        const [{ SOPInstanceUID, file } = { SOPInstanceUID: '', file: new Uint8Array(0) }] = series.instances;
        const headers = { 'content-type': 'multipart/related; type="application/dicom"; boundary=x' };
        const body = Buffer.concat([
          Buffer.from('--x\r\nContent-Type: application/dicom\r\n\r\n'),
          jpeg2000(file),
          Buffer.from('\r\n--x--'),
        ]);
        expect((await fetch(`${overread.url}/dicomweb/studies`, { method: 'POST', headers, body })).status).toBe(200);
        expect(await pulled(SOPInstanceUID, '*', series)).toMatchObject({ syntax: JPEG_2000, samples: undefined });
        const { id, syntax, samples } = await pulled(SOPInstanceUID, EXPLICIT, series);
        expect(syntax).toBe(EXPLICIT);
        expect(samples).toBeDefined();
        const pixels = Buffer.from(file).subarray(-128 * 128 * 2);
        expect(
          Buffer.from(await both().orthanc.file(id))
            .subarray(-pixels.length)
            .equals(pixels),
        ).toBe(true);
      },
    );

    it('is shown the picture that it renders itself', async () => {
      const { overread, orthanc } = both();
      const { id } = await pulled(middle, '*');
      const instance = `${overread.url}/dicomweb/studies/${StudyInstanceUID}/series/${SeriesInstanceUID}/instances/${middle}`;
      const headers = { accept: 'image/png' };
      const theirs = await greys(
        await fetch(`${orthanc.url}/instances/${id}/rendered?window-center=40&window-width=400`),
      );
      const ours = await greys(await fetch(`${instance}/rendered?window=40,400,linear-exact`, { headers }));
      expect([ours.length, theirs.length]).toEqual([128 * 128, 128 * 128]);
      expect(new Set(ours).size).toBeGreaterThan(3);
      // A level of rounding.
      expect(ours.every((grey, at) => Math.abs(grey - (theirs[at] ?? 999)) <= 1)).toBe(true);
      const thumbnail = await greys(await fetch(`${instance}/thumbnail?viewport=32,32`, { headers }));
      expect(thumbnail.length).toBe(32 * 32);
    });

    it('searches us by QIDO-RS', async () => {
      const { ask } = both();
      const found = await ask('/dicom-web/servers/overread/qido', {
        Uri: '/studies',
        Arguments: { StudyInstanceUID },
      });
      expect([found.status, found.body]).toEqual([200, expect.stringContaining(StudyInstanceUID)]);
    });
  },
);

function jpeg2000(file: Uint8Array): Buffer {
  const folder = mkdtempSync(join(tmpdir(), 'overread-jpeg2000-'));
  try {
    writeFileSync(join(folder, 'a.dcm'), file);
    execFileSync('gdcmconv', ['--j2k', join(folder, 'a.dcm'), join(folder, 'b.dcm')]);
    return readFileSync(join(folder, 'b.dcm'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function greys(answer: Response): Promise<readonly number[]> {
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'image/png']);
  return [
    ...(await sharp(await answer.arrayBuffer())
      .toColourspace('b-w')
      .raw()
      .toBuffer()),
  ];
}
