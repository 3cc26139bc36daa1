import { Router } from 'express';
import { z } from 'zod';
import { CancelOrder } from '../../domain/contract/reading.ts';
import { AppError } from '../../domain/errors.ts';
import { onlyMethods } from '../problem.ts';

export interface RunsPorts {
  /** Orders a failed run again; `undefined` when there is no failed run of this id. */
  retryRun(runId: string): Promise<{ readonly id: string } | undefined>;
  /** Ends a run that waits or runs; `false` when there is none of this id. */
  cancelRun(runId: string, by: string): Promise<boolean>;
}

const NOBODY = '?';

/** The groups of a PN in a line; a name in Han characters has no gap. */
const spoken = (name: string): string =>
  name
    .split('=')
    .map((group) =>
      group
        .split('^')
        .filter(Boolean)
        .join(/\p{Script=Han}/u.test(group) ? '' : ' '),
    )
    .join(' ')
    .trim();

const RunKey = z.strictObject({ runId: z.uuid() });

/**
 * `POST /api/runs/:runId/retry`: accepted, not done; the worklist tells how it goes. `…/cancel`: done, and the worker hears of
 * it within a second or two.
 */
export function runsRoutes({ retryRun, cancelRun }: RunsPorts): Router {
  const router = Router();
  router
    .route('/api/runs/:runId/retry')
    .post(async (req, res) => {
      const key = RunKey.parse(req.params);
      const order = await retryRun(key.runId);
      if (order === undefined) throw new AppError('RUN_NOT_FOUND', 'No failed run with this id', key);
      res.status(202).json({ runId: key.runId });
    })
    .all(onlyMethods('POST'));
  router
    .route('/api/runs/:runId/cancel')
    .post(async (req, res) => {
      const key = RunKey.parse(req.params);
      const { reader } = CancelOrder.parse(req.body);
      const cancelled = await cancelRun(key.runId, reader === null ? NOBODY : spoken(reader.name));
      if (!cancelled) throw new AppError('RUN_NOT_FOUND', 'No run with this id waits or runs', key);
      res.status(202).json({ runId: key.runId });
    })
    .all(onlyMethods('POST'));
  return router;
}
