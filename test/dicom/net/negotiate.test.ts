import { describe, expect, it } from 'vitest';
import { negotiate, rejectionText } from '../../../services/dicom/net/negotiate.ts';
import { STORAGE_SOP_CLASSES, VERIFICATION } from '../../../services/dicom/net/sop-classes.ts';
import { chooseTransferSyntax, TRANSFER_SYNTAXES } from '../../../services/dicom/net/transfer-syntaxes.ts';
import { APPLICATION_CONTEXT } from '../../../services/dicom/ul/encode-pdu.ts';
import type { AssociateRQ, ProposedContext, UserInformation } from '../../../services/dicom/ul/pdu.ts';
import { Uid } from '../../../services/domain/uid.ts';

const policy = { AETitle: 'OVERREAD', anyCalledAETitle: false };
const CT = '1.2.840.10008.5.1.4.1.1.2';
const [IMPLICIT, EXPLICIT, BIG_ENDIAN] = ['1.2.840.10008.1.2', '1.2.840.10008.1.2.1', '1.2.840.10008.1.2.2'];
const [JPEG_LS, JPEG_LOSSLESS, JPEG_BASELINE] = [
  '1.2.840.10008.1.2.4.80',
  '1.2.840.10008.1.2.4.70',
  '1.2.840.10008.1.2.4.50',
];

const request = (given: Partial<AssociateRQ> = {}): AssociateRQ => ({
  type: 'A-ASSOCIATE-RQ',
  protocolVersion: 1,
  calledAETitle: 'OVERREAD',
  callingAETitle: 'CT1',
  applicationContext: APPLICATION_CONTEXT,
  presentationContexts: [],
  userInformation: { maximumLength: 16_384 },
  ...given,
});

function accept(given: Partial<AssociateRQ>) {
  const answer = negotiate(request(given), policy);
  if (answer.type !== 'A-ASSOCIATE-AC') throw new Error(rejectionText(answer));
  return answer;
}

const contextOf = (abstractSyntax: string, ...transferSyntaxes: string[]) => {
  const proposed: ProposedContext = { id: 1, abstractSyntax, transferSyntaxes };
  return accept({ presentationContexts: [proposed] }).presentationContexts[0];
};

describe('rejections (PS3.8 Table 9-21)', () => {
  it.each([
    ['called AE title not recognized', { calledAETitle: 'OTHER' }, [1, 1, 7]],
    ['called AE title not recognized', { calledAETitle: 'overread' }, [1, 1, 7]],
    ['calling AE title not recognized', { callingAETitle: '' }, [1, 1, 3]],
    ['calling AE title not recognized', { callingAETitle: 'A\\B' }, [1, 1, 3]],
    ['calling AE title not recognized', { callingAETitle: 'A\u0007' }, [1, 1, 3]],
    ['application context name not supported', { applicationContext: '1.2.3' }, [1, 1, 2]],
    ['protocol version not supported', { protocolVersion: 2 }, [1, 2, 2]],
  ])('%s', (text, given, [result, source, reason]) => {
    const answer = negotiate(request(given), policy);
    expect(answer).toEqual({ type: 'A-ASSOCIATE-RJ', result, source, reason });
    expect(answer.type === 'A-ASSOCIATE-RJ' && rejectionText(answer)).toBe(text);
  });

  it('any called AE title is answered to where an operator asks for it', () => {
    const answer = negotiate(request({ calledAETitle: 'OTHER' }), { ...policy, anyCalledAETitle: true });
    expect(answer).toMatchObject({ type: 'A-ASSOCIATE-AC', calledAETitle: 'OTHER' });
  });

  it('bits of the protocol version but the first are not tested', () => {
    expect(negotiate(request({ protocolVersion: 0xffff }), policy).type).toBe('A-ASSOCIATE-AC');
  });
});

