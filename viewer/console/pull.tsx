import './pull.css';
import type { PullOverview } from '../../services/domain/contract/pull.ts';
import { useText } from '../locales/i18n.ts';
import { PulledStudies } from './pulled-studies.tsx';
import { WatchTable } from './watch-table.tsx';

/** What is watched at other archives, and the studies that were found there. */
export function Pull({ told }: { readonly told: PullOverview }) {
  const { t } = useText();
  if (!told.configured) return <p className="console-note">{t('console.noPull')}</p>;
  return (
    <>
      {told.problem === null ? null : (
        <p role="alert" className="console-problem">
          {t('console.pullProblem', { problem: told.problem })}
        </p>
      )}
      {told.watches.length === 0 ? <p>{t('console.noWatches')}</p> : <WatchTable watches={told.watches} />}
      <PulledStudies told={told} />
    </>
  );
}
