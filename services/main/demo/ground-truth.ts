import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { type Finding, isPlaced, type Placed } from '../../domain/finding.ts';

/** What was planted in the sample: the part of `ground-truth.json` that the demo compares with. */
const GroundTruth = z.object({
  StudyInstanceUID: z.string(),
  nodules: z.array(
    z.object({
      id: z.union([z.string(), z.number()]).transform(String),
      centerMm: z.tuple([z.number(), z.number(), z.number()]),
      diameterMm: z.number(),
      kind: z.string(),
    }),
  ),
});
export type GroundTruth = z.infer<typeof GroundTruth>;

export async function readGroundTruth(sample: string): Promise<GroundTruth> {
  return GroundTruth.parse(JSON.parse(await readFile(join(sample, 'ground-truth.json'), 'utf8')));
}

export interface Comparison {
  readonly hits: readonly {
    readonly nodule: GroundTruth['nodules'][number];
    readonly finding: (Finding & Placed) | undefined;
  }[];
  readonly falseMarks: readonly Finding[];
}

/** LUNA16's rule: a mark hits when its centre lies closer than the nodule's radius; each nodule takes its best mark. */
export function compare(truth: GroundTruth, all: readonly Finding[]): Comparison {
  const findings = all.filter(isPlaced);
  const near = (center: Placed['center'], nodule: GroundTruth['nodules'][number]) =>
    Math.hypot(...center.map((value, axis) => value - (nodule.centerMm[axis] ?? 0))) < nodule.diameterMm / 2;
  const hits = truth.nodules.map((nodule) => ({
    nodule,
    finding: findings
      .filter(({ center }) => near(center, nodule))
      .toSorted((a, b) => b.score - a.score)
      .at(0),
  }));
  return { hits, falseMarks: findings.filter(({ center }) => !truth.nodules.some((nodule) => near(center, nodule))) };
}
