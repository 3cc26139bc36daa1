import type { CommitmentReport, FailedInstance, ReferencedInstance } from '../../domain/commitment.ts';
import { NOT_INTACT } from '../../domain/commitment.ts';
import { Uid } from '../../domain/uid.ts';
import type { Dataset } from '../dataset/dataset.ts';
import { TAG } from '../dataset/tags.ts';
import type { PlainDataset } from '../dataset/write-dataset.ts';
import { INVALID_ARGUMENT_VALUE, type Outcome, RESOURCE_LIMITATION } from '../dimse/status.ts';
import { MAX_NAMED_INSTANCES } from './limits.ts';

type RequestDataset = Pick<CommitmentReport, 'TransactionUID'> & { readonly references: readonly ReferencedInstance[] };

/** Event types of PS3.4 §J.3.3: all are committed; some are not. */
export const ALL_COMMITTED = 1;
export const SOME_FAILED = 2;

/** The data set of N-ACTION (PS3.4 Table J.3-1), or what is wrong with it. Each instance is named once. */
export function readCommitmentRequest(dataset: Dataset): RequestDataset | Outcome {
  const TransactionUID = dataset.string(TAG.TransactionUID);
  if (!Uid.safeParse(TransactionUID).success) return invalid('Transaction UID is not a UID');
  const references = readReferences(dataset, TAG.ReferencedSOPSequence);
  if ('status' in references) return references;
  if (references.length === 0) return invalid('no instance is referenced');
  return { TransactionUID, references: references.map(withoutReason) };
}

/** The data set of N-EVENT-REPORT (PS3.4 Table J.3-2), or what is wrong with it. */
export function readCommitmentReport(dataset: Dataset): CommitmentReport | Outcome {
  const TransactionUID = dataset.string(TAG.TransactionUID);
  if (!Uid.safeParse(TransactionUID).success) return invalid('Transaction UID is not a UID');
  const committed = readReferences(dataset, TAG.ReferencedSOPSequence);
  if ('status' in committed) return committed;
  const failed = readReferences(dataset, TAG.FailedSOPSequence);
  if ('status' in failed) return failed;
  return { TransactionUID, committed: committed.map(withoutReason), failed };
}

/** The data set of a report of ours: Retrieve AE Title says where the instances can be had. */
export function commitmentReport(report: CommitmentReport, retrieveAETitle: string): PlainDataset {
  return {
    TransactionUID: report.TransactionUID,
    RetrieveAETitle: retrieveAETitle,
    ReferencedSOPSequence: report.committed.length === 0 ? undefined : report.committed.map(reference),
    FailedSOPSequence:
      report.failed.length === 0
        ? undefined
        : report.failed.map((failed) => ({ ...reference(failed), FailureReason: failed.reason })),
  };
}

/** The data set of a request of ours. */
export function commitmentRequest(TransactionUID: string, references: readonly ReferencedInstance[]): PlainDataset {
  return { TransactionUID, ReferencedSOPSequence: references.map(reference) };
}

const reference = ({ SOPClassUID, SOPInstanceUID }: ReferencedInstance): PlainDataset => ({
  ReferencedSOPClassUID: SOPClassUID,
  ReferencedSOPInstanceUID: SOPInstanceUID,
});

const withoutReason = ({ SOPClassUID, SOPInstanceUID }: ReferencedInstance): ReferencedInstance => ({
  SOPClassUID,
  SOPInstanceUID,
});

function readReferences(dataset: Dataset, tag: number): readonly FailedInstance[] | Outcome {
  const items = dataset.sequence(tag);
  if (items.length > MAX_NAMED_INSTANCES) {
    return { status: RESOURCE_LIMITATION, comment: `more than ${MAX_NAMED_INSTANCES} instances in one request` };
  }
  const found = new Map<string, FailedInstance>();
  for (const item of items) {
    const SOPClassUID = item.string(TAG.ReferencedSOPClassUID);
    const SOPInstanceUID = item.string(TAG.ReferencedSOPInstanceUID);
    if (!Uid.safeParse(SOPClassUID).success || !Uid.safeParse(SOPInstanceUID).success) {
      return invalid('a referenced class or instance is not a UID');
    }
    found.set(SOPInstanceUID, { SOPClassUID, SOPInstanceUID, reason: item.number(TAG.FailureReason) ?? NOT_INTACT });
  }
  return [...found.values()];
}

const invalid = (comment: string): Outcome => ({ status: INVALID_ARGUMENT_VALUE, comment });
