import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { registeredKeyword, registeredVr } from '../../../services/dicom/dataset/dictionary.ts';
import { tagName } from '../../../services/dicom/dataset/element.ts';
import { TAG } from '../../../services/dicom/dataset/tags.ts';

interface PeerEntry {
  readonly tag: string;
  readonly vr: string;
  readonly name: string;
}
interface Peer {
  readonly data: { readonly DicomMetaDictionary: { readonly nameMap: Readonly<Record<string, PeerEntry>> } };
}
const require = createRequire(import.meta.url);
const dcmjs: Peer = require('dcmjs');
const peer = dcmjs.data.DicomMetaDictionary.nameMap;
/** VRs that depend on something else, in the spelling of the peer. */
const PEER_VR: Readonly<Record<string, readonly string[]>> = { xs: ['XS'], ox: ['OW', 'OB'], up: ['UL'], lt: ['OW'] };

describe('the registry (PS3.6 §6)', () => {
  it('agrees with dcmjs in each of its entries', () => {
    const entries = Object.values(peer).flatMap(({ tag, vr, name }) => {
      const own = registeredKeyword(name);
      return own ? [{ name, own, tag: Number.parseInt(tag.replace(/[(),]/g, ''), 16), vr: PEER_VR[vr] ?? [vr] }] : [];
    });
    expect(entries.length).toBeGreaterThan(650);
    expect(entries.filter(({ own, tag }) => own.tag !== tag)).toEqual([]);
    expect(entries.filter(({ own, vr }) => !vr.includes(own.vr))).toEqual([]);
  });

  it('knows every sequence of the standard: implicit VR does not say which value is one', () => {
    const sequences = Object.values(peer).filter(({ vr, tag }) => vr === 'SQ' && !tag.includes('x'));
    expect(sequences.length).toBeGreaterThan(900);
    const unknown = sequences.map(({ tag }) => Number.parseInt(tag.replace(/[(),]/g, ''), 16));
    expect(unknown.filter((tag) => registeredVr(tag) !== 'SQ').map(tagName)).toEqual([]);
  });

  it('knows the VR of every element of a data set, as dcmjs does', () => {
    /** What the peer has wrong, by PS3.6: four indices are OL, a count UL, a code sequence SQ. */
    const WRONG = /^\((0066,004[0-3]|0070,150C|0076,0034)\)$/;
    const known = Object.values(peer).filter(
      ({ tag, vr }) =>
        !tag.includes('x') && /^[A-Z]{2}$|^(xs|ox|up|lt)$/.test(vr) && !WRONG.test(tag) && !/^\(000[0-7]/.test(tag),
    );
    expect(known.length).toBeGreaterThan(4000);
    const different = known.filter(
      ({ tag, vr }) =>
        !(PEER_VR[vr] ?? [vr]).includes(registeredVr(Number.parseInt(tag.replace(/[(),]/g, ''), 16)) ?? ''),
    );
    expect(different).toEqual([]);
  });

  it('has every tag of TAG under its keyword', () => {
    const strays = Object.entries(TAG).filter(([keyword, tag]) => registeredKeyword(keyword)?.tag !== tag);
    expect(strays).toEqual([]);
  });

  it.each([
    ['a group length', 0x00100000, 'UL'],
    ['a private creator', 0x00090010, 'LO'],
    ['a private element', 0x00091001, undefined],
    ['overlay data of the second overlay', 0x60023000, 'OW'],
    ['an unlisted tag', 0x00189999, undefined],
  ])('knows %s by rule', (_name, tag, vr) => {
    expect(registeredVr(tag)).toBe(vr);
  });
});
