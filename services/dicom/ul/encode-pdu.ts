import { ByteWriter } from './byte-writer.ts';
import type { AnsweredContext, AssociateAC, AssociateRQ, ControlPdu, ProposedContext, UserInformation } from './pdu.ts';

/** DICOM Application Context Name — PS3.7 Annex A.2.1. */
export const APPLICATION_CONTEXT = '1.2.840.10008.3.1.1.1';

/** Header and body of one PDU but P-DATA-TF; fields as in `decode-pdu.ts`. */
export function encodePdu(pdu: ControlPdu): Uint8Array {
  // biome-ignore format: a table
  switch (pdu.type) {
    case 'A-ASSOCIATE-RQ': return framed(0x01, associateRQ(pdu));
    case 'A-ASSOCIATE-AC': return framed(0x02, associateAC(pdu));
    case 'A-ASSOCIATE-RJ': return framed(0x03, new ByteWriter().u8(0, pdu.result, pdu.source, pdu.reason));
    case 'A-RELEASE-RQ':   return framed(0x05, new ByteWriter().u32(0));
    case 'A-RELEASE-RP':   return framed(0x06, new ByteWriter().u32(0));
    case 'A-ABORT':        return framed(0x07, new ByteWriter().u8(0, 0, pdu.source, pdu.reason));
  }
}

function framed(pduType: number, body: ByteWriter): Uint8Array {
  const bytes = body.toBytes();
  const pdu = new Uint8Array(6 + bytes.length);
  pdu[0] = pduType;
  new DataView(pdu.buffer).setUint32(2, bytes.length);
  pdu.set(bytes, 6);
  return pdu;
}

/** PS3.8 Table 9-11. */
function associateRQ(pdu: AssociateRQ): ByteWriter {
  const body = fixedFields(pdu.protocolVersion, pdu).item(0x10, (item) => item.text(pdu.applicationContext));
  for (const context of pdu.presentationContexts) proposedContext(body, context);
  return userInformation(body, pdu.userInformation);
}

/** PS3.8 Table 9-17. */
function associateAC(pdu: AssociateAC): ByteWriter {
  const body = fixedFields(1, pdu).item(0x10, (item) => item.text(APPLICATION_CONTEXT));
  for (const context of pdu.presentationContexts) answeredContext(body, context);
  return userInformation(body, pdu.userInformation);
}

const fixedFields = (version: number, titles: { calledAETitle: string; callingAETitle: string }): ByteWriter =>
  new ByteWriter().u16(version).u16(0).text(titles.calledAETitle, 16).text(titles.callingAETitle, 16).zeros(32);

/** PS3.8 Table 9-13. */
function proposedContext(body: ByteWriter, { id, abstractSyntax, transferSyntaxes }: ProposedContext): void {
  body.item(0x20, (item) => {
    item.u8(id, 0, 0, 0).item(0x30, (name) => name.text(abstractSyntax));
    for (const transferSyntax of transferSyntaxes) item.item(0x40, (name) => name.text(transferSyntax));
  });
}

/** PS3.8 Table 9-18. */
function answeredContext(body: ByteWriter, { id, result, transferSyntax }: AnsweredContext): void {
  body.item(0x21, (item) => item.u8(id, 0, result, 0).item(0x40, (name) => name.text(transferSyntax)));
}

/** PS3.8 Annex D.1 and PS3.7 Annex D.3.3; sub-items in ascending order, as PS3.7 §D.3.3 shows them. */
function userInformation(body: ByteWriter, information: UserInformation): ByteWriter {
  const { implementationClassUID, implementationVersionName, asynchronousOperations, roles = [] } = information;
  const { extendedNegotiations = [], userIdentityAccepted = false } = information;
  return body.item(0x50, (items) => {
    items.item(0x51, (item) => item.u32(information.maximumLength));
    if (implementationClassUID !== undefined) items.item(0x52, (item) => item.text(implementationClassUID));
    if (asynchronousOperations !== undefined) {
      const { invoked, performed } = asynchronousOperations;
      items.item(0x53, (item) => item.u16(invoked).u16(performed));
    }
    for (const { SOPClassUID, scu, scp } of roles) {
      items.item(0x54, (item) => item.u16(SOPClassUID.length).text(SOPClassUID).u8(Number(scu), Number(scp)));
    }
    if (implementationVersionName !== undefined) items.item(0x55, (item) => item.text(implementationVersionName));
    for (const { SOPClassUID, information: bytes } of extendedNegotiations) {
      items.item(0x56, (item) =>
        item
          .u16(SOPClassUID.length)
          .text(SOPClassUID)
          .u8(...bytes),
      );
    }
    // A response of no bytes is the one to user names and passcodes (PS3.7 Table D.3-15).
    if (userIdentityAccepted) items.item(0x59, (item) => item.u16(0));
  });
}
