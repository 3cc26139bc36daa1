import { VisuallyHidden } from '@mantine/core';
import { Link } from 'wouter';
import type { RunSummary, WorklistStudy } from '../../services/domain/contract/worklist.ts';
import { clockTime, isoDate, waited } from '../dates.ts';
import { useSince } from '../frame/clock.ts';
import { Icon } from '../icon.tsx';
import { useText } from '../locales/i18n.ts';
import { personName } from '../person-name.ts';
import { AiChip } from './ai-chip.tsx';
import { studyState } from './ai-state.ts';
import { DeliveryLines } from './delivery-line.tsx';
import { ageAndSex, patientNames } from './patient-words.ts';
import { StateAction } from './state-action.tsx';

interface CellProps {
  readonly study: WorklistStudy;
}

export function WaitCell({ study }: CellProps) {
  const since = useSince();
  if (study.aiState === 'signed') return <span className="quiet">–</span>;
  return <span className="wait">{waited(since(study.firstArrivalAt))}</span>;
}

export function PatientCell({ study }: CellProps) {
  const { t } = useText();
  const [first, ...others] = patientNames(study, t);
  const second = [...others, ageAndSex(study, t)].filter(Boolean).join(' · ');
  return (
    <>
      <Link href={`/study/${study.StudyInstanceUID}`} className="row-link" title={[first, ...others].join(' · ')}>
        <bdi>{first}</bdi>
      </Link>
      <span className="second-line" title={second}>
        <bdi>{second}</bdi>
      </span>
    </>
  );
}

export function IdCell({ study }: CellProps) {
  const { t } = useText();
  return (
    <>
      <span title={study.PatientID}>{study.PatientID || <em>{t('patient.noId')}</em>}</span>
      <span className="second-line" title={study.AccessionNumber}>
        {study.AccessionNumber}
      </span>
    </>
  );
}

export function StudyCell({ study }: CellProps) {
  const { t } = useText();
  return (
    <>
      <span title={study.StudyDescription}>{study.StudyDescription || <em>{t('study.noDescription')}</em>}</span>
      <span className="second-line">
        {[study.bodyParts.join(' '), study.sources.join(' ')].filter(Boolean).join(' · ')}
      </span>
    </>
  );
}

export function DateCell({ study }: CellProps) {
  return (
    <>
      {isoDate(study.StudyDate)}
      <span className="second-line">{clockTime(study.StudyTime)}</span>
    </>
  );
}

export function ImagesCell({ study }: CellProps) {
  return (
    <>
      {study.modalities.join(' ')}
      <span className="second-line">{study.instanceCount.toLocaleString('en')}</span>
    </>
  );
}

export function AiCell({ study }: CellProps) {
  const state = studyState(study);
  return (
    <div className="state-line">
      <AiChip state={state} />
      <StateAction study={study} state={state} />
    </div>
  );
}

export function ReaderCell({ study: { reading, openedBy } }: CellProps) {
  const { t } = useText();
  const readers = openedBy.map(shortName).join(', ');
  const opened = t('reader.opened', { readers });
  return (
    <>
      {reading === null || reading.state === 'OPEN' ? (
        <>
          <span className="quiet" aria-hidden="true">
            –
          </span>
          <VisuallyHidden>{t('reader.open')}</VisuallyHidden>
        </>
      ) : (
        <span title={reading.reader}>
          {shortName(reading.reader)}
          <span className="quiet"> · {t(reading.state === 'SIGNED' ? 'reader.signed' : 'reader.draft')}</span>
        </span>
      )}
      {openedBy.length > 0 ? (
        <span className="opened" title={opened}>
          <VisuallyHidden>{opened}</VisuallyHidden>
          <span aria-hidden="true">
            <Icon name="eye" size={13} /> {readers}
          </span>
        </span>
      ) : null}
    </>
  );
}

const shortName = (name: string): string => personName(name)[0] ?? name;

export function ReportCell({ study }: CellProps) {
  return <DeliveryLines run={mostTroubled(study.runs)} />;
}

/** Of several runs the one whose report a person must look after. */
function mostTroubled(runs: readonly RunSummary[]): RunSummary | undefined {
  const inState = (state: 'REFUSED' | 'PENDING') =>
    runs.find(({ deliveries }) => deliveries.some((delivery) => delivery.state === state));
  return inState('REFUSED') ?? inState('PENDING') ?? runs.find(({ deliveries }) => deliveries.length > 0) ?? runs[0];
}
