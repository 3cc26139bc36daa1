import { describe, expect, it } from 'vitest';
import { addressBits, isLoopback, isWithin } from '../../services/domain/ip-address.ts';
import { PeerList } from '../../services/domain/peer.ts';
import { accessOf, mayUse, type PeerTable } from '../../services/domain/peer-access.ts';

const FINGERPRINT = 'AB:CD:'.repeat(16).slice(0, -1);
const CT = '1.2.840.10008.5.1.4.1.1.2';
const table = (given: Partial<PeerTable> = {}): PeerTable => ({
  AETitle: 'OVERREAD',
  peers: PeerList.parse([
    {
      name: 'ct',
      AETitle: 'CT1',
      addresses: ['10.1.0.0/16', '2001:db8::/32'],
      sopClasses: [CT, '1.3.12.*'],
      allow: ['verification', 'storage'],
    },
    { name: 'pacs', AETitle: 'PACS', tls: true, allow: ['storage', 'find'], calledAETitle: 'SECOND' },
    {
      name: 'pinned',
      AETitle: 'PINNED',
      allow: ['verification', 'storage'],
      tls: true,
      certificates: [FINGERPRINT.toLowerCase().replaceAll(':', ''), 'pacs.example.org'],
    },
    { name: 'here', AETitle: 'TWICE', addresses: ['10.0.0.1'] },
    { name: 'there', AETitle: 'TWICE', addresses: ['10.0.0.2'], allow: ['verification'] },
  ]),
  queryAETitles: new Set(),
  unknown: 'deny',
  ...given,
});
const from = (callingAETitle: string, address: string, names?: string[], fingerprint = '00') => ({
  ...{ callingAETitle, address },
  ...(names && { certificate: { names, fingerprint } }),
});
function may(given: ReturnType<typeof from>, of = table()) {
  const access = accessOf(of, given);
  return 'refused' in access ? access.refused : [access.peer ?? '', ...access.services].join(' ');
}

describe('addresses', () => {
  it.each([
    ['10.1.255.255', '10.1.0.0/16', true],
    ['10.2.0.0', '10.1.0.0/16', false],
    ['::ffff:10.1.2.3', '10.1.0.0/16', true],
    ['::ffff:a01:203', '10.1.2.3', true],
    ['10.1.2.3', '::ffff:10.1.0.0/112', true],
    ['10.1.2.3', '0.0.0.0/0', true],
    ['2001:db8::1', '0.0.0.0/0', false],
    ['2001:DB8:0:0::1', '2001:db8::/32', true],
    ['2001:db9::1', '2001:db8::/32', false],
    ['fe80::1%eth0', 'fe80::1', true],
    ['', '10.1.0.0/16', false],
  ])('%s within %s: %s', (address, network, expected) => {
    expect(isWithin(address, network)).toBe(expected);
  });

  it.each(['10.1.2', '256.1.1.1', '1:2:3', '1::2::3', '1:2:3:4:5:6:7:8:9', 'ct1', '10.1.2.3.4'])(
    '%s is none',
    (text) => {
      expect(addressBits(text)).toBeUndefined();
    },
  );

  it.each(['127.0.0.1', '127.8.8.8', '::1', '::ffff:127.0.0.1'])('%s is this machine', (address) => {
    expect(isLoopback(address)).toBe(true);
  });
});

