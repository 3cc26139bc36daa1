import type { Condition } from '../../services/domain/routing/condition.ts';
import type { Translate } from '../locales/translate.ts';

/** What a condition asks of its attribute: `is one of CHEST, LUNG`. */
export function operatorWords(t: Translate, condition: Condition): string {
  const { equals, in: list, matches, contains, range, exists } = condition;
  if (equals !== undefined) return t('console.op.equals', { value: equals });
  if (list !== undefined) return t('console.op.in', { value: list.join(', ') });
  if (matches !== undefined) return t('console.op.matches', { value: matches });
  if (contains !== undefined) return t('console.op.contains', { value: contains });
  if (range !== undefined) return rangeWords(t, range);
  if (exists !== undefined) return t(exists ? 'console.op.exists' : 'console.op.absent');
  return comparisonWords(condition);
}

function rangeWords(t: Translate, range: NonNullable<Condition['range']>): string {
  const [from, to] = (typeof range === 'string' ? range.split('-') : range).map((end) => end ?? '');
  if (from === '' || from === undefined) return t('console.op.to', { to: to ?? '' });
  return to === '' || to === undefined ? t('console.op.from', { from }) : t('console.op.range', { from, to });
}

const COMPARISONS = [
  ['<', '<'],
  ['<=', '≤'],
  ['>', '>'],
  ['>=', '≥'],
] as const;

function comparisonWords(condition: Condition): string {
  const given = COMPARISONS.find(([operator]) => condition[operator] !== undefined);
  return given === undefined ? '' : `${given[1]} ${condition[given[0]]}`;
}
