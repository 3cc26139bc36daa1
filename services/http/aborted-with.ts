import type { Response } from 'express';

/** Aborts when the client is gone before its answer is: work for nobody need not begin. */
export function abortedWith(res: Response): AbortSignal {
  const gone = new AbortController();
  res.once('close', () => {
    if (!res.writableFinished) gone.abort(new ClientGoneError());
  });
  return gone.signal;
}

/** Nobody hears of it; the name is for the log. */
export class ClientGoneError extends Error {
  readonly code = 'ERR_STREAM_PREMATURE_CLOSE';

  constructor() {
    super('the client left before its answer');
  }
}
