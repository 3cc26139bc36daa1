import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readPart10Meta } from '../../services/dicom/dataset/part10.ts';
import { datasetInFile } from '../../services/dicom/net/outgoing-instance.ts';
import { sendInstances } from '../../services/dicom/net/storage-scu.ts';
import { discFrame, openFixture } from '../detection/families/family-fixture.ts';
import { frameFile } from '../imaging/frame-file.ts';
import { type Element, syntheticUid } from '../support/dicom-bytes.ts';
import { type Orthanc, startOrthanc } from '../support/orthanc.ts';
import { type Overread, startOverread } from '../support/overread.ts';
import { hasProgram } from '../support/programs.ts';
import { dciodvfy, hasDciodvfy } from '../support/sr-validators.ts';

const running: { overread?: Overread; orthanc?: Orthanc } = {};
const uid = (name: string) => syntheticUid(`single-images ${name}`);

/** Two radiographs in two series, through everything with a YOLO that somebody dropped in, to Orthanc. */
describe.skipIf(!hasProgram('Orthanc'))('a model for single images (needs Orthanc)', () => {
  beforeAll(async () => {
    const MODELS_DIR = join(import.meta.dirname, '../detection/families');
    running.orthanc = await startOrthanc();
    running.overread = await startOverread({ PACS: running.orthanc.peer, MODELS_DIR, MODELS: 'yolo-v8' });
  }, 120_000);
  afterAll(async () => {
    await running.overread?.stop();
    await running.orthanc?.stop();
    running.overread?.remove();
  });

  it('reads every frontal view of a study, and its findings lie in a report on their images', async () => {
    const { overread, orthanc } = running;
    if (overread === undefined || orthanc === undefined) throw new Error('not started');
    const { golden, session } = await openFixture('yolo-v8');
    await session.release();
    if (!golden.frame) throw new Error('a frame');
    const { columns, rows, pixels } = discFrame(golden.frame);
    const names = ['first', 'second'];
    const objects = names.map(async (name) => {
      const own: Element[] = [
        [0x00080018, 'UI', uid(name)],
        [0x0020000d, 'UI', uid('study')],
        [0x0020000e, 'UI', uid(`series of the ${name}`)],
      ];
      const { file, ...meta } = frameFile({ columns, rows, stored: pixels.map(Math.round) }, own);
      return { ...meta, dataset: await datasetInFile(file) };
    });
    const peer = { AETitle: 'OVERREAD', host: '127.0.0.1', port: overread.dimsePort };
    const sent = await sendInstances(peer, 'SENDER', await Promise.all(objects));
    expect(sent.every(({ taken }) => taken)).toBe(true);

    const { runs } = await overread.ended(uid('study'), 120);
    expect(runs).toMatchObject([{ state: 'FINDINGS', reason: null, warnings: [] }]);
    const findings = runs[0]?.findings ?? [];
    expect(findings).toHaveLength(2 * golden.findings.length);
    expect(new Set(findings.map(({ SeriesInstanceUID }) => SeriesInstanceUID))).toEqual(
      new Set(names.map((name) => uid(`series of the ${name}`))),
    );
    for (const { region, center, diameterMm } of findings) {
      const { left, top, right, bottom } = region;
      const box = [left, top, right, bottom].map((pixel) => expect.closeTo(pixel, 0));
      expect(golden.findings.map((one) => one.region)).toContainEqual(box);
      expect([center, diameterMm]).toEqual([null, null]);
    }

    const file = await reportOf(orthanc, uid('study'));
    const text = Buffer.from(file).toString('latin1');
    for (const name of names) expect(text).toContain(uid(name));
    expect(text).not.toContain('SCOORD3D');
    const { datasetOffset, ...meta } = readPart10Meta(file);
    const report = { ...meta, SeriesInstanceUID: '', dataset: file.subarray(datasetOffset) };
    if (hasDciodvfy) expect((await dciodvfy(report)).errors).toEqual([]);
  }, 200_000);
});

async function reportOf(orthanc: Orthanc, StudyInstanceUID: string): Promise<Uint8Array> {
  for (const until = Date.now() + 60_000; Date.now() < until; await sleep(500)) {
    const report = (await orthanc.reports()).find((each) => each.StudyInstanceUID === StudyInstanceUID);
    if (report) return orthanc.file(report.id);
  }
  throw new Error('no report at Orthanc within 60 s');
}
