import type { Service } from '../../domain/peer.ts';
import { IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME } from '../dataset/part10.ts';
import { APPLICATION_CONTEXT } from '../ul/encode-pdu.ts';
import type {
  AnsweredContext,
  AssociateAC,
  AssociateRJ,
  AssociateRQ,
  ExtendedNegotiation,
  ProposedContext,
  RoleSelection,
  UserInformation,
} from '../ul/pdu.ts';
import { ADVERTISED_PDU_BYTES } from './limits.ts';
import { type ServiceClass, serviceClass } from './service-classes.ts';
import { chooseReceived, chooseSent } from './transfer-syntaxes.ts';

export interface NegotiationPolicy {
  readonly AETitle: string;
  /** Answer to every called AE title, not only to our own. */
  readonly anyCalledAETitle: boolean;
  /** Classes beyond those of the standard that are stored. */
  readonly isPrivateStorage: (SOPClassUID: string) => boolean;
  /** False: the caller is nobody we know. None: everybody is. */
  readonly isKnown?: boolean | undefined;
  /** May this peer use the service with the class? What it may not is refused as by a user (PS3.8 Table 9-18, 1). */
  readonly isAllowed: (callingAETitle: string, service: Service, SOPClassUID: string) => boolean;
}

/** PS3.8 Table 9-18. */
const [ACCEPTANCE, USER_REJECTION, ABSTRACT_SYNTAX_NOT_SUPPORTED, TRANSFER_SYNTAXES_NOT_SUPPORTED] = [0, 1, 3, 4];

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

/** PS3.7 Table D.3-14: user name, with passcode or without; a ticket or token would want another in return. */
const NAMED_IDENTITIES = [1, 2];

/** Answers an association request — PS3.8 §7.1. Pure; who is connected already is told by the caller. */
export function negotiate(request: AssociateRQ, policy: NegotiationPolicy): AssociateAC | AssociateRJ {
  if ((request.protocolVersion & 1) === 0) return rejection('protocol version not supported');
  if (request.applicationContext !== APPLICATION_CONTEXT) return rejection('application context name not supported');
  if (policy.isKnown === false || !AE_TITLE.test(request.callingAETitle))
    return rejection('calling AE title not recognized');
  if (request.calledAETitle !== policy.AETitle && !policy.anyCalledAETitle) {
    return rejection('called AE title not recognized');
  }
  return {
    type: 'A-ASSOCIATE-AC',
    calledAETitle: request.calledAETitle,
    callingAETitle: request.callingAETitle,
    presentationContexts: request.presentationContexts.map((context) => answerContext(context, request, policy)),
    userInformation: answerInformation(request, policy),
  };
}

/** A result of a presentation context in words — PS3.8 Table 9-18. */
export function contextResult(result: number | undefined): string {
  const words = [
    'acceptance',
    'user rejection',
    'no reason',
    'abstract syntax not supported',
    'transfer syntaxes not supported',
  ];
  return result === undefined ? 'not answered' : (words[result] ?? `result ${result}`);
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

function answerContext(
  { id, abstractSyntax, transferSyntaxes }: ProposedContext,
  { callingAETitle, userInformation }: AssociateRQ,
  policy: NegotiationPolicy,
): AnsweredContext {
  // A refused context carries a transfer syntax too; nobody tests it (PS3.8 Table 9-18).
  const [transferSyntax = ''] = transferSyntaxes;
  const known = serviceClass(abstractSyntax, policy.isPrivateStorage);
  if (known === undefined) return { id, result: ABSTRACT_SYNTAX_NOT_SUPPORTED, transferSyntax };
  const role = userInformation.roles?.find(({ SOPClassUID }) => SOPClassUID === abstractSyntax);
  const { asScu, asScp } = allowedRoles(known, callingAETitle, policy);
  if (!asScu && !(asScp && role?.scp === true)) return { id, result: USER_REJECTION, transferSyntax };
  const chosen = chosenSyntax(known, transferSyntaxes, role);
  if (chosen === undefined) return { id, result: TRANSFER_SYNTAXES_NOT_SUPPORTED, transferSyntax };
  return { id, result: ACCEPTANCE, transferSyntax: chosen };
}

/** A peer that may fetch but not send is sent objects in a context in which it may not send any. */
function allowedRoles({ uid, service, requestor }: ServiceClass, callingAETitle: string, policy: NegotiationPolicy) {
  const asScu = requestor.scu && policy.isAllowed(callingAETitle, service, uid);
  const receives = service === 'storage' && policy.isAllowed(callingAETitle, 'get', uid);
  return { asScu, asScp: requestor.scp && (asScu || receives) };
}

/** Where the requestor only receives, it gets what it names first and we can make. */
function chosenSyntax(
  { service, transferSyntaxes }: ServiceClass,
  offered: readonly string[],
  role: RoleSelection | undefined,
): string | undefined {
  const supported = offered.filter((uid) => transferSyntaxes.includes(uid));
  const isReceiver = service === 'storage' && role?.scp === true && !role.scu;
  return isReceiver ? chooseSent(supported) : chooseReceived(supported);
}

function answerInformation({ userInformation, callingAETitle }: AssociateRQ, policy: NegotiationPolicy) {
  const { asynchronousOperations, roles = [], extendedNegotiations = [], userIdentity } = userInformation;
  const classOf = (uid: string) => {
    const known = serviceClass(uid, policy.isPrivateStorage);
    return known && { known, ...allowedRoles(known, callingAETitle, policy) };
  };
  const answer: UserInformation = {
    maximumLength: ADVERTISED_PDU_BYTES,
    implementationClassUID: IMPLEMENTATION_CLASS_UID,
    implementationVersionName: IMPLEMENTATION_VERSION_NAME,
    // One operation at a time, whatever was proposed (PS3.7 §D.3.3.3).
    asynchronousOperations: asynchronousOperations && { invoked: 1, performed: 1 },
    roles: roles.flatMap((role) => answerRole(role, classOf(role.SOPClassUID))),
    extendedNegotiations: extendedNegotiations.flatMap((given) => answerExtended(given, classOf(given.SOPClassUID))),
    userIdentityAccepted: userIdentity?.positiveResponseRequested && NAMED_IDENTITIES.includes(userIdentity.type),
  };
  return answer;
}

/** A class as this peer may use it. */
interface AllowedClass {
  readonly known: ServiceClass;
  readonly asScu: boolean;
  readonly asScp: boolean;
}

/** PS3.7 §D.3.3.4: a role is accepted or not; what was not proposed cannot be. */
function answerRole({ SOPClassUID, scu, scp }: RoleSelection, allowed: AllowedClass | undefined): RoleSelection[] {
  if (allowed === undefined || !(allowed.asScu || allowed.asScp)) return [];
  return [{ SOPClassUID, scu: scu && allowed.asScu, scp: scp && allowed.asScp }];
}

/** A field we do not know is answered with zero: not supported. */
function answerExtended(
  { SOPClassUID, information }: ExtendedNegotiation,
  allowed: AllowedClass | undefined,
): ExtendedNegotiation[] {
  if (allowed?.known.extended === undefined || !(allowed.asScu || allowed.asScp)) return [];
  const { service, extended } = allowed.known;
  const fieldOf = (asked: number, at: number) => (service === 'storage' || asked === 1 ? (extended[at] ?? 0) : 0);
  return [{ SOPClassUID, information: Uint8Array.from(information, fieldOf) }];
}
