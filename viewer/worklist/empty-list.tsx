import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { fetchSystem } from '../api.ts';
import { useText } from '../locales/i18n.ts';

/** The first screen of a new installation: how to reach this node. */
export function FirstRun() {
  const { t } = useText();
  const system = useQuery({ queryKey: ['system'], queryFn: ({ signal }) => fetchSystem(signal) });
  return (
    <div className="empty-list">
      <h2>{t('list.emptyTitle')}</h2>
      <p>{t('list.emptyText')}</p>
      {system.data ? (
        <dl className="address">
          <div>
            <dt>{t('list.aeTitle')}</dt>
            <dd>{system.data.AETitle}</dd>
          </div>
          <div>
            <dt>{t('list.host')}</dt>
            <dd>{location.hostname}</dd>
          </div>
          <div>
            <dt>{t('list.port')}</dt>
            <dd>{system.data.dimsePort}</dd>
          </div>
        </dl>
      ) : null}
      {system.data?.models.length === 0 ? <p className="warning">{t('list.noModel')}</p> : null}
      {system.error ? <p role="alert">{t('app.serverError', { detail: system.error.message })}</p> : null}
    </div>
  );
}

export function NoMatch({ search, onClear }: { readonly search: string; readonly onClear: () => void }) {
  const { t } = useText();
  return (
    <div className="empty-list">
      <h2>{t('list.noMatchTitle', { search })}</h2>
      <p>{t('list.noMatchText')}</p>
      <Button variant="default" onClick={onClear}>
        {t('list.clear')}
      </Button>
    </div>
  );
}
