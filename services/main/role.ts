import { type Config, loadConfig } from '../config.ts';
import type { Context, Log } from '../domain/context.ts';
import { pinoLog } from '../observability/pino-log.ts';
import { type PrometheusMetrics, prometheusMetrics } from '../observability/prometheus-metrics.ts';

export interface RunningRole {
  readonly port?: number;
  /** Ends in order; called once. */
  close(): Promise<void>;
}

export interface RoleContext extends Context {
  readonly metrics: PrometheusMetrics;
}

/** How old the figures of the other roles may be on the metrics page. */
const METRICS_PAUSE_MS = 2000;

/**
 * The frame of every role process: settings, log, ready message, orderly end on SIGTERM, end on a lost supervisor.
 * An error nobody caught ends the role with its stack in the log; the supervisor starts it again.
 */
export async function runRole(name: string, start: (context: RoleContext, config: Config) => Promise<RunningRole>) {
  const config = loadConfig(process.env);
  const log: Log = pinoLog(config.LOG_LEVEL, name);
  const stopping = new AbortController();
  const die = (event: string) => (error: unknown) => {
    log.error(event, error);
    process.exit(1);
  };
  process.on('uncaughtException', die('role.bug'));
  process.on('unhandledRejection', die('role.bug'));
  // Without its supervisor nobody would restart or stop this role: two of a kind could run at once.
  process.on('disconnect', () => process.exit(2));
  process.on('SIGINT', () => {
    // Ctrl-C reaches the whole group; the supervisor ends us in order.
    if (process.send === undefined) process.kill(process.pid, 'SIGTERM');
  });

  const metrics = prometheusMetrics(name);
  const role = await start({ log, metrics, signal: stopping.signal }, config).catch(die('role.not-started'));
  if (role === undefined) return;
  process.on('SIGTERM', () => {
    stopping.abort();
    void role.close().then(() => process.exit(0), die('role.stop-failed'));
  });
  process.send?.({ type: 'ready', port: role.port });
  const tellMetrics = async () => process.send?.({ type: 'metrics', snapshot: await metrics.snapshot() });
  setInterval(() => void tellMetrics(), METRICS_PAUSE_MS).unref();
  log.info('role.ready', role.port === undefined ? {} : { port: role.port });
}

/** A setting that the supervisor always passes. */
export function required(value: string | undefined, setting: string): string {
  if (value === undefined) throw new Error(`${setting} is not set: start roles with \`overread serve\``);
  return value;
}
