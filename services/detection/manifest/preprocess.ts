import { z } from 'zod';
import { Count, closed, oneOf, Range, Triple } from './vocabulary.ts';

const op = <Name extends string>(name: Name) => z.literal(name);
const Percentiles = z.tuple([z.number().min(0).max(100), z.number().min(0).max(100)]);
/** Height, then width, in pixels. */
const Size = z.tuple([Count, Count]);

/**
 * Steps from the image to what the graph reads, carried out in their order. Which of them a model may use, and where, is
 * said in `check-steps.ts`.
 */
export const Preprocess = oneOf('op', [
  /** Stored values to values of the modality; `HU` for CT. */
  closed({ op: op('modalityLut'), to: z.literal('HU').optional() }),
  /** Single frames only: bright is dense; MONOCHROME1 is turned over. */
  closed({ op: op('monochrome'), to: z.literal('MONOCHROME2') }),
  /** x runs to the left, y to the back, z to the head (LPS); to the right, the front, the head (RAS); or as the images lie. */
  closed({ op: op('reorient'), axes: z.enum(['LPS', 'RAS', 'source']) }),
  closed({
    op: op('resample'),
    /** In the order of `order`. */
    spacingMm: Triple(z.number().min(0.2).max(10)),
    order: z.enum(['zyx', 'xyz']),
    /** `cubic` is Keys' kernel, a = -0.5. */
    interpolation: z.enum(['linear', 'nearest', 'cubic']),
    /** Widens the kernel where the new grid is coarser. */
    antialias: z.boolean(),
    /** `center`: the middles of both grids coincide. `corner`: the centres of their first and of their last voxels do. */
    align: z.enum(['center', 'corner']),
    /** The axis of the thickest voxels, where they are more than `threshold` times as thick as thin, is sampled so. */
    anisotropy: closed({
      threshold: z.number().min(1).max(100),
      throughPlane: z.enum(['nearest', 'linear']),
    }).optional(),
  }),
  /** The box around the voxels that are not zero. */
  closed({ op: op('cropNonzero') }),
  closed({
    op: op('roi'),
    mask: z.literal('lung'),
    marginMm: z.number().min(0).max(100),
    fillOutside: z.number().nullable(),
  }),
  /** In plane, edges on edges: to `size`, or so that the longer side has `longSide` pixels. */
  closed({
    op: op('resize'),
    size: Size.optional(),
    longSide: Count.optional(),
    keepAspect: z.literal(false).optional(),
    interpolation: z.enum(['linear', 'nearest', 'area']),
  }),
  /** In plane: as large as fits into `size` with its proportions kept, the rest filled. */
  closed({
    op: op('letterbox'),
    size: Size,
    fill: z.number(),
    interpolation: z.enum(['linear', 'nearest', 'area']),
    align: z.enum(['center', 'topLeft']),
  }),
  /** Turned over along an axis; with `when`, only images of that side, and an image whose side is not said is refused. */
  closed({
    op: op('flip'),
    axis: z.enum(['x', 'y', 'z']),
    when: closed({ laterality: z.enum(['L', 'R']) }).optional(),
  }),
  closed({ op: op('clip'), min: z.number(), max: z.number() }),
  /** Linear. `window`: from the ends of the last `window` step; `minmax`: from the least and the greatest value. */
  closed({ op: op('scale'), from: z.union([Range, z.enum(['window', 'minmax'])]), to: Range }),
  /** (value - mean) / std; a list has one for each channel. `image`: of the values of this image. */
  closed({
    op: op('zscore'),
    mean: z.union([z.number(), z.array(z.number()).min(1).max(16)]).optional(),
    std: z.union([z.number().positive(), z.array(z.number().positive()).min(1).max(16)]).optional(),
    of: z.literal('image').optional(),
  }),
  /** Clips to two percentiles of the values of this image. */
  closed({ op: op('percentileClip'), percentiles: Percentiles }),
  /** Clips to a window and remembers its ends: as given, that of the image (`voi`, single frames only), or by percentiles. */
  closed({
    op: op('window'),
    center: z.number().optional(),
    width: z.number().positive().optional(),
    source: z.enum(['voi', 'voi-or-percentile', 'percentile']).optional(),
    percentiles: Percentiles.optional(),
  }),
  /** The same image in each channel. */
  closed({ op: op('channels'), repeat: z.number().int().min(2).max(16), order: z.literal('RGB').optional() }),
  /** 2.5D: neighbouring slices as channels, in the order of z; `center` is the channel that the answer speaks of. */
  closed({
    op: op('stack'),
    slices: z.number().int().min(1).max(64),
    strideMm: z.number().positive().max(100),
    center: z.number().int().min(0).max(63),
    pad: z.literal('edge'),
  }),
]);
export type Preprocess = z.infer<typeof Preprocess>;
export type PreprocessOp<Name extends Preprocess['op']> = Extract<Preprocess, { op: Name }>;
