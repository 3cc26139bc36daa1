import { z } from 'zod';
import { Accepts } from './manifest/accepts.ts';
import { Artifact } from './manifest/artifact.ts';
import { Card } from './manifest/card.ts';
import { checkArtifacts } from './manifest/check-artifacts.ts';
import { Decode } from './manifest/decode.ts';
import { Evaluation } from './manifest/evaluation.ts';
import { Postprocess } from './manifest/postprocess.ts';
import { Preprocess } from './manifest/preprocess.ts';
import { LesionClass, OperatingPoint, Report } from './manifest/results.ts';
import { Runtime } from './manifest/runtime.ts';
import { SelfTest } from './manifest/self-test.ts';
import { Input, Output, Tiling } from './manifest/tensors.ts';

/**
 * `models/<id>/manifest.json`, schema 1.0, family "heatmap"; one file of `manifest/` for each block. The vocabulary is
 * closed: a key, op or value that is not there is a load error, never ignored.
 */
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
    artifacts: z.array(Artifact).min(1).max(8),
    accepts: Accepts,
    preprocess: z.array(Preprocess),
    inputs: z.tuple([Input]),
    tiling: Tiling,
    tta: z.strictObject({ flips: z.array(z.string()).max(0), merge: z.literal('mean') }).optional(),
    outputs: z.tuple([Output, Output]),
    decode: Decode,
    postprocess: z.array(Postprocess),
    classes: z.tuple([LesionClass]),
    operatingPoints: z.array(OperatingPoint).min(1),
    report: Report,
    runtime: Runtime,
    selfTest: SelfTest.optional(),
    evaluation: z.array(Evaluation).max(20).optional(),
    card: Card,
  })
  .superRefine((manifest, context) => {
    const wrong = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message });
    const [first, second, third] = manifest.preprocess.map(({ op }) => op);
    if (first !== 'modalityLut' || second !== 'reorient' || third !== 'resample')
      wrong('preprocess', 'must start with modalityLut, reorient, resample');
    if (manifest.preprocess.slice(3).some(({ op }) => ['modalityLut', 'reorient', 'resample'].includes(op)))
      wrong('preprocess', 'modalityLut, reorient and resample may appear once');
    for (const [path, message] of checkArtifacts(manifest))
      context.addIssue({ code: 'custom', path: [...path], message });
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
