import { useTable } from '@tanstack/react-table';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef } from 'react';
import type { WorklistStudy } from '../../services/domain/contract/worklist.ts';
import { useText } from '../locales/i18n.ts';
import { columns, features } from './columns.tsx';
import { useRowKeys } from './use-row-keys.ts';

interface WorklistTableProps {
  readonly rows: readonly WorklistStudy[];
  /** Studies on the server that match, of which `rows` are the first. */
  readonly total: number;
  readonly onEnd: () => void;
}

const ROW_PX = 52;
/** Nearer to the end of what is loaded than this, more is asked for. */
const AHEAD = 20;

/** Only the rows on screen are in the page; the others are a space of their height. */
export function WorklistTable({ rows, total, onEnd }: WorklistTableProps) {
  const { t } = useText();
  const scroller = useRef<HTMLDivElement>(null);
  const table = useTable({
    features,
    columns,
    data: rows as WorklistStudy[],
    getRowId: ({ StudyInstanceUID }) => StudyInstanceUID,
  });
  const modelRows = table.getRowModel().rows;
  const virtual = useVirtualizer({
    count: modelRows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    getItemKey: (index) => modelRows[index]?.id ?? index,
    overscan: 10,
  });
  const focused = useRowKeys(
    modelRows.map(({ id }) => id),
    (index) => virtual.scrollToIndex(index),
  );
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;

  useEffect(() => {
    if (last > rows.length - AHEAD && rows.length < total) onEnd();
  }, [last, rows.length, total, onEnd]);

  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled region must be reachable by keyboard (WCAG 2.1.1)
    <section className="worklist-scroll" ref={scroller} aria-label={t('list.title')} tabIndex={0}>
      <table className="worklist" aria-rowcount={total + 1}>
        <thead>
          {table.getHeaderGroups().map((group) => (
            <tr key={group.id}>
              {group.headers.map((header) => (
                <th key={header.id} scope="col" data-column={header.column.id}>
                  <table.FlexRender header={header} />
                </th>
              ))}
            </tr>
          ))}
        </thead>
        <tbody>
          <Spacer height={items[0]?.start ?? 0} />
          {items.map((item) => {
            const row = modelRows[item.index];
            return row ? (
              <tr
                key={row.id}
                ref={virtual.measureElement}
                data-index={item.index}
                data-study={row.id}
                data-focused={row.id === focused || undefined}
                aria-rowindex={item.index + 2}
              >
                {row.getAllCells().map((cell) => (
                  <td key={cell.id} data-column={cell.column.id}>
                    <table.FlexRender cell={cell} />
                  </td>
                ))}
              </tr>
            ) : null;
          })}
          <Spacer height={virtual.getTotalSize() - (items.at(-1)?.end ?? 0)} />
        </tbody>
      </table>
    </section>
  );
}

function Spacer({ height }: { readonly height: number }) {
  if (height <= 0) return null;
  return (
    // biome-ignore lint/a11y/noAriaHiddenOnFocusable: an empty row, it takes no focus
    <tr aria-hidden="true" className="worklist-spacer" style={{ height }}>
      <td colSpan={columns.length} />
    </tr>
  );
}
