import type { DicomJson } from '../services/dicom/dataset/json-attributes.ts';
import { Problem, SystemInfo } from '../services/domain/contract/system.ts';
import { StudyDetail, Worklist } from '../services/domain/contract/worklist.ts';
import type { SeriesKey } from '../services/domain/study.ts';
import { shown } from './shown-text.ts';

/** An answer that is not 2xx, with the code of the problem when the server gave one. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  constructor(status: number, code: string, detail: string) {
    super(detail);
    this.status = status;
    this.code = code;
  }
}

/** The only `fetch` of data; the decoders fetch their own code. */
async function request(path: string, init: RequestInit): Promise<Response> {
  const response = await fetch(path, init);
  if (response.ok) return response;
  const problem = Problem.safeParse(await response.json().catch(() => undefined));
  throw problem.success
    ? new ApiError(response.status, problem.data.code, problem.data.detail)
    : new ApiError(response.status, `HTTP_${response.status}`, response.statusText);
}

/** What patients and studies are called comes from strangers: nothing of it stays unseen. */
const json = async (path: string, signal: AbortSignal): Promise<unknown> =>
  JSON.parse(await (await request(path, { signal })).text(), shown);

export async function fetchWorklist(search: string, offset: number, limit: number, signal: AbortSignal) {
  const query = new URLSearchParams({ search, offset: String(offset), limit: String(limit) });
  return Worklist.parse(await json(`/api/worklist?${query}`, signal));
}

export const fetchStudy = async (StudyInstanceUID: string, signal: AbortSignal) =>
  StudyDetail.parse(await json(`/api/studies/${encodeURIComponent(StudyInstanceUID)}`, signal));

export const fetchSystem = async (signal: AbortSignal) => SystemInfo.parse(await json('/api/system', signal));

export const retryRun = (runId: string) => request(`/api/runs/${encodeURIComponent(runId)}/retry`, { method: 'POST' });

const seriesPath = ({ StudyInstanceUID, SeriesInstanceUID }: SeriesKey) =>
  `/dicomweb/studies/${StudyInstanceUID}/series/${SeriesInstanceUID}`;

/** Every image of a series without its pixels (PS3.18 §10.4.1.1.2). */
export async function fetchMetadata(key: SeriesKey, signal: AbortSignal): Promise<readonly DicomJson[]> {
  const response = await request(`${seriesPath(key)}/metadata`, {
    signal,
    headers: { accept: 'application/dicom+json' },
  });
  return (await response.json()) as readonly DicomJson[];
}

/** Studies of a patient (PS3.18 §10.6); an identifier with `*` or `?` also finds others. */
export async function fetchStudiesOf(PatientID: string, signal: AbortSignal): Promise<readonly DicomJson[]> {
  const response = await request(`/dicomweb/studies?${new URLSearchParams({ PatientID, limit: '100' })}`, {
    signal,
    headers: { accept: 'application/dicom+json' },
  });
  return JSON.parse(await response.text(), shown) as readonly DicomJson[];
}

/** One frame as it is stored (PS3.18 §10.4.1.1.6), still in its multipart body. */
export async function fetchFrame(
  key: SeriesKey,
  SOPInstanceUID: string,
  frame: number,
  signal: AbortSignal,
): Promise<{ readonly contentType: string; readonly body: Uint8Array<ArrayBuffer> }> {
  const response = await request(`${seriesPath(key)}/instances/${SOPInstanceUID}/frames/${frame}`, {
    signal,
    headers: { accept: 'multipart/related; transfer-syntax=*' },
  });
  return {
    contentType: response.headers.get('content-type') ?? '',
    body: new Uint8Array(await response.arrayBuffer()),
  };
}

/** A value that the metadata only names (PS3.18 §10.4.1.1.5). Its address may have been made for another host name. */
export async function fetchBulkData(url: string, signal: AbortSignal): Promise<Uint8Array> {
  const { pathname } = new URL(url, location.href);
  const response = await request(pathname, { signal, headers: { accept: 'application/octet-stream' } });
  return new Uint8Array(await response.arrayBuffer());
}
