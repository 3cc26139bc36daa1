import { writeSync } from 'node:fs';
import { part10Header } from '../../../services/dicom/dataset/part10.ts';
import { followDataset } from '../../../services/dicom/dataset/passing-dataset.ts';
import { readHeader } from '../../../services/dicom/dataset/read-header.ts';
import { startStorageScp } from '../../../services/dicom/net/storage-scp.ts';
import { receiveInstance } from '../../../services/pipeline/receive-instance.ts';
import { instanceStore } from '../../../services/store/instance-store.ts';
import { fakeContext } from '../../support/fake-context.ts';

/** A receiver to be watched from outside: `node one-receiver.ts FOLDER`. Says its port, and when an instance is indexed. */
const [directory = ''] = process.argv.slice(2);
const store = instanceStore({ directory, minFreeBytes: 0, maxInstanceBytes: 2 ** 30 });
const context = fakeContext();
const ports = {
  createFile: store.create,
  removeFile: store.remove,
  part10Header,
  readHeader,
  followDataset,
  recordInstance: async () => {
    writeSync(1, 'indexed\n');
    return 'new' as const;
  },
};
const scp = await startStorageScp(
  context,
  { AETitle: 'OVERREAD', host: '127.0.0.1', port: 0 },
  { openInstance: (request) => receiveInstance(context, ports, request), associationEnded: () => {} },
);
writeSync(1, `port ${scp.port}\n`);
