import { defaultRangeExtractor, type Range, useVirtualizer } from '@tanstack/react-virtual';
import { memo, type ReactNode, useCallback, useEffect, useRef } from 'react';
import type { WorklistSort, WorklistStudy } from '../../services/domain/contract/worklist.ts';
import { Icon } from '../icon.tsx';
import { useKeys } from '../keys.ts';
import type { MessageKey } from '../locales/en.ts';
import { useText } from '../locales/i18n.ts';
import {
  AiCell,
  DateCell,
  IdCell,
  ImagesCell,
  PatientCell,
  ReaderCell,
  ReportCell,
  StudyCell,
  WaitCell,
} from './cells.tsx';
import { addressOf, type ListQuery } from './list-query.ts';
import { PriorityCell } from './priority-cell.tsx';
import type { List } from './use-list.ts';
import { useRowFocus } from './use-row-focus.ts';

interface Column {
  readonly id: string;
  readonly header: MessageKey;
  readonly sort?: WorklistSort;
  readonly cell: (props: { readonly study: WorklistStudy }) => ReactNode;
}

const COLUMNS: readonly Column[] = [
  { id: 'priority', header: 'column.priority', sort: 'priority', cell: PriorityCell },
  { id: 'wait', header: 'column.wait', sort: 'wait', cell: WaitCell },
  { id: 'patient', header: 'column.patient', sort: 'patient', cell: PatientCell },
  { id: 'id', header: 'column.id', sort: 'id', cell: IdCell },
  { id: 'study', header: 'column.study', sort: 'study', cell: StudyCell },
  { id: 'date', header: 'column.date', sort: 'date', cell: DateCell },
  { id: 'images', header: 'column.images', cell: ImagesCell },
  { id: 'state', header: 'column.ai', sort: 'ai', cell: AiCell },
  { id: 'reader', header: 'column.reader', cell: ReaderCell },
  { id: 'report', header: 'column.report', cell: ReportCell },
];

const ROW_PX = 46;
const PAGE_ROWS = 10;

interface WorklistTableProps {
  readonly list: List;
  readonly query: ListQuery;
  readonly onSort: (sort: WorklistSort, isReversed: boolean) => void;
  readonly onFocusRow: (study: WorklistStudy | undefined) => void;
}

/** Only the rows on screen are in the page, and the one with the focus; the others are a space of their height. */
export function WorklistTable({ list, query, onSort, onFocusRow }: WorklistTableProps) {
  const { t } = useText();
  const scroller = useRef<HTMLDivElement>(null);
  const kept = useRef<number | undefined>(undefined);
  const virtual = useVirtualizer({
    count: list.total,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 6,
    scrollPaddingStart: 32,
    rangeExtractor: useCallback(
      (range: Range) => withKept(defaultRangeExtractor(range), kept.current, range.count),
      [],
    ),
  });
  const focus = useRowFocus(list.total, list.row, (index) => virtual.scrollToIndex(index));
  kept.current = focus.focused?.index;
  const items = virtual.getVirtualItems();
  const { startIndex = 0, endIndex = 0 } = virtual.range ?? {};
  const { see } = list;
  useEffect(() => see(startIndex, endIndex), [see, startIndex, endIndex]);

  const { forget } = focus;
  const asked = addressOf(query);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another query, from its beginning
  useEffect(() => {
    scroller.current?.scrollTo({ top: 0 });
    forget();
  }, [asked, forget]);

  const focusedStudy = focus.focused && list.row(focus.focused.index);
  useEffect(() => onFocusRow(focusedStudy), [onFocusRow, focusedStudy]);

  useKeys({
    j: () => focus.move(1),
    k: () => focus.move(-1),
    arrowdown: () => focus.move(1),
    arrowup: () => focus.move(-1),
    pagedown: () => focus.move(PAGE_ROWS),
    pageup: () => focus.move(-PAGE_ROWS),
    home: () => focus.to(0),
    end: () => focus.to(list.total - 1),
    escape: focus.leave,
    p: () =>
      document.querySelector<HTMLElement>(`tr[data-index="${focus.focused?.index ?? 0}"] .priority select`)?.focus(),
  });

  const spacers = spacersOf(items, virtual.getTotalSize());
  return (
    <section
      className="worklist-scroll"
      ref={scroller}
      aria-label={t('list.title')}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled region must be reachable by keyboard (WCAG 2.1.1)
      tabIndex={0}
      data-stale={list.isStale || undefined}
      data-shows={list.isStale ? undefined : asked}
    >
      <table className="worklist" aria-rowcount={list.total + 1}>
        <thead>
          <tr>
            {COLUMNS.map((column) => (
              <HeaderCell key={column.id} column={column} query={query} onSort={onSort} />
            ))}
          </tr>
        </thead>
        <tbody>
          {items.map((item) => (
            <RowWithSpace key={item.key} space={spacers.get(item.index) ?? 0}>
              <Row
                index={item.index}
                study={list.row(item.index)}
                isFocused={item.index === focus.focused?.index}
                measure={virtual.measureElement}
                onFocus={focus.came}
              />
            </RowWithSpace>
          ))}
          <Spacer height={spacers.get(-1) ?? 0} />
        </tbody>
      </table>
    </section>
  );
}

