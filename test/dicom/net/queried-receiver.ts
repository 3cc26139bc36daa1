import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { QueryRetrievePorts } from '../../../services/dicom/net/exchange-for.ts';
import type { Peer } from '../../../services/dicom/net/open-association.ts';
import { sendInstances } from '../../../services/dicom/net/storage-scu.ts';
import { imagerPool } from '../../../services/imaging/imager-pool.ts';
import { transcodedFile } from '../../../services/imaging/transcoded-file.ts';
import type { Store } from '../../../services/store/connect.ts';
import { heldObjects } from '../../../services/store/held-objects.ts';
import { seriesIndex } from '../../../services/store/series-index.ts';
import { startStore } from '../../support/database.ts';
import { datasetBytes, type Element, syntheticUid } from '../../support/dicom-bytes.ts';
import { fakeContext } from '../../support/fake-context.ts';
import { CT_IMAGE_STORAGE, EXPLICIT_VR_LITTLE_ENDIAN } from '../../support/load-client.ts';
import { type Receiver, type ReceiverOptions, startReceiver } from './receiver.ts';

/** The real receiver with a real index behind it, to be queried; C-MOVE sends where `destinations` says. */
export interface QueriedReceiver extends Receiver {
  readonly store: Store;
  readonly peer: Peer;
  readonly destinations: Peer[];
  /** Sends objects to it; all must be taken. */
  fill(objects: readonly TestObject[]): Promise<void>;
  /** The data set of a stored instance. */
  stored(SOPInstanceUID: string): Buffer;
}

export interface QueriedOptions extends ReceiverOptions {
  readonly queryRetrieve?: Partial<QueryRetrievePorts>;
}

export async function startQueriedReceiver({
  queryRetrieve,
  ...options
}: QueriedOptions = {}): Promise<QueriedReceiver> {
  const { store, stop } = await startStore();
  const index = seriesIndex(store, { quietSeconds: 60, releasedQuietSeconds: 60 });
  const destinations: Peer[] = [];
  const directory = await mkdtemp(join(tmpdir(), 'overread-queried-'));
  const imager = imagerPool({
    entry: join(import.meta.dirname, '../../../services/main/imager.ts'),
    size: 1,
    deadlineSeconds: 20,
    memoryMb: 1024,
    log: fakeContext().log,
  });
  const receiver = await startReceiver({
    isAllowed: () => true,
    recordInstance: index.recordInstance,
    directory,
    ...options,
    ports: {
      queryRetrieve: {
        held: heldObjects(store, { instanceDirectory: directory }),
        destination: (AETitle) => destinations.find((peer) => peer.AETitle === AETitle),
        transcode: async (file, uid, signal) => (await transcodedFile(imager, file, uid, signal)).body,
        ...queryRetrieve,
      },
      ...options.ports,
    },
  });
  const peer = { AETitle: 'OVERREAD', host: '127.0.0.1', port: receiver.port };
  return Object.assign(receiver, {
    ...{ store, peer, destinations },
    async fill(objects: readonly TestObject[]) {
      const results = await sendInstances(peer, 'MODALITY', objects);
      const refused = results.find(({ taken }) => !taken);
      if (refused !== undefined) throw new Error(`not taken: ${refused.error}`);
    },
    stored(SOPInstanceUID: string) {
      const found = receiver.recorded.find(({ header }) => header.instance.SOPInstanceUID === SOPInstanceUID);
      if (found === undefined) throw new Error(`${SOPInstanceUID} was not received`);
      const file = readFileSync(join(receiver.directory, found.path));
      return file.subarray(file.length - found.bytes);
    },
    async stop() {
      await receiver.close();
      await imager.close();
      await stop();
      await rm(directory, { recursive: true, force: true });
    },
  });
}

export interface TestObject {
  readonly SOPClassUID: string;
  readonly SOPInstanceUID: string;
  readonly TransferSyntaxUID: string;
  readonly dataset: Uint8Array;
}

export interface ObjectOf {
  readonly patient?: { readonly id: string; readonly name: string; readonly birthDate?: string };
  readonly study: string;
  readonly series?: string;
  readonly date?: string;
  readonly time?: string;
  readonly accession?: string;
  readonly description?: string;
  readonly modality?: string;
  readonly SOPClassUID?: string;
}

/** Synthetic UIDs by name: those of a study, its series and its instances begin alike. */
export const studyUid = (study: string): string => syntheticUid('query-study', study);
export const seriesUid = (study: string, series = '1'): string => syntheticUid('query-series', `${study}/${series}`);
export const instanceUid = (study: string, series: string, number: number): string =>
  syntheticUid('query-instance', `${study}/${series}/${number}`);

/** A small CT slice of 16x16, or another object without pixels. */
export function testObject(number: number, given: ObjectOf): TestObject {
  const { patient = { id: 'P1', name: 'Doe^John' }, study, series = '1', modality = 'CT' } = given;
  const { SOPClassUID = CT_IMAGE_STORAGE } = given;
  const SOPInstanceUID = instanceUid(study, series, number);
  const pixels = new Uint16Array(256).map((_, at) => (at * 31 + number * 7) & 0xfff);
  // biome-ignore format: a table
  const elements: Element[] = [
    [0x00080005, 'CS', 'ISO_IR 192'],
    [0x00080016, 'UI', SOPClassUID],
    [0x00080018, 'UI', SOPInstanceUID],
    [0x00080020, 'DA', given.date ?? '20240105'],
    [0x00080030, 'TM', given.time ?? '101500'],
    [0x00080050, 'SH', given.accession ?? 'A1'],
    [0x00080060, 'CS', modality],
    [0x00081030, 'LO', given.description ?? 'CT chest'],
    [0x0008103e, 'LO', `series ${series}`],
    [0x00100010, 'PN', patient.name],
    [0x00100020, 'LO', patient.id],
    [0x00100030, 'DA', patient.birthDate ?? '19600229'],
    [0x00100040, 'CS', 'F'],
    [0x0020000d, 'UI', studyUid(study)],
    [0x0020000e, 'UI', seriesUid(study, series)],
    [0x00200010, 'SH', study],
    [0x00200011, 'IS', series.replace(/\D/g, '')],
    [0x00200013, 'IS', String(number)],
    ...(SOPClassUID === CT_IMAGE_STORAGE ? image(pixels) : []),
  ];
  return {
    SOPClassUID,
    SOPInstanceUID,
    TransferSyntaxUID: EXPLICIT_VR_LITTLE_ENDIAN,
    dataset: datasetBytes(elements, 'explicit'),
  };
}

// biome-ignore format: a table
const image = (pixels: Uint16Array): Element[] => [
  [0x00280002, 'US', [1]], [0x00280004, 'CS', 'MONOCHROME2'], [0x00280010, 'US', [16]], [0x00280011, 'US', [16]],
  [0x00280100, 'US', [16]], [0x00280101, 'US', [12]], [0x00280102, 'US', [11]], [0x00280103, 'US', [0]],
  [0x7fe00010, 'OW', pixels],
];
