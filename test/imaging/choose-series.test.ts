import { describe, expect, it } from 'vitest';
import { chooseSeries, type SeriesChoice } from '../../services/imaging/choose-series.ts';
import type { ImageHeader } from '../../services/imaging/image-header.ts';
import { CRITERIA, EXPLICIT_LITTLE, HOUNSFIELD, header, stack } from './slice-headers.ts';

const chosen = (choice: SeriesChoice) => ('slices' in choice ? choice.SeriesInstanceUID : choice.refused);
const never = () => Promise.reject(new Error('no pixels are compared here'));
const choose = (...series: (readonly ImageHeader[])[]) => chooseSeries(series.flat(), [], CRITERIA, never);

describe('the series of a study', () => {
  it('is the thinnest, then the one of the softest kernel, then the one with most slices', async () => {
    const thick = stack((k) => ({ SliceThickness: 3, ImagePositionPatient: [0, 0, 3 * k] }), '1.1');
    const sharp = stack(() => ({ ConvolutionKernel: 'LUNG' }), '1.2');
    const soft = stack(() => ({ ConvolutionKernel: 'B30F' }), '1.3');
    const longer = stack(() => ({ ConvolutionKernel: 'FC08' }), '1.4', 30);
    expect(chosen(await choose(thick, sharp))).toBe('1.2');
    expect(chosen(await choose(thick, sharp, soft))).toBe('1.3');
    expect(chosen(await choose(longer, thick, sharp, soft))).toBe('1.4');
  });

  it('is the same whatever the order of arrival', async () => {
    const [a, b] = [stack(undefined, '1.20'), stack(undefined, '1.3')];
    expect(chosen(await choose(a, b))).toBe(chosen(await choose(b, a)));
  });

  it('is the next best when the best cannot be read, with a warning that says so', async () => {
    const broken = stack(() => ({ SliceThickness: 1 }), '1.1').toSpliced(7, 1);
    const choice = await choose(broken, stack(undefined, '1.2'));
    expect(chosen(choice)).toBe('1.2');
    expect('slices' in choice && choice.slices.warnings).toMatchObject([
      { code: 'PASSED_OVER', params: { reason: 'MISSING_SLICES', count: 19, SeriesInstanceUID: '1.1' } },
    ]);
  });

  it('is not a short one of a few thin slices', async () => {
    const few = stack((k) => ({ SliceThickness: 1, ImagePositionPatient: [0, 0, k] }), '1.1', 5);
    expect(chosen(await choose(few, stack(undefined, '1.2')))).toBe('1.2');
  });

  it('has its localizers and derived images set aside', async () => {
    const scout = header(50, { ImageType: ['ORIGINAL', 'PRIMARY', 'LOCALIZER'], Rows: 800 });
    const mip = header(51, { ImageType: ['DERIVED', 'SECONDARY', 'MIP'] });
    const choice = await choose([scout, mip, ...stack()]);
    expect('slices' in choice && choice.slices.headers).toHaveLength(20);
  });
});

