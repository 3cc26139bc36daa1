import { z } from 'zod';

/**
 * Why a study could not be analysed, or why a run failed: a code and its numbers, never a sentence. Screens and
 * reports put it in words (`reasonText` for English; the viewer has zh-CN), so that both say the same.
 */
// biome-ignore format: a table
const REASONS = {
  // not analysable: the input is not what the model can read
  NO_SUITABLE_SERIES:       'no series of modality {modality} in this study',
  NOT_AN_IMAGE:             'the study holds no images ({sopClass})',
  ONLY_LOCALIZER:           'only localizer or derived images ({count})',
  TRANSFER_SYNTAX:          'transfer syntax {transferSyntax} ({uid}) is not decoded by this version',
  TOO_FEW_SLICES:           '{count} slices, at least {minimum} are needed',
  TOO_FEW_PIXELS:           '{rows} x {columns} pixels, at least {minimumRows} x {minimumColumns} are needed',
  MISSING_SLICES:           'gap of {gapMm} mm between slices {after} and {before}, spacing is {spacingMm} mm',
  SLICE_TOO_THICK:          'slice thickness {thicknessMm} mm, the limit of this model is {limitMm} mm',
  NOT_UNIFORM:              'slice {slice} differs from its neighbours in {attribute}: {value} instead of {expected}',
  MIXED_SERIES:             'the {images} images of the series are {stacks} stacks that differ in {attribute}; the largest has {count} slices, at least {minimum} are needed',
  NO_GEOMETRY:              'slice {slice} has no {attribute}',
  NOT_AXIAL:                'slices are tilted {tiltDeg} degrees from axial, the limit is {limitDeg}',
  OBLIQUE:                  'slices are tilted {tiltDeg} degrees from the nearest axial, coronal or sagittal plane, the limit is {limitDeg}',
  DUPLICATE_POSITION:       'slices {first} and {second} lie at the same position with different content; {count} positions are taken twice',
  SHIFTED_SLICE:            'slice {slice} lies {shiftMm} mm beside the line of the others',
  TILT_TOO_LARGE:           'slices are sheared by {shearMm} mm, a tilt of {tiltDeg} degrees; the limit is {limitDeg}',
  MULTI_FRAME:              'the {frames} frames of image {slice} have no position of their own',
  NOT_HU:                   'pixel values cannot be turned into Hounsfield units: {detail}',
  NO_SCALE:                 'pixel values have no known scale: {detail}',
  NOT_A_NUMBER:             '{count} values of the volume are not numbers',
  LUNG_NOT_FOUND:           'no lung found: {litres} litres of air inside the body',
  DAMAGED_IMAGE:            'image {slice} cannot be decoded: {detail}',
  UNREADABLE:               'instance {slice} cannot be read: {detail}',
  OUT_OF_SCOPE:             '{attribute} is {value}, this model accepts {accepted}',
  TOO_LARGE:                '{what} needs {megabytes} MB, the limit is {limit} MB',
  // not read by the rules of the site
  NO_ROUTE:                 'no routing rule matches this study',
  ROUTED_ELSEWHERE:         'routing rule {rule} does not give this study to this model',
  FETCHED_AS_PRIOR:         'fetched as a prior of another study: it is shown beside it and not analysed',
  // noticed and tolerated: warnings of an analysis (SLICE_TOO_THICK is one too, below its limit)
  GANTRY_TILT:              'gantry tilt of {tiltDeg} degrees: slices sheared by {shearMm} mm were resampled to a right-angled grid',
  UNEVEN_SPACING:           'slices lie {fromMm} to {toMm} mm apart: resampled to {spacingMm} mm',
  UNIT_ASSUMED:             'RescaleType of {count} images is US (unspecified): their values were taken for {unit}',
  COPIES_DROPPED:           '{count} images are copies of others and were left out',
  SET_APART:                '{count} images of the series were not read: their {attribute} is {others}, read was {chosen}',
  IMAGES_PASSED_OVER:       '{count} images were not read: their {attribute} is {others}, this model accepts {accepted}',
  PHASES:                   '{phases} phases in the series by {attribute}: {chosen} was read, {count} images of the others were not',
  PASSED_OVER:              'a more suitable set of {count} images could not be read: {reason}',
  FELL_BACK:                '{provider} ran out of memory in the middle; the rest was computed on the processor',
  // nothing can be measured at a point that a reader chose
  OUTSIDE_IMAGES:           'the point lies outside the images of the series',
  OUTSIDE_LUNGS:            'the point lies more than {limitMm} mm outside the lungs',
  NOTHING_THERE:            'nothing at the point stands out from the lung around it',
  NO_BORDER:                'what is at the point goes on without a border: chest wall, mediastinum or a large vessel',
  // failed: the analysis broke
  CRASHED_REPEATEDLY:       'the analysis process ended {count} times on this input (last: {detail})',
  DEADLINE:                 'the analysis took longer than {seconds} s',
  OUT_OF_MEMORY:            'the analysis needed more than {limit} MB',
  INTEGRITY:                'stored bytes of image {slice} have changed since they were received',
  INVALID_MODEL_OUTPUT:     'the model answered outside its contract: {detail}',
  MODEL_DISABLED:           'model {model} is disabled: {detail}',
  CANCELLED:                'cancelled by {by}',
  INTERNAL:                 'unexpected error: {detail}',
} as const satisfies Record<string, string>;

export type ReasonCode = keyof typeof REASONS;
export const REASON_CODES = Object.keys(REASONS) as [ReasonCode, ...ReasonCode[]];

export const Reason = z.strictObject({
  code: z.enum(REASON_CODES),
  /** Numbers and identifiers of the standard; never a value that names a patient. */
  params: z.record(z.string(), z.union([z.string().max(200), z.number()])),
});
export type Reason = z.infer<typeof Reason>;

/** The reason in English, its numbers filled in. */
export function reasonText({ code, params }: Reason): string {
  return REASONS[code].replace(/\{(\w+)\}/g, (_all, name: string) => String(params[name] ?? '?'));
}

/** The template with its `{names}`, for translators and `docs/errors.md`. */
export const reasonTemplate = (code: ReasonCode): string => REASONS[code];
