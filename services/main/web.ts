import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import type { Config } from '../config.ts';
import { bulkData } from '../dicom/dataset/bulk-data.ts';
import { availableAs, dicomJson } from '../dicom/dataset/dicom-json.ts';
import { readPart10Meta } from '../dicom/dataset/part10.ts';
import { type ImageFile, openImage } from '../dicom/dataset/read-file.ts';
import { STORAGE_SOP_CLASSES } from '../dicom/net/sop-classes.ts';
import { TRANSFER_SYNTAXES } from '../dicom/net/transfer-syntaxes.ts';
import { isDecodable } from '../dicom/pixel/codecs.ts';
import type { Log } from '../domain/context.ts';
import type { PullQuery } from '../domain/contract/pull.ts';
import type { Health } from '../domain/contract/system.ts';
import type { StoredFile } from '../domain/ports.ts';
import { createApp } from '../http/app.ts';
import type { PullPorts } from '../http/routes/pull.ts';
import { imagerPool } from '../imaging/imager-pool.ts';
import { instanceFailure } from '../imaging/instance-failure.ts';
import { transcodedFile } from '../imaging/transcoded-file.ts';
import type { MetricsSnapshot } from '../observability/prometheus-metrics.ts';
import { storedFileCheck } from '../pipeline/check-stored-files.ts';
import { receiveFile } from '../pipeline/receive-file.ts';
import { connect, type Store } from '../store/connect.ts';
import { dicomwebQueries } from '../store/dicomweb-queries.ts';
import { modelStore } from '../store/model-store.ts';
import { peerContacts } from '../store/peer-contacts.ts';
import { pullQueries } from '../store/pull-queries.ts';
import { runStore } from '../store/run-store.ts';
import { storedPlaces } from '../store/stored-places.ts';
import { studyOrders } from '../store/study-orders.ts';
import { studyQueries } from '../store/study-queries.ts';
import { destinationName, resultPeers } from './destinations.ts';
import { INSTANCE_FOLDER } from './folders.ts';
import { loadModels } from './models.ts';
import { peersInForce } from './peers.ts';
import { peerDoctor, peersInfo } from './peers-info.ts';
import { startReadings } from './readings.ts';
import { receivePorts } from './receive-ports.ts';
import { required, runRole } from './role.ts';
import { routesPorts } from './routes-ports.ts';
import { routeWords } from './routing.ts';
import { StoredFrames } from './stored-frames.ts';
import { modelHealth, systemInfo } from './system-info.ts';
import { every } from './timer.ts';
import { turnstile } from './turnstile.ts';

const MB = 1024 * 1024;
const STALLED_MS = 60_000;
const MAX_CONNECTIONS = 4096;
/** Between two looks at whether stored instances have their files. */
const CHECK_PAUSE_MS = 2000;
/** What is read of a hostile file takes megabytes while it is read: a few at once. */
const readers = turnstile(4);

/** From the supervisor: the figures of another role. They were made by our own process, so their inside is not checked. */
const RoleMetrics = z.object({ type: z.literal('metrics'), role: z.string(), snapshot: z.array(z.unknown()) });

