import { Router } from 'express';
import { z } from 'zod';
import { AppError } from '../../domain/errors.ts';
import { onlyMethods } from '../problem.ts';

export interface RunsPorts {
  /** Orders a failed run again; `undefined` when there is no failed run of this id. */
  retryRun(runId: string): Promise<{ readonly id: string } | undefined>;
}

const RunKey = z.strictObject({ runId: z.uuid() });

/** `POST /api/runs/:runId/retry`: accepted, not done; the worklist tells how it goes. */
export function runsRoutes({ retryRun }: RunsPorts): Router {
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
  return router;
}
