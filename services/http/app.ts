import { randomUUID } from 'node:crypto';
import express, { type Express } from 'express';
import type { Log } from '../domain/context.ts';
import type { DicomwebQueries, StudyOrders, StudyQueries } from '../domain/ports.ts';
import { HeldAnswers } from './held-answers.ts';
import { presence } from './presence.ts';
import { answerError, notFound, refuseForeignOrigin } from './problem.ts';
import { type BulkDataPorts, bulkDataRoutes } from './routes/dicomweb-bulk-data.ts';
import { type FramePorts, frameRoutes } from './routes/dicomweb-frames.ts';
import { type MetadataPorts, metadataRoutes } from './routes/dicomweb-metadata.ts';
import { qidoRoutes } from './routes/dicomweb-qido.ts';
import { type RenderPorts, renderedRoutes } from './routes/dicomweb-rendered.ts';
import { type StowPorts, stowRoutes } from './routes/dicomweb-stow.ts';
import { type WadoPorts, wadoRoutes } from './routes/dicomweb-wado.ts';
import { eventsRoutes } from './routes/events.ts';
import { type ExperiencePorts, experienceRoutes } from './routes/experience.ts';
import { type PeersPorts, peersRoutes } from './routes/peers.ts';
import { type PullPorts, pullRoutes } from './routes/pull.ts';
import { type ReadingPorts, readingRoutes } from './routes/reading.ts';
import { type RoutingPorts, routingRoutes } from './routes/routing.ts';
import { type RunsPorts, runsRoutes } from './routes/runs.ts';
import { studiesRoutes } from './routes/studies.ts';
import { type SystemPorts, systemRoutes } from './routes/system.ts';
import { viewerRoutes } from './routes/viewer.ts';
import { studyOrderRoutes, worklistRoutes } from './routes/worklist.ts';
import { notStored, securityHeaders } from './security-headers.ts';

export interface HttpPorts
  extends RunsPorts,
    ReadingPorts,
    ExperiencePorts,
    SystemPorts,
    WadoPorts,
    MetadataPorts,
    FramePorts,
    BulkDataPorts,
    RenderPorts,
    StowPorts {
  readonly studies: StudyQueries;
  readonly orders: StudyOrders;
  readonly dicomweb: DicomwebQueries;
  /** Absent where rules are of no interest: in a test. */
  readonly routing?: RoutingPorts;
  /** Absent: nothing is said of peers. */
  readonly peers?: PeersPorts;
  readonly pull?: PullPorts;
  /** What answers made of stored files hold in memory together. */
  readonly maxHeldBytes?: number;
  /** Where the built viewer lies; it may be built later. */
  readonly viewerDirectory: string;
}

/** A draft with a verdict and measures for each of a thousand marks. */
const MAX_JSON = '2mb';

/** The HTTP face of the service; opens no socket, so a test can mount it on port 0. */
export function createApp(log: Log, ports: HttpPorts): Express {
  // Validators are set where content may be kept; everything else is `no-store`.
  const app = express().disable('x-powered-by').disable('etag');
  app.use(securityHeaders, refuseForeignOrigin);
  app.use(['/api', '/dicomweb', '/metrics'], notStored);
  app.use('/api', express.json({ limit: MAX_JSON }));
  const opened = presence((uid, readers) => {
    ports.orders.presenceChanged(uid, readers).catch((error: unknown) => log.error('presence.told', error));
  });
  app.use(worklistRoutes(ports.studies, opened), studyOrderRoutes(ports.studies, ports.orders, opened));
  app.use(studiesRoutes(ports.studies), runsRoutes(ports), systemRoutes(ports));
  app.use(readingRoutes(ports), experienceRoutes(ports));
  if (ports.routing) app.use(routingRoutes(ports.routing));
  if (ports.peers !== undefined) app.use(peersRoutes(ports.peers));
  if (ports.pull) app.use(pullRoutes(ports.pull));
  app.use(eventsRoutes(log, ports.studies));
  app.use(stowRoutes(log, ports));
  const held = new HeldAnswers(ports.maxHeldBytes);
  const bounded = {
    ...ports,
    metadataOf: held.bounding('metadata', ports.metadataOf),
    frameOf: held.bounding('bytes', ports.frameOf),
    transcodedFrame: held.bounding('bytes', ports.transcodedFrame),
    transcodedInstance: held.bounding('bytes', ports.transcodedInstance),
    renderedFrame: held.bounding('bytes', ports.renderedFrame),
    bulkDataOf: held.bounding('bytes', ports.bulkDataOf),
  };
  // A restart may read more out of the same files, and encode them otherwise.
  const version = randomUUID();
  app.use('/dicomweb', held.follow);
  app.use(qidoRoutes(ports.dicomweb), wadoRoutes(bounded, version), frameRoutes(bounded, version));
  app.use(metadataRoutes(log, bounded, version), bulkDataRoutes(bounded));
  app.use(renderedRoutes(bounded, version));
  app.use(['/api', '/dicomweb', '/metrics'], notFound);
  app.use(viewerRoutes(ports.viewerDirectory));
  app.use(answerError(log));
  return app;
}
