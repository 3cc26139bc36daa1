import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type OutgoingInstance, sendInstances } from '../../services/dicom/net/storage-scu.ts';
import { seriesIndex } from '../../services/store/series-index.ts';
import { outgoingFile, writePart10 } from '../dicom/net/part10-files.ts';
import { type ObjectOf, studyUid, type TestObject, testObject } from '../dicom/net/queried-receiver.ts';
import { type Receiver, startReceiver } from '../dicom/net/receiver.ts';
import { startWire, type Wire } from '../support/cut-wire.ts';
import { type Orthanc, startOrthanc } from '../support/orthanc.ts';
import { hasProgram } from '../support/programs.ts';
import { type Dcmqrscp, type Pulling, startDcmqrscp, startPulling } from '../support/pulling.ts';

const PLUGIN = '/usr/share/orthanc/plugins/libOrthancDicomWeb.so';
const TODAY = new Date().toISOString().slice(0, 10).replaceAll('-', '');
const series = (study: string, count: number, given: Partial<ObjectOf> = {}): TestObject[] =>
  Array.from({ length: count }, (_, at) => testObject(at + 1, { study, date: TODAY, ...given }));

describe.skipIf(!hasProgram('Orthanc') || !hasProgram('dcmqrscp') || !hasProgram('dcmcjpls') || !existsSync(PLUGIN))(
  'archives that are watched (needs Orthanc with its DICOMweb plugin, dcmqrscp and dcmcjpls)',
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'overread-pull-peers-'));
    let pulling: Pulling;
    let moved: Receiver;
    let qrscp: Dcmqrscp;
    let orthanc: Orthanc;
    let dimse: Wire;
    let web: Wire;
    beforeAll(async () => {
      // Where C-MOVE sends to: our receiver, with the same index behind it.
      const late: { recordInstance?: Parameters<typeof startReceiver>[0] } = {};
      moved = await startReceiver({
        recordInstance: (instance) =>
          late.recordInstance?.recordInstance?.(instance) ?? Promise.reject(new Error('early')),
      });
      qrscp = await startDcmqrscp({ OVERREAD: moved.port });
      orthanc = await startOrthanc({
        DicomModalities: {
          ours: { AET: 'OVERREAD', Host: '127.0.0.1', Port: moved.port, AllowGet: true, AllowMove: true },
        },
        DicomWeb: { Enable: true },
      });
      dimse = await startWire(orthanc.port);
      web = await startWire(Number(new URL(orthanc.url).port));
      pulling = await startPulling([
        { name: 'qrscp', AETitle: 'QRSCP', host: '127.0.0.1', port: qrscp.port },
        {
          ...{ name: 'orthanc', AETitle: 'ORTHANC', host: '127.0.0.1', port: dimse.port },
          dicomwebUrl: `http://127.0.0.1:${web.port}/dicom-web`,
        },
        { name: 'gone', AETitle: 'GONE', host: '127.0.0.1', port: 1, dicomwebUrl: 'http://127.0.0.1:1/dicom-web' },
      ]);
      late.recordInstance = {
        recordInstance: seriesIndex(pulling.store, { quietSeconds: 60, releasedQuietSeconds: 60 }).recordInstance,
      };
    }, 60_000);
    afterAll(async () => {
      await pulling?.stop();
      qrscp?.stop();
      await orthanc?.stop();
      await dimse?.close();
      await web?.close();
      await moved?.stop();
      rmSync(folder, { recursive: true, force: true });
    });
    const address = (peer: string) =>
      peer === 'qrscp'
        ? { AETitle: 'QRSCP', host: '127.0.0.1', port: qrscp.port }
        : { AETitle: 'ORTHANC', host: '127.0.0.1', port: orthanc.port };
    const put = async (peer: string, objects: readonly OutgoingInstance[]) => {
      const sent = await sendInstances(address(peer), 'OVERREAD', objects);
      expect(sent.filter(({ taken }) => !taken)).toEqual([]);
    };

    // biome-ignore format: a table
    it.each([
      ['qrscp',   'C-FIND',  'C-GET'],
      ['qrscp',   'C-FIND',  'C-MOVE'],
      ['orthanc', 'C-FIND',  'C-GET'],
      ['orthanc', 'C-FIND',  'C-MOVE'],
      ['orthanc', 'QIDO-RS', 'WADO-RS'],
      ['orthanc', 'QIDO-RS', 'C-GET'],
    ] as const)('%s, by %s and %s: whole, then only what was added, then nothing', async (peer, by, fetch) => {
      const name = `${peer} ${by} ${fetch}`;
      const uid = studyUid(name);
      const own = { description: name };
      await put(peer, [...series(name, 4, own), ...series(name, 2, { ...own, series: '2' })]);
      const watch = pulling.watch({ peer, by, fetch, keys: { StudyDescription: name, ModalitiesInStudy: 'CT' } });

      pulling.asked.length = 0;
      expect(await pulling.poll(watch)).toBe(60);
      expect(await pulling.fetchDue(watch)).toEqual(['complete']);
      expect(await pulling.said(uid)).toMatchObject({ state: 'complete', text: 'complete', held: 6, expected: 6, attempts: 0 });
      expect(await pulling.instances(uid)).toBe(6);
      expect(pulling.asked.filter((line) => line.startsWith(`${fetch} `))).toEqual([`${fetch} study`]);

      // Nothing is fetched twice.
      await pulling.poll(watch);
      pulling.asked.length = 0;
      await pulling.fetchDue(watch);
      expect(pulling.asked.filter((line) => line.startsWith(`${fetch} `))).toEqual([]);

      // Late images, and a late series: of the one the images, of the other the series.
      await put(peer, [...series(name, 6, own).slice(4), ...series(name, 3, { ...own, series: '3' })]);
      // A peer that does not count its studies is looked at again after a while.
      await pulling.store.database.updateTable('pull_study').set({ changedAt: new Date(0) }).execute();
      await pulling.poll(watch);
      pulling.asked.length = 0;
      expect(await pulling.fetchDue(watch)).toEqual(['complete']);
      expect(pulling.asked.filter((line) => line.startsWith(`${fetch} `)).toSorted()).toEqual([`${fetch} 2 images`, `${fetch} series`]);
      expect(await pulling.instances(uid)).toBe(11);
    }, 60_000);

    it.each([
      ['orthanc', 'C-FIND', 'C-GET'],
      ['orthanc', 'QIDO-RS', 'WADO-RS'],
    ] as const)(
      '%s, by %s and %s: what is compressed there comes as it is',
      async (peer, by, fetch) => {
        const name = `jpls ${peer} ${fetch}`;
        const [object] = series(name, 1, { description: name });
        if (object === undefined) throw new Error('no object');
        const [plain, packed] = ['plain', 'packed'].map((each) => join(folder, `${name} ${each}`));
        writePart10(plain ?? '', object, 'explicit');
        execFileSync('dcmcjpls', [plain ?? '', packed ?? '']);
        const file = outgoingFile(packed ?? '');
        await put(peer, [file]);
        const watch = pulling.watch({ peer, by, fetch, keys: { StudyDescription: name } });
        await pulling.poll(watch);
        expect(await pulling.fetchDue(watch)).toEqual(['complete']);
        const row = await pulling.store.database
          .selectFrom('instance')
          .select(['TransferSyntaxUID', 'bytes', 'sourceAETitle'])
          .where('StudyInstanceUID', '=', studyUid(name))
          .executeTakeFirstOrThrow();
        expect(row.TransferSyntaxUID).toBe('1.2.840.10008.1.2.4.80');
        expect(row.sourceAETitle).toBe(address(peer).AETitle);
      },
      60_000,
    );

    it.each([
      ['C-FIND', 'C-GET'],
      ['QIDO-RS', 'WADO-RS'],
    ] as const)(
      '%s and %s, cut in the middle: what came is kept, and the rest is fetched',
      async (by, fetch) => {
        const name = `cut ${fetch}`;
        const uid = studyUid(name);
        await put('orthanc', series(name, 40, { description: name }));
        const watch = pulling.watch({ peer: 'orthanc', by, fetch, keys: { StudyDescription: name } });
        await pulling.poll(watch);
        const wire = fetch === 'C-GET' ? dimse : web;
        const before = wire.cuts;
        if (fetch === 'C-GET') wire.cutAfter(20_000);
        else wire.cutAfter(20_000, 'multipart/related');
        expect(await pulling.fetchDue(watch)).toEqual(['incomplete']);
        wire.mend();
        expect(wire.cuts).toBeGreaterThan(before);
        const held = await pulling.instances(uid);
        expect(held).toBeGreaterThan(4);
        expect(held).toBeLessThan(40);
        const said = await pulling.said(uid);
        // The count after the cut may have been cut too; what is told is never more than is here.
        expect(said.held).toBeLessThanOrEqual(held);
        expect(said.sentence).toMatch(/ASSOCIATION_ABORTED|BAD_REQUEST|PACS_UNREACHABLE/);
        expect(said.nextAttemptAt).not.toBeNull();
        await pulling.hurry();
        pulling.asked.length = 0;
        expect(await pulling.fetchDue(watch)).toEqual(['complete']);
        expect(pulling.asked).toContain(`${fetch} ${40 - held} images`);
        expect(await pulling.instances(uid)).toBe(40);
      },
      60_000,
    );

    it('a peer that is down: the mark stays, the pause grows, and a study that is due is not given up', async () => {
      for (const by of ['C-FIND', 'QIDO-RS'] as const) {
        const watch = pulling.watch({ peer: 'gone', by, fetch: 'C-GET', lookbackHours: 48 });
        const before = new Date('2026-01-10T12:00:00Z');
        expect(await pulling.poll(watch, before)).toBe(60);
        expect(await pulling.poll(watch, new Date('2026-01-20T12:00:00Z'))).toBe(120);
        const row = await pulling.store.database
          .selectFrom('pull_watch')
          .selectAll()
          .where('name', '=', watch.name)
          .executeTakeFirstOrThrow();
        expect(row).toMatchObject({ failures: 2, mark: new Date('2026-01-09T12:00:00Z') });
        expect(row.problem).toMatch(/^PACS_UNREACHABLE: /);
      }
      const watch = pulling.watch({ peer: 'gone', by: 'C-FIND', fetch: 'C-GET' });
      await pulling.store.database
        .insertInto('pull_study')
        .values({ peer: 'gone', StudyInstanceUID: '1.2.3', by: watch.name, how: 'C-GET' })
        .execute();
      for (let tries = 0; tries < 12; tries += 1) {
        await pulling.hurry();
        expect(await pulling.fetchDue(watch)).toEqual(['failed']);
      }
      expect(await pulling.said('1.2.3')).toMatchObject({ state: 'failed', attempts: 0 });
      expect((await pulling.said('1.2.3')).nextAttemptAt).not.toBeNull();
    });

    it('what a peer does not have, or will not send, is tried so often and no more', async () => {
      const watch = pulling.watch({ peer: 'orthanc', by: 'C-FIND', fetch: 'C-GET' });
      await pulling.store.database
        .insertInto('pull_study')
        .values({ peer: 'orthanc', StudyInstanceUID: '1.2.4', by: watch.name, how: 'C-GET' })
        .execute();
      for (let tries = 0; tries < 8; tries += 1) {
        expect(await pulling.fetchDue(watch)).toEqual(['failed']);
        await pulling.hurry();
      }
      expect(await pulling.fetchDue(watch)).toEqual([]);
      const said = await pulling.said('1.2.4');
      expect(said).toMatchObject({ attempts: 8, nextAttemptAt: null });
      expect(said.text).toBe('failed: STUDY_NOT_FOUND: the peer has no series of this study any more');
    });
  },
);
