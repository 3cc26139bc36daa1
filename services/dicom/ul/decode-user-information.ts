import type { ByteReader } from './byte-reader.ts';
import { readItems } from './items.ts';
import type { ExtendedNegotiation, RoleSelection, UserInformation } from './pdu.ts';

/**
 * User Information Item, 50H — PS3.8 §D.1, PS3.7 §D.3.3.
 *
 *   51H  Maximum-length-received              55H  Implementation-version-name
 *   52H  Implementation-class-uid             56H  SOP Class extended negotiation, one per SOP Class
 *   53H  Asynchronous-operations-window       58H  User identity
 *   54H  SCP/SCU role selection, one per      59H  User identity, the answer
 *        SOP Class
 *
 * Others (57H common extended negotiation, and unknown ones) are skipped, as PS3.8 §9.3.2 asks.
 */
export function decodeUserInformation(reader: ByteReader): UserInformation {
  const roles: RoleSelection[] = [];
  const extendedNegotiations: ExtendedNegotiation[] = [];
  let found: UserInformation = { maximumLength: 0 };
  for (const { itemType, item } of readItems(reader)) {
    // biome-ignore format: a table
    switch (itemType) {
      case 0x51: found = { ...found, maximumLength: item.u32('Maximum-length-received') }; break;
      case 0x52: found = { ...found, implementationClassUID: item.text('Implementation-class-uid', item.remaining) }; break;
      case 0x53: found = { ...found, asynchronousOperations: decodeWindow(item) }; break;
      case 0x54: roles.push(decodeRole(item)); break;
      case 0x55: found = { ...found, implementationVersionName: item.text('Implementation-version-name', item.remaining) }; break;
      case 0x56: extendedNegotiations.push(decodeExtended(item)); break;
      case 0x58: found = { ...found, userIdentity: decodeUserIdentity(item) }; break;
      case 0x59: found = { ...found, userIdentityAccepted: true }; break;
    }
  }
  return {
    ...found,
    ...(roles.length > 0 && { roles }),
    ...(extendedNegotiations.length > 0 && { extendedNegotiations }),
  };
}

/** PS3.7 Table D.3-7. */
const decodeWindow = (item: ByteReader) => ({
  invoked: item.u16('Maximum-number-operations-invoked'),
  performed: item.u16('Maximum-number-operations-performed'),
});

/** PS3.7 Table D.3-9. */
function decodeRole(item: ByteReader): RoleSelection {
  const SOPClassUID = item.text('SOP-class-uid', item.u16('UID-length'));
  return { SOPClassUID, scu: item.u8('SCU-role') === 1, scp: item.u8('SCP-role') === 1 };
}

/** PS3.7 Table D.3-11. */
function decodeExtended(item: ByteReader): ExtendedNegotiation {
  const SOPClassUID = item.text('SOP-class-uid', item.u16('SOP-class-uid-length'));
  return { SOPClassUID, information: item.bytes('Service-class-application-information', item.remaining).slice() };
}

/** PS3.7 Table D.3-14. The fields are walked so that their lengths are checked; their values are not kept. */
function decodeUserIdentity(item: ByteReader): NonNullable<UserInformation['userIdentity']> {
  const type = item.u8('User-Identity-Type');
  const positiveResponseRequested = item.u8('Positive-response-requested') === 1;
  item.skip('Primary-field', item.u16('Primary-field-length'));
  item.skip('Secondary-field', item.u16('Secondary-field-length'));
  return { type, positiveResponseRequested };
}
