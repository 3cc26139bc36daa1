import { Router } from 'express';
import { type DryRun, DryRunOrder, type RoutesInForce } from '../../domain/contract/routes.ts';
import { onlyMethods } from '../problem.ts';

export interface RoutingPorts {
  routesInForce(): Promise<RoutesInForce>;
  /** @throws {AppError} ROUTES_INVALID. */
  routesDryRun(order: DryRunOrder): Promise<DryRun>;
}

/** The rules that route studies, and what they would do with those that are stored. */
export function routingRoutes(ports: RoutingPorts): Router {
  const router = Router();
  router
    .route('/api/routes')
    .get(async (_req, res) => {
      res.json(await ports.routesInForce());
    })
    .all(onlyMethods('GET, HEAD'));
  router
    .route('/api/routes/dry-run')
    .post(async (req, res) => {
      res.json(await ports.routesDryRun(DryRunOrder.parse(req.body ?? {})));
    })
    .all(onlyMethods('POST'));
  return router;
}
