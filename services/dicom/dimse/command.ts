/**
 * A command set — PS3.7 §6.3 and Annex E. Which elements a message has is told in PS3.7 §9.3; every one is optional
 * here, for what arrives may lack any of them.
 */
export interface CommandSet {
  readonly AffectedSOPClassUID?: string;
  readonly RequestedSOPClassUID?: string;
  readonly CommandField?: number;
  readonly MessageID?: number;
  readonly MessageIDBeingRespondedTo?: number;
  readonly MoveDestination?: string;
  readonly Priority?: number;
  readonly CommandDataSetType?: number;
  readonly Status?: number;
  readonly ErrorComment?: string;
  readonly ErrorID?: number;
  readonly AffectedSOPInstanceUID?: string;
  readonly RequestedSOPInstanceUID?: string;
  readonly EventTypeID?: number;
  readonly ActionTypeID?: number;
  readonly NumberOfRemainingSuboperations?: number;
  readonly NumberOfCompletedSuboperations?: number;
  readonly NumberOfFailedSuboperations?: number;
  readonly NumberOfWarningSuboperations?: number;
  readonly MoveOriginatorApplicationEntityTitle?: string;
  readonly MoveOriginatorMessageID?: number;
}

export type CommandKeyword = keyof CommandSet;

/** Elements of group 0000 we read and write, ascending — PS3.7 Table E.1-1. */
// biome-ignore format: a table
export const COMMAND_ELEMENTS: readonly { element: number; keyword: CommandKeyword; vr: 'UI' | 'US' | 'LO' | 'AE' }[] = [
  { element: 0x0002, keyword: 'AffectedSOPClassUID',                  vr: 'UI' },
  { element: 0x0003, keyword: 'RequestedSOPClassUID',                 vr: 'UI' },
  { element: 0x0100, keyword: 'CommandField',                         vr: 'US' },
  { element: 0x0110, keyword: 'MessageID',                            vr: 'US' },
  { element: 0x0120, keyword: 'MessageIDBeingRespondedTo',            vr: 'US' },
  { element: 0x0600, keyword: 'MoveDestination',                      vr: 'AE' },
  { element: 0x0700, keyword: 'Priority',                             vr: 'US' },
  { element: 0x0800, keyword: 'CommandDataSetType',                   vr: 'US' },
  { element: 0x0900, keyword: 'Status',                               vr: 'US' },
  { element: 0x0902, keyword: 'ErrorComment',                         vr: 'LO' },
  { element: 0x0903, keyword: 'ErrorID',                              vr: 'US' },
  { element: 0x1000, keyword: 'AffectedSOPInstanceUID',               vr: 'UI' },
  { element: 0x1001, keyword: 'RequestedSOPInstanceUID',              vr: 'UI' },
  { element: 0x1002, keyword: 'EventTypeID',                          vr: 'US' },
  { element: 0x1008, keyword: 'ActionTypeID',                         vr: 'US' },
  { element: 0x1020, keyword: 'NumberOfRemainingSuboperations',       vr: 'US' },
  { element: 0x1021, keyword: 'NumberOfCompletedSuboperations',       vr: 'US' },
  { element: 0x1022, keyword: 'NumberOfFailedSuboperations',          vr: 'US' },
  { element: 0x1023, keyword: 'NumberOfWarningSuboperations',         vr: 'US' },
  { element: 0x1030, keyword: 'MoveOriginatorApplicationEntityTitle', vr: 'AE' },
  { element: 0x1031, keyword: 'MoveOriginatorMessageID',              vr: 'US' },
];

/** Command Field values — PS3.7 Table E.1-1. A response is its request with the high bit set. */
export const C_STORE_RQ = 0x0001;
export const C_GET_RQ = 0x0010;
export const C_FIND_RQ = 0x0020;
export const C_MOVE_RQ = 0x0021;
export const C_ECHO_RQ = 0x0030;
export const N_EVENT_REPORT_RQ = 0x0100;
export const N_SET_RQ = 0x0120;
export const N_ACTION_RQ = 0x0130;
export const N_CREATE_RQ = 0x0140;
export const C_CANCEL_RQ = 0x0fff;
export const RESPONSE = 0x8000;

/** Command Data Set Type that says: no data set follows. Any other value says that one does. */
export const NO_DATA_SET = 0x0101;
/** What we write when one follows. */
export const DATA_SET = 0x0000;

export const hasDataSet = (command: CommandSet): boolean => command.CommandDataSetType !== NO_DATA_SET;
