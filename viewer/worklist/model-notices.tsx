import { useQuery } from '@tanstack/react-query';
import { fetchSystem } from '../api.ts';
import { useText } from '../locales/i18n.ts';

/** A model changes its state without an event of a study. */
const POLL_MS = 30_000;

/** Above the worklist: every model that reads no studies, and why. */
export function ModelNotices() {
  const { t } = useText();
  const system = useQuery({
    queryKey: ['system'],
    queryFn: ({ signal }) => fetchSystem(signal),
    refetchInterval: POLL_MS,
  });
  const silent = system.data?.models.filter(({ status }) => status === 'FAILED' || status === 'SWITCHED_OFF') ?? [];
  return silent.map(({ id, status, problem }) => (
    <div key={id} className="notice" role="alert">
      <p>
        {status === 'FAILED'
          ? t('list.modelFailed', { model: id, detail: problem ?? '' })
          : t('list.modelOff', { model: id })}
      </p>
    </div>
  ));
}
