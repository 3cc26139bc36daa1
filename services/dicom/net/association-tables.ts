import type { Fragment } from '../ul/pdu.ts';
import type { Received } from '../ul/pdu-framer.ts';
import type { Event } from '../ul/state-machine.ts';
import type { AssociationEnd } from './association-user.ts';

// biome-ignore format: a table
export const EVENT_OF = {
  'A-ASSOCIATE-AC': 3, 'A-ASSOCIATE-RJ': 4, 'A-ASSOCIATE-RQ': 6, 'P-DATA-TF': 10,
  'A-RELEASE-RQ': 12, 'A-RELEASE-RP': 13, 'A-ABORT': 16,
} as const satisfies Record<Exclude<Received, Fragment>['type'], Event>;

/** Reason/Diag. of an A-ABORT by the provider — PS3.8 Table 9-26: 1 unrecognized PDU, 6 invalid parameter value. */
export const ABORT_REASON: Readonly<Record<string, number>> = {
  PDU_UNKNOWN_TYPE: 1,
  PDU_TRUNCATED: 6,
  PDU_INVALID: 6,
  PDU_TOO_LONG: 6,
};
export const UNEXPECTED_PDU = 2;

/** How the actions that indicate an abort (PS3.8 Table 9-9) end the association. */
export const ABORTED_HOW: Readonly<Record<string, AssociationEnd['how']>> = {
  'AA-3': 'aborted by peer',
  'AA-4': 'closed',
};
