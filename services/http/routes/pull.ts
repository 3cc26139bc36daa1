import { Router } from 'express';
import { type PriorSearches, type PullOverview, PullQuery, PullRetry } from '../../domain/contract/pull.ts';
import { AppError } from '../../domain/errors.ts';
import { StudyKey } from '../../domain/study.ts';
import { onlyMethods } from '../problem.ts';

export interface PullPorts {
  overview(query: PullQuery): Promise<PullOverview>;
  /** `false` when no watch has found such a study. */
  retry(order: PullRetry): Promise<boolean>;
  priorSearches(StudyInstanceUID: string): Promise<PriorSearches>;
}

/** What is watched and fetched from other archives. */
export function pullRoutes({ overview, retry, priorSearches }: PullPorts): Router {
  const router = Router();
  router
    .route('/api/pull')
    .get(async (req, res) => {
      res.json(await overview(PullQuery.parse(req.query)));
    })
    .all(onlyMethods('GET, HEAD'));
  router
    .route('/api/pull/retry')
    .post(async (req, res) => {
      const order = PullRetry.parse(req.body);
      if (!(await retry(order)))
        throw new AppError('PULL_NOT_FOUND', 'No watch has found this study at this peer', order);
      res.status(202).json(order);
    })
    .all(onlyMethods('POST'));
  router
    .route('/api/studies/:StudyInstanceUID/priors/search')
    .get(async (req, res) => {
      res.json(await priorSearches(StudyKey.parse(req.params).StudyInstanceUID));
    })
    .all(onlyMethods('GET, HEAD'));
  return router;
}
