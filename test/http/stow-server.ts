import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { part10Header, readPart10Meta } from '../../services/dicom/dataset/part10.ts';
import { followDataset } from '../../services/dicom/dataset/passing-dataset.ts';
import { readHeader } from '../../services/dicom/dataset/read-header.ts';
import { STORAGE_SOP_CLASSES } from '../../services/dicom/net/sop-classes.ts';
import { TRANSFER_SYNTAXES } from '../../services/dicom/net/transfer-syntaxes.ts';
import { AppError } from '../../services/domain/errors.ts';
import type { SeriesKey } from '../../services/domain/study.ts';
import { type ReceiveFilePorts, receiveFile } from '../../services/pipeline/receive-file.ts';
import { instanceStore } from '../../services/store/instance-store.ts';
import { fakeContext } from '../support/fake-context.ts';
import { startApp } from './app-server.ts';
import { stowBody } from './stow-body.ts';

const MAX_INSTANCE_BYTES = 700_000;
export const MAX_BODY_BYTES = 1_000_000;

/** The application with the store on disk and an index in memory. */
export async function startStow() {
  const directory = mkdtempSync(join(tmpdir(), 'overread-stow-'));
  const context = fakeContext();
  const recorded = new Map<string, { sha256: string; path: string }>();
  const ended: { series: readonly SeriesKey[]; whole: boolean }[] = [];
  const disk = { minFreeBytes: 0 };
  const index = { answers: true };
  const ports = (): ReceiveFilePorts => {
    const files = instanceStore({
      directory,
      minFreeBytes: disk.minFreeBytes,
      maxInstanceBytes: MAX_INSTANCE_BYTES,
      incomingFolder: 'incoming-web',
    });
    return {
      createFile: files.create,
      removeFile: files.remove,
      part10Header,
      readHeader,
      followDataset,
      readPart10Meta,
      SOPClassUIDs: new Set(STORAGE_SOP_CLASSES.map(({ uid }) => uid)),
      TransferSyntaxUIDs: new Set(TRANSFER_SYNTAXES),
      recordInstance: async ({ header, sha256, path }) => {
        if (!index.answers) throw new AppError('DATABASE_UNAVAILABLE', 'the database does not answer');
        const { SOPInstanceUID } = header.instance;
        const known = recorded.get(SOPInstanceUID);
        if (known !== undefined) return known.sha256 === sha256 ? 'identical' : 'differs';
        recorded.set(SOPInstanceUID, { sha256, path });
        return 'new';
      },
    };
  };
  const app = await startApp({
    receiveFile: (study) => receiveFile(context, ports(), study),
    storeEnded: async (series, whole) => void ended.push({ series, whole }),
    storeLimits: { maxBytes: MAX_BODY_BYTES, paceSeconds: 1, maxRequests: 2 },
  });
  const root = `${app.url}/dicomweb/studies`;
  return {
    root,
    directory,
    recorded,
    ended,
    disk,
    index,
    store: (files: Iterable<Uint8Array>, path = '') => fetch(`${root}${path}`, { method: 'POST', ...stowBody(files) }),
    /** Files that lie half written. */
    incoming: () => readdirSync(join(directory, 'incoming-web')),
    forget() {
      recorded.clear();
      ended.length = 0;
      disk.minFreeBytes = 0;
      index.answers = true;
    },
    async close() {
      await app.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
