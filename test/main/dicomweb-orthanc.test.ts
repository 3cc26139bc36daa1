import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { startOrthanc } from '../support/orthanc.ts';
import { startOverread } from '../support/overread.ts';
import { hasProgram } from '../support/programs.ts';
import { syntheticSeries } from '../support/synthetic-series.ts';

const PLUGIN = '/usr/share/orthanc/plugins/libOrthancDicomWeb.so';
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
