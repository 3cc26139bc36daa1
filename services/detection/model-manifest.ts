import { z } from 'zod';

/**
 * `models/<id>/manifest.json`, schema 1.0, family "heatmap". The vocabulary is closed: a key, op or value that is not
 * below is a load error, never ignored. Spatial triples follow `order`, which is z, y, x throughout.
 */
const Count = z.number().int().min(1).max(4096);
const Mm = z.number().positive().max(1000);
const Unit = z.number().min(0).max(1);
const Words = z.array(z.string().min(1).max(64)).min(1);
const Text = z.string().max(4000);
const Triple = <T extends z.ZodType>(of: T) => z.tuple([of, of, of]);
const Code = z.strictObject({ scheme: z.string().max(16), value: z.string().max(16), meaning: z.string().max(64) });

const Artifact = z.strictObject({
  /** A file name beside the manifest: no folder, so none outside it. */
  path: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,100}$/),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  bytes: z
    .number()
    .int()
    .positive()
    .max(64 * 1024 * 1024),
  precision: z.enum(['fp32']),
  opset: z.number().int().min(1),
  providers: Words.optional(),
});

const Accepts = z.strictObject({
  modality: Words,
  sopClassUids: Words,
  /** Words of which BodyPartExamined holds one; an empty BodyPartExamined is accepted. */
  bodyPart: Words.optional(),
  imageTypeExclude: Words.optional(),
  orientation: z.strictObject({ plane: z.enum(['axial', 'any']), toleranceDeg: z.number().positive().max(45) }),
  /** Units of the values of other modalities than CT, for example `BQML`. */
  units: Words.optional(),
  minSlices: Count,
  sliceThicknessMm: z.strictObject({ warnAbove: Mm, rejectAbove: Mm }),
  spacingUniformityMm: Mm,
  patientAgeYears: z.strictObject({ min: z.number().min(0).max(120) }).optional(),
  rank: z.array(z.enum(['thinnest', 'softKernel', 'mostSlices'])),
});

const Hu = z.number().min(-32768).max(32767);
const Preprocess = z.discriminatedUnion('op', [
  z.strictObject({ op: z.literal('modalityLut'), to: z.literal('HU') }),
  z.strictObject({ op: z.literal('reorient'), axes: z.literal('LPS') }),
  z.strictObject({
    op: z.literal('resample'),
    spacingMm: Triple(z.number().min(0.2).max(10)),
    order: z.literal('zyx'),
    interpolation: z.literal('linear'),
    antialias: z.boolean(),
    align: z.literal('center'),
  }),
  z.strictObject({ op: z.literal('clip'), min: Hu, max: Hu }),
  z.strictObject({
    op: z.literal('scale'),
    from: z.tuple([z.number(), z.number()]),
    to: z.tuple([z.number(), z.number()]),
  }),
  z.strictObject({
    op: z.literal('roi'),
    mask: z.literal('lung'),
    marginMm: z.number().min(0).max(100),
    fillOutside: z.number().nullable(),
  }),
]);
export type Preprocess = z.infer<typeof Preprocess>;

const Input = z.strictObject({
  name: z.string().min(1),
  layout: z.literal('NCDHW'),
  dtype: z.literal('float32'),
  shape: z.tuple([z.literal(1), z.literal(1), z.string(), z.string(), z.string()]),
  multipleOf: Triple(Count),
  pad: z.strictObject({ mode: z.literal('edge') }),
});

const Tiling = z.strictObject({
  mode: z.literal('sliding'),
  roi: Triple(Count),
  overlap: Triple(z.number().int().min(0).max(1024)),
  blend: z.literal('center'),
  batch: z.literal(1),
  skipOutsideMask: z.boolean(),
});

const Output = z.strictObject({
  name: z.string().min(1),
  role: z.enum(['heatmap', 'regression']),
  layout: z.literal('NCDHW'),
  activation: z.enum(['sigmoid', 'none']),
});

const Channel = z.number().int().min(0).max(63);
const Decode = z.strictObject({
  family: z.literal('heatmap'),
  /** Input voxels per heat map cell. */
  stride: Triple(Count),
  /** Input voxel of the centre of cell 0. */
  cellOrigin: Triple(z.number()),
  peak: z.strictObject({
    /** A peak is the highest of so many cells along each axis. */
    kernel: z.union([z.literal(3), z.literal(5), z.literal(7)]),
    minScore: z.number().gt(0).lt(1),
    /** `parabola`: the maximum between cells, by the two neighbours on each axis. For maps without an offset output. */
    refine: z.enum(['none', 'parabola']).default('none'),
  }),
  offset: z.strictObject({ channels: Triple(Channel), order: z.literal('zyx'), unit: z.literal('cells') }).optional(),
  size: z.strictObject({
    channels: z.tuple([Channel]),
    encoding: z.enum(['ln', 'linear']),
    unit: z.literal('mm'),
    shape: z.literal('sphere'),
  }),
});

