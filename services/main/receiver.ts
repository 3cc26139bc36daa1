import { join, resolve } from 'node:path';
import { part10Header } from '../dicom/dataset/part10.ts';
import { readHeader } from '../dicom/dataset/read-header.ts';
import { startStorageScp } from '../dicom/net/storage-scp.ts';
import { receiveInstance } from '../pipeline/receive-instance.ts';
import { connect } from '../store/connect.ts';
import { instanceStore } from '../store/instance-store.ts';
import { seriesIndex } from '../store/series-index.ts';
import { INSTANCE_FOLDER } from './folders.ts';
import { required, runRole } from './role.ts';

const MB = 1024 * 1024;

await runRole('receiver', async (context, config) => {
  const store = await connect(required(config.DATABASE_URL, 'DATABASE_URL'), context.log);
  const index = seriesIndex(store, {
    quietSeconds: config.SERIES_QUIET_SECONDS,
    releasedQuietSeconds: config.SERIES_RELEASED_QUIET_SECONDS,
  });
  const files = instanceStore({
    directory: join(resolve(config.DATA_DIR), INSTANCE_FOLDER),
    minFreeBytes: config.MIN_FREE_DISK_MB * MB,
    maxInstanceBytes: config.MAX_INSTANCE_MB * MB,
  });
  const swept = await files.sweep();
  if (swept > 0) context.log.info('receiver.swept', { temporaryFiles: swept });

  const ports = {
    recordInstance: index.recordInstance,
    createFile: files.create,
    removeFile: files.remove,
    part10Header,
    readHeader,
  };
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
      await store.close();
    },
  };
});
