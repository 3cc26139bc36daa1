import { startStorageScp } from '../dicom/net/storage-scp.ts';
import { receiveInstance } from '../pipeline/receive-instance.ts';
import { connect } from '../store/connect.ts';
import { receivePorts } from './receive-ports.ts';
import { required, runRole } from './role.ts';

const MB = 1024 * 1024;

await runRole('receiver', async (context, config) => {
  const store = await connect(required(config.DATABASE_URL, 'DATABASE_URL'), context.log);
  const { index, ports, sweeping } = await receivePorts(context, config, store, 'receiver');
  const scp = await startStorageScp(
    context,
    {
      AETitle: config.AE_TITLE,
      host: config.DIMSE_HOST,
      port: config.DIMSE_PORT,
      maxAssociations: config.MAX_ASSOCIATIONS,
      maxAssociationsPerPeer: config.MAX_ASSOCIATIONS_PER_PEER,
      idleSeconds: config.ASSOCIATION_IDLE_SECONDS,
      totalSeconds: config.ASSOCIATION_TOTAL_SECONDS,
      maxInstanceBytes: config.MAX_INSTANCE_MB * MB,
    },
    {
      openInstance: (request) => receiveInstance(context, ports, request),
      associationEnded: (series, released) => index.associationEnded(series, released),
    },
  );
  return {
    port: scp.port,
    async close() {
      await scp.close();
      await sweeping.close();
      await store.close();
    },
  };
});
