import { createColumnHelper, tableFeatures } from '@tanstack/react-table';
import { Link } from 'wouter';
import type { WorklistStudy } from '../../services/domain/contract/worklist.ts';
import { clockTime, duration, isoDate } from '../dates.ts';
import { useSince } from '../frame/clock.ts';
import type { MessageKey } from '../locales/en.ts';
import { useText } from '../locales/i18n.ts';
import { AiChip } from './ai-chip.tsx';
import { aiStates } from './ai-state.ts';
import { DeliveryLines } from './delivery-line.tsx';
import { ageAndSex, patientNames } from './patient-words.ts';
import { RetryButton } from './retry-button.tsx';

export const features = tableFeatures({});

const helper = createColumnHelper<typeof features, WorklistStudy>();

const header = (key: MessageKey) => () => <HeaderWord name={key} />;

function HeaderWord({ name }: { readonly name: MessageKey }) {
  return useText().t(name);
}

/** The order of the server is kept: findings first by score, then failed, then the newest. */
export const columns = helper.columns([
  helper.display({
    id: 'state',
    header: header('column.state'),
    cell: ({ row }) => <StateCell study={row.original} />,
  }),
  helper.display({
    id: 'patient',
    header: header('column.patient'),
    cell: ({ row }) => <PatientCell study={row.original} />,
  }),
  helper.display({
    id: 'id',
    header: header('column.id'),
    cell: ({ row }) => <IdCell study={row.original} />,
  }),
  helper.display({
    id: 'study',
    header: header('column.study'),
    cell: ({ row }) => <StudyCell study={row.original} />,
  }),
  helper.display({
    id: 'date',
    header: header('column.date'),
    cell: ({ row }) => <DateCell study={row.original} />,
  }),
  helper.display({
    id: 'modality',
    header: header('column.modality'),
    cell: ({ row }) => row.original.modalities.join(' '),
  }),
  helper.display({
    id: 'images',
    header: header('column.images'),
    cell: ({ row }) => row.original.instanceCount,
  }),
  helper.display({
    id: 'wait',
    header: header('column.wait'),
    cell: ({ row }) => <WaitCell study={row.original} />,
  }),
  helper.display({
    id: 'report',
    header: header('column.report'),
    cell: ({ row }) => <DeliveryLines run={row.original.runs[0]} />,
  }),
]);

function WaitCell({ study }: { readonly study: WorklistStudy }) {
  return duration(useSince()(study.lastArrivalAt));
}

function StateCell({ study }: { readonly study: WorklistStudy }) {
  const { t } = useText();
  return (
    <div className="state-cell">
      {aiStates(study).map(({ state, run }) => (
        <div key={run?.runId ?? state.name} className="state-line">
          <AiChip state={state} />
          {run && run.state === 'FAILED' ? <RetryButton runId={run.runId} patient={patientNames(study, t)[0]} /> : null}
        </div>
      ))}
    </div>
  );
}

function PatientCell({ study }: { readonly study: WorklistStudy }) {
  const { t } = useText();
  const [first, ...others] = patientNames(study, t);
  return (
    <>
      <Link href={`/study/${study.StudyInstanceUID}`} className="row-link">
        {first}
      </Link>
      <span className="second-line">{[...others, ageAndSex(study, t)].filter(Boolean).join(' · ')}</span>
    </>
  );
}

function IdCell({ study }: { readonly study: WorklistStudy }) {
  const { t } = useText();
  return (
    <>
      {study.PatientID || <em>{t('patient.noId')}</em>}
      <span className="second-line">{study.AccessionNumber}</span>
    </>
  );
}

function StudyCell({ study }: { readonly study: WorklistStudy }) {
  const { t } = useText();
  return <span title={study.StudyDescription}>{study.StudyDescription || <em>{t('study.noDescription')}</em>}</span>;
}

function DateCell({ study }: { readonly study: WorklistStudy }) {
  return (
    <>
      {isoDate(study.StudyDate)}
      <span className="second-line">{clockTime(study.StudyTime)}</span>
    </>
  );
}
