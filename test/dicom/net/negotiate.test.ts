import { describe, expect, it } from 'vitest';
import { type NegotiationPolicy, negotiate, rejectionText } from '../../../services/dicom/net/negotiate.ts';
import { privateStorageRule, queryRetrieveClass } from '../../../services/dicom/net/service-classes.ts';
import { STORAGE_SOP_CLASSES, VERIFICATION } from '../../../services/dicom/net/sop-classes.ts';
import {
  chooseReceived,
  SENT_TRANSFER_SYNTAXES,
  TRANSFER_SYNTAXES,
} from '../../../services/dicom/net/transfer-syntaxes.ts';
import { INSTANCE_TARGETS } from '../../../services/dicom/pixel/transcode-frame.ts';
import { APPLICATION_CONTEXT } from '../../../services/dicom/ul/encode-pdu.ts';
import type { AssociateRQ, ProposedContext, UserInformation } from '../../../services/dicom/ul/pdu.ts';
import { Uid } from '../../../services/domain/uid.ts';

const policy: NegotiationPolicy = {
  AETitle: 'OVERREAD',
  anyCalledAETitle: false,
  isPrivateStorage: privateStorageRule(['1.2.840.113619.4.26', '1.3.12.2.1107.*']),
  isAllowed: (callingAETitle, service) => callingAETitle !== 'STRANGER' || service === 'storage',
};
const CT = '1.2.840.10008.5.1.4.1.1.2';
const STUDY_ROOT_FIND = queryRetrieveClass('study root', 'find');
const STUDY_ROOT_MOVE = queryRetrieveClass('study root', 'move');
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
    ['a worklist', '1.2.840.10008.5.1.4.31'],
    ['storage commitment, pull model', '1.2.840.10008.1.20.2'],
    ['another private class, of a root that begins the same', '1.2.840.113619.4.261'],
    ['a Non-Patient Object', '1.2.840.10008.5.1.4.38.1'],
    ['nothing', ''],
  ])('%s: abstract syntax not supported', (_name, uid) => {
    expect(contextOf(uid, IMPLICIT)?.result).toBe(3);
  });

  it.each([
    ['by its UID', '1.2.840.113619.4.26'],
    ['by its root', '1.3.12.2.1107.5.9.1'],
  ])('a private class is stored by rule: %s', (_name, uid) => {
    expect(contextOf(uid, JPEG_LS)).toEqual({ id: 1, result: 0, transferSyntax: JPEG_LS });
  });

  it('no rule reaches into the classes of the standard', () => {
    expect(privateStorageRule(['1.2.840.10008.*', '1.2.*'])('1.2.840.10008.5.1.4.31')).toBe(false);
  });

  it.each([
    ['the one named first', [BIG_ENDIAN, EXPLICIT, IMPLICIT], { id: 1, result: 0, transferSyntax: EXPLICIT }],
    ['the default alone', [IMPLICIT], { id: 1, result: 0, transferSyntax: IMPLICIT }],
    ['nothing that identifiers are written in', [JPEG_LS, BIG_ENDIAN], { id: 1, result: 4, transferSyntax: JPEG_LS }],
  ])('queries: %s', (_name, offered, answered) => {
    expect(contextOf(STUDY_ROOT_FIND, ...offered)).toEqual(answered);
  });

  it('a peer that may not query is refused as by a user, and may still send', () => {
    const answer = accept({
      callingAETitle: 'STRANGER',
      presentationContexts: [
        { id: 1, abstractSyntax: STUDY_ROOT_FIND, transferSyntaxes: [IMPLICIT] },
        { id: 3, abstractSyntax: CT, transferSyntaxes: [IMPLICIT] },
      ],
      userInformation: { maximumLength: 0, roles: [{ SOPClassUID: STUDY_ROOT_FIND, scu: true, scp: false }] },
    });
    expect(answer.presentationContexts.map(({ result }) => result)).toEqual([1, 0]);
    expect(answer.userInformation.roles).toEqual([]);
  });

  it.each([
    ['what it names first of what can be made', [JPEG_LOSSLESS, JPEG_LS, EXPLICIT], JPEG_LS],
    ['Implicit VR too', [JPEG_BASELINE, IMPLICIT], IMPLICIT],
    ['what is stored so, where nothing can be made', [JPEG_BASELINE], JPEG_BASELINE],
  ])('a requestor that only receives gets %s', (_name, transferSyntaxes, transferSyntax) => {
    const answer = accept({
      presentationContexts: [{ id: 1, abstractSyntax: CT, transferSyntaxes }],
      userInformation: { maximumLength: 0, roles: [{ SOPClassUID: CT, scu: false, scp: true }] },
    });
    expect(answer.presentationContexts).toEqual([{ id: 1, result: 0, transferSyntax }]);
  });

  it('whatever can be sent uncompressed can be made: the list is that of the encoders', () => {
    expect(SENT_TRANSFER_SYNTAXES.toSorted()).toEqual([IMPLICIT, ...INSTANCE_TARGETS].toSorted());
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
    expect(chooseReceived(offered)).toBe(chosen);
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

  it.each([
    ['storage, both ways', CT, [true, true], [true, true]],
    ['storage, to be sent by C-GET', CT, [false, true], [false, true]],
    ['a role that was not proposed is not given', CT, [true, false], [true, false]],
    ['queries are asked by an SCU', STUDY_ROOT_FIND, [true, true], [true, false]],
    ['Verification', VERIFICATION, [true, true], [true, false]],
  ])('role selection (PS3.7 §D.3.3.4): %s', (_name, SOPClassUID, [scu, scp], [givenScu, givenScp]) => {
    const roles = [
      { SOPClassUID, scu: scu === true, scp: scp === true },
      { SOPClassUID: '1.2.3', scu: true, scp: false },
    ];
    expect(answer({ roles }).roles).toEqual([{ SOPClassUID, scu: givenScu, scp: givenScp }]);
  });

  it.each([
    [
      'queries: relational, date with time and fuzzy names',
      STUDY_ROOT_FIND,
      [1, 1, 1, 1, 1, 1, 1],
      [1, 1, 1, 0, 0, 0, 0],
    ],
    ['what is not asked for is not on', STUDY_ROOT_FIND, [0, 0, 1], [0, 0, 1]],
    ['no more fields than were asked about', STUDY_ROOT_FIND, [1], [1]],
    ['retrieval: relational, no conversion', STUDY_ROOT_MOVE, [1, 1], [1, 0]],
    ['storage: level 2, signatures kept, no coercion', CT, [2, 0, 0, 0, 1, 0], [2, 0, 3, 0, 0, 0]],
  ])('extended negotiation (PS3.4): %s', (_name, SOPClassUID, asked, given) => {
    const extendedNegotiations = [
      { SOPClassUID, information: Uint8Array.from(asked) },
      { SOPClassUID: '1.2.3', information: Uint8Array.of(1) },
      { SOPClassUID: VERIFICATION, information: Uint8Array.of(1) },
    ];
    expect(answer({ extendedNegotiations }).extendedNegotiations).toEqual([
      { SOPClassUID, information: Uint8Array.from(given) },
    ]);
  });

  it.each([
    ['a user name', 1, true, true],
    ['a user name that asks for no answer', 1, false, false],
    ['a passcode', 2, true, true],
    ['a Kerberos ticket, which would want another', 3, true, false],
  ])('user identity (PS3.7 §D.3.3.7): %s', (_name, type, positiveResponseRequested, given) => {
    expect(answer({ userIdentity: { type, positiveResponseRequested } }).userIdentityAccepted).toBe(given);
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
