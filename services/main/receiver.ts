import type { z } from 'zod';
import { privateStorageRule } from '../dicom/net/service-classes.ts';
import { startStorageScp } from '../dicom/net/storage-scp.ts';
import type { TlsIdentity } from '../dicom/net/tls-profile.ts';
import { accessOf } from '../domain/peer-access.ts';
import { receiveInstance } from '../pipeline/receive-instance.ts';
import { connect } from '../store/connect.ts';
import { peerContacts } from '../store/peer-contacts.ts';
import { normalizedPorts } from './commitment-ports.ts';
import { contactBook } from './contact-book.ts';
import { HeldMessage } from './held-associations.ts';
import { peersInForce } from './peers.ts';
import { queryPorts } from './query-ports.ts';
import { receivePorts } from './receive-ports.ts';
import { required, runRole } from './role.ts';

const MB = 1024 * 1024;

/** Of `RECEIVER_PROCESSES` on one port, from 1. */
const number = Number(process.argv[2] ?? 1);

await runRole('receiver', async (context, config) => {
  const store = await connect(required(config.DATABASE_URL, 'DATABASE_URL'), context.log);
  const { index, ports, sweeping } = await receivePorts(context, config, store, { receiver: number });
  const renewed = { with: undefined as ((identity: TlsIdentity) => void) | undefined };
  const peers = await peersInForce(context, config, { onIdentity: (identity) => renewed.with?.(identity) });
  const identity = peers.identity();
  const book = contactBook(context, peerContacts(store).addContacts);
  const { queryRetrieve, imager } = queryPorts(context, config, store, peers);
  const scp = await startStorageScp(
    context,
    {
      AETitle: config.AE_TITLE,
      host: config.DIMSE_HOST,
      port: config.DIMSE_PORT === 0 ? undefined : config.DIMSE_PORT,
      tls: identity && { port: config.DIMSE_TLS_PORT, identity },
      sharesPort: config.RECEIVER_PROCESSES > 1,
      onHeld: config.RECEIVER_PROCESSES > 1 ? tellHeld : undefined,
      maxAssociations: config.MAX_ASSOCIATIONS,
      maxAssociationsPerPeer: config.MAX_ASSOCIATIONS_PER_PEER,
      idleSeconds: config.ASSOCIATION_IDLE_SECONDS,
      totalSeconds: config.ASSOCIATION_TOTAL_SECONDS,
      maxInstanceBytes: config.MAX_INSTANCE_MB * MB,
      isPrivateStorage: privateStorageRule(config.PRIVATE_STORAGE_CLASSES),
      accessOf: (caller) => accessOf(peers.table(), caller),
    },
    {
      openInstance: (request) => receiveInstance(context, ports, request),
      associationEnded: (series, released) => index.associationEnded(series, released),
      queryRetrieve,
      ...normalizedPorts(config, store),
      contact: book.contact,
    },
  );
  renewed.with = scp.renewIdentity;
  process.on('message', (message) => {
    const { data: heard } = HeldMessage.safeParse(message);
    if (heard !== undefined) scp.othersHold(heard.held);
  });
  const { peers: known, unknown } = peers.table();
  context.log.info('peers.in-force', { peers: known.length, unknown, port: scp.port, tlsPort: scp.tlsPort });
  return {
    port: scp.port,
    async close() {
      await scp.close();
      await book.close();
      await peers.close();
      await sweeping.close();
      await imager.close();
      await store.close();
    },
  };
});

function tellHeld(held: Readonly<Record<string, number>>): void {
  process.send?.({ type: 'associations', held } satisfies z.infer<typeof HeldMessage>);
}
