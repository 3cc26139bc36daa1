import { describe, expect, it } from 'vitest';
import { readElements } from '../../../services/dicom/dataset/read-elements.ts';
import {
  type Encoding,
  EXPLICIT_BIG,
  EXPLICIT_LITTLE,
  IMPLICIT_LITTLE,
} from '../../../services/dicom/dataset/transfer-syntax.ts';
import { ascii, ctHead, element, hex, item, join, type Layout, sequence, UNDEFINED } from './dataset-bytes.ts';

const ENCODING: Readonly<Record<Layout, Encoding>> = {
  explicit: EXPLICIT_LITTLE,
  implicit: IMPLICIT_LITTLE,
  big: EXPLICIT_BIG,
};
const LAYOUTS: readonly Layout[] = ['explicit', 'implicit', 'big'];
const read = (bytes: Uint8Array, layout: Layout = 'explicit') => readElements(bytes, ENCODING[layout]);
const unreadable = (message: string) =>
  expect.objectContaining({ code: 'DATASET_UNREADABLE', message: expect.stringContaining(message) });

describe.each(LAYOUTS)('a data set in %s layout (PS3.5 §7.1)', (layout) => {
  it('gives each element its tag, VR and value', () => {
    const { elements, tolerated, cut } = read(ctHead(layout), layout);
    expect(cut).toBe(false);
    expect(tolerated).toEqual([]);
    expect(elements.size).toBe(19);
    expect(elements.get(0x00100020)).toMatchObject({ vr: 'LO', value: ascii('P-1 '), items: undefined });
    expect(elements.get(0x00081140)?.items).toHaveLength(1);
  });

  it.each([
    ['defined', false],
    ['undefined', true],
  ])('reads nested sequences of %s length (§7.5)', (_name, delimited) => {
    const inner = element(0x00080100, 'SH', 'X1', layout);
    const nested = sequence(0x00082228, [item(inner, layout, delimited)], layout, delimited);
    const outer = sequence(0x00082218, [item(nested, layout, delimited), item(inner, layout)], layout, delimited);
    const { elements } = read(join(outer, element(0x00100020, 'LO', 'after', layout)), layout);
    const items = elements.get(0x00082218)?.items;
    expect(items).toHaveLength(2);
    expect(items?.[0]?.get(0x00082228)?.items?.[0]?.get(0x00080100)?.value).toEqual(ascii('X1'));
    expect(items?.[1]?.get(0x00080100)?.value).toEqual(ascii('X1'));
    expect(elements.get(0x00100020)?.value).toEqual(ascii('after '));
  });

  it('reads what it can of every head and says that it was cut', () => {
    const whole = ctHead(layout);
    for (let length = 0; length < whole.length; length++) {
      const head = readElements(whole.subarray(0, length), ENCODING[layout], { totalBytes: whole.length });
      expect(head.cut).toBe(true);
      expect(head.elements.size).toBeLessThan(19);
    }
  });

  it('refuses every data set that is cut, unless it ends between two elements', () => {
    const whole = ctHead(layout);
    const ends = new Set([...read(whole, layout).elements.values()].map(({ offset, value }) => offset + value.length));
    const refused = Array.from({ length: whole.length }, (_, length) => length).filter((length) => {
      try {
        read(whole.subarray(0, length), layout);
        return false;
      } catch {
        return true;
      }
    });
    expect(whole.length - refused.length).toBeLessThanOrEqual(ends.size + 1);
  });
});

