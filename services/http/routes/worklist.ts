import { Router } from 'express';
import { PresenceNotice, PriorityOrder, WorklistQuery, type WorklistStudy } from '../../domain/contract/worklist.ts';
import { AppError } from '../../domain/errors.ts';
import type { StudyOrders, StudyQueries } from '../../domain/ports.ts';
import { StudyKey } from '../../domain/study.ts';
import type { Presence } from '../presence.ts';
import { onlyMethods } from '../problem.ts';

type Queries = Pick<StudyQueries, 'worklist' | 'worklistValues' | 'priorStudies'>;

/** `GET /api/worklist` and what it is filtered by. */
export function worklistRoutes({ worklist, worklistValues }: Queries, { readersOf }: Presence): Router {
  const router = Router();
  const opened = (study: WorklistStudy): WorklistStudy => ({
    ...study,
    openedBy: [...readersOf(study.StudyInstanceUID)],
  });
  router
    .route('/api/worklist')
    .get(async (req, res) => {
      const list = await worklist(WorklistQuery.parse(req.query));
      res.json({ ...list, studies: list.studies.map(opened) });
    })
    .all(onlyMethods('GET, HEAD'));
  router
    .route('/api/worklist/values')
    .get(async (_req, res) => {
      res.json(await worklistValues());
    })
    .all(onlyMethods('GET, HEAD'));
  return router;
}

/** What the list orders of one study, and what it says beside it. */
export function studyOrderRoutes({ priorStudies }: Queries, orders: StudyOrders, presence: Presence): Router {
  const router = Router();
  const path = '/api/studies/:StudyInstanceUID';
  router
    .route(`${path}/priority`)
    .put(async (req, res) => {
      const key = StudyKey.parse(req.params);
      const { priority } = PriorityOrder.parse(req.body);
      if (!(await orders.orderPriority(key.StudyInstanceUID, priority))) throw absent(key);
      res.json({ priority });
    })
    .all(onlyMethods('PUT'));
  router
    .route(`${path}/analysis`)
    .post(async (req, res) => {
      const key = StudyKey.parse(req.params);
      if (!(await orders.orderAnalysis(key.StudyInstanceUID))) throw absent(key);
      res.status(202).json(key);
    })
    .all(onlyMethods('POST'));
  router
    .route(`${path}/presence`)
    .put((req, res) => {
      presence.here(StudyKey.parse(req.params).StudyInstanceUID, PresenceNotice.parse(req.body).reader);
      res.status(204).end();
    })
    .delete((req, res) => {
      presence.gone(StudyKey.parse(req.params).StudyInstanceUID, PresenceNotice.parse(req.body).reader);
      res.status(204).end();
    })
    .all(onlyMethods('PUT, DELETE'));
  router
    .route(`${path}/priors`)
    .get(async (req, res) => {
      const key = StudyKey.parse(req.params);
      const found = await priorStudies(key.StudyInstanceUID);
      if (found === undefined) throw absent(key);
      res.json(found);
    })
    .all(onlyMethods('GET, HEAD'));
  return router;
}

const absent = (key: StudyKey): AppError => new AppError('STUDY_NOT_FOUND', 'No study with this UID was received', key);