describe('presentation contexts (PS3.8 Table 9-18)', () => {
  it.each(STORAGE_SOP_CLASSES.map(({ name, uid }) => [name, uid]))('%s is accepted', (_name, uid) => {
    expect(contextOf(uid, IMPLICIT)).toEqual({ id: 1, result: 0, transferSyntax: IMPLICIT });
  });

  it('Verification is accepted', () => {
    expect(contextOf(VERIFICATION, IMPLICIT)?.result).toBe(0);
  });

  it.each([
    ['a private class', '1.2.840.113619.4.30'],
    ['a query class', '1.2.840.10008.5.1.4.1.2.2.1'],
    ['storage commitment', '1.2.840.10008.1.20.1'],
    ['a Non-Patient Object', '1.2.840.10008.5.1.4.38.1'],
    ['nothing', ''],
  ])('%s: abstract syntax not supported', (_name, uid) => {
    expect(contextOf(uid, IMPLICIT)?.result).toBe(3);
  });

  it.each(TRANSFER_SYNTAXES)('transfer syntax %s is taken as it is', (uid) => {
    expect(contextOf(CT, uid)).toEqual({ id: 1, result: 0, transferSyntax: uid });
  });

  it.each([
    ['a private one', '1.2.840.113619.5.2'],
    ['real-time video', '1.2.840.10008.1.2.7.1'],
    ['none', ''],
  ])('%s: transfer syntaxes not supported', (_name, uid) => {
    expect(contextOf(CT, uid)?.result).toBe(4);
  });

  it('answers each context by itself', () => {
    const answer = accept({
      presentationContexts: [
        { id: 1, abstractSyntax: CT, transferSyntaxes: ['1.2.3', JPEG_LS] },
        { id: 3, abstractSyntax: '1.2.3', transferSyntaxes: [IMPLICIT] },
        { id: 255, abstractSyntax: VERIFICATION, transferSyntaxes: [] },
      ],
    });
    expect(answer.presentationContexts).toEqual([
      { id: 1, result: 0, transferSyntax: JPEG_LS },
      { id: 3, result: 3, transferSyntax: IMPLICIT },
      { id: 255, result: 4, transferSyntax: '' },
    ]);
  });
});

describe('the choice among several transfer syntaxes', () => {
  it.each([
    ['what the requestor names first, when we decode it', [JPEG_LS, EXPLICIT, IMPLICIT], JPEG_LS],
    ['the same the other way round', [EXPLICIT, JPEG_LS], EXPLICIT],
    ['what we decode before what we do not', [JPEG_LOSSLESS, BIG_ENDIAN], BIG_ENDIAN],
    ['lossless before lossy', [JPEG_BASELINE, JPEG_LOSSLESS], JPEG_LOSSLESS],
    ['the only one we know', ['1.2.3', JPEG_BASELINE], JPEG_BASELINE],
  ])('%s', (_name, offered, chosen) => {
    expect(chooseTransferSyntax(offered)).toBe(chosen);
  });
});

describe('user information', () => {
  const answer = (given: Partial<UserInformation>) =>
    accept({ userInformation: { maximumLength: 0, ...given } }).userInformation;

  it('advertises 128 KiB, whatever the peer advertised', () => {
    expect(answer({ maximumLength: 1000 }).maximumLength).toBe(131_072);
  });

  it.each([
    [0, 0],
    [16, 16],
    [1, 1],
  ])('an asynchronous window of %i,%i is answered 1,1', (invoked, performed) => {
    expect(answer({ asynchronousOperations: { invoked, performed } }).asynchronousOperations).toEqual({
      invoked: 1,
      performed: 1,
    });
  });

  it('no window is answered when none was proposed', () => {
    expect(answer({}).asynchronousOperations).toBeUndefined();
  });

  it('roles: the requestor is SCU, never SCP; unknown classes are left out', () => {
    const roles = [
      { SOPClassUID: CT, scu: true, scp: true },
      { SOPClassUID: '1.2.3', scu: true, scp: false },
    ];
    expect(answer({ roles }).roles).toEqual([{ SOPClassUID: CT, scu: true, scp: false }]);
  });

  it('names this implementation', () => {
    expect(answer({})).toMatchObject({
      implementationClassUID: expect.stringMatching(/^2\.25\./),
      implementationVersionName: 'OVERREAD_0_1',
    });
  });
});

it('the list of classes has valid UIDs, each once, and the retired ones among them', () => {
  const uids = STORAGE_SOP_CLASSES.map(({ uid }) => uid);
  expect(uids.filter((uid) => !Uid.safeParse(uid).success)).toEqual([]);
  expect(new Set(uids).size).toBe(uids.length);
  expect(STORAGE_SOP_CLASSES.filter(({ retired }) => retired).length).toBeGreaterThan(10);
  expect(new Set(TRANSFER_SYNTAXES).size).toBe(TRANSFER_SYNTAXES.length);
});
