import { describe, expect, it } from 'vitest';
import { answerProblem } from '../../services/detection/check-answer.ts';
import { AnalysisAnswer, type AnalysisRequest } from '../../services/domain/run.ts';

const inputs = [0, 1, 2].map((k) => ({
  file: `/f/${k}`,
  sha256: '0'.repeat(64),
  SeriesInstanceUID: '1.2.3',
  SOPInstanceUID: `1.2.3.${k}`,
  SOPClassUID: '1.2.840.10008.5.1.4.1.1.2',
  TransferSyntaxUID: '1.2.840.10008.1.2.1',
}));
const ofOther = inputs.slice(0, 1).map((one) => ({ ...one, SeriesInstanceUID: '1.2.5', SOPInstanceUID: '1.2.3.3' }));
const sent = [...inputs, ...ofOther];
const request: AnalysisRequest = { id: 'r', modelDirectory: '/m', modelHash: '0'.repeat(64), inputs: sent };

const image = (k: number) => ({ SOPClassUID: '1.2.840.10008.5.1.4.1.1.2', SOPInstanceUID: `1.2.3.${k}` });
const region = { ...image(1), frame: 1, left: 10, top: 12, right: 20, bottom: 22 };
const lesion = {
  center: [1, 2, 3],
  diameterMm: 8,
  volumeMm3: 268,
  score: 0.9,
  label: 'nodule',
  laterality: 'left',
  SeriesInstanceUID: '1.2.3',
  region,
};
const series = {
  SeriesInstanceUID: '1.2.3',
  FrameOfReferenceUID: '1.2.9',
  Modality: 'CT',
  shape: [64, 48, 3],
  spacingMm: [1, 1, 2],
  images: [0, 1, 2].map(image),
  warnings: [],
};
const answer = (changes: object = {}, lesions: object[] = [lesion]): unknown => ({
  outcome: 'ANALYSED',
  series: { ...series, ...changes },
  lesions,
  provider: 'cpu',
  stageSeconds: { graph: 1 },
});
const problem = (value: unknown) => {
  const parsed = AnalysisAnswer.safeParse(value);
  return parsed.success ? answerProblem(parsed.data, request) : 'schema';
};

describe('an answer of an analyzer', () => {
  it('is believed when it speaks of the images that were sent', () => {
    expect(problem(answer())).toBeUndefined();
  });

  const frame = (n: number) => ({ ...image(1), frame: n, NumberOfFrames: 3 });
  const frames = { images: [1, 2, 3].map(frame) };
  it('is believed when it speaks of the frames of one object', () => {
    expect(problem(answer(frames, [{ ...lesion, region: { ...region, frame: 3 } }]))).toBeUndefined();
  });

  const flat = { spacingMm: null, shape: [64, 48, 1], images: [{ ...image(0), size: [64, 48] }] };
  const other = { SeriesInstanceUID: '1.2.5', Modality: 'DX', images: [{ ...image(3), size: [30, 90] }] };
  const bare = { ...lesion, center: null, diameterMm: null, volumeMm3: null, region: { ...region, ...image(0) } };
  const onOther = { ...bare, SeriesInstanceUID: '1.2.5', region: { ...region, ...image(3), right: 30, bottom: 90 } };
  it('is believed when it speaks of single images of several series, each of its own size', () => {
    expect(problem(answer({ ...flat, others: [other] }, [bare, onOther]))).toBeUndefined();
  });

  // biome-ignore format: a table
  it.each<[string, unknown, string]>([
    ['a box beyond the single image', answer({ ...flat, others: [other] }, [{ ...onOther, region: { ...onOther.region, right: 31 } }]), 'a region outside its image'],
    ['a place on a single image', answer(flat, [{ ...bare, center: [1, 2, 3] }]), 'a place in the patient on a single image'],
    ['a size on a single image', answer(flat, [{ ...bare, diameterMm: 8 }]), 'a place in the patient on a single image'],
    ['no place in a volume', answer({}, [{ ...lesion, center: null }]), 'a lesion without a place'],
    ['no size in a volume', answer({}, [{ ...lesion, diameterMm: null }]), 'a lesion without a place'],
    ['a series twice', answer({ ...flat, others: [{ ...other, SeriesInstanceUID: '1.2.3' }] }), 'a series twice'],
    ['an image of a series that was not sent', answer({ ...flat, others: [{ ...other, SeriesInstanceUID: '1.2.6' }] }), 'a series that was not sent'],
    ['an image of another series', answer({ ...flat, others: [{ ...other, images: [image(1)] }] }), 'an image that was not sent'],
    ['a frame twice', answer({ images: [1, 2, 2].map(frame) }), 'an image twice'],
    ['a frame beyond the last', answer({ images: [1, 2, 4].map(frame) }), 'a frame that its image does not have'],
    ['a lesion on a frame that was not read', answer(frames, [{ ...lesion, region: { ...region, frame: 4 } }]), 'a lesion on another image'],
    ['another series', answer({ SeriesInstanceUID: '1.2.4' }), 'a series that was not sent'],
    ['an image more', answer({ images: [0, 1, 2, 3].map(image) }), '4 images for 3 slices'],
    ['an image twice', answer({ images: [0, 1, 1].map(image) }), 'an image twice'],
    ['an image of another study', answer({ images: [0, 1, 9].map(image) }), 'an image that was not sent'],
    ['another SOP class', answer({ images: [image(0), image(1), { ...image(2), SOPClassUID: '1.2.840.10008.5.1.4.1.1.4' }] }), 'an image that was not sent'],
    ['half a voxel', answer({ shape: [64.5, 48, 3] }), 'a shape that is no shape'],
    ['no spacing', answer({ spacingMm: [0, 1, 2] }), 'an impossible spacing'],
    ['a lesion elsewhere', answer({}, [{ ...lesion, SeriesInstanceUID: '1.2.4' }]), 'a lesion on another series'],
    ['a lesion on an image that is not its', answer({}, [{ ...lesion, region: { ...region, SOPInstanceUID: '9.9' } }]), 'a lesion on another image'],
    ['a frame that is not', answer({}, [{ ...lesion, region: { ...region, frame: 2 } }]), 'a lesion on another image'],
    ['a box beyond the image', answer({}, [{ ...lesion, region: { ...region, right: 64.1 } }]), 'a region outside its image'],
    ['a box before the image', answer({}, [{ ...lesion, region: { ...region, left: -0.1 } }]), 'a region outside its image'],
    ['a box turned round', answer({}, [{ ...lesion, region: { ...region, left: 30 } }]), 'a region outside its image'],
    ['a lesion on the moon', answer({}, [{ ...lesion, center: [0, 0, 4e8] }]), 'a lesion far from the patient'],
    ['infinity', answer({}, [{ ...lesion, center: [0, 0, Number.POSITIVE_INFINITY] }]), 'schema'],
    ['no number', answer({}, [{ ...lesion, diameterMm: Number.NaN }]), 'schema'],
    ['a score above 1', answer({}, [{ ...lesion, score: 1.01 }]), 'schema'],
    ['a key too many', answer({ PatientName: 'x' }), 'schema'],
    ['101 lesions', answer({}, Array.from({ length: 101 }, () => lesion)), 'schema'],
    ['a refusal of another series', { outcome: 'NOT_ANALYSABLE', reason: { code: 'MULTI_FRAME', params: {} }, SeriesInstanceUID: '1.2.4', stageSeconds: {} }, 'a series that was not sent'],
  ])('is not, with %s', (_what, value, expected) => {
    expect(problem(value)).toBe(expected);
  });
});
