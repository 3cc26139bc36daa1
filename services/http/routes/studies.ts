import { Router } from 'express';
import { AppError } from '../../domain/errors.ts';
import type { StudyQueries } from '../../domain/ports.ts';
import { StudyKey } from '../../domain/study.ts';
import { onlyMethods } from '../problem.ts';

/** `GET /api/studies/:StudyInstanceUID`: a study with its series, runs and findings. */
export function studiesRoutes({ studyDetail }: Pick<StudyQueries, 'studyDetail'>): Router {
  const router = Router();
  router
    .route('/api/studies/:StudyInstanceUID')
    .get(async (req, res) => {
      const key = StudyKey.parse(req.params);
      const detail = await studyDetail(key.StudyInstanceUID);
      if (detail === undefined) throw new AppError('STUDY_NOT_FOUND', 'No study with this UID was received', key);
      res.json(detail);
    })
    .all(onlyMethods('GET, HEAD'));
  return router;
}
