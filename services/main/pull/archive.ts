import type { Config } from '../../config.ts';
import { registeredKeyword } from '../../dicom/dataset/dictionary.ts';
import { readPart10Meta } from '../../dicom/dataset/part10.ts';
import { exchangeFor } from '../../dicom/net/exchange-for.ts';
import { find } from '../../dicom/net/find-scu.ts';
import type { StoreRequest } from '../../dicom/net/instance-sink.ts';
import type { Peer } from '../../dicom/net/open-association.ts';
import { type GetStorage, get, move } from '../../dicom/net/retrieve-scu.ts';
import { STORAGE_SOP_CLASSES } from '../../dicom/net/sop-classes.ts';
import { TRANSFER_SYNTAXES } from '../../dicom/net/transfer-syntaxes.ts';
import { wantedClasses } from '../../dicom/net/wanted-classes.ts';
import { qidoSearch } from '../../dicom/web/qido-client.ts';
import { wadoRetrieve } from '../../dicom/web/wado-client.ts';
import type { Context } from '../../domain/context.ts';
import { AppError } from '../../domain/errors.ts';
import type { InstanceIndex } from '../../domain/ports.ts';
import type { Answer } from '../../domain/pull/answer.ts';
import type { Archive, FetchRequest } from '../../domain/pull/ports.ts';
import type { UniqueKeys } from '../../domain/query.ts';
import type { SeriesKey } from '../../domain/study.ts';
import { splitMultipart } from '../../http/split-multipart.ts';
import { receiveFile } from '../../pipeline/receive-file.ts';
import { type ReceivePorts, receiveInstance } from '../../pipeline/receive-instance.ts';

const MB = 1024 * 1024;

/** What a C-GET brought, and why the last of those was not taken that were not. */
interface Came {
  readonly series: Map<string, SeriesKey>;
  refused: AppError | undefined;
}

/** A peer by the ways that lead to it, and who we are to it. */
export interface ArchivePeer {
  readonly AETitle: string;
  readonly us: string;
  /** Read each time: a certificate may be renewed. */
  address(): Peer;
  readonly dicomwebUrl?: string | undefined;
}

export interface ArchivePorts {
  readonly receive: ReceivePorts;
  readonly index: Pick<InstanceIndex, 'associationEnded'>;
}

