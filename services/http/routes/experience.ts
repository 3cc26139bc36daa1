import { Router } from 'express';
import { type ExperienceKind, ExperienceReport } from '../../domain/contract/experience.ts';
import { ExperienceLog } from '../experience-log.ts';
import { onlyMethods } from '../problem.ts';

export interface ExperiencePorts {
  /** Records seconds in a histogram of its own kind. */
  observeExperience(kind: ExperienceKind, seconds: number): void;
}

/** `GET` and `POST /api/experience`: how long readers wait. */
export function experienceRoutes({ observeExperience }: ExperiencePorts): Router {
  const router = Router();
  const log = new ExperienceLog(new Date());
  router
    .route('/api/experience')
    .get((_req, res) => {
      res.json(log.summary());
    })
    .post((req, res) => {
      const report = ExperienceReport.parse(req.body);
      log.add(report);
      for (const { kind, ms } of report.measured) observeExperience(kind, ms / 1000);
      res.status(204).end();
    })
    .all(onlyMethods('GET, HEAD, POST'));
  return router;
}
