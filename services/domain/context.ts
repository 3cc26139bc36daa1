/** What every step may use without importing a library. Passed in, never global. */
export interface Context {
  readonly log: Log;
  readonly metrics: Metrics;
  readonly signal: AbortSignal;
}

/** Structured log. Fields are identifiers and numbers; attribute values of a patient never are. */
export interface Log {
  info(event: string, fields?: Fields): void;
  warn(event: string, fields?: Fields): void;
  error(event: string, error: unknown, fields?: Fields): void;
  child(fields: Fields): Log;
}

export interface Metrics {
  /** Runs `work` and records its seconds under `stage_seconds{stage}`, failed or not. */
  time<T>(stage: string, work: () => Promise<T>): Promise<T>;
  /** Records seconds measured elsewhere, in a child process for example. */
  observe(stage: string, seconds: number): void;
  count(name: string, by?: number): void;
}

export type Fields = Readonly<Record<string, string | number | boolean>>;
