import { AppError } from '../../domain/errors.ts';
import type { FetchRequest } from '../../domain/pull/ports.ts';
import { type WebOptions, webGet } from './web-request.ts';

/** One Part 10 file on its way to the store. After a failure of any kind `abort` is called. */
interface WadoSink {
  write(bytes: Uint8Array): Promise<void> | undefined;
  end(): Promise<unknown>;
  abort(error: unknown): Promise<void>;
}

export interface WadoPorts {
  openFile(): WadoSink;
  split(
    source: AsyncIterable<Uint8Array>,
    boundary: string,
  ): AsyncIterable<{ readonly body: AsyncIterable<Uint8Array> }>;
}

const ACCEPT = 'multipart/related; type="application/dicom"; transfer-syntax=*';

/**
 * WADO-RS as user agent (PS3.18 §10.4): a study, a series or images of one, as they are stored. Every part is taken for itself:
 * one that is refused, or an answer that breaks off, costs none of those before it.
 *
 * @throws {AppError} as `webGet`; PACS_REFUSED when the answer is no DICOM; BAD_REQUEST when its multipart is cut; what the
 *   last refused part was refused for.
 */
export async function wadoRetrieve(
  root: string,
  { StudyInstanceUID, SeriesInstanceUID, SOPInstanceUIDs }: FetchRequest,
  ports: WadoPorts,
  options: WebOptions,
): Promise<void> {
  const series = SeriesInstanceUID === undefined ? [] : ['series', SeriesInstanceUID];
  const path = ['studies', StudyInstanceUID, ...series].join('/');
  const paths = SOPInstanceUIDs?.map((uid) => `${path}/instances/${uid}`) ?? [path];
  const state: { refused: AppError | undefined } = { refused: undefined };
  for (const each of paths) {
    const url = new URL(each, root.endsWith('/') ? root : `${root}/`);
    const { contentType, body } = await webGet(url, ACCEPT, options);
    for await (const part of partsOf(contentType, body, ports))
      state.refused = (await take(part, ports)) ?? state.refused;
  }
  if (state.refused !== undefined) throw state.refused;
}

async function* partsOf(
  contentType: string,
  body: AsyncIterable<Uint8Array>,
  { split }: WadoPorts,
): AsyncGenerator<AsyncIterable<Uint8Array>> {
  if (/^application\/dicom\s*(;|$)/i.test(contentType)) {
    yield body;
    return;
  }
  const boundary = /;\s*boundary=(?:"([^"]*)"|([^;\s]+))/i.exec(contentType);
  if (!/^multipart\/related\s*;/i.test(contentType) || boundary === null)
    throw new AppError('PACS_REFUSED', 'WADO-RS answered neither multipart/related nor application/dicom');
  for await (const part of split(body, boundary[1] ?? boundary[2] ?? '')) yield part.body;
}

/** Answers with why a part was refused; the parts behind it may be taken. @throws when the answer broke off in it. */
async function take(body: AsyncIterable<Uint8Array>, { openFile }: WadoPorts): Promise<AppError | undefined> {
  const sink = openFile();
  const state: { refused: AppError | undefined; aborted: boolean } = { refused: undefined, aborted: false };
  const abort = async (error: unknown) => {
    if (state.aborted) return;
    state.aborted = true;
    await sink.abort(error);
  };
  const attempt = async (work: () => Promise<unknown> | undefined) => {
    if (state.refused !== undefined) return;
    try {
      await work();
    } catch (error) {
      await abort(error);
      if (!(error instanceof AppError)) throw error;
      state.refused = error;
    }
  };
  try {
    for await (const bytes of body) await attempt(() => sink.write(bytes));
  } catch (error) {
    await abort(error);
    throw error;
  }
  await attempt(() => sink.end());
  return state.refused;
}
