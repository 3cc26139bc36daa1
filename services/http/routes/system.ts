import { Router } from 'express';
import type { Health, SystemInfo } from '../../domain/contract/system.ts';
import { onlyMethods } from '../problem.ts';

export interface SystemPorts {
  systemInfo(): Promise<SystemInfo>;
  health(): Promise<Health>;
  /** Text exposition format 0.0.4. */
  metricsText(): Promise<string>;
}

/** `GET /api/system`, `/api/health` and `/metrics`: what an operator and their monitoring ask. */
export function systemRoutes({ systemInfo, health, metricsText }: SystemPorts): Router {
  const router = Router();
  router
    .route('/api/system')
    .get(async (_req, res) => {
      res.json(await systemInfo());
    })
    .all(onlyMethods('GET, HEAD'));
  router
    .route('/api/health')
    .get(async (_req, res) => {
      const answer = await health();
      res.status(answer.status === 'failing' ? 503 : 200).json(answer);
    })
    .all(onlyMethods('GET, HEAD'));
  router
    .route('/metrics')
    .get(async (_req, res) => {
      res.type('text/plain; version=0.0.4; charset=utf-8').send(await metricsText());
    })
    .all(onlyMethods('GET, HEAD'));
  return router;
}
