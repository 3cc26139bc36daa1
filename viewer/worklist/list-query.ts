import { ShownAiState } from '../../services/domain/ai-state.ts';
import { WorklistSort, WorklistTab } from '../../services/domain/contract/worklist.ts';

/** What the list shows; the address of the page says it, so a view is a link. */
export interface ListQuery {
  readonly tab: WorklistTab;
  readonly search: string;
  /** Empty: any. */
  readonly state: ShownAiState | '';
  readonly modality: string;
  readonly source: string;
  readonly bodyPart: string;
  readonly dates: DateRange;
  readonly sort: WorklistSort;
  readonly isReversed: boolean;
}

/** Today, and so many days before it; or two days, either of which may be open. */
export type DateRange =
  | { readonly kind: 'any' }
  | { readonly kind: 'days'; readonly back: number }
  | { readonly kind: 'own'; readonly from: string; readonly to: string };

export const START: ListQuery = {
  ...{ tab: 'toRead', search: '', state: '', modality: '', source: '', bodyPart: '' },
  ...{ dates: { kind: 'any' }, sort: 'priority', isReversed: false },
};

const TEXTS = ['search', 'modality', 'source', 'bodyPart'] as const;

/** Reads an address; what it does not understand is left at its start. */
export function listQuery(address: string): ListQuery {
  const given = new URLSearchParams(address);
  const { data: tab = START.tab } = WorklistTab.safeParse(given.get('tab'));
  const { data: state = START.state } = ShownAiState.safeParse(given.get('state'));
  const { data: sort = START.sort } = WorklistSort.safeParse(given.get('sort'));
  const texts = Object.fromEntries(TEXTS.map((name) => [name, (given.get(name) ?? '').slice(0, 200)]));
  const isReversed = given.get('order') === 'reverse';
  return { ...START, ...texts, tab, state, sort, isReversed, dates: dateRange(given) };
}

function dateRange(given: URLSearchParams): DateRange {
  const back = Number(given.get('days') ?? Number.NaN);
  if (Number.isInteger(back) && back >= 0 && back < 4000) return { kind: 'days', back };
  const day = (name: string) => (/^\d{4}-\d{2}-\d{2}$/.test(given.get(name) ?? '') ? (given.get(name) ?? '') : '');
  if (!given.has('from') && !given.has('to')) return START.dates;
  return { kind: 'own', from: day('from'), to: day('to') };
}

/** The address of a query, without what is as at the start. */
export function addressOf(query: ListQuery): string {
  const address = new URLSearchParams();
  if (query.tab !== START.tab) address.set('tab', query.tab);
  for (const name of [...TEXTS, 'state'] as const) if (query[name] !== '') address.set(name, query[name]);
  if (query.dates.kind === 'days') address.set('days', String(query.dates.back));
  if (query.dates.kind === 'own') {
    address.set('from', query.dates.from);
    address.set('to', query.dates.to);
  }
  if (query.sort !== START.sort) address.set('sort', query.sort);
  if (query.isReversed) address.set('order', 'reverse');
  return address.toString();
}

/** What the server is asked, see `WorklistQuery`; days are those of this machine. */
export function serverQuery(query: ListQuery, now = new Date()): Readonly<Record<string, string>> {
  const { tab, search, state, modality, source, bodyPart, sort, isReversed } = query;
  return {
    ...{ tab, search, state, modality, source, bodyPart, sort, order: isReversed ? 'reverse' : 'natural' },
    ...daysOf(query.dates, now),
  };
}

function daysOf(dates: DateRange, now: Date): { readonly from: string; readonly to: string } {
  if (dates.kind === 'own') return { from: dates.from, to: dates.to };
  if (dates.kind === 'any') return { from: '', to: '' };
  const first = new Date(now.getFullYear(), now.getMonth(), now.getDate() - dates.back);
  return { from: first.toLocaleDateString('sv-SE'), to: '' };
}

/** Anything set that can hide a study of this tab. */
export const isFiltered = ({ search, state, modality, source, bodyPart, dates }: ListQuery): boolean =>
  [search, state, modality, source, bodyPart].some((value) => value !== '') || dates.kind !== 'any';

export const withoutFilters = ({ tab, sort, isReversed }: ListQuery): ListQuery => ({
  ...START,
  tab,
  sort,
  isReversed,
});
