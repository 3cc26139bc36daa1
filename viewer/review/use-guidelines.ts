import type { NoduleInput, PatientInput, TakenHints } from '../../services/domain/contract/guideline-record.ts';
import { type GuidelineInput, guidelineInput, NOTHING_SAID } from '../../services/domain/guidelines/known-input.ts';
import type { ListedFinding } from './listed-findings.ts';
import { useReview, useSession } from './use-review.ts';

interface GuidelinesOfFinding {
  /** What both guidelines know of it now. */
  readonly input: GuidelineInput;
  readonly taken: TakenHints;
  readonly readOnly: boolean;
  sayOfPatient(patch: PatientInput): void;
  sayOfNodule(patch: NoduleInput): void;
  take(patch: TakenHints): void;
}

/** What the reader has said of a finding for the guidelines: it is part of the draft, and of what is signed. */
export function useGuidelines(finding: ListedFinding): GuidelinesOfFinding {
  const { session } = useReview();
  const { TrackingUID } = finding;
  const record = useSession(session, ({ review }) => review.content.guidelines ?? NOTHING_SAID);
  const readOnly = useSession(session, ({ reading }) => reading?.state === 'SIGNED');
  const now = () => session.store.getState().review.content.guidelines ?? NOTHING_SAID;
  return {
    input: guidelineInput(finding, record.patient, record.nodules[TrackingUID]),
    taken: record.taken[TrackingUID] ?? {},
    readOnly,
    sayOfPatient(patch) {
      const said = now();
      session.send({ type: 'guidelines', guidelines: { ...said, patient: { ...said.patient, ...patch } } });
    },
    sayOfNodule(patch) {
      const said = now();
      const nodules = { ...said.nodules, [TrackingUID]: { ...said.nodules[TrackingUID], ...patch } };
      session.send({ type: 'guidelines', guidelines: { ...said, nodules } });
    },
    take(patch) {
      const said = now();
      const taken = { ...said.taken, [TrackingUID]: { ...said.taken[TrackingUID], ...patch } };
      session.send({ type: 'guidelines', guidelines: { ...said, taken } });
    },
  };
}
