import { Router } from 'express';
import { WorklistQuery } from '../../domain/contract/worklist.ts';
import type { StudyQueries } from '../../domain/ports.ts';
import { onlyMethods } from '../problem.ts';

/** `GET /api/worklist?search&limit&offset`. */
export function worklistRoutes({ worklist }: Pick<StudyQueries, 'worklist'>): Router {
  const router = Router();
  router
    .route('/api/worklist')
    .get(async (req, res) => {
      res.json(await worklist(WorklistQuery.parse(req.query)));
    })
    .all(onlyMethods('GET, HEAD'));
  return router;
}
