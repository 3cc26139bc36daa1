import type { Service } from '../../domain/peer.ts';
import type { InformationModel } from '../../domain/query.ts';
import { TRANSFER_SYNTAX } from '../dataset/transfer-syntax.ts';
import { STORAGE_SOP_CLASSES, VERIFICATION } from './sop-classes.ts';
import { TRANSFER_SYNTAXES } from './transfer-syntaxes.ts';

/** A SOP Class as the acceptor of an association sees it. */
export interface ServiceClass {
  readonly uid: string;
  readonly name: string;
  readonly retired: boolean;
  readonly service: Service;
  /** What is queried; set for find, move and get. */
  readonly model: InformationModel | undefined;
  /** Roles the requestor may take. SCU is what it is unless it says otherwise (PS3.7 §D.3.3.4). */
  readonly requestor: { readonly scu: boolean; readonly scp: boolean };
  readonly transferSyntaxes: readonly string[];
  /** What we answer to extended negotiation, a byte for each field of PS3.4; `undefined`: there is none. */
  readonly extended: readonly number[] | undefined;
}

/** Identifiers are small and text: they are read and written in these two. */
const IDENTIFIER_SYNTAXES: readonly string[] = [TRANSFER_SYNTAX.explicitLittle, TRANSFER_SYNTAX.implicitLittle];

/**
 * PS3.4 §C.5.1.1: relational queries, combined date and time, fuzzy matching of names, timezone adjustment, conversion to
 * enhanced images; and what later editions add. 1: negotiable here.
 */
const FIND_FIELDS = [1, 1, 1, 0, 0];
/** PS3.4 §C.5.2.1, §C.5.3.1: relational retrieval, conversion to enhanced images. */
const RETRIEVE_FIELDS = [1, 0];
/** PS3.4 §B.3.1: level 2 (full), signatures kept bit by bit (level 3), no coercion; the others are reserved. */
const STORAGE_FIELDS = [2, 0, 3, 0, 0, 0];

// biome-ignore format: a table
const QUERY_RETRIEVE: readonly (readonly [suffix: string, name: string, service: Service, model: InformationModel])[] = [
  ['1.1', 'Patient Root Query/Retrieve Information Model - FIND',       'find', 'patient root'],
  ['1.2', 'Patient Root Query/Retrieve Information Model - MOVE',       'move', 'patient root'],
  ['1.3', 'Patient Root Query/Retrieve Information Model - GET',        'get',  'patient root'],
  ['2.1', 'Study Root Query/Retrieve Information Model - FIND',         'find', 'study root'],
  ['2.2', 'Study Root Query/Retrieve Information Model - MOVE',         'move', 'study root'],
  ['2.3', 'Study Root Query/Retrieve Information Model - GET',          'get',  'study root'],
  ['3.1', 'Patient/Study Only Query/Retrieve Information Model - FIND', 'find', 'patient/study only'],
  ['3.2', 'Patient/Study Only Query/Retrieve Information Model - MOVE', 'move', 'patient/study only'],
  ['3.3', 'Patient/Study Only Query/Retrieve Information Model - GET',  'get',  'patient/study only'],
];

/** Storage Commitment Push Model, Modality Performed Procedure Step, Instance Availability Notification — PS3.4 J, F, R. */
export const STORAGE_COMMITMENT = '1.2.840.10008.1.20.1';
const PERFORMED_STEP = '1.2.840.10008.3.1.2.3.3';
const INSTANCE_AVAILABILITY = '1.2.840.10008.5.1.4.33';

const SCU_ONLY = { scu: true, scp: false };
/** The requestor sends us objects, or is sent them by C-GET. */
const BOTH_ROLES = { scu: true, scp: true };

/** The requestor of a commitment is SCU; who reports one that we asked for is SCP (PS3.4 §J.3.3). */
// biome-ignore format: a table
const NORMALIZED: readonly (readonly [uid: string, name: string, service: Service, requestor: typeof BOTH_ROLES])[] = [
  [STORAGE_COMMITMENT,    'Storage Commitment Push Model',     'commitment',   BOTH_ROLES],
  [PERFORMED_STEP,        'Modality Performed Procedure Step', 'mpps',         SCU_ONLY],
  [INSTANCE_AVAILABILITY, 'Instance Availability Notification', 'availability', SCU_ONLY],
];

/** THE table: negotiation and the Conformance Statement are made from it. */
export const SERVICE_CLASSES: readonly ServiceClass[] = [
  {
    ...{ uid: VERIFICATION, name: 'Verification', retired: false, service: 'verification', model: undefined },
    ...{ requestor: SCU_ONLY, transferSyntaxes: TRANSFER_SYNTAXES, extended: undefined },
  },
  ...QUERY_RETRIEVE.map(
    ([suffix, name, service, model]): ServiceClass => ({
      ...{ uid: queryClass(suffix), name, service, model, retired: model === 'patient/study only' },
      ...{ requestor: SCU_ONLY, transferSyntaxes: IDENTIFIER_SYNTAXES },
      extended: service === 'find' ? FIND_FIELDS : RETRIEVE_FIELDS,
    }),
  ),
  ...NORMALIZED.map(
    ([uid, name, service, requestor]): ServiceClass => ({
      ...{ uid, name, service, requestor, model: undefined, retired: false },
      ...{ transferSyntaxes: IDENTIFIER_SYNTAXES, extended: undefined },
    }),
  ),
  ...STORAGE_SOP_CLASSES.map(({ uid, name, retired }) => storageClass(uid, name, retired)),
];

const BY_UID: ReadonlyMap<string, ServiceClass> = new Map(SERVICE_CLASSES.map((known) => [known.uid, known]));

/** The class of a UID; `isPrivateStorage` says which others are stored, too. */
export function serviceClass(uid: string, isPrivateStorage: (uid: string) => boolean): ServiceClass | undefined {
  return BY_UID.get(uid) ?? (isPrivateStorage(uid) ? storageClass(uid, 'private', false) : undefined);
}

/** The SOP Class of a query or retrieval. */
export function queryRetrieveClass(model: InformationModel, service: 'find' | 'move' | 'get'): string {
  return SERVICE_CLASSES.find((known) => known.model === model && known.service === service)?.uid ?? '';
}

function queryClass(suffix: string): string {
  return `1.2.840.10008.5.1.4.1.2.${suffix}`;
}

function storageClass(uid: string, name: string, retired: boolean): ServiceClass {
  return {
    ...{ uid, name, retired, service: 'storage', model: undefined },
    ...{ requestor: BOTH_ROLES, transferSyntaxes: TRANSFER_SYNTAXES, extended: STORAGE_FIELDS },
  };
}

/**
 * A rule for private classes, as an operator writes it: UIDs, and roots that end with `.*`. Classes of the standard are
 * in the table or are no storage, so its root is never matched.
 */
export function privateStorageRule(rules: readonly string[]): (uid: string) => boolean {
  const roots = rules.filter((rule) => rule.endsWith('.*')).map((rule) => rule.slice(0, -1));
  const uids = new Set(rules);
  return (uid) => !uid.startsWith('1.2.840.10008.') && (uids.has(uid) || roots.some((root) => uid.startsWith(root)));
}
