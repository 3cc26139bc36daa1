import type { Context } from '../domain/context.ts';
import type { SignatureOrder } from '../domain/contract/reading.ts';
import type { ReadingChange, ReadingOutcome, ReadingStore } from '../domain/reading-ports.ts';
import type { ReadRun } from '../domain/reading-source.ts';
import type { Algorithm } from '../domain/report-source.ts';
import { encodeReading } from '../report/reading-to-sr.ts';

export interface SignPorts extends Pick<ReadingStore, 'sign'> {
  /** What a model package says of itself; `undefined` for a model that is not in the settings any more. */
  algorithmOf(modelId: string): Algorithm | undefined;
  readonly destinations: readonly string[];
  now(): Date;
}

/** A draft becomes a verified report on its way to every PACS. The store refuses what must not be signed. */
export async function signReading(
  { log, metrics }: Pick<Context, 'log' | 'metrics'>,
  ports: SignPorts,
  change: ReadingChange,
  { rejectRest, language }: Omit<SignatureOrder, 'reader'>,
): Promise<ReadingOutcome> {
  const { destinations } = ports;
  const outcome = await metrics.time('sign', () =>
    ports.sign({
      ...change,
      ...{ rejectRest, language, destinations, signedAt: ports.now() },
      write: (source) =>
        encodeReading({ ...source, runs: source.runs.map((run) => ({ ...run, algorithm: algorithmOf(ports, run) })) }),
    }),
  );
  const { StudyInstanceUID, revision } = change;
  if ('refused' in outcome) log.info('reading.not-signed', { StudyInstanceUID, revision, code: outcome.refused.code });
  else {
    metrics.count('readings_signed');
    log.info('reading.signed', { StudyInstanceUID, revision: outcome.reading.revision });
  }
  return outcome;
}

/** The version and hash are those of the run; a package that is gone leaves its name. */
function algorithmOf({ algorithmOf: known }: SignPorts, run: ReadRun): Algorithm {
  const { modelId, modelVersion: version, modelHash } = run;
  const algorithm = known(modelId) ?? { name: modelId, manufacturer: 'unknown', banner: UNKNOWN, classes: [] };
  return { ...algorithm, version, modelHash, parameters: [] };
}

const UNKNOWN = 'AI result - its model is not installed any more';
