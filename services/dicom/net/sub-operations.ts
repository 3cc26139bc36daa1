import type { CommandSet } from '../dimse/command.ts';
import { CANCELLED, isTaken, type Outcome, SOME_FAILED, SUBOPERATIONS_FAILED, SUCCESS } from '../dimse/status.ts';

/** The C-STOREs of one C-MOVE or C-GET, counted (PS3.7 §9.1.3, §9.1.4; PS3.4 §C.4.2.1.6 to .9). */
export class SubOperations {
  readonly failedUids: string[] = [];
  #remaining: number;
  #completed = 0;
  #warned = 0;

  constructor(instances: number) {
    this.#remaining = instances;
  }

  get remaining(): number {
    return this.#remaining;
  }

  /** `status` is what the receiver answered; `undefined`: it could not be sent. */
  done(SOPInstanceUID: string, status: number | undefined): void {
    this.#remaining -= 1;
    if (status === SUCCESS) this.#completed += 1;
    else if (status !== undefined && isTaken(status)) this.#warned += 1;
    else this.failedUids.push(SOPInstanceUID);
  }

  /** How the whole ended: those not begun are left over when it was cancelled. */
  outcome(isCancelled: boolean): Outcome {
    if (isCancelled && this.#remaining > 0) return { status: CANCELLED };
    const failed = this.failedUids.length;
    if (failed === 0) return { status: this.#warned === 0 ? SUCCESS : SOME_FAILED };
    const comment = `${failed} of ${failed + this.#completed + this.#warned} were not taken`;
    return { status: this.#completed + this.#warned === 0 ? SUBOPERATIONS_FAILED : SOME_FAILED, comment };
  }

  /** The counts of a response; what remains is told while there is more, and when it was cancelled. */
  counts(status: number): CommandSet {
    return {
      ...(status !== SUCCESS && status !== SOME_FAILED && { NumberOfRemainingSuboperations: this.#remaining }),
      NumberOfCompletedSuboperations: this.#completed,
      NumberOfFailedSuboperations: this.failedUids.length,
      NumberOfWarningSuboperations: this.#warned,
    };
  }

  get fields(): {
    readonly completed: number;
    readonly failed: number;
    readonly warned: number;
    readonly remaining: number;
  } {
    const [completed, failed, warned] = [this.#completed, this.failedUids.length, this.#warned];
    return { completed, failed, warned, remaining: this.#remaining };
  }
}
