import type { DoctorReport, DoctorStep } from '../../services/domain/contract/peers.ts';
import { Icon, type IconName } from '../icon.tsx';
import { useText } from '../locales/i18n.ts';
import { DiagnosisWords } from './diagnosis-words.tsx';
import { StepDetail } from './step-detail.tsx';

const ICONS: Readonly<Record<DoctorStep['state'], IconName>> = {
  ...{ ok: 'delivered', partly: 'warning', failed: 'refused', skipped: 'absent' },
};

interface PeerReportProps {
  readonly report: DoctorReport;
  /** Another test runs. */
  readonly isBusy: boolean;
}

/** What a test of a peer has found, step by step up to the first that fails. */
export function PeerReport({ report: { name, steps }, isBusy }: PeerReportProps) {
  const { t } = useText();
  return (
    <ol className="console-steps" aria-label={t('console.stepsOf', { name })} data-busy={isBusy}>
      {steps.map(({ step, state, detail, diagnosis }) => (
        <li key={step} data-step={step} data-state={state}>
          <Icon name={ICONS[state]} size={14} />
          <strong>{t(`console.step.${step}`)}</strong>
          <span>{t(`console.stepState.${state}`)}</span>
          <div>{diagnosis === null ? <StepDetail detail={detail} /> : <DiagnosisWords diagnosis={diagnosis} />}</div>
        </li>
      ))}
    </ol>
  );
}
