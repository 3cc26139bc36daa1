import { describe, expect, it } from 'vitest';
import { PeerList } from '../../services/domain/peer.ts';

const pacs = { name: 'pacs', AETitle: 'PACS', host: 'pacs.example.org', port: 104 };

describe('PeerList', () => {
  it('lets a peer send, and nothing more, unless it says so', () => {
    const sending = ['verification', 'storage', 'commitment', 'mpps', 'availability'];
    expect(PeerList.parse([pacs])[0]?.allow).toEqual(sending);
  });

  it('names the peer that is there twice, that has half an address, and that gets results at none', () => {
    const half = { name: 'half', AETitle: 'HALF', host: 'half.example.org' };
    const nowhere = { name: 'nowhere', AETitle: 'NOWHERE', results: true };
    const { error } = PeerList.safeParse([pacs, pacs, half, nowhere]);
    expect(error?.issues.map(({ message }) => message)).toEqual([
      'pacs is there twice',
      'half: host and port go together',
      'nowhere: results need host and port',
    ]);
  });

  it.each([
    ['an AE title with a backslash', { ...pacs, AETitle: 'A\\B' }],
    ['an AE title of 17 characters', { ...pacs, AETitle: 'A'.repeat(17) }],
    ['a name that leads elsewhere', { ...pacs, name: '../pacs' }],
    ['an address that is none', { ...pacs, addresses: ['10.1.0.0/33'] }],
    ['a service there is not', { ...pacs, allow: ['delete'] }],
    ['a setting there is not', { ...pacs, allowed: ['find'] }],
  ])('refuses %s', (_, peer) => {
    expect(PeerList.safeParse([peer]).success).toBe(false);
  });
});
