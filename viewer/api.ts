import type { DicomJson } from '../services/dicom/dataset/json-attributes.ts';
import { Experience } from '../services/domain/contract/experience.ts';
import { DoctorReport, PeersInfo } from '../services/domain/contract/peers.ts';
import { PullOverview, type PullRetry } from '../services/domain/contract/pull.ts';
import type { Reader } from '../services/domain/contract/reading.ts';
import { DryRun, type DryRunOrder, RoutesInForce } from '../services/domain/contract/routes.ts';
import { Problem, SystemInfo } from '../services/domain/contract/system.ts';
import { PriorStudies, StudyDetail, Worklist, WorklistValues } from '../services/domain/contract/worklist.ts';
import type { StudyPriority } from '../services/domain/priority.ts';
import type { PullState } from '../services/domain/pull/pull-state.ts';
import { RouteFile } from '../services/domain/routing/route-file.ts';
import type { SeriesKey } from '../services/domain/study.ts';
import { shown } from './shown-text.ts';

/** An answer that is not 2xx, with the code of the problem when the server gave one. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  /** The whole problem, for answers that carry more than a sentence. */
  readonly problem: unknown;
  constructor(status: number, code: string, detail: string, problem?: unknown) {
    super(detail);
    this.status = status;
    this.code = code;
    this.problem = problem;
  }
}

/** The only `fetch` of data; the decoders fetch their own code. */
export async function request(path: string, init: RequestInit): Promise<Response> {
  const response = await fetch(path, init);
  if (response.ok) return response;
  const body: unknown = await response.json().catch(() => undefined);
  const problem = Problem.safeParse(body);
  throw problem.success
    ? new ApiError(response.status, problem.data.code, problem.data.detail, body)
    : new ApiError(response.status, `HTTP_${response.status}`, response.statusText);
}

/** What patients and studies are called comes from strangers: nothing of it stays unseen. */
const json = async (path: string, signal: AbortSignal): Promise<unknown> => told(await request(path, { signal }));

const told = async (response: Response): Promise<unknown> => JSON.parse(await response.text(), shown);

/** A page of the list, or rows of it by `uids`; parameters are those of `WorklistQuery`, an empty one is left out. */
export async function fetchWorklist(asked: Readonly<Record<string, string | number>>, signal: AbortSignal) {
  const given = Object.entries(asked).filter(([, value]) => value !== '');
  const query = new URLSearchParams(given.map(([name, value]) => [name, String(value)]));
  return Worklist.parse(await json(`/api/worklist?${query}`, signal));
}

export const fetchWorklistValues = async (signal: AbortSignal) =>
  WorklistValues.parse(await json('/api/worklist/values', signal));

const studyPath = (StudyInstanceUID: string) => `/api/studies/${encodeURIComponent(StudyInstanceUID)}`;

const order = (method: 'PUT' | 'POST' | 'DELETE', path: string, body: object, init: RequestInit = {}) =>
  request(path, { ...init, method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });

export const fetchPriors = async (StudyInstanceUID: string, signal: AbortSignal) =>
  PriorStudies.parse(await json(`${studyPath(StudyInstanceUID)}/priors`, signal));

export const orderPriority = (StudyInstanceUID: string, priority: StudyPriority) =>
  order('PUT', `${studyPath(StudyInstanceUID)}/priority`, { priority });

export const orderAnalysis = (StudyInstanceUID: string) => order('POST', `${studyPath(StudyInstanceUID)}/analysis`, {});

/** Says that a reader has a study open, or no longer: the last word is sent even while the page closes. */
export const tellPresence = (StudyInstanceUID: string, reader: string, isHere: boolean) =>
  order(isHere ? 'PUT' : 'DELETE', `${studyPath(StudyInstanceUID)}/presence`, { reader }, { keepalive: true });

/** A part of an image as a picture (PS3.18 §8.3.5.1); `query` says which. */
export const cropUrl = (
  { StudyInstanceUID, SeriesInstanceUID }: SeriesKey,
  { SOPInstanceUID, frame }: { readonly SOPInstanceUID: string; readonly frame: number },
  query: string,
): string =>
  `${seriesPath({ StudyInstanceUID, SeriesInstanceUID })}/instances/${SOPInstanceUID}/frames/${frame}/rendered?${query}`;

export const fetchStudy = async (StudyInstanceUID: string, signal: AbortSignal) =>
  StudyDetail.parse(await json(studyPath(StudyInstanceUID), signal));

export const fetchExperience = async (signal: AbortSignal) => Experience.parse(await json('/api/experience', signal));

export const fetchPeers = async (signal: AbortSignal) => PeersInfo.parse(await json('/api/peers', signal));

/** Asks a peer step by step; it takes as long as the peer does. */
export const examinePeer = async (name: string) =>
  DoctorReport.parse(await told(await order('POST', `/api/peers/${encodeURIComponent(name)}/doctor`, {})));

/** The rules in force, as the schema of their file has them. */
export type RulesInForce = Awaited<ReturnType<typeof fetchRoutes>>;

export async function fetchRoutes(signal: AbortSignal) {
  const inForce = RoutesInForce.parse(await json('/api/routes', signal));
  return { ...inForce, rules: RouteFile.parse({ rules: inForce.rules }).rules };
}

/** What rules would do with what is stored; nothing is planned, sent or saved. */
export const tryRoutes = async (asked: Partial<DryRunOrder>) =>
  DryRun.parse(await told(await order('POST', '/api/routes/dry-run', asked)));

export const fetchPull = async (signal: AbortSignal) => PullOverview.parse(await json('/api/pull', signal));

/** Of one state, also those that are not among the last changed of all. */
export const fetchPullOf = async (state: PullState, signal: AbortSignal) =>
  PullOverview.parse(await json(`/api/pull?state=${state}`, signal));

export const retryPull = (study: PullRetry) => order('POST', '/api/pull/retry', study);

export const fetchSystem = async (signal: AbortSignal) => SystemInfo.parse(await json('/api/system', signal));

export const retryRun = (runId: string) => request(`/api/runs/${encodeURIComponent(runId)}/retry`, { method: 'POST' });

/** Ends an analysis that waits or runs; it can be ordered again. */
export const cancelRun = (runId: string, reader: Reader | undefined) =>
  order('POST', `/api/runs/${encodeURIComponent(runId)}/cancel`, { reader: reader ?? null });

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
