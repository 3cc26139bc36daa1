import { type Called, diagnoseCall, told } from '../../domain/diagnose.ts';
import type { Diagnosis, DiagnosisCode } from '../../domain/diagnosis.ts';
import { AppError } from '../../domain/errors.ts';
import { evidenceOf } from './open-association.ts';

/** What a refused presentation context amounts to — PS3.8 Table 9-18, in the words of `contextResult`. */
const REFUSALS: Readonly<Record<string, DiagnosisCode>> = {
  'user rejection': 'SERVICE_REFUSED',
  'abstract syntax not supported': 'CLASS_NOT_SUPPORTED',
  'transfer syntaxes not supported': 'SYNTAX_NOT_SHARED',
};

/** Why the peer does not take a context for the service. */
export function diagnoseRefusal(refusal: string, service: string, called: Called): Diagnosis {
  const { us, AETitle: aet, host, port } = called;
  return told(REFUSALS[refusal] ?? 'CLASS_NOT_SUPPORTED', { us, aet, host, port, service });
}

/** Why a request of ours failed, from the error that it ended with; what is no failure of a peer is a bug, and thrown on. */
export function diagnoseError(error: unknown, service: string, called: Called): Diagnosis {
  const evidence = evidenceOf(error);
  if (evidence !== undefined) return diagnoseCall(evidence, called);
  if (!(error instanceof AppError)) throw error;
  const { us, AETitle: aet, host, port } = called;
  return told('STATUS_FAILED', { us, aet, host, port, service, detail: error.message });
}
