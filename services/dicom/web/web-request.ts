import { AppError } from '../../domain/errors.ts';

export interface WebOptions {
  readonly signal: AbortSignal;
  /** Without a byte of the answer. */
  readonly idleSeconds: number;
}

/** An answer that was begun. */
export interface WebAnswer {
  readonly status: number;
  readonly contentType: string;
  /** What comes, no faster than it is taken. */
  readonly body: AsyncIterable<Uint8Array>;
}

/**
 * A GET of a DICOMweb service (PS3.18 §8). Redirects are not followed: the settings say where the peer is.
 *
 * @throws {AppError} PACS_UNREACHABLE when nobody answers, PACS_REFUSED when the answer is a failure, ASSOCIATION_TIMEOUT and
 *   ASSOCIATION_ABORTED when it stops or breaks off, also while the body is read.
 */
export async function webGet(given: URL, accept: string, { signal, idleSeconds }: WebOptions): Promise<WebAnswer> {
  const watch = new IdleWatch(idleSeconds);
  const both = AbortSignal.any([signal, watch.signal]);
  const { url, authorization } = withoutCredentials(given);
  const headers = { accept, ...authorization };
  const answer = await fetch(url, { headers, redirect: 'error', signal: both }).catch((error: unknown) => {
    watch.stop();
    throw failure(error, watch, 'PACS_UNREACHABLE');
  });
  const body = paced(answer.body, watch);
  if (answer.ok) return { status: answer.status, contentType: answer.headers.get('content-type') ?? '', body };
  watch.stop();
  await answer.body?.cancel().catch(() => {});
  throw new AppError('PACS_REFUSED', `${url.pathname.slice(0, 200)} answered ${answer.status}`);
}

/** Name and password of the settings, as Basic authentication (RFC 7617); no error then holds them. */
function withoutCredentials(given: URL) {
  if (given.username === '' && given.password === '') return { url: given, authorization: {} };
  const plain = `${decodeURIComponent(given.username)}:${decodeURIComponent(given.password)}`;
  const url = new URL(given);
  url.username = '';
  url.password = '';
  return { url, authorization: { authorization: `Basic ${Buffer.from(plain).toString('base64')}` } };
}

/** Aborts when it was not touched for so long. While nobody takes what came, the peer cannot send, and is not watched. */
class IdleWatch {
  readonly #aborting = new AbortController();
  readonly #ms: number;
  #timer: NodeJS.Timeout | undefined;

  constructor(seconds: number) {
    this.#ms = seconds * 1000;
    this.begin();
  }

  get signal(): AbortSignal {
    return this.#aborting.signal;
  }

  get expired(): boolean {
    return this.#aborting.signal.aborted;
  }

  begin(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#aborting.abort(), this.#ms);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}

async function* paced(body: AsyncIterable<Uint8Array> | null, watch: IdleWatch): AsyncGenerator<Uint8Array> {
  if (body === null) return watch.stop();
  try {
    watch.begin();
    for await (const bytes of body) {
      watch.stop();
      yield bytes;
      watch.begin();
    }
  } catch (error) {
    throw failure(error, watch, 'ASSOCIATION_ABORTED');
  } finally {
    watch.stop();
  }
}

function failure(error: unknown, watch: IdleWatch, code: 'PACS_UNREACHABLE' | 'ASSOCIATION_ABORTED'): unknown {
  if (watch.expired) return new AppError('ASSOCIATION_TIMEOUT', 'the peer sends nothing any more');
  if (!(error instanceof Error)) return error;
  const cause = error.cause instanceof Error ? error.cause.message : error.message;
  const what = code === 'PACS_UNREACHABLE' ? 'no answer' : 'the answer broke off';
  return new AppError(code, `${what}: ${cause}`, {}, error);
}
