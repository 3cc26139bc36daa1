import { z } from 'zod';
import { REASON_CODES } from '../domain/reason.ts';
import { Uid } from '../domain/uid.ts';
import { LUNA16_RATES } from '../evaluation/froc.ts';
import { HIT_RULE_NAME } from '../evaluation/hit-rule.ts';

/**
 * A data set of the bench: where its images are, what is in them, by which rules marks are judged. It names data and holds
 * none, so that it can be committed where the data cannot. Paths are relative to the file; millimetres are LPS.
 */
export const DatasetId = z
  .string()
  .regex(/^[a-z0-9]+([._-][a-z0-9]+)*$/)
  .max(64);
const Path = z.string().min(1).max(500);
const Sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const Words = z.string().min(1).max(400);
const PointMm = z.tuple([z.number(), z.number(), z.number()]);
const PointPixels = z.tuple([z.number(), z.number()]);
const Strata = z.record(z.string().min(1).max(32), z.string().min(1).max(64));
export const HitRuleName = z.string().regex(HIT_RULE_NAME, 'is no hit rule');

/** One bit a voxel, x fastest, then y, then z; the highest bit of a byte first. */
const MaskFile = z.strictObject({
  file: Path,
  sizeVoxels: z.tuple([z.number(), z.number(), z.number()]),
  /** Centre of the first voxel. */
  originMm: PointMm,
  spacingMm: PointMm,
});
export type MaskFile = z.infer<typeof MaskFile>;

const Lesion = z
  .strictObject({
    id: z.string().min(1).max(64).optional(),
    /** Default: the middle of the box. */
    centerMm: PointMm.optional(),
    /** Negative: not measured (LUNA16 takes 10 mm). */
    diameterMm: z.number().optional(),
    boxMm: z.tuple([PointMm, PointMm]).optional(),
    mask: MaskFile.optional(),
    /** On a single image: left and top, right and bottom edge in SCOORD pixels (PS3.3 §C.18.6.1.1: a pixel's centre is at +0.5). */
    boxPixels: z.tuple([PointPixels, PointPixels]).optional(),
    /** The image that `boxPixels` is on; needed where the scan holds several. */
    SOPInstanceUID: Uid.optional(),
    frame: z.number().int().min(1).optional(),
    /** `false`: marks on it neither hit nor count as false. */
    included: z.boolean().default(true),
    strata: Strata.default({}),
  })
  .refine(({ centerMm, boxMm, boxPixels }) => centerMm ?? boxMm ?? boxPixels, 'needs centerMm, boxMm or boxPixels')
  .refine(
    ({ diameterMm, boxMm, mask, boxPixels }) => diameterMm !== undefined || boxMm || mask || boxPixels,
    'needs diameterMm, boxMm, mask or boxPixels',
  )
  .refine(
    ({ boxPixels, centerMm, diameterMm, boxMm, mask }) => !(boxPixels && (centerMm ?? diameterMm ?? boxMm ?? mask)),
    'boxPixels stands alone: an image lies nowhere in the patient',
  )
  .refine(
    ({ boxPixels, SOPInstanceUID, frame }) => boxPixels || !(SOPInstanceUID ?? frame),
    'SOPInstanceUID and frame go with boxPixels',
  )
  .refine(
    ({
      boxPixels: [from, to] = [
        [0, 0],
        [1, 1],
      ],
    }) => from[0] < to[0] && from[1] < to[1],
    {
      path: ['boxPixels'],
      error: 'is [[left, top], [right, bottom]] with left < right and top < bottom',
    },
  )
  .refine(({ diameterMm }) => diameterMm !== 0, 'a diameter of 0');
export type LesionEntry = z.infer<typeof Lesion>;

/** False marks are counted per `image` where each scan is one. */
export const RateUnit = z.enum(['scan', 'cube', 'image']);

/** The scan must be refused, for this reason: it is then no part of the rates. */
const Expect = z.strictObject({ reason: z.enum(REASON_CODES) });

const Scan = z.strictObject({
  id: z.string().min(1).max(100),
  /** Or one file. Absent: only detections that were made elsewhere can be judged on it. */
  folder: Path.optional(),
  SeriesInstanceUID: Uid.optional(),
  /** Scans of one group (a patient, a series cut into cubes) are drawn together in a bootstrap. Default: each by itself. */
  group: z.string().min(1).max(100).optional(),
  /** Over the images of the scan: `overread bench digest <folder>`. */
  sha256: Sha256.optional(),
  expect: Expect.optional(),
  strata: Strata.default({}),
  lesions: z.array(Lesion).max(1000),
});
export type ScanEntry = z.infer<typeof Scan>;

