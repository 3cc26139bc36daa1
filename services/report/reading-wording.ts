import type { ReadLesion } from '../domain/contract/reading.ts';
import type { SignedSource } from '../domain/reading-source.ts';
import { reasonText } from '../domain/reason.ts';
import { displayThreshold } from '../domain/review.ts';
import { banner, sizeAndLabel } from './report-wording.ts';

/** How many lesions a reader presents, by where they come from, and how many marks were turned down. */
export interface ReadingCounts {
  readonly accepted: number;
  readonly edited: number;
  readonly added: number;
  readonly rejected: number;
  /** Of `rejected`, together with the rest. */
  readonly unjudged: number;
}

/** The sentences of a signed report. */
export function readingComments(source: SignedSource, counts: ReadingCounts): readonly string[] {
  const { runs, predecessor, signedAt, reader } = source;
  const at = signedAt.toISOString().replace('T', ' ').replace(/\..*/, '');
  return [
    ...new Set(runs.flatMap(({ algorithm }) => banner(algorithm.banner))),
    `Read and signed by ${reader.name} on ${at} UTC. The name is as the reader gave it; no login proves it.`,
    conclusion(counts),
    ...runs.map((run) => ofModel(source, run)),
    ...(predecessor ? [`This report amends ${predecessor.SOPInstanceUID}.`] : []),
  ];
}

function conclusion({ accepted, edited, added, rejected, unjudged }: ReadingCounts): string {
  const presented = accepted + edited + added;
  const lead =
    presented === 0
      ? 'No findings: the reader presents none. This does not exclude disease.'
      : `${presented} ${presented === 1 ? 'finding' : 'findings'} of the reader: ` +
        `${accepted} accepted, ${edited} changed, ${added} added.`;
  const rest = unjudged === 0 ? '' : `, ${unjudged} of them together and not one by one`;
  return rejected === 0 ? lead : `${lead} ${rejected} marks of the model rejected${rest}.`;
}

function ofModel({ content }: SignedSource, run: SignedSource['runs'][number]): string {
  const name = `${run.algorithm.name} ${run.modelVersion}`;
  if (run.endState === 'FAILED' || run.endState === 'NOT_ANALYSABLE')
    return `${name} gave no result: ${run.reason ? reasonText(run.reason) : 'the reason is not known'}.`;
  if (run.mode === 'triage') return `${name} only set the order of the worklist; its marks were not shown.`;
  const least = displayThreshold(content, run);
  const below = run.findings.filter(({ score }) => score < least).length;
  return `${name} was read at a display threshold of ${least}; ${below} marks lay below it.`;
}

/** A label for one lesion, for a reader that shows only the comment. */
export const lesionComment = (lesion: ReadLesion, how: 'changed' | 'added'): string =>
  `${sizeAndLabel(lesion)}, ${how} by the reader`;
