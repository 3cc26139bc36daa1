import type { Reason, ReasonCode } from '../../services/domain/reason.ts';
import { duration } from '../dates.ts';
import { sizeValue } from '../findings/size-words.ts';
import type { MessageKey } from '../locales/en.ts';
import type { AiState } from './ai-state.ts';

/** The words of a language, see `useText`. */
export interface Text {
  t(key: MessageKey, values?: Readonly<Record<string, string | number>>): string;
  reason(reason: Reason | null): string;
}

/** Seconds since an instant, see `useSince`. */
type Since = (instant: string) => number;

interface Words {
  readonly title: string;
  readonly detail: string;
}
type Of<Name extends AiState['name']> = Extract<AiState, { readonly name: Name }>;

const score2 = (score: number | null): string => (score === null ? '–' : score.toFixed(2));

/** Title and detail of a chip; the title alone tells the states apart. */
export function chipWords(state: AiState, text: Text, since: Since): Words {
  const { t } = text;
  switch (state.name) {
    case 'receiving':
      return { title: t('state.receiving'), detail: receivingDetail(state, text) };
    case 'waiting':
      return { title: t('state.waiting'), detail: waitingDetail(state, text, since) };
    case 'running':
      return { title: t('state.running'), detail: runningDetail(state, text, since) };
    case 'findings':
      if (state.flagOnly) return { title: t('state.flagged'), detail: t('state.flagged.detail') };
      return {
        title: t('state.findings', { count: state.count }),
        detail: t('state.findings.detail', { mm: sizeValue(state.largestMm), score: score2(state.topScore) }),
      };
    case 'none':
      return noneWords(state, text);
    case 'outdated':
      return { title: t('state.outdated'), detail: t('state.outdated.detail', { count: state.newInstances }) };
    case 'partial':
      return partialWords(state, text);
    case 'withdrawn':
      return {
        title: t('state.withdrawn'),
        detail: t('state.withdrawn.detail', { version: state.version, date: state.at.slice(0, 10) }),
      };
    case 'signed':
      return signedWords(state, text);
    case 'hidden':
      return { title: t('state.hidden'), detail: t('state.hidden.detail') };
    default:
      return reasonWords(state, text);
  }
}

/** The model is not meant for such a study, in contrast to one that it is meant for and cannot read. */
const OUTSIDE: readonly ReasonCode[] = ['NO_SUITABLE_SERIES', 'NOT_AN_IMAGE', 'ONLY_LOCALIZER', 'OUT_OF_SCOPE'];

function reasonWords({ name, reason }: { name: 'notAnalysable' | 'failed'; reason: Reason | null }, text: Text): Words {
  if (reason?.code === 'CANCELLED') return { title: text.t('state.cancelled'), detail: text.reason(reason) };
  const isOutside = name === 'notAnalysable' && reason !== null && OUTSIDE.includes(reason.code);
  return { title: text.t(isOutside ? 'state.notApplicable' : `state.${name}`), detail: text.reason(reason) };
}

function noneWords({ threshold, below, flagOnly }: Of<'none'>, { t }: Text): Words {
  if (flagOnly) return { title: t('state.unflagged'), detail: t('state.unflagged.detail') };
  const title = t('state.none', { threshold: score2(threshold) });
  return { title, detail: below > 0 ? t('state.none.below', { below }) : t('state.none.detail') };
}

function partialWords({ done, models, isHidden, count, largestMm, flagOnly }: Of<'partial'>, { t }: Text): Words {
  const title = t('state.partial', { done, models });
  if (isHidden) return { title, detail: t('state.partial.hidden') };
  if (flagOnly) return { title, detail: t('state.flagged') };
  return {
    title,
    detail: count > 0 ? t('state.partial.findings', { count, mm: sizeValue(largestMm) }) : t('state.partial.none'),
  };
}

function signedWords({ reader, at, count, flagOnly }: Of<'signed'>, { t }: Text): Words {
  const time = new Date(at).toLocaleString('sv-SE').slice(0, 16);
  const detail = flagOnly ? t('state.signed.flagged', { time }) : t('state.signed.detail', { time, count });
  return { title: t('state.signed', { reader }), detail };
}

function receivingDetail({ images, quietSecondsLeft, announced }: Of<'receiving'>, { t }: Text): string {
  if (quietSecondsLeft === null) return t('state.receiving.detail', { images });
  if (announced !== null && announced.missing > 0) {
    const { missing, images: all } = announced;
    return t('state.receiving.missing', { missing, all, seconds: Math.ceil(quietSecondsLeft) });
  }
  return t('state.receiving.quiet', { images, seconds: Math.ceil(quietSecondsLeft) });
}

function waitingDetail(state: Of<'waiting'>, { t }: Text, since: Since): string {
  const time = duration(since(state.since));
  return state.position === null
    ? t('state.waiting.detail', { time })
    : t('state.waiting.place', { time, position: state.position });
}

function runningDetail(state: Of<'running'>, { t }: Text, since: Since): string {
  const time = duration(since(state.since));
  return state.attempt > 1
    ? t('state.running.again', { time, attempt: state.attempt })
    : t('state.running.version', { time, version: state.version });
}
