import type { RunDetail, WorklistStudy } from '../../services/domain/contract/worklist.ts';
import { Icon } from '../icon.tsx';
import { type Text, useText } from '../locales/i18n.ts';
import { reasonIn } from '../locales/languages.ts';
import { AiChip } from '../worklist/ai-chip.tsx';
import { type AiState, aiStates, stateOfRun } from '../worklist/ai-state.ts';
import { DeliveryLines } from '../worklist/delivery-line.tsx';
import { patientNames } from '../worklist/patient-words.ts';
import { CancelButton, RetryButton } from '../worklist/retry-button.tsx';

interface StatePanelProps {
  readonly study: WorklistStudy;
  readonly run: RunDetail | undefined;
}

/** What the AI has to say about the study as a whole, in a sentence for each state. */
export function StatePanel({ study, run }: StatePanelProps) {
  const text = useText();
  const state = run ? stateOfRun(run) : aiStates(study)[0].state;
  const sentence = stateSentence(state, run, text);
  const patient = patientNames(study, text.t)[0];
  const noResult = state.name === 'failed' || state.name === 'notAnalysable';
  return (
    <section className="state-panel" data-state={state.name}>
      <AiChip state={state} />
      {sentence ? <p>{sentence}</p> : null}
      {noResult ? <p>{text.t('panel.readUnaided')}</p> : null}
      {run?.state === 'FAILED' ? <RetryButton runId={run.runId} patient={patient} /> : null}
      {run?.state === 'RUNNING' || run?.state === 'WAITING' ? (
        <CancelButton runId={run.runId} patient={patient} />
      ) : null}
    </section>
  );
}

function stateSentence(state: AiState, run: RunDetail | undefined, { t }: Text): string | undefined {
  switch (state.name) {
    case 'findings':
      return undefined;
    case 'none':
      return t('panel.none', { threshold: state.threshold.toFixed(2) });
    case 'outdated':
      return t('panel.outdated', { count: run?.newInstances ?? state.newInstances });
    default:
      return t(`panel.${state.name}`);
  }
}

/** Which model, how it went, and where the report stands: what makes a result traceable. */
export function RunFacts({ run }: { readonly run: RunDetail }) {
  const { t, language } = useText();
  const seconds = Object.values(run.stageSeconds).reduce((sum, value) => sum + value, 0);
  return (
    <section className="run-facts" aria-labelledby="run-title">
      <h2 id="run-title">{t('panel.run')}</h2>
      <dl>
        <Fact name={t('study.model')} value={`${run.model.id} ${run.model.version}`} />
        <Fact name={t('panel.modelHash')} value={run.model.hash.slice(0, 12)} />
        <Fact name={t('panel.provider')} value={run.provider ?? ''} />
        <Fact
          name={t('panel.seconds')}
          value={seconds > 0 ? t('panel.secondsValue', { seconds: seconds.toFixed(1) }) : ''}
        />
        <Fact name={t('panel.finished')} value={run.finishedAt ? localTime(run.finishedAt) : ''} />
        <div>
          <dt>{t('panel.report')}</dt>
          <dd>
            <DeliveryLines run={run} />
          </dd>
        </div>
      </dl>
      {run.warnings.length > 0 ? (
        <>
          <h3>{t('panel.warnings')}</h3>
          <ul>
            {run.warnings.map((warning) => (
              <li key={JSON.stringify(warning)}>
                <Icon name="warning" size={13} /> {reasonIn(language, warning)}
              </li>
            ))}
          </ul>
        </>
      ) : null}
      {run.banner ? <p className="model-banner">{run.banner}</p> : null}
    </section>
  );
}

function Fact({ name, value }: { readonly name: string; readonly value: string }) {
  if (value === '') return null;
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

/** ISO form in the time zone of this machine. */
const localTime = (instant: string): string => new Date(instant).toLocaleString('sv-SE');
