import type { Reason } from '../../services/domain/reason.ts';
import { duration } from '../dates.ts';
import { type Since, useSince } from '../frame/clock.ts';
import { Icon } from '../icon.tsx';
import { type Text, useText } from '../locales/i18n.ts';
import type { AiState } from './ai-state.ts';

/** One AI state: icon, words and the facts behind them; never the colour alone. */
export function AiChip({ state }: { readonly state: AiState }) {
  const text = useText();
  const since = useSince();
  const { title, detail } = chipWords(state, text, since);
  return (
    <span className="ai-chip" data-state={state.name}>
      <Icon name={state.name} size={18} />
      <span className="ai-chip-words">
        <strong>{title}</strong>
        <span className="ai-chip-detail" title={detail}>
          {detail}
        </span>
      </span>
    </span>
  );
}

const score2 = (score: number | null): string => (score === null ? '–' : score.toFixed(2));
const mm1 = (mm: number | null): string => (mm === null ? '–' : mm.toFixed(1));

function chipWords(state: AiState, text: Text, since: Since): { readonly title: string; readonly detail: string } {
  const { t } = text;
  switch (state.name) {
    case 'receiving':
      return { title: t('state.receiving'), detail: receivingDetail(state, text) };
    case 'waiting':
      return { title: t('state.waiting'), detail: t('state.waiting.detail', { time: duration(since(state.since)) }) };
    case 'running':
      return { title: t('state.running'), detail: runningDetail(state, text, since) };
    case 'findings':
      return {
        title: t('state.findings', { count: state.count }),
        detail: t('state.findings.detail', { mm: mm1(state.largestMm), score: score2(state.topScore) }),
      };
    case 'none':
      return { title: t('state.none', { threshold: score2(state.threshold) }), detail: t('state.none.detail') };
    case 'outdated':
      return { title: t('state.outdated'), detail: t('state.outdated.detail', { count: state.newInstances }) };
    default:
      return reasonWords(state, text);
  }
}

const reasonWords = ({ name, reason }: { name: 'notAnalysable' | 'failed'; reason: Reason | null }, text: Text) => ({
  title: text.t(`state.${name}`),
  detail: text.reason(reason),
});

function receivingDetail({ images, quietSecondsLeft }: Extract<AiState, { name: 'receiving' }>, { t }: Text): string {
  if (quietSecondsLeft === null) return t('state.receiving.detail', { images });
  return t('state.receiving.quiet', { images, seconds: Math.ceil(quietSecondsLeft) });
}

function runningDetail(state: Extract<AiState, { name: 'running' }>, { t }: Text, since: Since): string {
  const time = duration(since(state.since));
  return state.attempt > 1
    ? t('state.running.again', { time, attempt: state.attempt })
    : t('state.running.detail', { time });
}
