import type { PeersInfo } from '../../services/domain/contract/peers.ts';
import { useText } from '../locales/i18n.ts';
import { LastContact } from './last-contact.tsx';
import { PeerRow } from './peer-row.tsx';

/** The table in force, how each peer did last, and who called without an entry. */
export function Peers({ told: { peers, strangers, problem } }: { readonly told: PeersInfo }) {
  const { t } = useText();
  return (
    <>
      {problem === null ? null : <p role="alert">{t('console.peersProblem', { problem })}</p>}
      {peers.length === 0 ? (
        <p>{t('console.noPeers')}</p>
      ) : (
        <table className="console-table console-peers">
          <thead>
            <tr>
              <th scope="col">{t('console.peer')}</th>
              <th scope="col">{t('console.address')}</th>
              <th scope="col">{t('console.mayUse')}</th>
              <th scope="col">{t('console.calledUs')}</th>
              <th scope="col">{t('console.weCalled')}</th>
              <th scope="col">{t('console.test')}</th>
            </tr>
          </thead>
          <tbody>
            {peers.map((peer) => (
              <PeerRow key={peer.name} peer={peer} />
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
                <LastContact contact={contact} />
              </li>
            ))}
          </ul>
        </>
      )}
    </>
  );
}
