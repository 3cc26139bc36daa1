import type { AddedFinding, Reader, Verdict } from '../../services/domain/contract/reading.ts';
import type { IconName } from '../icon.tsx';
import type { Translate } from '../locales/translate.ts';
import { personName } from '../person-name.ts';
import type { FindingState } from './review-state.ts';

/** A silhouette of its own for each state: colour is never alone. */
export const STATE_ICONS: Readonly<Record<FindingState, IconName>> = {
  unreviewed: 'findings',
  accepted: 'delivered',
  edited: 'pencil',
  rejected: 'refused',
  added: 'plus',
  deferred: 'defer',
};

/** What was decided, with the reason where there is one. */
export function verdictWords(said: Verdict | AddedFinding | undefined, t: Translate): string {
  if (said === undefined) return t('verdict.unreviewed');
  if (!('verdict' in said)) return t('verdict.added');
  if (said.verdict !== 'rejected') return t(`verdict.${said.verdict}`);
  if (said.bulk) return t('verdict.bulk');
  return said.reason === null
    ? t('verdict.rejected')
    : t('verdict.rejectedWhy', { reason: t(`reason.${said.reason}`) });
}

/** A reader as the name is read: the native script first. */
export const readerWords = (reader: Reader | null | undefined): string => personName(reader?.name ?? '').join(' ');

/** The same as it is typed. */
export const typedName = (reader: Reader | null | undefined): string =>
  (reader?.name ?? '').replace('^', ', ').replaceAll('^', ' ').trim();

/** ISO form in the time zone of this machine, to the minute. */
export const localMinute = (instant: string | null): string =>
  instant === null ? '' : new Date(instant).toLocaleString('sv-SE').slice(0, 16);
