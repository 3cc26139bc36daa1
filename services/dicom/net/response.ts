import { type CommandSet, NO_DATA_SET, RESPONSE } from '../dimse/command.ts';
import type { Outcome } from '../dimse/status.ts';

/**
 * The response to a request — PS3.7 §9.3 and §10.3: its classes and instances said again, and what came of it.
 */
export function responseTo(
  command: CommandSet,
  { status, comment, errorId }: Outcome,
  more: CommandSet = {},
): CommandSet {
  const { AffectedSOPClassUID, RequestedSOPClassUID, AffectedSOPInstanceUID, RequestedSOPInstanceUID } = command;
  const { CommandField = 0, MessageID, ActionTypeID, EventTypeID } = command;
  return {
    ...(AffectedSOPClassUID !== undefined && { AffectedSOPClassUID }),
    ...(RequestedSOPClassUID !== undefined && { AffectedSOPClassUID: RequestedSOPClassUID }),
    CommandField: CommandField | RESPONSE,
    ...(MessageID !== undefined && { MessageIDBeingRespondedTo: MessageID }),
    CommandDataSetType: NO_DATA_SET,
    Status: status,
    ...(comment !== undefined && { ErrorComment: comment }),
    ...(errorId !== undefined && { ErrorID: errorId }),
    ...(AffectedSOPInstanceUID !== undefined && { AffectedSOPInstanceUID }),
    ...(RequestedSOPInstanceUID !== undefined && { AffectedSOPInstanceUID: RequestedSOPInstanceUID }),
    ...(EventTypeID !== undefined && { EventTypeID }),
    ...(ActionTypeID !== undefined && { ActionTypeID }),
    ...more,
  };
}
