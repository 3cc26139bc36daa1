import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ChangeEvent } from '../../services/domain/contract/system.ts';
import type { AttributeRow, DicomwebQueries, StoredFile } from '../../services/domain/ports.ts';
import { createApp, type HttpPorts } from '../../services/http/app.ts';
import { fakeContext } from '../support/fake-context.ts';

export interface AppServer {
  readonly url: string;
  readonly server: Server;
  readonly logged: { readonly events: string[]; readonly errors: unknown[] };
  close(): Promise<void>;
}

/** The application on a free port, with the ports given and, for the others, ones that fail when they are called. */
export async function startApp(ports: Partial<HttpPorts>): Promise<AppServer> {
  const context = fakeContext();
  const server = createServer(createApp(context.log, { ...unusedPorts, ...ports }));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    server,
    logged: context,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const unused = (): never => {
  throw new Error('this port is not used here');
};

export const unusedStudies: HttpPorts['studies'] = {
  worklist: unused,
  worklistValues: unused,
  priorStudies: unused,
  studyDetail: unused,
  subscribe: unused,
  eventsAfter: unused,
  ping: unused,
};
export const unusedDicomweb: DicomwebQueries = {
  searchStudies: unused,
  searchSeries: unused,
  searchInstances: unused,
  files: unused,
};
const unusedPorts: HttpPorts = {
  studies: unusedStudies,
  orders: { orderPriority: unused, orderAnalysis: unused, presenceChanged: unused },
  dicomweb: unusedDicomweb,
  metadataOf: unused,
  bulkDataOf: unused,
  frameOf: unused,
  canTranscode: () => false,
  transcodedFrame: unused,
  transcodedInstance: unused,
  renderedFrame: unused,
  receiveFile: unused,
  storeEnded: unused,
  storeLimits: { maxBytes: 1024 ** 3, paceSeconds: 30, maxRequests: 4 },
  retryRun: unused,
  cancelRun: unused,
  readings: { reading: unused, saveDraft: unused, reveal: unused, amend: unused },
  signReading: unused,
  observeExperience: unused,
  segmentAt: unused,
  systemInfo: unused,
  health: unused,
  metricsText: unused,
  viewerDirectory: join(tmpdir(), 'overread-no-viewer'),
};

/** A store of these files, matched by the UIDs of the path as the real one does. */
export const filesPort = (stored: readonly StoredFile[]): Pick<DicomwebQueries, 'files'> => ({
  files: async (of) =>
    stored.filter((file) => Object.entries(of).every(([key, value]) => file[key as keyof StoredFile] === value)),
});

/** Rows behind a search, and what it was asked. */
export function searchPort(rows: readonly AttributeRow[]) {
  const asked: { match: Readonly<Record<string, string>>; limit: number; offset: number; parent?: unknown }[] = [];
  const page = (match: Readonly<Record<string, string>>, limit: number, offset: number, parent?: unknown) => {
    asked.push({ match, limit, offset, ...(parent !== undefined && { parent }) });
    return Promise.resolve(rows.slice(offset, offset + limit));
  };
  const queries: DicomwebQueries = {
    ...unusedDicomweb,
    searchStudies: page,
    searchSeries: (of, match, limit, offset) => page(match, limit, offset, of),
    searchInstances: (series, match, limit, offset) => page(match, limit, offset, series),
  };
  return { queries, asked };
}

/** An event table and its subscribers. */
export function eventsPort(first: readonly ChangeEvent[] = []) {
  const table = [...first];
  const listeners = new Set<(event: ChangeEvent) => void>();
  const counts = { subscribed: 0, ended: 0 };
  return {
    counts,
    listeners,
    publish(event: ChangeEvent) {
      table.push(event);
      for (const listener of listeners) listener(event);
    },
    studies: {
      ...unusedStudies,
      subscribe: async (listener: (event: ChangeEvent) => void) => {
        counts.subscribed += 1;
        listeners.add(listener);
        return async () => {
          counts.ended += 1;
          listeners.delete(listener);
        };
      },
      eventsAfter: async (id: number) => table.filter((event) => event.id > id).slice(0, 1000),
    },
  };
}

/** A folder that lives until the machine cleans its temporary files, with these files in it. */
export function folderWith(files: Readonly<Record<string, string | Uint8Array>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'overread-http-'));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
}
