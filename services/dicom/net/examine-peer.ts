import { lookup } from 'node:dns/promises';
import type { DoctorReport, DoctorStep } from '../../domain/contract/peers.ts';
import { type Called, diagnoseCall } from '../../domain/diagnose.ts';
import { type Diagnosis, toldDiagnosis } from '../../domain/diagnosis.ts';
import { transferSyntaxName } from '../dataset/transfer-syntax.ts';
import { C_ECHO_RQ, NO_DATA_SET } from '../dimse/command.ts';
import { SUCCESS, statusText } from '../dimse/status.ts';
import type { ProposedContext } from '../ul/pdu.ts';
import { diagnoseError, diagnoseRefusal } from './diagnose-error.ts';
import { find } from './find-scu.ts';
import { evidenceOf, openAssociation, type Peer, type RequestedAssociation } from './open-association.ts';
import { lookAgain } from './second-look.ts';
import { queryRetrieveClass, serviceClass } from './service-classes.ts';
import { STORAGE_SOP_CLASSES, VERIFICATION } from './sop-classes.ts';
import { TRANSFER_SYNTAXES } from './transfer-syntaxes.ts';

export interface ExamineOptions {
  /** What operators call it. */
  readonly name: string;
  readonly us: string;
  /** What we send to it: these it must take. */
  readonly needed: readonly { readonly SOPClassUID: string; readonly TransferSyntaxUID: string }[];
  readonly timeoutSeconds: number;
}

const IMPLICIT = '1.2.840.10008.1.2';
const EXPLICIT = '1.2.840.10008.1.2.1';
const CT_IMAGE_STORAGE = '1.2.840.10008.5.1.4.1.1.2';
/** The odd numbers of one byte — PS3.8 §9.3.2.2. */
const MAX_CONTEXTS = 128;
/** No study has it. */
const NO_STUDY = '2.25.0';

type Examined = Omit<DoctorStep, 'diagnosis'> & { readonly diagnosis?: Diagnosis };

/**
 * Asks a peer step by step, from its name to a query, and explains the first step that fails. Nothing is stored there. The steps behind
 * one that failed are not tried.
 */
export async function examinePeer(peer: Peer, options: ExamineOptions): Promise<DoctorReport> {
  const steps: Examined[] = [];
  for await (const step of examined(peer, options)) steps.push(step);
  const { AETitle, host, port, tls } = peer;
  const states = steps.map(({ state }) => state);
  const state = states.includes('failed') ? 'failed' : states.includes('partly') ? 'partly' : 'ok';
  return { name: options.name, AETitle, host, port, tls: tls !== undefined, state, steps: steps.map(toldStep) };
}

async function* examined(peer: Peer, options: ExamineOptions): AsyncGenerator<Examined> {
  const called: Called = { us: options.us, AETitle: peer.AETitle, host: peer.host, port: peer.port };
  const addresses = await lookup(peer.host, { all: true }).catch(() => []);
  const found = addresses.map(({ address }) => address).join(', ');
  const unknown = diagnoseCall({ stage: 'connecting', isTls: false, systemError: 'ENOTFOUND' }, called);
  if (found === '') return yield { step: 'address', state: 'failed', detail: peer.host, diagnosis: unknown };
  yield { step: 'address', state: 'ok', detail: found };
  const association = yield* associated(peer, options, called);
  if (association === undefined) return;
  const verification = await verified(association, called);
  yield verification;
  if (verification.state === 'failed') return;
  try {
    yield* services(peer, options, called);
    yield await queried(peer, options, called);
  } catch (error) {
    yield {
      step: 'storage',
      state: 'failed',
      detail: textOf(error),
      diagnosis: diagnoseError(error, 'storage', called),
    };
  }
}

/** Connection, TLS and association, each with a step of its own; the first that fails is explained. */
async function* associated(
  peer: Peer,
  { us, timeoutSeconds }: ExamineOptions,
  called: Called,
): AsyncGenerator<Examined, RequestedAssociation | undefined> {
  const place = `${peer.host}:${peer.port}`;
  const fine = (step: Examined['step'], detail: string): Examined => ({ step, state: 'ok', detail });
  try {
    const contexts = [{ id: 1, abstractSyntax: VERIFICATION, transferSyntaxes: [IMPLICIT, EXPLICIT] }];
    const association = await openAssociation(peer, us, { contexts }, { timeoutSeconds });
    yield fine('connection', place);
    if (peer.tls !== undefined) yield fine('tls', 'mutual, by PS3.15 B.12');
    yield fine('association', `${us} is accepted by ${peer.AETitle}`);
    return association;
  } catch (error) {
    const seen = evidenceOf(error);
    if (seen === undefined) throw error;
    const evidence = await lookAgain(seen, peer, us, timeoutSeconds);
    const failed = { state: 'failed', detail: textOf(error), diagnosis: diagnoseCall(evidence, called) } as const;
    const step = {
      connecting: 'connection',
      securing: 'tls',
      associating: 'association',
      associated: 'association',
    } as const;
    if (evidence.stage !== 'connecting') yield fine('connection', place);
    yield { step: step[evidence.stage], ...failed };
    return undefined;
  }
}

