import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { DoctorReport, PeersInfo } from '../../services/domain/contract/peers.ts';
import { examinePeer } from '../api.ts';
import { useText } from '../locales/i18n.ts';
import { LastContact } from './last-contact.tsx';
import { PeerReport } from './peer-report.tsx';

const COLUMNS = 6;

/** A peer, and below it what its last test has said. */
export function PeerRow({ peer }: { readonly peer: PeersInfo['peers'][number] }) {
  const { t } = useText();
  const { name, AETitle, host, port, tls, allow, contacts } = peer;
  // Stays while the next test runs: nothing jumps.
  const [report, setReport] = useState<DoctorReport>();
  const test = useMutation({
    mutationFn: () => examinePeer(name),
    onSuccess: setReport,
    onError: () => setReport(undefined),
  });
  return (
    <>
      <tr data-peer={name}>
        <th scope="row">
          {name}
          <small>{AETitle}</small>
        </th>
        <td>{host === null ? t('console.onlyCalls') : `${host}:${port}${tls ? ' · TLS' : ''}`}</td>
        <td>{allow.join(', ')}</td>
        <td>
          <LastContact contact={contacts.find(({ direction }) => direction === 'in')} />
        </td>
        <td>
          <LastContact contact={contacts.find(({ direction }) => direction === 'out')} />
        </td>
        <td className="console-test">
          {host === null ? (
            '–'
          ) : (
            <>
              <button
                type="button"
                className="row-button"
                aria-label={t('console.testOf', { name })}
                aria-busy={test.isPending}
                disabled={test.isPending}
                onClick={() => test.mutate()}
              >
                {t(test.isPending ? 'console.testing' : 'console.testIt')}
              </button>
              <span role="status" data-state={report?.state}>
                {report === undefined || test.isPending ? '' : t(`console.tested.${report.state}`)}
              </span>
            </>
          )}
        </td>
      </tr>
      {report === undefined && test.error === null ? null : (
        <tr data-report={name}>
          <td colSpan={COLUMNS}>
            {test.error === null ? null : (
              <p role="alert" className="console-failure">
                {t('console.testFailed', { detail: test.error.message })}
              </p>
            )}
            {report === undefined ? null : <PeerReport report={report} isBusy={test.isPending} />}
          </td>
        </tr>
      )}
    </>
  );
}
