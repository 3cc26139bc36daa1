import './console.css';
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useEffect } from 'react';
import { Link } from 'wouter';
import { fetchExperience, fetchPeers, fetchPull, fetchRoutes, fetchSystem } from '../api.ts';
import { PageHeader } from '../frame/page-header.tsx';
import { useText } from '../locales/i18n.ts';
import { AGAIN_MS } from './again.ts';
import { Models } from './models.tsx';
import { Peers } from './peers.tsx';
import { Pull } from './pull.tsx';
import { Routing } from './routing.tsx';
import { Waits } from './waits.tsx';

/** For those who run Overread: what readers wait, whether models read, how peers do, where studies go, and what is fetched. Read again every ten seconds. */
export function ConsoleScreen() {
  const { t } = useText();
  useEffect(() => {
    document.title = `Overread · ${t('console.title')}`;
  }, [t]);
  return (
    <>
      <PageHeader title={t('console.title')}>
        <Link className="console-back" href="/worklist">
          {t('app.toWorklist')}
        </Link>
      </PageHeader>
      <main className="console-main">
        <Section title={t('console.waits')} name="experience" read={fetchExperience} show={Waits} />
        <Section title={t('console.models')} name="system" read={fetchSystem} show={Models} />
        <Section title={t('console.peers')} name="peers" read={fetchPeers} show={Peers} />
        <Section title={t('console.routes')} name="routes" read={fetchRoutes} show={Routing} />
        <Section title={t('console.pull')} name="pull" read={fetchPull} show={Pull} />
      </main>
    </>
  );
}

interface SectionProps<Told> {
  readonly title: string;
  readonly name: string;
  read(signal: AbortSignal): Promise<Told>;
  show(props: { readonly told: Told }): ReactNode;
}

/** A part of the page: what was read last, or why it could not be. */
function Section<Told>({ title, name, read, show: Show }: SectionProps<Told>) {
  const { t } = useText();
  const { data, error } = useQuery({
    queryKey: [name],
    queryFn: ({ signal }) => read(signal),
    refetchInterval: AGAIN_MS,
  });
  return (
    <section className="console-section" aria-label={title} data-section={name}>
      <h2>{title}</h2>
      {error ? <p role="alert">{t('app.serverError', { detail: error.message })}</p> : null}
      {data === undefined ? error ? null : <p>{t('app.loading')}</p> : <Show told={data} />}
    </section>
  );
}