const Source = z.discriminatedUnion('format', [
  /** Everything stands here. */
  z.strictObject({ format: z.literal('inline'), scans: z.array(Scan).min(1).max(10_000) }),
  /** Folders of `models/lung-nodule-ct/training`'s `phantom.sample`, each with its `ground-truth.json`. */
  z.strictObject({ format: z.literal('phantom'), folders: z.array(Path).min(1).max(1000) }),
  /** A `ground-truth.json` with one entry per patient, boxes or diameters, and irrelevant findings. */
  z.strictObject({
    format: z.literal('case-list'),
    file: Path,
    expect: z.record(z.string(), Expect).default({}),
  }),
  /** LUNA16's own lists; the images of a series in a folder named by its UID. */
  z.strictObject({
    format: z.literal('luna16'),
    series: Path,
    annotations: Path,
    excluded: Path.optional(),
    images: z.boolean().default(true),
  }),
  /** A table of boxes, `image,left,top,right,bottom`: a scan a file; a line without numbers names an image without a lesion. */
  z.strictObject({ format: z.literal('image-boxes'), boxes: Path }),
]);

/** The same scans, made in another way: a cell of the robustness grid. */
const Variant = z.strictObject({
  id: DatasetId,
  /** `thickness`, `dose`, `kernel`, `tilt`, `missing slice`, … */
  axis: Words,
  value: Words,
  root: Path,
});
export type Variant = z.infer<typeof Variant>;

/** Rules that need no millimetres. */
const RULES_ON_IMAGES = /^(?:byShape|pointInBox|iou@.*)$/;

export const DatasetFile = z
  .strictObject({
    schemaVersion: z.literal('1.0'),
    id: DatasetId,
    title: Words,
    kind: z.enum(['synthetic', 'real-scans', 'real-cubes']),
    license: Words,
    attribution: z.string().max(2000).optional(),
    /** Which part of a larger set this is: `test`, `development`, … */
    split: Words,
    /** What these numbers may and may not say. */
    caution: z.string().max(1000).optional(),
    /** Folder that the paths of the source start from; default that of this file. */
    root: Path.default('.'),
    /** Of the file that holds the truth. */
    truthSha256: Sha256.optional(),
    hitRule: HitRuleName.default('byShape'),
    /** False marks per scan (or cube) of the table. CPM is quoted only at LUNA16's seven. */
    rates: z
      .array(z.number().positive().max(1000))
      .min(1)
      .max(20)
      .default([...LUNA16_RATES]),
    unit: RateUnit.default('scan'),
    /** `images`: radiographs, mammograms and other images that lie nowhere in the patient; for models of single images. */
    marksOn: z.enum(['patient', 'images']).default('patient'),
    /** Marks nearer than this to a face of the volume do not count. */
    faceMarginVoxels: z.number().min(0).max(100).default(0),
    /** `false`: the model runs without its lung mask, for volumes that hold no whole lung. */
    lungMask: z.boolean().default(true),
    source: Source,
    variants: z.array(Variant).max(100).default([]),
  })
  .superRefine((file, context) => {
    const wrong = misplaced(file);
    if (wrong !== undefined) context.addIssue({ code: 'custom', message: wrong });
  });
export type DatasetFile = z.infer<typeof DatasetFile>;

interface Placing {
  readonly marksOn: 'patient' | 'images';
  readonly unit: z.infer<typeof RateUnit>;
  readonly hitRule: string;
  readonly faceMarginVoxels: number;
  readonly source: z.infer<typeof Source>;
}

/** What does not go together: places in the patient and on images. */
function misplaced({ marksOn, unit, hitRule, faceMarginVoxels, source }: Placing): string | undefined {
  const isOnImages = marksOn === 'images';
  const format = source.format === 'image-boxes';
  if (source.format === 'inline') {
    const scan = source.scans.find(({ lesions }) =>
      lesions.some(({ boxPixels }) => (boxPixels !== undefined) !== isOnImages),
    );
    if (scan)
      return isOnImages
        ? `marksOn: images, and a lesion of scan ${scan.id} has no boxPixels`
        : `boxPixels of scan ${scan.id} need marksOn: images`;
  } else if (format !== isOnImages)
    return `source.format ${source.format} needs marksOn: ${format ? 'images' : 'patient'}`;
  if (!isOnImages) return unit === 'image' ? 'unit: image needs marksOn: images' : undefined;
  if (unit === 'cube') return 'unit: cube is one of the patient';
  if (!RULES_ON_IMAGES.test(hitRule)) return `hitRule ${hitRule} needs millimetres, marksOn: images has none`;
  return faceMarginVoxels > 0 ? 'faceMarginVoxels needs a volume' : undefined;
}
