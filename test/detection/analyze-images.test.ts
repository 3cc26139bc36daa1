import { truncateSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { analyzeInputs } from '../../services/detection/analyze-inputs.ts';
import { answerProblem } from '../../services/detection/check-answer.ts';
import { cpuFallback } from '../../services/detection/cpu-fallback.ts';
import { ModelManifest } from '../../services/detection/model-manifest.ts';
import { AnalysisAnswer, type AnalysisInput } from '../../services/domain/run.ts';
import { frameFile } from '../imaging/frame-file.ts';
import { volumeReader } from '../imaging/volume-reader.ts';
import type { Element } from '../support/dicom-bytes.ts';
import { discFrame, type Fixture, openFixture } from './families/family-fixture.ts';

const [radiograph, mammogram, cam] = await Promise.all(['yolo-v8', 'boxes-torchvision', 'cam-2d'].map(openFixture));
if (!radiograph || !mammogram || !cam) throw new Error('three fixtures');
afterAll(() => Promise.all([radiograph, mammogram, cam].map(({ session }) => session.release())));

const uids = { next: 1 };
/** The frame of a fixture as an image of its own, in a series of its own unless one is given. */
function imageOf({ golden }: Fixture, others: readonly Element[] = [], series = `1.2.7.${uids.next}`): AnalysisInput {
  if (!golden.frame) throw new Error('a frame');
  const { columns, rows, pixels } = discFrame(golden.frame);
  const own: Element[] = [
    [0x00080018, 'UI', `1.2.8.${uids.next++}`],
    [0x0020000e, 'UI', series],
  ];
  return frameFile({ columns, rows, stored: pixels.map(Math.round) }, [...own, ...others]);
}

async function analysis({ manifest, session }: Fixture, inputs: readonly AnalysisInput[]) {
  const fallback = cpuFallback(session, async () => session);
  // What crosses the channel to the worker.
  return AnalysisAnswer.parse(await analyzeInputs(inputs, { manifest, session: fallback }, volumeReader()));
}

const problemOf = (answer: AnalysisAnswer, inputs: readonly AnalysisInput[]) =>
  answerProblem(answer, { id: 'r', modelDirectory: '/m', modelHash: '0'.repeat(64), inputs: [...inputs] });

describe('an analysis of single images', () => {
  it('reads every image of the study, over all of its series, and says on which each finding lies', async () => {
    const inputs = [imageOf(radiograph), imageOf(radiograph)];
    const answer = await analysis(radiograph, inputs);
    expect(answer).toMatchObject({
      outcome: 'ANALYSED',
      series: {
        SeriesInstanceUID: inputs[0]?.SeriesInstanceUID,
        Modality: 'DX',
        spacingMm: null,
        others: [{ SeriesInstanceUID: inputs[1]?.SeriesInstanceUID, Modality: 'DX' }],
        warnings: [],
      },
    });
    if (answer.outcome !== 'ANALYSED') return;
    const { findings } = radiograph.golden;
    expect(answer.lesions).toHaveLength(2 * findings.length);
    for (const { SeriesInstanceUID, SOPInstanceUID } of inputs) {
      const own = answer.lesions.filter(({ region }) => region.SOPInstanceUID === SOPInstanceUID);
      expect(own.map((lesion) => lesion.SeriesInstanceUID)).toEqual(findings.map(() => SeriesInstanceUID));
      const boxes = own.map(({ region: { left, top, right, bottom } }) => [left, top, right, bottom]);
      expect(boxes).toEqual(findings.map(({ region = [] }) => region.map((pixels) => expect.closeTo(pixels, 0))));
    }
    for (const lesion of answer.lesions)
      expect(lesion).toMatchObject({ center: null, diameterMm: null, volumeMm3: null, laterality: null });
    expect(problemOf(answer, inputs)).toBeUndefined();
  });

  it('tells the side of a mammogram, and of a region that is a map of activations that it is about where', async () => {
    const breast: Element[] = [
      [0x00080016, 'UI', '1.2.840.10008.5.1.4.1.1.1.2'],
      [0x00080060, 'CS', 'MG'],
      [0x00180015, 'CS', 'BREAST'],
      [0x00185101, 'CS', 'MLO'],
      [0x00200062, 'CS', 'R'],
    ];
    const answer = await analysis(mammogram, [imageOf(mammogram, breast)]);
    expect(answer).toMatchObject({ lesions: mammogram.golden.findings.map(() => ({ laterality: 'right' })) });
    expect(answer.outcome === 'ANALYSED' && answer.lesions.every((one) => one.isApproximate === undefined)).toBe(true);
    const map = await analysis(cam, [imageOf(cam)]);
    expect(map).toMatchObject({ lesions: cam.golden.findings.map(() => ({ isApproximate: true })) });
  });

  it('passes over what the model is not for, by attribute, and reads the rest', async () => {
    const lateral = () => imageOf(radiograph, [[0x00185101, 'CS', 'LL']], '1.2.6');
    const report = { ...imageOf(radiograph), SOPClassUID: '1.2.840.10008.5.1.4.1.1.88.33' };
    const frontal = { ...radiograph, manifest: { ...radiograph.manifest } };
    frontal.manifest = ModelManifest.parse({
      ...frontal.manifest,
      accepts: { ...frontal.manifest.accepts, viewPosition: ['PA', 'AP'] },
    });
    const inputs = [lateral(), imageOf(radiograph), lateral(), report];
    const answer = await analysis(frontal, inputs);
    expect(answer).toMatchObject({
      outcome: 'ANALYSED',
      series: {
        SeriesInstanceUID: inputs[1]?.SeriesInstanceUID,
        images: [{ SOPInstanceUID: inputs[1]?.SOPInstanceUID }],
        warnings: [
          {
            code: 'IMAGES_PASSED_OVER',
            params: { count: 2, attribute: 'ViewPosition', others: 'LL', accepted: 'PA, AP' },
          },
          { code: 'IMAGES_PASSED_OVER', params: { count: 1, attribute: 'SOPClassUID' } },
        ],
      },
    });
    expect(problemOf(answer, inputs)).toBeUndefined();
    // Alone it is no study of the model.
    expect(await analysis(frontal, [lateral()])).toMatchObject({
      outcome: 'NOT_ANALYSABLE',
      reason: { code: 'OUT_OF_SCOPE', params: { attribute: 'ViewPosition', value: 'LL' } },
    });
  });

  it('with an image that cannot be read ends with its reason, and not with what the others show', async () => {
    const color = imageOf(radiograph, [
      [0x00280002, 'US', [3]],
      [0x00280004, 'CS', 'RGB'],
      [0x00280006, 'US', [0]],
    ]);
    expect(await analysis(radiograph, [imageOf(radiograph), color])).toMatchObject({
      outcome: 'NOT_ANALYSABLE',
      reason: { code: 'NO_SCALE' },
      SeriesInstanceUID: color.SeriesInstanceUID,
    });
    const many = imageOf(radiograph, [[0x00280008, 'IS', '2']]);
    expect(await analysis(radiograph, [imageOf(radiograph), many])).toMatchObject({
      outcome: 'NOT_ANALYSABLE',
      reason: { code: 'MULTI_FRAME' },
    });
  });

  it('reads nothing of a file that is not what was received', async () => {
    const cut = imageOf(radiograph);
    truncateSync(cut.file, 700);
    await expect(analysis(radiograph, [imageOf(radiograph), cut])).rejects.toMatchObject({
      detail: { reason: 'INTEGRITY' },
    });
  });
});