/** A peer of the settings as an archive: asked and fetched from by the ways that lead to it. */
export function archiveOf(context: Context, config: Config, peer: ArchivePeer, ports: ArchivePorts): Archive {
  const { AETitle, us: callingAETitle, dicomwebUrl = '' } = peer;
  const idleSeconds = config.ASSOCIATION_IDLE_SECONDS;
  /** However slowly it comes, it ends. */
  const bounded = () => AbortSignal.any([context.signal, AbortSignal.timeout(config.ASSOCIATION_TOTAL_SECONDS * 1000)]);
  const dimse = () => ({ signal: bounded(), timeoutSeconds: idleSeconds });
  const web = () => ({ signal: bounded(), idleSeconds });

  async function* findDimse(level: 'STUDY' | 'SERIES' | 'IMAGE', keys: Readonly<Record<string, string>>) {
    const asked = Object.entries(keys).map(
      ([keyword, value]) => [keyword, value === '' ? [] : value.split('\\')] as const,
    );
    const request = { model: 'study root', level, keys: Object.fromEntries(asked) } as const;
    for await (const match of find(peer.address(), callingAETitle, request, dimse())) {
      const values = asked.map(([keyword]) => {
        const { tag = 0, vr } = registeredKeyword(keyword) ?? {};
        return [keyword, vr === 'US' ? match.numbers(tag).map(String) : match.strings(tag)] as const;
      });
      yield Object.fromEntries(values) satisfies Answer;
    }
  }

  async function fetchDimse(how: 'C-GET' | 'C-MOVE', request: FetchRequest, onStored: () => void): Promise<void> {
    const retrieval = { model: 'study root', ...levelAndKeys(request) } as const;
    if (how === 'C-MOVE') {
      const told = { completed: 0 };
      // Each comes to our receiver; here it is only counted.
      const onProgress = ({ completed }: { completed: number }) => {
        for (; told.completed < completed; told.completed += 1) onStored();
      };
      return complain(
        await move(peer.address(), callingAETitle, config.AE_TITLE, retrieval, { ...dimse(), onProgress }),
      );
    }
    const came: Came = { series: new Map(), refused: undefined };
    const storage = storageFor(request, came, onStored);
    try {
      const counts = await get(peer.address(), callingAETitle, retrieval, storage, dimse());
      if (came.refused !== undefined) throw came.refused;
      complain(counts);
      await ports.index.associationEnded([...came.series.values()], true);
    } catch (error) {
      await ports.index.associationEnded([...came.series.values()], false);
      throw error;
    }
  }

  function storageFor({ SOPClassUIDs }: FetchRequest, came: Came, onStored: () => void): GetStorage {
    const receive = async (sink: ReturnType<typeof receiveInstance>) => {
      try {
        const outcome = await sink.end();
        onStored();
        return outcome;
      } catch (error) {
        if (error instanceof AppError) came.refused = error;
        throw error;
      }
    };
    const served = {
      ...{ context, AETitle: callingAETitle, maxInstanceBytes: config.MAX_INSTANCE_MB * MB, series: came.series },
      counts: { stored: 0, refused: 0, bytes: 0 },
      ports: {
        openInstance: (arriving: StoreRequest) => {
          const sink = receiveInstance(context, ports.receive, arriving);
          return { ...sink, end: () => receive(sink) };
        },
      },
    };
    return { classes: wantedClasses(SOPClassUIDs), serve: (channel) => exchangeFor(served, channel) };
  }

  const filePorts = {
    ...ports.receive,
    readPart10Meta,
    SOPClassUIDs: new Set(STORAGE_SOP_CLASSES.map(({ uid }) => uid)),
    TransferSyntaxUIDs: new Set(TRANSFER_SYNTAXES),
  };

  async function fetchWeb(request: FetchRequest, onStored: () => void): Promise<void> {
    const series = new Map<string, SeriesKey>();
    const openFile = () => {
      const file = receiveFile(context, filePorts, request.StudyInstanceUID, AETitle);
      const end = async () => {
        const stored = await file.end();
        series.set(stored.series.SeriesInstanceUID, stored.series);
        onStored();
      };
      return { write: file.write, abort: file.abort, end };
    };
    try {
      await wadoRetrieve(dicomwebUrl, request, { openFile, split: splitMultipart }, web());
      await ports.index.associationEnded([...series.values()], true);
    } catch (error) {
      await ports.index.associationEnded([...series.values()], false);
      throw error;
    }
  }

  return {
    find: (by, level, keys) => (by === 'C-FIND' ? findDimse(level, keys) : qidoSearch(dicomwebUrl, level, keys, web())),
    fetch: (how, request, onStored) =>
      how === 'WADO-RS' ? fetchWeb(request, onStored) : fetchDimse(how, request, onStored),
  };
}

function levelAndKeys({ StudyInstanceUID, SeriesInstanceUID, SOPInstanceUIDs }: FetchRequest) {
  const keys: UniqueKeys = {
    StudyInstanceUID: [StudyInstanceUID],
    ...(SeriesInstanceUID !== undefined && { SeriesInstanceUID: [SeriesInstanceUID] }),
    ...(SOPInstanceUIDs !== undefined && { SOPInstanceUID: SOPInstanceUIDs }),
  };
  const level = SOPInstanceUIDs !== undefined ? 'IMAGE' : SeriesInstanceUID !== undefined ? 'SERIES' : 'STUDY';
  return { level, keys } as const;
}

/** @throws {AppError} PACS_REFUSED when the peer says that it could not send all of it. */
function complain({ failed, status }: { readonly failed: number; readonly status: number }): void {
  if (failed === 0) return;
  const text = status.toString(16).toUpperCase().padStart(4, '0');
  throw new AppError('PACS_REFUSED', `the peer could not send ${failed} of them (status ${text})`);
}
