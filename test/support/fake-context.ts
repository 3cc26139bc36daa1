import type { Context, Fields, Log } from '../../services/domain/context.ts';

/** A context that remembers what was logged and timed. */
export function fakeContext(): Context & {
  readonly events: string[];
  readonly errors: unknown[];
  readonly stages: string[];
} {
  const events: string[] = [];
  const errors: unknown[] = [];
  const stages: string[] = [];
  const log: Log = {
    info: (event) => void events.push(event),
    warn: (event) => void events.push(event),
    error: (event, error) => {
      events.push(event);
      errors.push(error);
    },
    child: (_fields: Fields) => log,
  };
  return {
    events,
    errors,
    stages,
    log,
    metrics: {
      time: (stage, work) => {
        stages.push(stage);
        return work();
      },
      observe: (stage) => void stages.push(stage),
      count: () => {},
    },
    signal: new AbortController().signal,
  };
}
