import type { Context } from '../../domain/context.ts';
import { AppError } from '../../domain/errors.ts';
import type { SeriesKey } from '../../domain/study.ts';
import { Uid } from '../../domain/uid.ts';
import { type CommandSet, hasDataSet } from '../dimse/command.ts';
import { CANNOT_UNDERSTAND, failureOf, INVALID_SOP_INSTANCE, isTaken, SUCCESS, statusText } from '../dimse/status.ts';
import type { Exchange } from './exchange.ts';
import type { InstanceSink, StoreOutcome, StoreRequest } from './instance-sink.ts';

/** What the C-STOREs of one association have in common. */
export interface StoreScope {
  readonly context: Context;
  readonly maxInstanceBytes: number;
  readonly counts: { stored: number; refused: number; bytes: number };
  readonly series: Map<string, SeriesKey>;
  openInstance(request: StoreRequest): InstanceSink;
}

/** The answer that is known, or the sink for a data set we want. */
type Decision = { readonly sink: InstanceSink | undefined; readonly outcome: StoreOutcome };

/** A C-STORE as SCP (PS3.7 §9.1.1): a data set on its way to a sink, or away because the answer is known already. */
export class StoreExchange implements Exchange {
  readonly #scope: StoreScope;
  readonly #command: CommandSet;
  readonly #respond: (outcome: StoreOutcome) => Promise<void> | undefined;
  readonly #startedAt = performance.now();
  #sink: InstanceSink | undefined;
  #outcome: StoreOutcome;
  #bytes = 0;

  constructor(
    scope: StoreScope,
    command: CommandSet,
    origin: Pick<StoreRequest, 'SOPClassUID' | 'TransferSyntaxUID' | 'callingAETitle'>,
    respond: (outcome: StoreOutcome) => Promise<void> | undefined,
  ) {
    this.#scope = scope;
    this.#command = command;
    this.#respond = respond;
    const { sink, outcome } = this.#decide(origin);
    this.#sink = sink;
    this.#outcome = outcome;
  }

  write(bytes: Uint8Array): Promise<void> | undefined {
    this.#bytes += bytes.length;
    const { maxInstanceBytes } = this.#scope;
    // The rest of what is refused is read and dropped so that the sender hears why; but not for ever.
    if (this.#bytes > 2 * maxInstanceBytes) {
      throw new AppError('DATASET_TOO_LARGE', `data set longer than twice the limit of ${maxInstanceBytes} bytes`);
    }
    if (this.#sink === undefined || bytes.length === 0) return undefined;
    if (this.#bytes > maxInstanceBytes) {
      const why = `data set longer than the limit of ${maxInstanceBytes} bytes`;
      return this.#giveUp(new AppError('DATASET_TOO_LARGE', why));
    }
    try {
      // Its failure becomes the answer, and the rest of the data set is dropped.
      return this.#sink.write(bytes)?.catch((error: unknown) => this.#giveUp(error));
    } catch (error) {
      return this.#giveUp(error);
    }
  }

  async perform(): Promise<void> {
    try {
      if (this.#sink !== undefined) this.#outcome = await this.#sink.end();
      this.#sink = undefined;
    } catch (error) {
      await this.#giveUp(error);
    }
    this.#account();
    await this.#respond(this.#outcome);
  }

  async discard(): Promise<void> {
    const sink = this.#sink;
    this.#sink = undefined;
    try {
      await sink?.abort();
    } catch (error) {
      this.#scope.context.log.error('instance.not-removed', error);
    }
  }

  #decide(origin: Pick<StoreRequest, 'SOPClassUID' | 'TransferSyntaxUID' | 'callingAETitle'>): Decision {
    const refuse = (status: number, comment: string) => ({ sink: undefined, outcome: { status, comment } });
    const { AffectedSOPClassUID, AffectedSOPInstanceUID } = this.#command;
    if (!hasDataSet(this.#command)) return refuse(CANNOT_UNDERSTAND, 'no data set follows');
    if (AffectedSOPClassUID !== origin.SOPClassUID) {
      const error = new AppError('DATASET_MISMATCH', 'SOP Class is not that of the presentation context');
      return { sink: undefined, outcome: failureOf(error) };
    }
    if (AffectedSOPInstanceUID === undefined || !Uid.safeParse(AffectedSOPInstanceUID).success) {
      return refuse(INVALID_SOP_INSTANCE, 'Affected SOP Instance UID is not a UID');
    }
    try {
      const sink = this.#scope.openInstance({ ...origin, SOPInstanceUID: AffectedSOPInstanceUID });
      return { sink, outcome: { status: SUCCESS } };
    } catch (error) {
      return { sink: undefined, outcome: this.#failure(error) };
    }
  }

  async #giveUp(error: unknown): Promise<void> {
    this.#outcome = this.#failure(error);
    await this.discard();
  }

  #failure(error: unknown): StoreOutcome {
    if (!(error instanceof AppError)) this.#scope.context.log.error('instance.failed', error);
    return failureOf(error);
  }

  #account(): void {
    const { context, counts, series } = this.#scope;
    const { status, comment = '', series: stored } = this.#outcome;
    counts.bytes += this.#bytes;
    context.metrics.observe('receive', (performance.now() - this.#startedAt) / 1000);
    if (stored !== undefined) series.set(stored.SeriesInstanceUID, stored);
    if (isTaken(status)) {
      counts.stored += 1;
      context.metrics.count('instances_received');
      context.metrics.count('received_bytes', this.#bytes);
      return;
    }
    counts.refused += 1;
    context.metrics.count('instances_refused');
    context.log.warn('instance.refused', { status: statusText(status), comment, ...named(this.#command) });
  }
}

/** The instance, for a log line; only when what stands in its place is a UID. */
function named({ AffectedSOPInstanceUID }: CommandSet): Readonly<Record<string, string>> {
  const uid = Uid.safeParse(AffectedSOPInstanceUID);
  return uid.success ? { SOPInstanceUID: uid.data } : {};
}
