import { describe, expect, it } from 'vitest';
import { decodePdu } from '../../../services/dicom/ul/decode-pdu.ts';
import { ascii, associateRQ, item, u16, u32 } from '../../support/pdu-bytes.ts';

const fixedFields = [
  ...u16(1),
  ...u16(0),
  ...ascii('OVERREAD', 16),
  ...ascii('CT1', 16),
  ...new Array<number>(32).fill(0),
];
const decode = (type: number, ...body: number[]) => decodePdu(type, Uint8Array.from(body));
const userInformation = (...items: number[]) => decode(0x01, ...fixedFields, ...item(0x50, ...items));

describe('A-ASSOCIATE-RQ (PS3.8 Table 9-11)', () => {
  it('reads the titles, each presentation context and the maximum length', () => {
    expect(decodePdu(0x01, associateRQ.subarray(6))).toEqual({
      type: 'A-ASSOCIATE-RQ',
      protocolVersion: 1,
      calledAETitle: 'ANY-SCP',
      callingAETitle: 'ECHOSCU',
      applicationContext: '1.2.840.10008.3.1.1.1',
      presentationContexts: [{ id: 1, abstractSyntax: '1.2.840.10008.1.1', transferSyntaxes: ['1.2.840.10008.1.2'] }],
      userInformation: { maximumLength: 16_382 },
    });
  });

  it('names the field that is cut short', () => {
    expect(() => decode(0x01, 0, 1, 0, 0, 0x41)).toThrow('Called-AE-title needs 16 bytes at offset 4, 1 remain');
  });

  it('skips items it does not know', () => {
    const pdu = decode(0x01, ...fixedFields, ...item(0x99, 1, 2, 3), ...item(0x50, ...item(0x51, ...u32(7))));
    expect(pdu).toMatchObject({ userInformation: { maximumLength: 7 } });
  });

  it.each([
    ['an even context ID', [...item(0x20, 2, 0, 0, 0)]],
    ['a context ID twice', [...item(0x20, 3, 0, 0, 0), ...item(0x20, 3, 0, 0, 0)]],
    ['129 transfer syntaxes', item(0x20, 1, 0, 0, 0, ...Array.from({ length: 129 }, () => item(0x40, 0x31)).flat())],
  ])('refuses %s', (_name, items) => {
    expect(() => decode(0x01, ...fixedFields, ...items)).toThrow(expect.objectContaining({ code: 'PDU_INVALID' }));
  });

  it('takes 128 presentation contexts', () => {
    const contexts = Array.from({ length: 128 }, (_, i) => item(0x20, 2 * i + 1, 0, 0, 0)).flat();
    const pdu = decode(0x01, ...fixedFields, ...contexts);
    expect(pdu.type === 'A-ASSOCIATE-RQ' && pdu.presentationContexts).toHaveLength(128);
  });

  it.each([
    ['an item longer than the PDU', [0x20, 0, ...u16(60_000), 1]],
    ['a sub-item longer than its item', item(0x50, 0x51, 0, ...u16(500), 0)],
    ['an item header cut in two', [0x20, 0, 0]],
  ])('refuses %s', (_name, items) => {
    expect(() => decode(0x01, ...fixedFields, ...items)).toThrow(expect.objectContaining({ code: 'PDU_TRUNCATED' }));
  });
});

describe('User Information (PS3.8 Annex D.1, PS3.7 §D.3.3)', () => {
  const sopClass = '1.2.840.10008.5.1.4.1.1.2';

  it('reads every sub-item that we act on', () => {
    const pdu = userInformation(
      ...item(0x51, ...u32(131_072)),
      ...item(0x52, ...ascii('2.25.1')),
      ...item(0x53, ...u16(5), ...u16(0)),
      ...item(0x54, ...u16(sopClass.length), ...ascii(sopClass), 1, 0),
      ...item(0x55, ...ascii('TESTER_1')),
      ...item(0x56, ...u16(sopClass.length), ...ascii(sopClass), 2, 0, 3),
      ...item(0x57, 9, 9, 9),
      ...item(0x58, 2, 1, ...u16(4), ...ascii('user'), ...u16(6), ...ascii('secret')),
    );
    expect(pdu).toMatchObject({
      userInformation: {
        maximumLength: 131_072,
        implementationClassUID: '2.25.1',
        implementationVersionName: 'TESTER_1',
        asynchronousOperations: { invoked: 5, performed: 0 },
        roles: [{ SOPClassUID: sopClass, scu: true, scp: false }],
        extendedNegotiations: [{ SOPClassUID: sopClass, information: Uint8Array.of(2, 0, 3) }],
        userIdentity: { type: 2, positiveResponseRequested: true },
      },
    });
  });

  it('keeps no identity: neither user name nor password is in what was read', () => {
    const pdu = userInformation(...item(0x58, 2, 0, ...u16(4), ...ascii('user'), ...u16(6), ...ascii('secret')));
    expect(JSON.stringify(pdu)).not.toMatch(/secret|"user"/);
  });

  it.each([
    ['role selection whose UID is longer than the item', item(0x54, ...u16(200), 0x31)],
    ['user identity whose field is longer than the item', item(0x58, 1, 0, ...u16(60_000), 0x41)],
    ['asynchronous window of 3 bytes', item(0x53, 0, 1, 0)],
  ])('refuses a %s', (_name, sub) => {
    expect(() => userInformation(...sub)).toThrow(expect.objectContaining({ code: 'PDU_TRUNCATED' }));
  });
});

describe('the other PDUs', () => {
  it('A-ASSOCIATE-AC (Table 9-17)', () => {
    const context = item(0x21, 5, 0, 4, 0, ...item(0x40, ...ascii('1.2.840.10008.1.2')));
    expect(decode(0x02, ...fixedFields, ...context, ...item(0x50, ...item(0x51, ...u32(16_384))))).toMatchObject({
      type: 'A-ASSOCIATE-AC',
      presentationContexts: [{ id: 5, result: 4, transferSyntax: '1.2.840.10008.1.2' }],
      userInformation: { maximumLength: 16_384 },
    });
  });

  it('A-ASSOCIATE-RJ (Table 9-21)', () => {
    expect(decode(0x03, 0, 1, 1, 7)).toEqual({ type: 'A-ASSOCIATE-RJ', result: 1, source: 1, reason: 7 });
  });

  it('A-RELEASE-RQ and A-RELEASE-RP (Tables 9-24 and 9-25)', () => {
    expect(decode(0x05, 0, 0, 0, 0)).toEqual({ type: 'A-RELEASE-RQ' });
    expect(decode(0x06, 0, 0, 0, 0)).toEqual({ type: 'A-RELEASE-RP' });
  });

  it('A-ABORT (Table 9-26)', () => {
    expect(decode(0x07, 0, 0, 2, 6)).toEqual({ type: 'A-ABORT', source: 2, reason: 6 });
  });
});