const Postprocess = z.discriminatedUnion('op', [
  z.strictObject({ op: z.literal('scoreFilter'), min: Unit }),
  z.strictObject({ op: z.literal('calibrate'), method: z.literal('platt'), a: z.number(), b: z.number() }),
  z.strictObject({
    op: z.literal('nms'),
    metric: z.literal('centerDistance'),
    /** Times the larger of the two diameters. */
    threshold: z.number().positive().max(10),
    relativeTo: z.literal('maxDiameter'),
    classAgnostic: z.literal(true),
  }),
  z.strictObject({ op: z.literal('insideMask'), mask: z.literal('lung'), toleranceMm: z.number().min(0).max(100) }),
  z.strictObject({ op: z.literal('sizeFilter'), minMm: z.number().min(0), maxMm: Mm }),
  z.strictObject({ op: z.literal('limit'), max: z.number().int().min(1).max(100) }),
]);
export type Postprocess = z.infer<typeof Postprocess>;

const OperatingPoint = z.strictObject({
  id: z.string().min(1).max(32),
  threshold: Unit,
  default: z.literal(true).optional(),
  /** Where the threshold comes from, in a sentence. */
  ground: Text.optional(),
  measured: z
    .strictObject({
      dataset: z.string(),
      sensitivity: Unit.nullable(),
      fpPerScan: z.number().min(0).nullable(),
    })
    .optional(),
});

const Card = z.strictObject({
  intendedUse: Text,
  clinicalUse: z.literal(false),
  regulatory: Text,
  population: Text,
  label: Text,
  limitations: z.array(Text),
  trainingData: z.strictObject({
    kind: z.enum(['none', 'synthetic', 'real', 'mixed', 'operator-supplied']),
    summary: Text.optional(),
    realSeries: z.number().int().optional(),
    realCubes: z.number().int().optional(),
    sources: z.array(z.strictObject({ name: z.string(), license: z.string() })).optional(),
  }),
  codeCommit: z.string().optional(),
  trainSeed: z.number().optional(),
  hardware: z.string().optional(),
  hours: z.number().nullable().optional(),
});

export const ModelManifest = z
  .strictObject({
    schemaVersion: z.literal('1.0'),
    /** The folder's name. */
    id: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/),
    version: z.string().regex(/^\d+\.\d+\.\d+$/),
    title: z.string().min(1).max(200),
    license: z.string(),
    kind: z.literal('detection'),
    dims: z.literal('3d'),
    artifacts: z.tuple([Artifact]),
    accepts: Accepts,
    preprocess: z.array(Preprocess),
    inputs: z.tuple([Input]),
    tiling: Tiling,
    tta: z.strictObject({ flips: z.array(z.string()).max(0), merge: z.literal('mean') }).optional(),
    outputs: z.tuple([Output, Output]),
    decode: Decode,
    postprocess: z.array(Postprocess),
    classes: z.tuple([
      z.strictObject({
        id: z.literal(0),
        name: z.string().min(1).max(64),
        code: Code,
        site: Code.optional(),
        color: z.string().optional(),
      }),
    ]),
    operatingPoints: z.array(OperatingPoint).min(1),
    report: z.strictObject({
      measurements: Words,
      structure: z.literal('TID1500'),
      geometry: z.string(),
      algorithm: z.strictObject({ name: z.string().min(1).max(64), manufacturer: z.string().min(1).max(64) }),
      banner: z.string().min(1).max(200),
    }),
    runtime: z.strictObject({
      providers: Words,
      intraOpThreads: z.number().int().min(0).max(256),
      warmupRuns: z.number().int().min(0).max(10),
      estimate: z.strictObject({
        gflopPerStudy: z.number(),
        cpuMemoryMb: z.number(),
        gpuMemoryMb: z.number().optional(),
      }),
    }),
    card: Card,
  })
  .superRefine((manifest, context) => {
    const wrong = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message });
    const [first, second, third] = manifest.preprocess.map(({ op }) => op);
    if (first !== 'modalityLut' || second !== 'reorient' || third !== 'resample')
      wrong('preprocess', 'must start with modalityLut, reorient, resample');
    if (manifest.preprocess.slice(3).some(({ op }) => ['modalityLut', 'reorient', 'resample'].includes(op)))
      wrong('preprocess', 'modalityLut, reorient and resample may appear once');
    if (manifest.outputs.map(({ role }) => role).join() !== 'heatmap,regression')
      wrong('outputs', 'must be a heatmap and a regression, in this order');
    if (manifest.operatingPoints.filter((point) => point.default).length !== 1)
      wrong('operatingPoints', 'exactly one must be the default');
    if (manifest.tiling.overlap.some((overlap, a) => overlap * 2 > (manifest.tiling.roi[a] ?? 0)))
      wrong('tiling', 'tiles may overlap by half of their size at most');
    if (manifest.tiling.roi.some((size, a) => size % (manifest.inputs[0].multipleOf[a] ?? 1) !== 0))
      wrong('tiling', 'roi must be a multiple of multipleOf');
    if (manifest.inputs[0].multipleOf.some((multiple, a) => multiple % (manifest.decode.stride[a] ?? 1) !== 0))
      wrong('decode', 'multipleOf must be a multiple of stride');
  });
export type ModelManifest = z.infer<typeof ModelManifest>;
