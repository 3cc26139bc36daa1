import { Router } from 'express';
import type { DoctorReport, PeersInfo } from '../../domain/contract/peers.ts';
import { onlyMethods } from '../problem.ts';

export interface PeersPorts {
  peersInfo(): Promise<PeersInfo>;
  /** @throws {AppError} PEER_NOT_FOUND, PEER_BUSY */
  examinePeer(name: string): Promise<DoctorReport>;
}

/** `GET /api/peers`: who may connect, and how each does. `POST /api/peers/:name/doctor`: asks one, step by step. */
export function peersRoutes({ peersInfo, examinePeer }: PeersPorts): Router {
  const router = Router();
  router
    .route('/api/peers')
    .get(async (_req, res) => {
      res.json(await peersInfo());
    })
    .all(onlyMethods('GET, HEAD'));
  router
    .route('/api/peers/:name/doctor')
    .post(async (req, res) => {
      res.json(await examinePeer(req.params.name));
    })
    .all(onlyMethods('POST'));
  return router;
}
