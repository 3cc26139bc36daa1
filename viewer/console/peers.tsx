import type { PeersInfo } from '../../services/domain/contract/peers.ts';
import { useText } from '../locales/i18n.ts';
import { momentIn } from './moment.ts';

type Contact = PeersInfo['strangers'][number];

/** The table in force, how each peer did last, and who called without an entry. */
export function Peers({ told: { peers, strangers, problem } }: { readonly told: PeersInfo }) {
  const { t } = useText();
  return (
    <>
      {problem === null ? null : <p role="alert">{t('console.peersProblem', { problem })}</p>}
      {peers.length === 0 ? (
        <p>{t('console.noPeers')}</p>
      ) : (
        <table className="console-table">
          <thead>
            <tr>
              <th scope="col">{t('console.peer')}</th>
              <th scope="col">{t('console.address')}</th>
              <th scope="col">{t('console.mayUse')}</th>
              <th scope="col">{t('console.calledUs')}</th>
              <th scope="col">{t('console.weCalled')}</th>
            </tr>
          </thead>
          <tbody>
            {peers.map(({ name, AETitle, host, port, tls, allow, contacts }) => (
              <tr key={name} data-peer={name}>
                <th scope="row">
                  {name}
                  <small>{AETitle}</small>
                </th>
                <td>{host === null ? t('console.onlyCalls') : `${host}:${port}${tls ? ' · TLS' : ''}`}</td>
                <td>{allow.join(', ')}</td>
                <td>
                  <Last contact={contacts.find(({ direction }) => direction === 'in')} />
                </td>
                <td>
                  <Last contact={contacts.find(({ direction }) => direction === 'out')} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {strangers.length === 0 ? null : (
        <>
          <h3>{t('console.strangers')}</h3>
          <ul className="console-strangers">
            {strangers.map((contact) => (
              <li key={`${contact.address} ${contact.AETitle}`}>
                <span>
                  {contact.AETitle} · {contact.address}
                </span>
                <Last contact={contact} />
              </li>
            ))}
          </ul>
        </>
      )}
    </>
  );
}

/** When it last worked; and why not, where that is newer, with what to write to the other side. */
function Last({ contact }: { readonly contact: Contact | undefined }) {
  const { t, language } = useText();
  if (contact === undefined) return t('console.never');
  const { lastAssociationAt, lastFailureAt, lastFailure } = contact;
  const fails = lastFailureAt !== null && (lastAssociationAt === null || lastFailureAt > lastAssociationAt);
  const words = fails ? lastFailure?.words[language] : undefined;
  return (
    <>
      <span>{lastAssociationAt === null ? t('console.never') : momentIn(language, lastAssociationAt)}</span>
      {words === undefined ? null : (
        <>
          <p className="console-failure">{words.sentence}</p>
          <details>
            <summary>{t('console.toWrite')}</summary>
            <p>{words.request}</p>
          </details>
        </>
      )}
    </>
  );
}
