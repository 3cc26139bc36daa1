import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { loadConfig } from '../../config.ts';
import { pinoLog } from '../../observability/pino-log.ts';
import { loadPeers } from '../peers.ts';
import { startServices } from '../serve.ts';
import { hasTls, loadTlsIdentity } from '../tls-identity.ts';

/** Starts everything and stays until SIGINT or SIGTERM; a second signal ends at once. */
export async function serveCommand(): Promise<void> {
  const config = loadConfig(process.env);
  // What is wrong in these files is told before anything starts.
  await loadPeers(config);
  await loadTlsIdentity(config);
  const log = pinoLog(config.LOG_LEVEL, 'supervisor');
  const stop = Promise.withResolvers<void>();
  const signals = { count: 0 };
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.on(signal, () => {
      signals.count += 1;
      if (signals.count > 1) process.exit(130);
      stop.resolve();
    });
  // A parent that asked over IPC (the demo) is gone: stop in order as well.
  process.on('disconnect', () => stop.resolve());

  const services = await startServices(config, log, process.env);
  const { httpPort, dimsePort } = services;
  log.info('serve.ready', { httpPort, dimsePort, AETitle: config.AE_TITLE });
  const heardAt = (port: number) => `${config.AE_TITLE}@${config.DIMSE_HOST}:${port}`;
  process.stdout.write(
    `Overread is ready.\n${dimsePort === 0 ? '' : `  DICOM   ${heardAt(dimsePort)}\n`}${hasTls(config) ? `  TLS     ${heardAt(config.DIMSE_TLS_PORT)}\n` : ''}  Viewer  http://${urlHost(config.HTTP_HOST)}:${httpPort}/\n`,
  );
  if (!existsSync(join(import.meta.dirname, '../../../viewer/dist/index.html')))
    process.stdout.write('  The viewer is not built: run `npm run build` once.\n');
  process.send?.({ type: 'ready', httpPort, dimsePort, pids: services.pids() });

  await stop.promise;
  log.info('serve.stopping');
  await services.stop();
  log.info('serve.stopped');
  if (process.connected) process.disconnect();
}

const urlHost = (host: string): string => (host === '0.0.0.0' || host === '::' ? 'localhost' : host);
