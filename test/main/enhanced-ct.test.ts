import { globSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readDataset } from '../../services/dicom/dataset/dataset.ts';
import { readPart10Meta } from '../../services/dicom/dataset/part10.ts';
import { type OutgoingInstance, sendInstances } from '../../services/dicom/net/storage-scu.ts';
import { decodedImage } from '../support/decoded-image.ts';
import { type Element, syntheticUid } from '../support/dicom-bytes.ts';
import { enhancedImage } from '../support/enhanced-image.ts';
import { type Orthanc, startOrthanc } from '../support/orthanc.ts';
import { type Overread, startOverread } from '../support/overread.ts';
import { hasProgram } from '../support/programs.ts';
import { dciodvfy, dsrdump, hasDciodvfy, hasDsrdump } from '../support/sr-validators.ts';
import { syntheticInstance } from '../support/synthetic-series.ts';

/** Half of the phantom, with most of its nodules: the graph takes half as long. */
const files = globSync(join(import.meta.dirname, '../../dicom-samples/chest-phantom/*.dcm'))
  .sort()
  .slice(40, 100);
const running: { overread?: Overread; orthanc?: Orthanc } = {};

/** One acquisition, once as classic images and once as an Enhanced CT, through everything, to Orthanc. */
describe.skipIf(!hasProgram('Orthanc'))('the chest phantom as an Enhanced CT (needs Orthanc)', () => {
  beforeAll(async () => {
    running.orthanc = await startOrthanc();
    running.overread = await startOverread({ PACS: running.orthanc.peer });
  }, 120_000);
  afterAll(async () => {
    await running.overread?.stop();
    await running.orthanc?.stop();
    running.overread?.remove();
  });

  /** Sends, waits for the end; answers the run and its report. */
  async function read(instances: readonly OutgoingInstance[], StudyInstanceUID: string) {
    const { overread, orthanc } = running;
    if (overread === undefined || orthanc === undefined) throw new Error('not started');
    const peer = { AETitle: 'OVERREAD', host: '127.0.0.1', port: overread.dimsePort };
    const sent = await sendInstances(peer, 'SENDER', instances, { timeoutSeconds: 60 });
    expect(sent.every(({ taken }) => taken)).toBe(true);
    const { runs } = await overread.ended(StudyInstanceUID, 400);
    const [run] = runs;
    if (run === undefined) throw new Error('no run');
    for (const until = Date.now() + 60_000; Date.now() < until; await sleep(500)) {
      const report = (await orthanc.reports()).find((each) => each.StudyInstanceUID === StudyInstanceUID);
      if (report) return { run, file: await orthanc.file(report.id) };
    }
    throw new Error('no report at Orthanc within 60 s');
  }

  it('ends with the findings of the classic series, each on the frame that was its image', async () => {
    const images = await Promise.all(files.map(decodedImage));
    expect(images).toHaveLength(60);
    const classic = await read(
      ofStudy(images, 'classic').map((image) => syntheticInstance(image, 'explicit')),
      uidOf('classic'),
    );
    const enhanced = enhancedImage(ofStudy(images, 'enhanced').toReversed());
    const { run, file } = await read([enhanced], uidOf('enhanced'));

    expect(run.state).toBe('FINDINGS');
    expect(run.warnings).toEqual([]);
    expect(run.findings).toHaveLength(classic.run.findings.length);
    for (const [i, finding] of run.findings.entries()) {
      const expected = classic.run.findings[i];
      if (expected === undefined) throw new Error('as many findings');
      expect(finding.center).toEqual(expected.center?.map((mm) => expect.closeTo(mm, 1)));
      expect(finding.score).toBeCloseTo(expected.score, 5);
      const { frame, SOPInstanceUID, ...box } = finding.region;
      expect(SOPInstanceUID).toBe(enhanced.SOPInstanceUID);
      const image = images[images.length - frame];
      expect(image?.find(([tag]) => tag === 0x00080018)?.[2]).toBe(expected.region.SOPInstanceUID);
      expect(box).toEqual({
        ...expected.region,
        SOPClassUID: enhanced.SOPClassUID,
        frame: undefined,
        SOPInstanceUID: undefined,
      });
    }

    const marked = run.findings.filter(({ score }) => score >= run.threshold);
    expect(marked.length).toBeGreaterThan(0);
    const { datasetOffset, ...meta } = readPart10Meta(file);
    const report = { ...meta, SeriesInstanceUID: '', dataset: file.subarray(datasetOffset) };
    expect(framesOf(report.dataset, meta.TransferSyntaxUID)).toEqual(
      marked.flatMap(({ region }) => [[region.frame], [region.frame]]),
    );
    const verdicts = [...(hasDciodvfy ? [await dciodvfy(report)] : []), ...(hasDsrdump ? [await dsrdump(report)] : [])];
    expect(verdicts.flatMap(({ errors }) => errors)).toEqual([]);
  }, 900_000);
});

const uidOf = (name: string) => syntheticUid('study', 'phantom', name);

/** The same images in a study of their own. */
function ofStudy(images: readonly (readonly Element[])[], name: string): readonly (readonly Element[])[] {
  const own: Element[] = [
    [0x0020000d, 'UI', uidOf(name)],
    [0x0020000e, 'UI', syntheticUid('series', 'phantom', name)],
  ];
  return images.map((image) => [...image.filter(([tag]) => !own.some(([each]) => each === tag)), ...own]);
}

/** The frames that the regions of the report lie on, in document order. */
function framesOf(dataset: Uint8Array, transferSyntaxUID: string): readonly (readonly number[])[] {
  type Item = ReturnType<typeof readDataset>;
  const walk = (item: Item): (readonly number[])[] => {
    const isRegion = item.string(0x0040a040) === 'SCOORD';
    const children = item.sequence(0x0040a730);
    if (isRegion) return children.map((image) => image.sequence(0x00081199)[0]?.numbers(0x00081160) ?? []);
    return children.flatMap(walk);
  };
  return walk(readDataset(dataset, transferSyntaxUID));
}
