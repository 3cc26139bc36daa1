import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodePdu } from '../../../services/dicom/ul/decode-pdu.ts';
import { APPLICATION_CONTEXT, encodePdu } from '../../../services/dicom/ul/encode-pdu.ts';
import type { ControlPdu } from '../../../services/dicom/ul/pdu.ts';
import { ascii, associateRQ, item, pdu, u16, u32 } from '../../support/pdu-bytes.ts';

describe('bytes as the tables show them', () => {
  it('A-ASSOCIATE-RQ (PS3.8 Table 9-11)', () => {
    const request: ControlPdu = {
      type: 'A-ASSOCIATE-RQ',
      protocolVersion: 1,
      calledAETitle: 'ANY-SCP',
      callingAETitle: 'ECHOSCU',
      applicationContext: APPLICATION_CONTEXT,
      presentationContexts: [{ id: 1, abstractSyntax: '1.2.840.10008.1.1', transferSyntaxes: ['1.2.840.10008.1.2'] }],
      userInformation: { maximumLength: 16_382 },
    };
    expect(encodePdu(request)).toEqual(associateRQ);
  });

  it('A-ASSOCIATE-AC (Table 9-17) with every sub-item', () => {
    const sopClass = '1.2.840.10008.5.1.4.1.1.2';
    const accept: ControlPdu = {
      type: 'A-ASSOCIATE-AC',
      calledAETitle: 'OVERREAD',
      callingAETitle: 'CT1',
      presentationContexts: [{ id: 3, result: 0, transferSyntax: '1.2.840.10008.1.2.1' }],
      userInformation: {
        maximumLength: 131_072,
        implementationClassUID: '2.25.1',
        implementationVersionName: 'V1',
        asynchronousOperations: { invoked: 1, performed: 1 },
        roles: [{ SOPClassUID: sopClass, scu: true, scp: false }],
      },
    };
    expect(encodePdu(accept)).toEqual(
      pdu(
        0x02,
        ...[...u16(1), ...u16(0), ...ascii('OVERREAD', 16), ...ascii('CT1', 16), ...new Array<number>(32).fill(0)],
        ...item(0x10, ...ascii('1.2.840.10008.3.1.1.1')),
        ...item(0x21, 3, 0, 0, 0, ...item(0x40, ...ascii('1.2.840.10008.1.2.1'))),
        ...item(
          0x50,
          ...item(0x51, ...u32(131_072)),
          ...item(0x52, ...ascii('2.25.1')),
          ...item(0x53, ...u16(1), ...u16(1)),
          ...item(0x54, ...u16(sopClass.length), ...ascii(sopClass), 1, 0),
          ...item(0x55, ...ascii('V1')),
        ),
      ),
    );
  });

  it.each<[string, ControlPdu, number[]]>([
    ['A-ASSOCIATE-RJ', { type: 'A-ASSOCIATE-RJ', result: 2, source: 3, reason: 1 }, [3, 0, 0, 0, 0, 4, 0, 2, 3, 1]],
    ['A-RELEASE-RQ', { type: 'A-RELEASE-RQ' }, [5, 0, 0, 0, 0, 4, 0, 0, 0, 0]],
    ['A-RELEASE-RP', { type: 'A-RELEASE-RP' }, [6, 0, 0, 0, 0, 4, 0, 0, 0, 0]],
    ['A-ABORT', { type: 'A-ABORT', source: 2, reason: 1 }, [7, 0, 0, 0, 0, 4, 0, 0, 2, 1]],
  ])('%s', (_name, decoded, bytes) => {
    expect([...encodePdu(decoded)]).toEqual(bytes);
  });
});

it('what is written is read back the same', () => {
  const uid = fc.stringMatching(/^[0-9]{1,8}(\.[0-9]{1,8}){1,6}$/);
  const title = fc.stringMatching(/^[A-Z0-9_]{1,16}$/);
  const u32s = fc.integer({ min: 0, max: 0xffffffff });
  const ids = fc.uniqueArray(fc.integer({ min: 0, max: 127 }), { maxLength: 20 });
  const request = fc
    .record({
      calledAETitle: title,
      callingAETitle: title,
      ids,
      abstractSyntax: uid,
      syntaxes: fc.array(uid, { maxLength: 5 }),
      maximumLength: u32s,
    })
    .map(
      ({ ids, abstractSyntax, syntaxes, maximumLength, ...titles }): ControlPdu => ({
        type: 'A-ASSOCIATE-RQ',
        protocolVersion: 1,
        ...titles,
        applicationContext: APPLICATION_CONTEXT,
        presentationContexts: ids.map((n) => ({ id: 2 * n + 1, abstractSyntax, transferSyntaxes: syntaxes })),
        userInformation: { maximumLength },
      }),
    );
  fc.assert(
    fc.property(request, (written) => {
      const bytes = encodePdu(written);
      expect(decodePdu(bytes[0] ?? 0, bytes.subarray(6))).toEqual(written);
    }),
  );
});