describe('what stands in a data set besides', () => {
  it('stops before a tag and answers with its header', () => {
    const bytes = join(ctHead(), element(0x7fe00010, 'OW', new Uint8Array(8)));
    const { elements, stoppedAt } = readElements(bytes, EXPLICIT_LITTLE, { stopBefore: 0x7fe00008 });
    expect(elements.has(0x7fe00010)).toBe(false);
    expect(stoppedAt).toEqual({
      tag: 0x7fe00010,
      vr: 'OW',
      length: 8,
      start: bytes.length - 20,
      offset: bytes.length - 8,
    });
  });

  it('steps over fragments, also when they hold the bytes of a delimiter (§A.4)', () => {
    const fragment = item(hex('fe ff dd e0 00 00 00 00'));
    const bytes = join(sequence(0x7fe00010, [item(new Uint8Array(0)), fragment], 'explicit', true, 'OB'), ctHead());
    expect(read(bytes).elements.get(0x7fe00010)?.value).toHaveLength(24);
    expect(read(bytes).elements.get(0x00100020)?.value).toEqual(ascii('P-1 '));
  });

  it.each([
    ['defined', false],
    ['undefined', true],
  ])('reads a known sequence sent as UN of %s length as implicit VR (§6.2.2)', (_name, delimited) => {
    const content = element(0x00080100, 'SH', 'X1', 'implicit');
    const bytes = sequence(0x00082218, [item(content, 'implicit', delimited)], 'explicit', delimited, 'UN');
    expect(read(bytes).elements.get(0x00082218)?.items?.[0]?.get(0x00080100)?.value).toEqual(ascii('X1'));
  });

  it('reads items of an UN sequence that are explicit all the same, and remarks on it', () => {
    const content = element(0x00080100, 'SH', 'X1');
    const bytes = sequence(0x00082218, [item(content)], 'explicit', true, 'UN');
    const { elements, tolerated } = read(bytes);
    expect(elements.get(0x00082218)?.items?.[0]?.get(0x00080100)?.value).toEqual(ascii('X1'));
    expect(tolerated).toEqual(['explicit VR where the other was announced']);
  });

  it('reads private elements: UN by VR or because nobody knows them, a sequence only without length', () => {
    const content = item(element(0x00091002, 'LO', 'deep', 'implicit'), 'implicit');
    const bytes = join(
      element(0x00090010, 'LO', 'ACME', 'implicit'),
      element(0x00091001, '', join(content), 'implicit'),
      sequence(0x00091003, [content], 'implicit', true),
    );
    const { elements } = read(bytes, 'implicit');
    expect(elements.get(0x00090010)?.vr).toBe('LO');
    expect(elements.get(0x00091001)).toMatchObject({ vr: 'UN', value: content });
    expect(elements.get(0x00091003)?.items?.[0]?.get(0x00091002)?.value).toEqual(ascii('deep'));
  });

  it('takes a VR that was not invented yet as one with 32 bits of length', () => {
    const bytes = join(element(0x00091001, 'UN', 'ab'), element(0x00100020, 'LO', 'P'));
    bytes.set(ascii('ZZ'), 4);
    expect(read(bytes).elements.get(0x00091001)).toMatchObject({ vr: 'UN', value: ascii('ab') });
  });

  it('reads a data set that is not in the layout announced, and remarks on it', () => {
    expect(read(ctHead('implicit'), 'explicit').elements.size).toBe(19);
    expect(read(ctHead('explicit'), 'implicit').elements.size).toBe(19);
    expect(read(ctHead('implicit'), 'explicit').tolerated).toEqual(['implicit VR where the other was announced']);
  });

  it('tolerates zeros at the end, disorder, odd lengths and repetition, aloud', () => {
    const id = element(0x00100020, 'LO', 'P1');
    const bytes = join(id, element(0x00100020, 'LO', 'P2'), element(0x00100010, 'PN', ascii('A')), new Uint8Array(40));
    const { elements, tolerated } = read(bytes);
    expect(elements.get(0x00100020)?.value).toEqual(ascii('P1'));
    expect([...tolerated].sort()).toEqual([
      'element twice in a data set',
      'elements out of order',
      'value of odd length',
      'zeros behind the last element',
    ]);
  });
});