await runRole('web', async (context, config) => {
  const instanceDirectory = join(resolve(config.DATA_DIR), INSTANCE_FOLDER);
  const models = await loadModels(config);
  const store = await connect(required(config.DATABASE_URL, 'DATABASE_URL'), context.log);
  const bannerOf = (modelId: string) => models.find(({ id }) => id === modelId)?.loaded?.manifest.report.banner ?? '';
  const peers = await peersInForce(context, config);
  const destinations = () => resultPeers(peers.table(), config).map(destinationName);
  const readings = await startReadings(context, config, store, models, destinations);
  const studies = studyQueries(store, context.log, { bannerOf });
  const states = modelStore(store);
  const runs = runStore(store, { instanceDirectory });
  const otherRoles = new Map<string, MetricsSnapshot>();
  process.on('message', (message) => {
    const { data: told } = RoleMetrics.safeParse(message);
    if (told !== undefined) otherRoles.set(told.role, told.snapshot as unknown as MetricsSnapshot);
  });
  const { index, ports, sweeping } = await receivePorts(context, config, store, 'web');
  const filePorts = {
    ...ports,
    readPart10Meta,
    SOPClassUIDs: new Set(STORAGE_SOP_CLASSES.map(({ uid }) => uid)),
    TransferSyntaxUIDs: new Set(TRANSFER_SYNTAXES),
  };
  const frames = new StoredFrames(readers);
  const stored = storedFileCheck(context, storedPlaces(store, instanceDirectory));
  const checking = every(context, 'stored-files', CHECK_PAUSE_MS, stored.step);
  const imager = imagerPool({
    size: config.IMAGE_PROCESSES,
    deadlineSeconds: config.IMAGE_DEADLINE_SECONDS,
    memoryMb: config.IMAGE_MEMORY_MB,
    entry: join(import.meta.dirname, 'imager.ts'),
    log: context.log,
  });
  const app = createApp(context.log, {
    studies,
    orders: studyOrders(store),
    dicomweb: dicomwebQueries(store, { instanceDirectory }),
    metadataOf: (file, bulkDataUrl) =>
      reading(file, ({ dataset }) => dicomJson(dataset, bulkDataUrl, [availableAs(file.TransferSyntaxUID)])),
    bulkDataOf: (file, path) => reading(file, ({ dataset }) => bulkData(dataset, path)),
    frameOf: ({ file }, frame) => frames.get(file, frame),
    canTranscode: isDecodable,
    transcodedFrame: ({ file }, frame, uid, signal) => imager.frame(file, frame, uid, signal),
    renderedFrame: ({ file }, frame, options, signal) => imager.picture(file, frame, options, signal),
    transcodedInstance: ({ file }, uid, signal) => transcodedFile(imager, file, uid, signal),
    receiveFile: (study) => receiveFile(context, filePorts, study),
    storeEnded: index.associationEnded,
    storeLimits: {
      maxBytes: config.MAX_STOW_MB * MB,
      maxRequests: config.MAX_ASSOCIATIONS,
      paceSeconds: config.ASSOCIATION_IDLE_SECONDS,
    },
    retryRun: runs.retryRun,
    cancelRun: runs.cancelRun,
    ...readings,
    pull: pullPorts(config, store),
    routing: routesPorts(config, store, () => routeWords(config, peers.table().peers)),
    observeExperience: context.metrics.observeExperience,
    peers: {
      peersInfo: async () => peersInfo(config, peers, await peerContacts(store).contacts()),
      examinePeer: peerDoctor(peers),
    },
    systemInfo: async () => systemInfo(config, destinations(), models, await states.modelStates()),
    health: () =>
      health(context.log, studies.ping, stored.missing, async () => modelHealth(models, await states.modelStates())),
    metricsText: () => context.metrics.text([...otherRoles.values()]),
    viewerDirectory: join(import.meta.dirname, '../../viewer/dist'),
  });
  const server = app.listen(config.HTTP_PORT, config.HTTP_HOST);
  // A large store request takes its time; it has a pace of its own, and headers have a limit of their own.
  server.requestTimeout = config.ASSOCIATION_TOTAL_SECONDS * 1000;
  // A client that takes nothing of its answer: its connection is cut. Event streams say something more often.
  server.timeout = STALLED_MS;
  server.maxConnections = MAX_CONNECTIONS;
  await new Promise<void>((listening, failed) => {
    server.once('listening', listening);
    server.once('error', failed);
  });
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      const closed = new Promise((done) => server.close(done));
      server.closeAllConnections();
      await closed;
      await peers.close();
      await sweeping.close();
      await checking.close();
      await imager.close();
      await readings.close();
      await store.close();
    },
  };
});

function pullPorts({ WATCH_FILE }: Config, store: Store): PullPorts {
  const queries = pullQueries(store);
  const overview = async (query: PullQuery) => ({
    configured: WATCH_FILE !== undefined,
    ...(await queries.overview(query)),
  });
  return { ...queries, overview };
}

/** @throws {AppError} INSTANCE_UNREADABLE */
function reading<T>({ file }: StoredFile, read: (image: ImageFile) => T | Promise<T>): Promise<T> {
  return readers(async () => {
    try {
      const image = await openImage(file);
      try {
        return await read(image);
      } finally {
        await image.close();
      }
    } catch (error) {
      throw instanceFailure(error);
    }
  });
}

async function health(
  log: Log,
  ping: () => Promise<void>,
  missing: number,
  models: () => Promise<Health['checks'][string]>,
): Promise<Health> {
  const database = await ping().then(
    () => ({ ok: true, detail: 'answers' }),
    (error: unknown) => {
      // What the driver says may name hosts and accounts: it belongs in the log.
      log.error('health.database', error);
      return { ok: false, detail: 'does not answer; instances are refused with A700 until it does' };
    },
  );
  const storedFiles = {
    ok: missing === 0,
    detail: missing === 0 ? 'are there' : `${missing} instances in the index have no file, or a cut one`,
  };
  if (!database.ok) return { status: 'failing', checks: { database, storedFiles } };
  const checks = { database, storedFiles, models: await models() };
  // Neither is mended by another node or by a new start of this one: it goes on receiving and serving what is there.
  return { status: storedFiles.ok && checks.models.ok ? 'ok' : 'warning', checks };
}