async function verified(association: RequestedAssociation, called: Called): Promise<Examined> {
  const step = 'verification';
  try {
    if (association.transferSyntax(1) === undefined) {
      const refusal = association.refusal(1);
      return { step, state: 'partly', detail: refusal, diagnosis: diagnoseRefusal(refusal, 'Verification', called) };
    }
    const startedAt = performance.now();
    const command = { AffectedSOPClassUID: VERIFICATION, CommandField: C_ECHO_RQ, MessageID: 1 };
    const { Status = -1 } = await association.request(1, { ...command, CommandDataSetType: NO_DATA_SET });
    const detail = `C-ECHO answered ${statusText(Status)} in ${(performance.now() - startedAt).toFixed(0)} ms`;
    return { step, state: Status === SUCCESS ? 'ok' : 'partly', detail };
  } catch (error) {
    return { step, state: 'failed', detail: textOf(error), diagnosis: diagnoseError(error, 'C-ECHO', called) };
  } finally {
    await association.release();
  }
}

/** What it takes of what we send, of all storage classes, and in which transfer syntaxes a CT image. */
async function* services(peer: Peer, options: ExamineOptions, called: Called): AsyncGenerator<Examined> {
  const { us, needed, timeoutSeconds } = options;
  const sent = needed.map(({ SOPClassUID, TransferSyntaxUID }) => [SOPClassUID, TransferSyntaxUID] as const);
  const others = STORAGE_SOP_CLASSES.filter(({ retired }) => !retired).map(({ uid }) => uid);
  const classes = contextsOf([...sent, ...others.map((uid) => [uid, EXPLICIT, IMPLICIT] as const)]);
  const refused = await refusals(peer, us, classes, timeoutSeconds);
  const missing = classes.slice(0, sent.length).find(({ id }) => refused.has(id));
  const taken = `${classes.length - refused.size} of ${classes.length} storage contexts`;
  if (missing === undefined) yield { step: 'storage', state: 'ok', detail: taken };
  else {
    const diagnosis = diagnoseRefusal(refused.get(missing.id) ?? '', nameOf(missing.abstractSyntax), called);
    yield { step: 'storage', state: 'partly', detail: taken, diagnosis };
  }
  const syntaxes = contextsOf(TRANSFER_SYNTAXES.map((uid) => [CT_IMAGE_STORAGE, uid] as const));
  const unshared = await refusals(peer, us, syntaxes, timeoutSeconds);
  const names = syntaxes
    .filter(({ id }) => !unshared.has(id))
    .map(({ transferSyntaxes: [uid = ''] }) => transferSyntaxName(uid));
  const detail = names.length === 0 ? 'CT images: none' : `CT images: ${names.join(', ')}`;
  yield { step: 'transferSyntaxes', state: names.length === 0 ? 'skipped' : 'ok', detail };
}

async function queried(peer: Peer, { us, timeoutSeconds }: ExamineOptions, called: Called): Promise<Examined> {
  const model = { model: 'study root', level: 'STUDY', keys: { StudyInstanceUID: [NO_STUDY] } } as const;
  const uid = queryRetrieveClass('study root', 'find');
  const refused = await refusals(peer, us, contextsOf([[uid, EXPLICIT, IMPLICIT]]), timeoutSeconds);
  if (refused.size > 0) return { step: 'query', state: 'skipped', detail: `C-FIND: ${refused.get(1)}` };
  try {
    for await (const _ of find(peer, us, model, { timeoutSeconds })) break;
    return { step: 'query', state: 'ok', detail: 'C-FIND at study level is answered' };
  } catch (error) {
    return { step: 'query', state: 'partly', detail: textOf(error), diagnosis: diagnoseError(error, 'C-FIND', called) };
  }
}

const contextsOf = (wanted: readonly (readonly [string, ...string[]])[]): readonly ProposedContext[] =>
  wanted
    .slice(0, MAX_CONTEXTS)
    .map(([abstractSyntax, ...transferSyntaxes], at) => ({ id: 2 * at + 1, abstractSyntax, transferSyntaxes }));

/** By context: why it was refused. */
async function refusals(peer: Peer, us: string, contexts: readonly ProposedContext[], timeoutSeconds: number) {
  const association = await openAssociation(peer, us, { contexts }, { timeoutSeconds });
  const refused = contexts.filter(({ id }) => association.transferSyntax(id) === undefined);
  const why = new Map(refused.map(({ id }) => [id, association.refusal(id)]));
  await association.release();
  return why;
}

const nameOf = (uid: string): string => serviceClass(uid, () => false)?.name ?? uid;
const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const toldStep = ({ diagnosis, ...step }: Examined): DoctorStep => ({
  ...step,
  diagnosis: diagnosis ? toldDiagnosis(diagnosis) : null,
});