describe('lies', () => {
  it.each<[string, Uint8Array, string]>([
    [
      'a value longer than the rest',
      element(0x00100020, 'LO', 'P', 'explicit', 400),
      '(0010,0020) claims 400 bytes, 2 remain',
    ],
    ['4 GB', element(0x00420011, 'OB', 'P', 'explicit', 0xfffffffe), 'claims 4294967294 bytes, 2 remain'],
    ['a sequence longer than the rest', element(0x00082218, 'SQ', '', 'explicit', 50), 'claims 50 bytes, 0 remain'],
    [
      'an item longer than its sequence',
      element(0x00082218, 'SQ', hex('fe ff 00 e0 10 00 00 00')),
      'claims 16 bytes, 0 remain',
    ],
    [
      'an element longer than its item',
      sequence(0x00082218, [item(element(0x00080100, 'SH', 'A', 'explicit', 9))]),
      'claims 9 bytes, 2 remain',
    ],
    ['a text without length', element(0x0040a160, 'UT', 'a', 'explicit', UNDEFINED), 'UT has no length'],
    [
      'no delimiter',
      element(0x00082218, 'SQ', item(new Uint8Array(0)), 'explicit', UNDEFINED),
      'ends without its delimiter',
    ],
    ['a delimiter nobody opened', hex('fe ff dd e0 00 00 00 00'), '(fffe,e0dd) where an element belongs'],
    [
      'no item in a sequence',
      element(0x00082218, 'SQ', element(0x00080100, 'SH', 'AB')),
      '(0008,0100) where an item belongs',
    ],
    [
      'no VR in the middle',
      join(element(0x00080005, 'CS', 'A'), hex('08 00 08 00 01 02 00 00')),
      '(0008,0008) has no value representation',
    ],
    ['a header that is cut', join(element(0x00080005, 'CS', 'A'), hex('08 00 08')), 'a header needs 8 bytes, 3 remain'],
    [
      'tag zero in the middle',
      join(element(0x00080005, 'CS', 'A'), hex('00 00 00 00 4c 4f 00 00')),
      '(0000,0000) in a data set',
    ],
  ])('%s', (_name, bytes, message) => {
    expect(() => read(bytes)).toThrow(unreadable(message));
  });

  it.each([
    ['32', 32, true],
    ['33', 33, false],
    ['330', 330, false],
    ['100 000', 100_000, false],
  ])('sequences %s deep', (_name, depth, isRead) => {
    const open = join(hex('08 00 18 22 53 51 00 00 ff ff ff ff'), hex('fe ff 00 e0 ff ff ff ff'));
    const close = join(hex('fe ff 0d e0 00 00 00 00'), hex('fe ff dd e0 00 00 00 00'));
    const bytes = new Uint8Array(Buffer.concat([open, close].flatMap((part) => Array<Uint8Array>(depth).fill(part))));
    if (isRead) expect(read(bytes).elements.size).toBe(1);
    else expect(() => read(bytes)).toThrow(unreadable('sequences nested deeper than 32'));
  });

  it.each([
    [100_000, true],
    [100_001, false],
    [1_000_000, false],
  ])('%i elements', (count, isRead) => {
    const bytes = new Uint8Array(count * 8);
    for (let at = 0; at < count; at++) bytes.set([0x09, 0, at & 0xff, (at >> 8) & 0xff, 0x4c, 0x4f, 0, 0], at * 8);
    if (isRead) expect(read(bytes).elements.size).toBe(65_536);
    else expect(() => read(bytes)).toThrow(unreadable('more than 100000 elements'));
  });

  it.each([
    [100_000, true],
    [100_001, false],
  ])('%i items', (count, isRead) => {
    const items = new Uint8Array(Buffer.alloc(count * 8, hex('fe ff 00 e0 00 00 00 00')));
    const bytes = element(0x00082218, 'SQ', items);
    if (isRead) expect(read(bytes).elements.get(0x00082218)?.items).toHaveLength(count);
    else expect(() => read(bytes)).toThrow(unreadable('more than 100000 items'));
  });
});
