import type { Artifact } from './artifact.ts';
import type { Runtime } from './runtime.ts';
import { isOfImage, type SelfTest } from './self-test.ts';

/** What is looked at; each block alone has passed its schema. */
interface Packaged {
  readonly dims: string;
  readonly artifacts: readonly Artifact[];
  readonly runtime: Pick<Runtime, 'precision'>;
  readonly selfTest?: SelfTest | undefined;
}

type Problem = readonly [path: readonly (string | number)[], message: string];

/** The files of a package against each other, and against where they are to run. */
export function checkArtifacts({ dims, artifacts, runtime, selfTest }: Packaged): readonly Problem[] {
  const isReference = ({ precision, providers }: Artifact) =>
    precision === 'fp32' && providers?.includes('cpu') !== false;
  const problems: Problem[] = [];
  if (!artifacts.some(isReference))
    problems.push([['artifacts'], 'one must be fp32 for the cpu: it is what the others are held against']);
  if (new Set(artifacts.map(({ path }) => path)).size !== artifacts.length)
    problems.push([['artifacts'], 'a path may appear once']);
  for (const [provider, precision] of Object.entries(runtime.precision ?? {}))
    if (!artifacts.some((artifact) => artifact.precision === precision))
      problems.push([['runtime'], `precision of ${provider}: there is no ${precision} artifact`]);
  if (selfTest !== undefined && isOfImage(selfTest) !== (dims === '2d'))
    problems.push([['selfTest', 'input', 'kind'], `${selfTest.input.kind} is not what a model of ${dims} reads`]);
  return problems;
}