/** The rows of a range and the one with the focus, in their order. */
function withKept(indexes: readonly number[], kept: number | undefined, count: number): number[] {
  if (kept === undefined || kept >= count || indexes.includes(kept)) return [...indexes];
  return [...indexes, kept].sort((a, b) => a - b);
}

/** Pixels of rows left out before each row, and after the last by -1. */
function spacersOf(items: readonly { index: number; start: number; end: number }[], totalPx: number) {
  const spaces = new Map<number, number>();
  const last = items.reduce((end, item) => {
    spaces.set(item.index, item.start - end);
    return item.end;
  }, 0);
  return spaces.set(-1, totalPx - last);
}

interface HeaderCellProps extends Pick<WorklistTableProps, 'query' | 'onSort'> {
  readonly column: Column;
}

function HeaderCell({ column: { id, header, sort }, query, onSort }: HeaderCellProps) {
  const { t } = useText();
  if (!sort) {
    return (
      <th scope="col" data-column={id}>
        {t(header)}
      </th>
    );
  }
  const isSorted = query.sort === sort;
  const isDown = (sort === 'date' || sort === 'ai') !== query.isReversed;
  return (
    <th scope="col" data-column={id} aria-sort={isSorted ? (isDown ? 'descending' : 'ascending') : undefined}>
      <button
        type="button"
        title={sort === 'priority' ? t('sort.queue') : t('sort.by', { column: t(header) })}
        onClick={() => onSort(sort, isSorted && !query.isReversed)}
      >
        {t(header)}
        {isSorted ? <Icon name={isDown ? 'next' : 'previous'} size={11} /> : null}
      </button>
    </th>
  );
}

interface RowProps {
  readonly index: number;
  readonly study: WorklistStudy | undefined;
  readonly isFocused: boolean;
  readonly measure: (row: HTMLTableRowElement | null) => void;
  readonly onFocus: (index: number, uid: string) => void;
}

const Row = memo(function Row({ index, study, isFocused, measure, onFocus }: RowProps) {
  const { t } = useText();
  if (!study) {
    return (
      <tr ref={measure} data-index={index} aria-rowindex={index + 2} className="row-waiting">
        <td>{t('app.loading')}</td>
      </tr>
    );
  }
  return (
    <tr
      ref={measure}
      data-index={index}
      data-study={study.StudyInstanceUID}
      data-focused={isFocused || undefined}
      data-priority={study.priority}
      aria-rowindex={index + 2}
      onFocus={() => onFocus(index, study.StudyInstanceUID)}
    >
      {COLUMNS.map(({ id, cell: Cell }) => (
        <td key={id} data-column={id}>
          <Cell study={study} />
        </td>
      ))}
    </tr>
  );
}, sameRow);

/** A row is drawn again when its study was read again, not whenever the list is. */
function sameRow(before: RowProps, after: RowProps): boolean {
  return before.index === after.index && before.study === after.study && before.isFocused === after.isFocused;
}

function RowWithSpace({ space, children }: { readonly space: number; readonly children: ReactNode }) {
  return (
    <>
      <Spacer height={space} />
      {children}
    </>
  );
}

function Spacer({ height }: { readonly height: number }) {
  if (height <= 0) return null;
  return (
    // biome-ignore lint/a11y/noAriaHiddenOnFocusable: an empty row, it takes no focus
    <tr aria-hidden="true" className="worklist-spacer" style={{ height }}>
      <td />
    </tr>
  );
}
