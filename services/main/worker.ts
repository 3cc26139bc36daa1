import { join, resolve } from 'node:path';
import type { Config } from '../config.ts';
import { analyzerPool } from '../detection/analyzer-pool.ts';
import type { AnalysisRequest } from '../domain/run.ts';
import { analyzeRun } from '../pipeline/analyze-run.ts';
import { deliverResult } from '../pipeline/deliver-result.ts';
import { type PlanningModel, planStudies } from '../pipeline/plan-studies.ts';
import { type Places, reconcile } from '../pipeline/reconcile.ts';
import { jobQueue } from '../queue/job-queue.ts';
import { startWorker } from '../queue/job-worker.ts';
import { postgresBackend, type QueueBackend, redisBackend } from '../queue/queue-backend.ts';
import { connect } from '../store/connect.ts';
import { deliveryStore } from '../store/delivery-store.ts';
import { modelStore } from '../store/model-store.ts';
import { peerContacts } from '../store/peer-contacts.ts';
import { runStore } from '../store/run-store.ts';
import { seriesIndex } from '../store/series-index.ts';
import { startCommitments } from './commitment-ports.ts';
import { contactBook } from './contact-book.ts';
import { destinationName, everyDestination, resultPeers } from './destinations.ts';
import { INSTANCE_FOLDER } from './folders.ts';
import { modelChecks } from './model-checks.ts';
import { loadModels } from './models.ts';
import { peersInForce } from './peers.ts';
import { startPreparing } from './preparing.ts';
import { reportSender } from './report-sender.ts';
import { type RoleContext, type RunningRole, required, runRole } from './role.ts';
import { routeWords, startRouting } from './routing.ts';
import { every } from './timer.ts';

const PLAN_PAUSE_MS = 500;
const RECONCILE_PAUSE_MS = 5000;
/** Sending waits for peers and uses no core. */
const DELIVERIES_AT_ONCE = 4;

await runRole('worker', async (context, config) => {
  const url = required(config.DATABASE_URL, 'DATABASE_URL');
  if (config.QUEUE_URL !== undefined) return startWorkerRole(context, config, url, redisBackend(config.QUEUE_URL));
  return startWorkerRole(context, config, url, await postgresBackend({ connectionString: url }, context.log));
});

async function startWorkerRole<Connection>(
  context: RoleContext,
  config: Config,
  databaseUrl: string,
  backend: QueueBackend<Connection>,
): Promise<RunningRole> {
  const { log } = context;
  const models = await loadModels(config);
  const store = await connect(databaseUrl, log);
  const peers = await peersInForce(context, config);
  const book = contactBook(context, peerContacts(store).addContacts);
  const receivers = () => resultPeers(peers.table(), config);
  const plans = seriesIndex(store, quietSeconds(config));
  const runs = runStore(store, { instanceDirectory: join(resolve(config.DATA_DIR), INSTANCE_FOLDER) });
  const deliveries = deliveryStore(store);
  const queues = { analyses: jobQueue(backend, 'analysis', log), deliveries: jobQueue(backend, 'delivery', log) };
  const pool = analyzerPool({
    size: config.WORKER_CONCURRENCY,
    deadlineSeconds: config.ANALYSIS_DEADLINE_SECONDS,
    memoryMb: config.ANALYSIS_MEMORY_MB,
    threads: config.INFERENCE_THREADS,
    gpuSlots: config.GPU_SLOTS,
    gpuDevices: config.GPU_DEVICES,
    gpuMemoryMb: config.GPU_MEMORY_MB,
    entry: join(import.meta.dirname, 'analyzer.ts'),
    log,
  });

  const preparing = await startPreparing(context, config, store, models);
  const checks = modelChecks(context, config, models, modelStore(store), pool);
  const planning: readonly PlanningModel[] = models.map(({ id, version, hash, loaded, suitableSeries, mayRead }) => ({
    ...{ id, version, hash, suitableSeries, mayRead },
    threshold: loaded?.threshold ?? 1,
  }));
  const providers = config.EXECUTION_PROVIDERS;
  const analyzePorts = {
    ...runs,
    modelOf: checks.modelOf,
    analyze: (request: AnalysisRequest, signal: AbortSignal) =>
      pool.analyze({ ...request, providers, ...(preparing && { preparedDirectory: preparing.directory }) }, signal),
    get destinations() {
      return receivers().map(destinationName);
    },
    deliveries: queues.deliveries,
  };
  const routing = await startRouting(context, config, store, () => routeWords(config, peers.table().peers));
  const deliverPorts = {
    ...deliveries,
    send: reportSender(() => everyDestination(peers.table(), config), peers, book.contact),
    firstPauseSeconds: config.RETRY_SECONDS,
    now: () => new Date(),
  };

  const places: Places = new Map();
  const commitments = startCommitments(context, config, store, peers);
  const workers = [
    startWorker(context, backend, 'analysis', config.WORKER_CONCURRENCY, (own, id) =>
      analyzeRun(own, analyzePorts, id),
    ),
    startWorker(context, backend, 'delivery', DELIVERIES_AT_ONCE, (own, id) => deliverResult(own, deliverPorts, id)),
  ];
  const timers = [
    every(context, 'plan', PLAN_PAUSE_MS, () =>
      planStudies(context, { ...plans, models: planning, queue: queues.analyses, routeOf: routing.routeOf }),
    ),
    every(context, 'reconcile', RECONCILE_PAUSE_MS, () =>
      reconcile(context, { ...runs, ...deliveries, ...queues }, places),
    ),
  ];
  return {
    // Work in hand is given back by its signal; what was not finished waits in the tables.
    async close() {
      await Promise.all([
        checks.close(),
        commitments.close(),
        routing.close(),
        ...timers.map((timer) => timer.close()),
      ]);
      await Promise.all(workers.map((worker) => worker.close()));
      await preparing?.close();
      await pool.close();
      await Promise.all([queues.analyses.close(), queues.deliveries.close()]);
      await backend.close();
      await book.close();
      await peers.close();
      await store.close();
    },
  };
}

function quietSeconds(config: Config) {
  return { quietSeconds: config.SERIES_QUIET_SECONDS, releasedQuietSeconds: config.SERIES_RELEASED_QUIET_SECONDS };
}