// biome-ignore format: a table
describe.each<[string, ImageHeader[], object]>([
  ['only localizers', [header(0, { ImageType: ['ORIGINAL', 'PRIMARY', 'LOCALIZER'] })], { code: 'ONLY_LOCALIZER', params: { count: 1 } }],
  ['another modality', stack(() => ({ Modality: 'MR' })), { code: 'NO_SUITABLE_SERIES', params: { modality: 'CT' } }],
  ['no pixels', [header(0, { Modality: 'SR', Rows: 0 })], { code: 'NOT_AN_IMAGE', params: { sopClass: '1.2.840.10008.5.1.4.1.1.2' } }],
  ['nothing', [], { code: 'NOT_AN_IMAGE', params: { sopClass: 'no instances' } }],
  ['frames without a place', [header(0, { NumberOfFrames: 20, ImagePositionPatient: undefined })], { code: 'MULTI_FRAME', params: { slice: 1, frames: 20 } }],
  ['another body part', stack(() => ({ BodyPartExamined: 'HEAD' })), { code: 'OUT_OF_SCOPE', params: { attribute: 'BodyPartExamined', value: 'HEAD', accepted: 'CHEST' } }],
  ['a child', stack(() => ({ ageYears: 12.5 })), { code: 'OUT_OF_SCOPE', params: { attribute: 'PatientAge', value: '12 years', accepted: '18 years and older' } }],
  ['a transfer syntax without decoder', stack().map((slice) => ({ ...slice, input: { ...slice.input, TransferSyntaxUID: '1.2.840.10008.1.2.4.102' } })), { code: 'TRANSFER_SYNTAX', params: { transferSyntax: 'MPEG-4 AVC/H.264 High Profile', uid: '1.2.840.10008.1.2.4.102' } }],
  ['colour', stack(() => ({ SamplesPerPixel: 3, PhotometricInterpretation: 'RGB' })), { code: 'NOT_HU', params: { detail: 'pixels are RGB' } }],
  ['no rescale', stack(() => ({ values: { ...HOUNSFIELD, slope: undefined } })), { code: 'NOT_HU', params: { detail: 'no RescaleSlope or RescaleIntercept' } }],
  ['a slope of 0', stack(() => ({ values: { ...HOUNSFIELD, slope: 0 } })), { code: 'NOT_HU', params: { detail: 'RescaleSlope is 0' } }],
  ['other units', stack(() => ({ values: { ...HOUNSFIELD, unit: 'MGML' } })), { code: 'NOT_HU', params: { detail: 'RescaleType is MGML' } }],
])('a study with %s', (_what, headers, reason) => {
  it('is refused with that reason', async () => {
    expect(chosen(await chooseSeries(headers, [], CRITERIA, never))).toEqual(reason);
  });
});

describe('an image that could not be read', () => {
  const reason = { code: 'UNREADABLE', params: { slice: '1.2.3.4', detail: 'cut short' } } as const;
  it('spoils its own series', async () => {
    expect(chosen(await chooseSeries(stack(), [{ SeriesInstanceUID: '1.2.3', reason }], CRITERIA, never))).toEqual(
      reason,
    );
  });

  it('does not spoil another', async () => {
    expect(chosen(await chooseSeries(stack(), [{ SeriesInstanceUID: '1.2.4', reason }], CRITERIA, never))).toBe(
      '1.2.3',
    );
  });

  it('is the reason when nothing else is there', async () => {
    expect(chosen(await chooseSeries([], [{ SeriesInstanceUID: '1.2.4', reason }], CRITERIA, never))).toEqual(reason);
  });
});

it('accepts an absent body part and age, and any decodable syntax', async () => {
  const choice = await choose(stack(() => ({ BodyPartExamined: '', ageYears: undefined })));
  expect(chosen(choice)).toBe('1.2.3');
  expect('slices' in choice && choice.slices.headers[0]?.input.TransferSyntaxUID).toBe(EXPLICIT_LITTLE);
});

describe('a series outside the scope of the model', () => {
  const agent = (value: 'yes' | 'no') => ({ traits: new Map([['ContrastBolusAgent', value]]) });
  const among = async (criteria: object, changes: Parameters<typeof stack>[0]) =>
    chosen(await chooseSeries(stack(changes), [], { ...CRITERIA, ...criteria }, never));

  // biome-ignore format: a table
  it.each<[string, object, Parameters<typeof stack>[0], object]>([
    ['without contrast', { contrast: 'required' }, () => agent('no'), { code: 'OUT_OF_SCOPE', params: { attribute: 'ContrastBolusAgent', value: 'absent', accepted: 'present' } }],
    ['with contrast', { contrast: 'none' }, () => agent('yes'), { code: 'OUT_OF_SCOPE', params: { attribute: 'ContrastBolusAgent', value: 'present', accepted: 'absent' } }],
    ['of a grown-up', { patientAgeYears: { max: 16 } }, () => ({ ageYears: 17 }), { code: 'OUT_OF_SCOPE', params: { attribute: 'PatientAge', value: '17 years', accepted: '0 to 16 years' } }],
    ['of small images', { minPixels: [256, 512] }, () => ({ Rows: 128, Columns: 512 }), { code: 'TOO_FEW_PIXELS', params: { rows: 128, columns: 512, minimumRows: 256, minimumColumns: 512 } }],
  ])('%s is refused with its numbers', async (_what, criteria, changes, expected) => {
    expect(await among(criteria, changes)).toEqual(expected);
  });

  it('is read where it is inside', async () => {
    const criteria = { contrast: 'required', patientAgeYears: { min: 18, max: 90 }, minPixels: [512, 512] };
    expect(await among(criteria, () => agent('yes'))).toBe('1.2.3');
  });
});
