import { IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME } from '../dataset/part10.ts';
import { APPLICATION_CONTEXT } from '../ul/encode-pdu.ts';
import type { AnsweredContext, AssociateAC, AssociateRJ, AssociateRQ, ProposedContext } from '../ul/pdu.ts';
import { ADVERTISED_PDU_BYTES } from './limits.ts';
import { STORAGE_SOP_CLASSES, VERIFICATION } from './sop-classes.ts';
import { chooseTransferSyntax } from './transfer-syntaxes.ts';

export interface NegotiationPolicy {
  readonly AETitle: string;
  /** Answer to every called AE title, not only to our own. */
  readonly anyCalledAETitle: boolean;
}

/** PS3.8 Table 9-18. */
const [ACCEPTANCE, ABSTRACT_SYNTAX_NOT_SUPPORTED, TRANSFER_SYNTAXES_NOT_SUPPORTED] = [0, 3, 4];

/** PS3.8 Table 9-21: result, source, reason. */
// biome-ignore format: a table
const REJECTIONS = {
  'application context name not supported': [1, 1, 2],
  'calling AE title not recognized':        [1, 1, 3],
  'called AE title not recognized':         [1, 1, 7],
  'protocol version not supported':         [1, 2, 2],
  'temporary congestion':                   [2, 3, 1],
} as const;
export type RejectionName = keyof typeof REJECTIONS;

/** PS3.5 §6.2, VR AE: default repertoire without control characters and backslash; not only spaces. */
const AE_TITLE = /^[\x20-\x5b\x5d-\x7e]{1,16}$/;

const SUPPORTED = new Set([VERIFICATION, ...STORAGE_SOP_CLASSES.map(({ uid }) => uid)]);

/** Answers an association request — PS3.8 §7.1. Pure; who is connected already is told by the caller. */
export function negotiate(request: AssociateRQ, policy: NegotiationPolicy): AssociateAC | AssociateRJ {
  if ((request.protocolVersion & 1) === 0) return rejection('protocol version not supported');
  if (request.applicationContext !== APPLICATION_CONTEXT) return rejection('application context name not supported');
  if (!AE_TITLE.test(request.callingAETitle)) return rejection('calling AE title not recognized');
  if (request.calledAETitle !== policy.AETitle && !policy.anyCalledAETitle) {
    return rejection('called AE title not recognized');
  }
  const { asynchronousOperations, roles = [] } = request.userInformation;
  return {
    type: 'A-ASSOCIATE-AC',
    calledAETitle: request.calledAETitle,
    callingAETitle: request.callingAETitle,
    presentationContexts: request.presentationContexts.map(answerContext),
    userInformation: {
      maximumLength: ADVERTISED_PDU_BYTES,
      implementationClassUID: IMPLEMENTATION_CLASS_UID,
      implementationVersionName: IMPLEMENTATION_VERSION_NAME,
      // One operation at a time, whatever was proposed (PS3.7 §D.3.3.3).
      asynchronousOperations: asynchronousOperations && { invoked: 1, performed: 1 },
      // We are SCP only: the requestor may be SCU where it asked to be, and never SCP (PS3.7 §D.3.3.4).
      roles: roles.filter(({ SOPClassUID }) => SUPPORTED.has(SOPClassUID)).map((role) => ({ ...role, scp: false })),
    },
  };
}

export function rejection(name: RejectionName): AssociateRJ {
  const [result, source, reason] = REJECTIONS[name];
  return { type: 'A-ASSOCIATE-RJ', result, source, reason };
}

/** What a rejection says, for logs and for the sender's operator. */
export function rejectionText({ result, source, reason }: AssociateRJ): string {
  const known = Object.entries(REJECTIONS).find(([, code]) => String(code) === String([result, source, reason]));
  return known?.[0] ?? `result ${result}, source ${source}, reason ${reason}`;
}

function answerContext({ id, abstractSyntax, transferSyntaxes }: ProposedContext): AnsweredContext {
  // A refused context carries a transfer syntax too; nobody tests it (PS3.8 Table 9-18).
  const [first = ''] = transferSyntaxes;
  if (!SUPPORTED.has(abstractSyntax)) return { id, result: ABSTRACT_SYNTAX_NOT_SUPPORTED, transferSyntax: first };
  const chosen = chooseTransferSyntax(transferSyntaxes);
  if (chosen === undefined) return { id, result: TRANSFER_SYNTAXES_NOT_SUPPORTED, transferSyntax: first };
  return { id, result: ACCEPTANCE, transferSyntax: chosen };
}
