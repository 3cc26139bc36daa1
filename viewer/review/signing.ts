import type { ReadingContent, StrangeSeries } from '../../services/domain/contract/reading.ts';
import type { RunDetail } from '../../services/domain/contract/worklist.ts';
import { type ListedFinding, listedFindings, openOf } from './listed-findings.ts';
import type { SessionState } from './reading-session.ts';

/** Why a reading must not be signed now. Each is said in words, and has a way out where there is one. */
export type Obstacle =
  | { readonly name: 'patientMismatch'; readonly stranger: StrangePatient }
  | { readonly name: 'newerResult'; readonly gone: readonly string[] }
  | { readonly name: 'notRevealed' }
  | { readonly name: 'conflict' }
  | { readonly name: 'notSaved' }
  | { readonly name: 'unreviewed'; readonly findings: readonly ListedFinding[] };

/** An object that names another patient than the study does. */
export interface StrangePatient {
  /** `undefined` while only the server has seen it. */
  readonly PatientID: string | undefined;
  readonly where: StrangeSeries['what'];
}

interface Signing {
  readonly session: Pick<SessionState, 'saving' | 'conflict' | 'review'>;
  readonly runs: readonly RunDetail[];
  /** In force, by run. */
  readonly thresholdOf: (run: RunDetail) => number;
  readonly stranger: StrangePatient | undefined;
  readonly hidden: boolean;
}

/** What keeps a reading from being signed, worst first; none when it may be. */
export function obstacles({ session, runs, thresholdOf, stranger, hidden }: Signing): readonly Obstacle[] {
  const { content } = session.review;
  const gone = verdictsOnNothing(content, runs);
  const open = openFindings(content, runs, thresholdOf);
  return [
    ...(stranger ? [{ name: 'patientMismatch', stranger } as const] : []),
    ...(hidden ? [{ name: 'notRevealed' } as const] : []),
    ...(session.conflict ? [{ name: 'conflict' } as const] : []),
    ...(!session.conflict && unsaved(session.saving.name) ? [{ name: 'notSaved' } as const] : []),
    ...(gone.length > 0 && !hidden ? [{ name: 'newerResult', gone } as const] : []),
    ...(open.length > 0 ? [{ name: 'unreviewed', findings: open } as const] : []),
  ];
}

const unsaved = (name: SessionState['saving']['name']): boolean =>
  name === 'away' || name === 'refused' || name === 'loading';

/** Verdicts on findings that a newer result no longer has. */
const verdictsOnNothing = ({ verdicts }: ReadingContent, runs: readonly RunDetail[]): readonly string[] => {
  const present = new Set(runs.flatMap(({ findings }) => findings.map(({ TrackingUID }) => TrackingUID)));
  return verdicts.map(({ TrackingUID }) => TrackingUID).filter((uid) => !present.has(uid));
};

/** At or above its threshold and without a decision, over all models of the study. */
export const openFindings = (
  content: ReadingContent,
  runs: readonly RunDetail[],
  thresholdOf: (run: RunDetail) => number,
): readonly ListedFinding[] =>
  runs.flatMap((run) => openOf(listedFindings(run.findings, { ...content, added: [] }, thresholdOf(run)).shown));

/** Only this can be left to "reject the rest". */
export const canRejectRest = (all: readonly Obstacle[]): boolean => all.length === 1 && all[0]?.name === 'unreviewed';
