import { z } from 'zod';
import { Accepts } from './manifest/accepts.ts';
import { Artifact } from './manifest/artifact.ts';
import { Card } from './manifest/card.ts';
import { checkArtifacts } from './manifest/check-artifacts.ts';
import { checkDecode, checkFamily } from './manifest/check-decode.ts';
import { checkAccepts, checkResults } from './manifest/check-scope.ts';
import { checkPostprocess, checkPreprocess } from './manifest/check-steps.ts';
import { checkInput, checkTiling, checkTta } from './manifest/check-tensors.ts';
import { Decode } from './manifest/decode.ts';
import { Evaluation } from './manifest/evaluation.ts';
import { Postprocess } from './manifest/postprocess.ts';
import { Preprocess } from './manifest/preprocess.ts';
import { LesionClass, OperatingPoint, Report } from './manifest/results.ts';
import { Runtime } from './manifest/runtime.ts';
import { SelfTest } from './manifest/self-test.ts';
import { Input, Output, Tiling, Tta } from './manifest/tensors.ts';
import { closed } from './manifest/vocabulary.ts';

/** Between blocks, in the order in which a person reads them; each alone is checked by its schema. */
const RULES = [
  checkFamily,
  checkArtifacts,
  checkAccepts,
  checkPreprocess,
  checkInput,
  checkTiling,
  checkTta,
  checkDecode,
  checkPostprocess,
  checkResults,
];

/**
 * `models/<id>/manifest.json`, schema 1.0; one file of `manifest/` for each block, and the rules between them in its files
 * `check-…`. The vocabulary is closed: a key, op or value that is not there, or that means nothing where it stands, is a
 * load error, never ignored.
 */
export const ModelManifest = closed({
  schemaVersion: z.literal('1.0'),
  /** The folder's name. */
  id: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/),
  version: z.string().regex(/^\d+\.\d+\.\d+$/),
  title: z.string().min(1).max(200),
  license: z.string(),
  kind: z.enum(['detection', 'segmentation', 'classification']),
  /** `2d` reads single frames; `2.5d` the slices of a volume one by one; `3d` a volume. */
  dims: z.enum(['2d', '2.5d', '3d']),
  artifacts: z.array(Artifact).min(1).max(8),
  accepts: Accepts,
  preprocess: z.array(Preprocess),
  inputs: z.tuple([Input]),
  tiling: Tiling.default({ mode: 'none' }),
  tta: Tta.optional(),
  outputs: z.tuple([Output], Output),
  decode: Decode,
  postprocess: z.array(Postprocess),
  /** Ids count from 0. */
  classes: z.tuple([LesionClass], LesionClass),
  operatingPoints: z.array(OperatingPoint).min(1),
  report: Report,
  runtime: Runtime,
  selfTest: SelfTest.optional(),
  evaluation: z.array(Evaluation).max(20).optional(),
  card: Card,
}).superRefine((manifest, context) => {
  for (const rule of RULES)
    for (const [path, message] of rule(manifest)) context.addIssue({ code: 'custom', path: [...path], message });
});
export type ModelManifest = z.infer<typeof ModelManifest>;
