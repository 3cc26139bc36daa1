import { describe, expect, it } from 'vitest';
import { readFrameImage } from '../../services/imaging/read-frame.ts';
import { refusalReason } from '../../services/imaging/refusal.ts';
import type { Element } from '../support/dicom-bytes.ts';
import { DIGITAL_X_RAY, frameFile } from './frame-file.ts';

const CRITERIA = {
  modality: ['DX'],
  sopClassUids: [DIGITAL_X_RAY],
  bodyPart: ['CHEST'],
  viewPosition: ['PA', 'AP'],
  imageTypeExclude: ['LOCALIZER'],
  minPixels: [2, 3],
  contrast: 'none',
  patientAgeYears: { min: 18, max: 90 },
} as const;
const PIXELS = { columns: 3, rows: 2, stored: [0, 1, 2, 3, 4, 4000] };
const read = (...others: Element[]) => readFrameImage(frameFile(PIXELS, others), CRITERIA);
const reason = (...others: Element[]) =>
  read(...others).then(
    () => 'read',
    (error: unknown) => refusalReason(error) ?? String(error),
  );

describe('a single image', () => {
  it('is read as values of the modality, with its side and its window', async () => {
    const image = await read(
      [0x00281052, 'DS', '-10'],
      [0x00281053, 'DS', '2'],
      [0x00281050, 'DS', '100.5\\7'],
      [0x00281051, 'DS', '51\\9'],
      [0x00200062, 'CS', 'R'],
    );
    expect(image).toEqual({
      ...{ SeriesInstanceUID: '1.2.3.2', Modality: 'DX', FrameOfReferenceUID: '' },
      SOPClassUID: DIGITAL_X_RAY,
      SOPInstanceUID: '1.2.3.4',
      frame: 1,
      columns: 3,
      rows: 2,
      pixels: Float32Array.of(-10, -8, -6, -4, -2, 7990),
      isInverted: false,
      // PS3.3 §C.11.2.1.2.1: center - 0.5 -+ (width - 1) / 2.
      window: [75, 125],
      laterality: 'R',
    });
  });

  it('has padding as dark as its darkest pixel, whichever way round', async () => {
    const padding: Element = [0x00280120, 'US', [4000]];
    expect((await read(padding)).pixels).toEqual(Float32Array.of(0, 1, 2, 3, 4, 0));
    const inverted = await read(padding, [0x00280004, 'CS', 'MONOCHROME1']);
    expect(inverted).toMatchObject({ isInverted: true, pixels: Float32Array.of(0, 1, 2, 3, 4, 4) });
  });

  // biome-ignore format: a table
  it.each<[string, Element[], object]>([
    ['another modality', [[0x00080060, 'CS', 'CR']], { code: 'OUT_OF_SCOPE', params: { attribute: 'Modality', value: 'CR', accepted: 'DX' } }],
    ['another SOP Class', [[0x00080016, 'UI', '1.2.840.10008.5.1.4.1.1.1']], { code: 'OUT_OF_SCOPE', params: { attribute: 'SOPClassUID' } }],
    ['another body part', [[0x00180015, 'CS', 'KNEE']], { code: 'OUT_OF_SCOPE', params: { attribute: 'BodyPartExamined', value: 'KNEE', accepted: 'CHEST' } }],
    ['another view', [[0x00185101, 'CS', 'LL']], { code: 'OUT_OF_SCOPE', params: { attribute: 'ViewPosition', value: 'LL', accepted: 'PA, AP' } }],
    ['no view', [[0x00185101, 'CS', '']], { code: 'OUT_OF_SCOPE', params: { attribute: 'ViewPosition', value: 'unknown' } }],
    ['an excluded type', [[0x00080008, 'CS', 'ORIGINAL\\PRIMARY\\LOCALIZER']], { code: 'OUT_OF_SCOPE', params: { attribute: 'ImageType', accepted: 'all without LOCALIZER' } }],
    ['a child', [[0x00101010, 'AS', '011M']], { code: 'OUT_OF_SCOPE', params: { attribute: 'PatientAge', value: '0 years', accepted: '18 to 90 years' } }],
    ['a patient too old', [[0x00101010, 'AS', '091Y']], { code: 'OUT_OF_SCOPE', params: { attribute: 'PatientAge', value: '91 years' } }],
    ['contrast', [[0x00180010, 'LO', 'IODINE']], { code: 'OUT_OF_SCOPE', params: { attribute: 'ContrastBolusAgent', value: 'present', accepted: 'absent' } }],
    ['colour', [[0x00280002, 'US', [3]], [0x00280004, 'CS', 'RGB']], { code: 'NO_SCALE', params: { detail: 'pixels are RGB' } }],
    ['several frames', [[0x00280008, 'IS', '4']], { code: 'MULTI_FRAME', params: { frames: 4 } }],
    ['fewer bytes than pixels', [[0x7fe00010, 'OW', Int16Array.of(1, 2)]], { code: 'DAMAGED_IMAGE' }],
  ])('of %s is refused with its numbers', async (_what, others, expected) => {
    expect(await reason(...others)).toMatchObject(expected);
  });

  // biome-ignore format: a table
  it.each<[string, object, Element[], object]>([
    ['for processing', { presentationIntent: ['FOR PRESENTATION'] }, [[0x00080068, 'CS', 'FOR PROCESSING']], { attribute: 'PresentationIntentType', value: 'FOR PROCESSING', accepted: 'FOR PRESENTATION' }],
    ['with text drawn into it', { burnedInAnnotation: false }, [[0x00280301, 'CS', 'YES']], { attribute: 'BurnedInAnnotation', value: 'YES', accepted: 'NO' }],
    ['of no side', { laterality: 'required' }, [], { attribute: 'ImageLaterality', value: 'unknown', accepted: 'L, R' }],
  ])('%s is refused, where that is asked', async (_what, criteria, others, params) => {
    const refused = readFrameImage(frameFile(PIXELS, others), { ...CRITERIA, ...criteria });
    await expect(refused).rejects.toMatchObject({ detail: { reason: 'OUT_OF_SCOPE', ...params } });
    expect(await reason(...others)).toBe('read');
  });

  it('of few pixels is refused with both sizes', async () => {
    const tiny = readFrameImage(frameFile({ columns: 2, rows: 2, stored: [1, 2, 3, 4] }), CRITERIA);
    await expect(tiny).rejects.toMatchObject({
      code: 'NOT_ANALYSABLE',
      message: '2 x 2 pixels, at least 2 x 3 are needed',
    });
  });

  it('of unknown age and body part is read', async () => {
    expect(await reason([0x00101010, 'AS', ''], [0x00180015, 'CS', ''])).toBe('read');
  });
});
