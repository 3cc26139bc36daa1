import {
  type PreparationOrder,
  type Reader,
  Reading,
  ReadingConflict,
  ReadLesion,
  type SegmentationOrder,
} from '../../services/domain/contract/reading.ts';
import { Reason } from '../../services/domain/reason.ts';
import { ApiError, request } from '../api.ts';
import { shown } from '../shown-text.ts';
import { ReadingChanged, type ReadingPorts, Refused } from './reading-ports.ts';

const MAX_KEEPALIVE = 30_000;

const studyPath = (StudyInstanceUID: string): string => `/api/studies/${encodeURIComponent(StudyInstanceUID)}`;

/** The reading of one study at the server; each change names the revision it was made on. */
export function readingPorts(StudyInstanceUID: string): ReadingPorts {
  const path = `${studyPath(StudyInstanceUID)}/reading`;
  const change = (method: 'PUT' | 'POST', to: string, revision: number, order: unknown) => {
    const body = JSON.stringify(order);
    const headers = { 'content-type': 'application/json', 'if-match': `"${revision}"` };
    // A page that is left still sends its last draft; a browser refuses this to a long one.
    return ask(to, { method, headers, body, keepalive: body.length < MAX_KEEPALIVE });
  };
  const order = (what: string) => (revision: number, reader: Reader) =>
    change('POST', `${path}/${what}`, revision, { reader });
  return {
    read: () => ask(path, {}),
    save: (revision, draft) => change('PUT', path, revision, draft),
    sign: (revision, reader, order) => change('POST', `${path}/signature`, revision, { reader, ...order }),
    reveal: order('reveal'),
    amend: order('amendment'),
  };
}

async function ask(path: string, init: RequestInit): Promise<Reading> {
  return Reading.parse(JSON.parse(await (await told(request(path, init))).text(), shown));
}

/** What is at a point of a series, measured. */
export async function segment(StudyInstanceUID: string, order: SegmentationOrder): Promise<ReadLesion> {
  const response = await told(
    request(`${studyPath(StudyInstanceUID)}/segmentations`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(order),
    }),
  );
  return ReadLesion.parse(await response.json());
}

/** Tells the server where somebody may soon click. */
export const prepareSegmentation = (StudyInstanceUID: string, order: PreparationOrder): Promise<unknown> =>
  request(`${studyPath(StudyInstanceUID)}/segmentations/preparation`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(order),
  });

/** Why nothing can be measured there, as a code. */
const reasonOf = (problem: unknown): Reason | undefined =>
  typeof problem === 'object' && problem !== null && 'reason' in problem
    ? Reason.safeParse(problem.reason).data
    : undefined;

/** A conflict as the session knows it, a refusal with its reason; a server that is away stays what it was. */
async function told(response: Promise<Response>): Promise<Response> {
  try {
    return await response;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const conflict = ReadingConflict.safeParse(error.problem);
    if (conflict.success) throw new ReadingChanged(conflict.data.current);
    if (error.status < 500) throw new Refused(error.code, error.message, reasonOf(error.problem));
    throw error;
  }
}
