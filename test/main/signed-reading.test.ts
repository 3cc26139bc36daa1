import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openImage } from '../../services/dicom/dataset/read-file.ts';
import { Reading, ReadLesion } from '../../services/domain/contract/reading.ts';
import { folderWith } from '../http/app-server.ts';
import { stowBody } from '../http/stow-body.ts';
import { newUid } from '../support/arrivals.ts';
import { type Orthanc, startOrthanc } from '../support/orthanc.ts';
import { type Overread, startOverread } from '../support/overread.ts';
import { hasProgram } from '../support/programs.ts';
import { dciodvfy, hasDciodvfy } from '../support/sr-validators.ts';
import { syntheticSeries } from '../support/synthetic-series.ts';

const running: { overread?: Overread; orthanc?: Orthanc } = {};
const LI = { name: 'Li^Mei', organization: 'Radiology' };

/** A whole reading over the API, with a real PACS at the other end. */
describe.skipIf(!hasProgram('Orthanc'))('a study is read and signed (needs Orthanc)', () => {
  beforeAll(async () => {
    running.orthanc = await startOrthanc();
    running.overread = await startOverread({
      PACS: running.orthanc.peer,
      MODELS: 'blob-log-ct',
      READING_MODES: 'blob-log-ct=second',
    });
  }, 120_000);
  afterAll(async () => {
    await running.overread?.stop();
    await running.orthanc?.stop();
    running.overread?.remove();
  });
  const started = () => {
    const { overread, orthanc } = running;
    if (overread === undefined || orthanc === undefined) throw new Error('not started');
    return { overread, orthanc };
  };

  const send = (uid: string, path: string, body: unknown, revision?: number, method = 'POST') =>
    fetch(`${started().overread.url}/api/studies/${uid}/${path}`, {
      method,
      headers: { 'content-type': 'application/json', ...(revision !== undefined && { 'if-match': `"${revision}"` }) },
      body: JSON.stringify(body),
    });
  async function change(uid: string, path: string, body: unknown, revision: number, method?: string): Promise<Reading> {
    const response = await send(uid, path, body, revision, method);
    const answer: unknown = await response.json();
    expect([response.status, answer]).toEqual([200, expect.anything()]);
    return Reading.parse(answer);
  }

  /** The file that the PACS holds of a report, once it has come. */
  async function held(SOPInstanceUID: string): Promise<Uint8Array> {
    const { orthanc } = started();
    for (const until = Date.now() + 60_000; Date.now() < until; await sleep(300)) {
      const report = (await orthanc.reports()).find((one) => one.SOPInstanceUID === SOPInstanceUID);
      if (report !== undefined) return orthanc.file(report.id);
    }
    throw new Error('the report did not come');
  }

  async function store(given: Parameters<typeof syntheticSeries>[0]): Promise<string> {
    const { instances, StudyInstanceUID } = syntheticSeries({ seed: 'signed-reading', ...given });
    const files = stowBody(instances.map(({ file }) => file));
    const stored = await fetch(`${started().overread.url}/dicomweb/studies`, { method: 'POST', ...files });
    expect(stored.status).toBe(200);
    return StudyInstanceUID;
  }

  it('hidden, revealed, judged, one added by a click, signed, delivered, amended', async () => {
    const { overread } = started();
    const uid = await store({});
    const before = await overread.ended(uid, 240);
    expect(before.runs[0]).toMatchObject({ hidden: true, findings: [] });
    const early = await send(uid, 'reading/signature', { reader: LI, rejectRest: true }, 0);
    expect(await early.json()).toMatchObject({ status: 409, code: 'READING_NOT_REVEALED' });
    await change(uid, 'reading/reveal', { reader: LI }, 0);
    const [run] = (await overread.study(uid))?.runs ?? [];
    const [first, ...others] = run?.findings ?? [];
    if (run === undefined || first === undefined) throw new Error('the phantom has nodules');

    const click = { SeriesInstanceUID: first.SeriesInstanceUID, label: 'nodule' };
    const [ball] = syntheticSeries({ seed: 'signed-reading' }).nodules;
    const point = ball?.center.map((mm) => mm + 1) ?? [];
    const said: unknown = await (await send(uid, 'segmentations', { ...click, point })).json();
    expect(said).toMatchObject({ label: 'nodule', laterality: 'right' });
    const lesion = ReadLesion.parse(said);
    expect(Math.hypot(...(ball?.center ?? []).map((mm, a) => mm - (lesion.center?.[a] ?? Number.NaN)))).toBeLessThan(2);
    const nothing = await send(uid, 'segmentations', { ...click, point: [0, 0, 5000] });
    expect(await nothing.json()).toMatchObject({ status: 422, reason: { code: 'OUTSIDE_IMAGES' } });

    const at = new Date().toISOString();
    const added = { TrackingUID: newUid(), at, lesion };
    const content = {
      verdicts: [{ TrackingUID: first.TrackingUID, at, verdict: 'edited', lesion }],
      added: [added],
      thresholds: { [run.runId]: run.threshold },
    };
    await change(uid, 'reading', { reader: LI, content }, 1, 'PUT');
    const signed = await change(uid, 'reading/signature', { reader: LI, rejectRest: true }, 2);
    expect(signed.state).toBe('SIGNED');
    const rest = others.filter(({ score }) => score >= run.threshold);
    expect(signed.content.verdicts).toHaveLength(1 + rest.length);

    const [report] = signed.reports;
    const file = await held(report?.SRSOPInstanceUID ?? '');
    const dataset = await read(file);
    expect([0x0040a493, 0x0040a491].map((tag) => dataset.string(tag))).toEqual(['VERIFIED', 'COMPLETE']);
    expect(dataset.sequence(0x0040a073)[0]?.string(0x0040a075)).toBe('Li^Mei');
    expect(predecessors(dataset)).toEqual([run.SRSOPInstanceUID]);
    if (hasDciodvfy) expect((await dciodvfy(file)).errors).toEqual([]);
    await untilDelivered(uid);

    await change(uid, 'reading/amendment', { reader: LI }, 3);
    const rejected = { TrackingUID: first.TrackingUID, at, verdict: 'rejected', reason: 'vessel', bulk: false };
    const verdicts = [rejected, ...signed.content.verdicts.slice(1)];
    await change(uid, 'reading', { reader: LI, content: { ...content, verdicts, added: [] } }, 4, 'PUT');
    const amended = await change(uid, 'reading/signature', { reader: LI, rejectRest: true }, 5);
    expect(amended.reports).toHaveLength(2);
    const second = await read(await held(amended.reports[0]?.SRSOPInstanceUID ?? ''));
    expect(predecessors(second)).toEqual([run.SRSOPInstanceUID, report?.SRSOPInstanceUID]);
    const served = await fetch(`${overread.url}/dicomweb/studies/${uid}/series/${report?.SRSeriesInstanceUID}`);
    expect(served.status).toBe(200);

    await store({ seriesNumber: 2, slices: 2, rows: 64, columns: 64, patient: { id: 'SOMEBODY-ELSE' } });
    await change(uid, 'reading/amendment', { reader: LI }, 6);
    const refused = await send(uid, 'reading/signature', { reader: LI, rejectRest: true }, 7);
    expect(await refused.json()).toMatchObject({ status: 409, code: 'PATIENT_MISMATCH' });
    expect(overread.output()).not.toContain('SOMEBODY-ELSE');
  }, 480_000);

  async function untilDelivered(uid: string): Promise<void> {
    for (const until = Date.now() + 30_000; Date.now() < until; await sleep(200)) {
      const response = await fetch(`${started().overread.url}/api/studies/${uid}/reading`);
      const { reports } = Reading.parse(await response.json());
      if (reports[0]?.deliveries.every(({ state }) => state === 'DELIVERED')) return;
    }
    throw new Error('not told as delivered');
  }
});

type Dataset = Awaited<ReturnType<typeof openImage>>['dataset'];

async function read(file: Uint8Array): Promise<Dataset> {
  const folder = folderWith({ 'report.dcm': file });
  const image = await openImage(`${folder}/report.dcm`);
  await image.close();
  return image.dataset;
}

const predecessors = (dataset: Dataset): string[] =>
  dataset
    .sequence(0x0040a360)
    .flatMap((study) => study.sequence(0x00081115))
    .flatMap((series) => series.sequence(0x00081199))
    .map((sop) => sop.string(0x00081155));
