import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { bulkData } from '../../services/dicom/dataset/bulk-data.ts';
import { dicomJson } from '../../services/dicom/dataset/dicom-json.ts';
import { openImage } from '../../services/dicom/dataset/read-file.ts';
import { readFrame } from '../../services/dicom/pixel/frames.ts';
import type { ChangeEvent, SystemInfo } from '../../services/domain/contract/system.ts';
import type { StudyDetail, WorklistStudy } from '../../services/domain/contract/worklist.ts';
import type { AttributeRow, StoredFile, StudyQueries } from '../../services/domain/ports.ts';
import { createApp } from '../../services/http/app.ts';
import { fakeContext } from './fake-context.ts';
import { unread } from './unread.ts';

export interface ViewerNode {
  readonly url: string;
  /** Instances whose frames were asked for, in order. */
  readonly framesAsked: string[];
  readonly retried: string[];
  /** What the store holds; a test may change it and tell the screens. */
  readonly held: { studies: readonly StudyDetail[]; files: readonly StoredFile[]; models: SystemInfo['models'] };
  /** Frames by instance, or by instance and number (`1.2.3/2`), that are answered in place of the stored ones. */
  readonly replaced: Map<string, (stored: Uint8Array) => Uint8Array>;
  changed(StudyInstanceUID: string): void;
  /** Cuts the event streams, as a server that goes away does. */
  dropStreams(): void;
  close(): Promise<void>;
}

/** The real web application over studies in memory and DICOM files on disk: what a browser test needs, no database. */
export async function startViewerNode(
  studies: readonly StudyDetail[],
  files: readonly StoredFile[],
  viewerDirectory: string,
): Promise<ViewerNode> {
  const held: ViewerNode['held'] = { studies, files, models: [] };
  const listeners = new Set<(event: ChangeEvent) => void>();
  const framesAsked: string[] = [];
  const retried: string[] = [];
  const replaced: ViewerNode['replaced'] = new Map();
  const counter = { events: 0 };

  const app = createApp(fakeContext().log, {
    studies: queries(held, listeners),
    orders: {
      orderPriority: async () => true,
      orderAnalysis: async () => true,
      presenceChanged: async () => undefined,
    },
    dicomweb: {
      searchStudies: async ({ PatientID }) =>
        held.studies
          .map(({ study }) => study)
          .filter((study) => PatientID === undefined || study.PatientID === PatientID)
          .map(attributesOf),
      searchSeries: async () => [],
      searchInstances: async () => [],
      files: async (of) =>
        held.files.filter((file) =>
          Object.entries(of).every(([key, value]) => file[key as keyof StoredFile] === value),
        ),
    },
    metadataOf: ({ file }, bulkDataUrl) => reading(file, async ({ dataset }) => dicomJson(dataset, bulkDataUrl)),
    frameOf: (file, frame) => {
      framesAsked.push(file.SOPInstanceUID);
      return reading(file.file, async (image) => {
        const bytes = await readFrame(image, frame);
        const change = replaced.get(file.SOPInstanceUID) ?? replaced.get(`${file.SOPInstanceUID}/${frame + 1}`);
        return change?.(bytes) ?? bytes;
      });
    },
    canTranscode: () => false,
    transcodedFrame: async () => [],
    renderedFrame: async () => [],
    transcodedInstance: () => Promise.reject(new Error('nothing is transcoded here')),
    bulkDataOf: ({ file }, path) => reading(file, async ({ dataset }) => bulkData(dataset, path)),
    receiveFile: () => {
      throw new Error('nothing is stored here');
    },
    storeEnded: async () => {},
    storeLimits: { maxBytes: 0, paceSeconds: 30, maxRequests: 0 },
    ...unread,
    cancelRun: async () => false,
    retryRun: async (runId) => {
      retried.push(runId);
      return { id: runId, generation: 1 };
    },
    systemInfo: async () => ({
      version: '0.1.0',
      AETitle: 'OVERREAD',
      dimsePort: 11112,
      destinations: ['PACS-A'],
      models: held.models,
    }),
    health: async () => ({ status: 'ok', checks: {} }),
    metricsText: async () => '',
    viewerDirectory,
  });

  const server = createServer(app);
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    framesAsked,
    retried,
    held,
    replaced,
    changed: (StudyInstanceUID) => {
      const event = { id: ++counter.events, at: new Date().toISOString(), kind: 'run', StudyInstanceUID };
      for (const listener of listeners) listener(event);
    },
    dropStreams: () => server.closeAllConnections(),
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}

/** What a search answers of a study (PS3.18 Table 10.6.3-3). */
const attributesOf = ({
  StudyInstanceUID,
  StudyDate,
  StudyDescription,
  PatientID,
  PatientName,
  PatientBirthDate,
  modalities,
}: WorklistStudy): AttributeRow => ({
  ...{ StudyInstanceUID, StudyDate, StudyDescription, PatientID, PatientName, PatientBirthDate },
  ModalitiesInStudy: modalities,
});

function queries(held: ViewerNode['held'], listeners: Set<(event: ChangeEvent) => void>): StudyQueries {
  const matching = (search: string) =>
    held.studies.filter(({ study }) =>
      [study.PatientName, study.PatientID, study.AccessionNumber, study.StudyDescription].some((value) =>
        value.toLowerCase().includes(search.toLowerCase()),
      ),
    );
  return {
    worklist: async ({ search, limit, offset }) => {
      const found = matching(search);
      return {
        asOf: new Date().toISOString(),
        total: found.length,
        tabs: { toRead: found.length, critical: 0, signed: 0, all: found.length },
        ...{ newer: 0, moved: 0 },
        studies: found.slice(offset, offset + limit).map(({ study }) => study),
      };
    },
    worklistValues: async () => ({ modalities: ['CT'], sources: ['CT1'], bodyParts: ['CHEST'] }),
    priorStudies: async () => ({ priors: [] }),
    studyDetail: async (StudyInstanceUID) => {
      const found = held.studies.find(({ study }) => study.StudyInstanceUID === StudyInstanceUID);
      return found && { ...found, asOf: new Date().toISOString() };
    },
    subscribe: async (listener) => {
      listeners.add(listener);
      return async () => void listeners.delete(listener);
    },
    eventsAfter: async () => [],
    ping: async () => undefined,
  };
}

async function reading<T>(
  file: string,
  read: (image: Awaited<ReturnType<typeof openImage>>) => Promise<T>,
): Promise<T> {
  const image = await openImage(file);
  try {
    return await read(image);
  } finally {
    await image.close();
  }
}
