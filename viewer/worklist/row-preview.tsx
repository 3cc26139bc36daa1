import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import type { RunDetail, WorklistStudy } from '../../services/domain/contract/worklist.ts';
import type { Finding } from '../../services/domain/finding.ts';
import { fetchPriors, fetchStudy } from '../api.ts';
import { isoDate, waited } from '../dates.ts';
import { useSince } from '../frame/clock.ts';
import { useText } from '../locales/i18n.ts';
import type { Translate } from '../locales/translate.ts';
import { studyState } from './ai-state.ts';
import { LesionCrop } from './lesion-crop.tsx';
import { ageAndSex, patientNames } from './patient-words.ts';
import { openWords } from './state-action.tsx';

/** A row that is only passed by is not asked for. */
const REST_MS = 150;
const MAX_CROPS = 4;
const MAX_PRIORS = 4;

/** Below the list: what is worth knowing of the row in focus before it is opened. Nothing of it moves the rows. */
export function RowPreview({ study }: { readonly study: WorklistStudy | undefined }) {
  const { t } = useText();
  return (
    <section className="row-preview" aria-label={t('preview.label')}>
      {study ? <Preview study={study} /> : <p className="quiet">{t('preview.hint')}</p>}
    </section>
  );
}

function Preview({ study }: { readonly study: WorklistStudy }) {
  const { t } = useText();
  const since = useSince();
  const names = patientNames(study, t);
  const words = [
    ageAndSex(study, t),
    study.StudyDescription,
    t('preview.arrived', { time: waited(since(study.firstArrivalAt)) }),
    study.sources.length > 0 ? t('preview.sources', { sources: study.sources.join(', ') }) : '',
  ];
  return (
    <>
      <div className="preview-who">
        <strong>
          {names.map((name) => (
            <bdi key={name}>{name}</bdi>
          ))}
        </strong>
        <span className="quiet">{words.filter(Boolean).join(' · ')}</span>
        {study.openedBy.length > 0 ? (
          <span className="opened">{t('reader.opened', { readers: study.openedBy.join(', ') })}</span>
        ) : null}
        <Link href={`/study/${study.StudyInstanceUID}`} className="row-button">
          {openWords(studyState(study), t)} <kbd>Enter</kbd>
        </Link>
      </div>
      <Findings study={study} />
      <Priors study={study} />
    </>
  );
}

function Findings({ study }: { readonly study: WorklistStudy }) {
  const { t } = useText();
  const [uid] = useDebouncedValue(study.StudyInstanceUID, REST_MS);
  const isSettled = uid === study.StudyInstanceUID;
  const detail = useQuery({
    queryKey: ['study', uid],
    queryFn: ({ signal }) => fetchStudy(uid, signal),
    enabled: isSettled,
  });
  const runs = isSettled ? (detail.data?.runs ?? []) : [];
  const found = runs
    .flatMap((run) => run.findings.filter(({ score }) => score >= run.threshold))
    .sort((a, b) => b.score - a.score);
  const modalityOf = ({ SeriesInstanceUID }: Finding) =>
    detail.data?.series.find((series) => series.SeriesInstanceUID === SeriesInstanceUID)?.Modality;
  const more = found.length - MAX_CROPS;
  return (
    <div className="preview-findings">
      <h2>{t('preview.findings')}</h2>
      {found.length > 0 ? (
        <ul className="crops">
          {found.slice(0, MAX_CROPS).map((finding) => (
            <li key={finding.TrackingUID}>
              <LesionCrop StudyInstanceUID={uid} finding={finding} Modality={modalityOf(finding)} />
            </li>
          ))}
          {more > 0 ? <li className="quiet">{t('preview.more', { count: more })}</li> : null}
        </ul>
      ) : (
        <p className="quiet">{withoutCrops(study, runs, t)}</p>
      )}
    </div>
  );
}

/** Why there are no pictures: nothing marked, nothing to be seen yet, or no result. */
function withoutCrops(study: WorklistStudy, runs: readonly RunDetail[], t: Translate): string {
  if (study.runs.some(({ hidden }) => hidden)) return t('preview.hidden');
  if (study.aiState === 'none') return t('preview.none');
  return runs.some(({ findingCount }) => findingCount > 0) ? t('preview.triage') : '–';
}

function Priors({ study }: { readonly study: WorklistStudy }) {
  const { t } = useText();
  const [uid] = useDebouncedValue(study.StudyInstanceUID, REST_MS);
  const isSettled = uid === study.StudyInstanceUID;
  const priors = useQuery({
    queryKey: ['priors', uid],
    queryFn: ({ signal }) => fetchPriors(uid, signal),
    enabled: isSettled,
  });
  const known = isSettled ? (priors.data?.priors ?? []) : [];
  return (
    <div className="preview-priors">
      <h2>{t('preview.priors')}</h2>
      {known.length > 0 ? (
        <ul>
          {known.slice(0, MAX_PRIORS).map((prior) => (
            <li key={prior.StudyInstanceUID}>
              <Link href={`/study/${prior.StudyInstanceUID}`}>
                {isoDate(prior.StudyDate)} {prior.modalities.join(' ')}
              </Link>{' '}
              <span className="quiet">{prior.StudyDescription}</span>
            </li>
          ))}
        </ul>
      ) : (
        <p className="quiet">
          {isSettled && priors.isPending ? '…' : t(priors.error ? 'preview.priorsFailed' : 'preview.noPriors')}
        </p>
      )}
    </div>
  );
}