describe('an AE title of the table', () => {
  it.each([
    ['from its network', from('CT1', '10.1.2.3'), 'ct verification storage'],
    ['from its network, written as IPv6', from('CT1', '::ffff:10.1.2.3'), 'ct verification storage'],
    ['from another address', from('CT1', '10.2.0.1'), 'other address'],
    ['from this machine, which is another address too', from('CT1', '127.0.0.1'), 'other address'],
    ['in lower case is another', from('ct1', '10.1.2.3'), 'unknown caller'],
    ['in plaintext, where TLS is its word', from('PACS', '10.9.9.9'), 'plaintext'],
    ['with its certificate', from('PACS', '10.9.9.9', ['PACS']), 'pacs storage find'],
    ['with the certificate of another', from('PACS', '10.9.9.9', ['CT1']), 'certificate of another'],
    [
      'with the certificate that its fingerprint names',
      from('PINNED', '10.9.9.9', [], FINGERPRINT),
      'pinned verification storage',
    ],
    [
      'with a certificate by one of its names',
      from('PINNED', '10.9.9.9', ['pacs.example.org']),
      'pinned verification storage',
    ],
    [
      'with a certificate of its AE title, where others are named',
      from('PINNED', '10.9.9.9', ['PINNED']),
      'certificate of another',
    ],
    ['with two entries, by the one that fits', from('TWICE', '10.0.0.2'), 'there verification'],
  ])('%s', (_, caller, expected) => {
    expect(may(caller)).toBe(expected);
  });

  it('is refused whatever is open to strangers', () => {
    const open = table({ unknown: 'store', queryAETitles: new Set(['*', 'CT1', 'PACS']) });
    expect(may(from('CT1', '10.2.0.1'), open)).toBe('other address');
    expect(may(from('PACS', '127.0.0.1'), open)).toBe('plaintext');
  });

  it('must call us what its entry says', () => {
    expect(accessOf(table(), from('PACS', '10.9.9.9', ['PACS']))).toMatchObject({ calledAETitle: 'SECOND' });
    expect(accessOf(table(), from('CT1', '10.1.2.3'))).toMatchObject({ calledAETitle: 'OVERREAD' });
  });

  it('sends the classes of its entry, and queries by the setting beside', () => {
    const access = accessOf(table({ queryAETitles: new Set(['CT1']) }), from('CT1', '10.1.2.3'));
    if ('refused' in access) throw new Error(access.refused);
    expect(mayUse(access, 'storage', CT)).toBe(true);
    expect(mayUse(access, 'storage', '1.3.12.2.1107.5.9.1')).toBe(true);
    expect(mayUse(access, 'storage', '1.3.121.2')).toBe(false);
    expect(mayUse(access, 'storage', `${CT}.1`)).toBe(false);
    expect(mayUse(access, 'find', '1.2.840.10008.5.1.4.1.2.2.1')).toBe(true);
    expect(mayUse(access, 'commitment', '1.2.840.10008.1.20.1')).toBe(false);
  });
});

describe('who is in no entry', () => {
  const sending = 'verification storage commitment mpps availability';
  it.each([
    ['deny', '127.0.0.1', 'unknown caller'],
    ['deny', '10.1.2.3', 'unknown caller'],
    ['local', '127.0.0.1', ` ${sending}`],
    ['local', '::1', ` ${sending}`],
    ['local', '10.1.2.3', 'unknown caller'],
    ['store', '10.1.2.3', ` ${sending}`],
  ] as const)('UNKNOWN_PEERS=%s, from %s', (unknown, address, expected) => {
    expect(may(from('ANY', address), table({ unknown }))).toBe(expected);
  });

  it('queries by QUERY_AE_TITLES, which lets a title in; `*` lets nobody in', () => {
    const named = table({ queryAETitles: new Set(['ANY']) });
    expect(may(from('ANY', '10.1.2.3'), named)).toBe(' verification find move get');
    expect(may(from('OTHER', '10.1.2.3'), named)).toBe('unknown caller');
    const all = { queryAETitles: new Set(['*']) };
    expect(may(from('ANY', '10.1.2.3'), table(all))).toBe('unknown caller');
    expect(may(from('ANY', '127.0.0.1'), table({ ...all, unknown: 'local' }))).toBe(` ${sending} find move get`);
  });

  it('by TLS shows a certificate of the AE title it calls itself', () => {
    const open = table({ unknown: 'store' });
    expect(may(from('ANY', '10.1.2.3', ['OTHER']), open)).toBe('certificate of another');
    expect(may(from('ANY', '10.1.2.3', ['ANY']), open)).toBe(` ${sending}`);
  });
});
