import { describe, expect, it } from 'vitest';
import { fragmentBytes, pdataBuffers } from '../../../services/dicom/dimse/encode-message.ts';
import { MessageAssembler, type MessagePart } from '../../../services/dicom/dimse/message-assembler.ts';
import type { Fragment } from '../../../services/dicom/ul/pdu.ts';
import { PduFramer } from '../../../services/dicom/ul/pdu-framer.ts';
import { commandBytes, storeCommand } from '../../support/load-client.ts';

const ECHO = commandBytes([
  [0x0100, 0x0030],
  [0x0110, 1],
  [0x0800, 0x0101],
]);
const STORE = storeCommand({ SOPInstanceUID: '1.2.3' });

function fragment(control: number, bytes: Uint8Array, rest: Partial<Fragment> = {}): Fragment {
  const flags = { isCommand: (control & 1) !== 0, isLast: (control & 2) !== 0 };
  return { type: 'fragment', contextId: 1, endsPdv: true, bytes, ...flags, ...rest };
}

const assemble = (...fragments: Fragment[]): (MessagePart | undefined)[] => {
  const assembler = new MessageAssembler(16_384);
  return fragments.map((next) => assembler.push(next));
};

describe('a message (PS3.7 §6.3, PS3.8 Annex E)', () => {
  it('is a command alone when it says that no data set follows', () => {
    expect(assemble(fragment(3, ECHO))).toMatchObject([{ type: 'command', contextId: 1, command: { MessageID: 1 } }]);
  });

  it('puts a command together from fragments, wherever it is cut', () => {
    for (let cut = 1; cut < STORE.length; cut++) {
      const [first, second] = assemble(fragment(1, STORE.subarray(0, cut)), fragment(3, STORE.subarray(cut)));
      expect(first).toBeUndefined();
      expect(second).toMatchObject({ command: { AffectedSOPInstanceUID: '1.2.3' } });
    }
  });

  it('ends its data set with the fragment that ends the last PDV, not with the first that carries the flag', () => {
    const parts = assemble(
      fragment(3, STORE),
      fragment(0, Uint8Array.of(1)),
      fragment(2, Uint8Array.of(2), { endsPdv: false }),
      fragment(2, Uint8Array.of(3)),
    );
    expect(parts.slice(1)).toMatchObject([{ isLast: false }, { isLast: false }, { isLast: true }]);
  });

  it('may end with an empty last fragment', () => {
    const parts = assemble(fragment(3, STORE), fragment(0, Uint8Array.of(1, 2)), fragment(2, new Uint8Array()));
    expect(parts.at(-1)).toMatchObject({ type: 'data', isLast: true });
  });

  it.each([
    ['data before a command', [fragment(2, Uint8Array.of(1))]],
    ['a command inside a data set', [fragment(3, STORE), fragment(0, Uint8Array.of(1)), fragment(3, ECHO)]],
    ['data inside a command', [fragment(1, STORE.subarray(0, 4)), fragment(0, Uint8Array.of(1))]],
    ['another context inside a message', [fragment(3, STORE), fragment(0, Uint8Array.of(1), { contextId: 3 })]],
    ['65 empty fragments', [fragment(3, STORE), ...Array.from({ length: 65 }, () => fragment(0, new Uint8Array()))]],
  ])('refuses %s', (_name, fragments) => {
    expect(() => assemble(...fragments)).toThrow(expect.objectContaining({ code: 'PDU_INVALID' }));
  });

  it('refuses a command longer than its bound, before it is whole', () => {
    const kilobyte = new Uint8Array(1024);
    const sixteen = Array.from({ length: 16 }, () => fragment(1, kilobyte));
    expect(() => assemble(...sixteen)).not.toThrow();
    expect(() => assemble(...sixteen, fragment(1, Uint8Array.of(0)))).toThrow(
      expect.objectContaining({ code: 'COMMAND_TOO_LONG' }),
    );
  });
});

describe('a message written', () => {
  const bytes = Uint8Array.from({ length: 1000 }, (_, i) => i);

  it.each([1, 2, 5])('in PDUs of the size the peer takes is put together again (%i of them)', (pdus) => {
    const maxFragmentBytes = 1000 / pdus;
    const stream = Buffer.concat(pdataBuffers(5, bytes, { isCommand: false, isLast: true, maxFragmentBytes }));
    const framer = new PduFramer({ dataBytes: 2000, associateBytes: 0 });
    framer.push(stream);
    const fragments: Fragment[] = [];
    for (let next = framer.next(); next !== undefined; next = framer.next()) {
      if (next.type === 'fragment') fragments.push(next);
    }
    expect(fragments).toHaveLength(pdus);
    expect(fragments.map(({ isLast }) => isLast).indexOf(true)).toBe(pdus - 1);
    expect(Buffer.concat(fragments.map((next) => next.bytes))).toEqual(Buffer.from(bytes));
  });

  it.each([
    [0, 131_066],
    [16_384, 16_378],
    [131_072, 131_066],
    [4_000_000_000, 131_066],
    [1, 122],
  ])('a peer that advertises %i gets fragments of %i bytes', (advertised, expected) => {
    expect(fragmentBytes(advertised)).toBe(expected);
  });
});
