import {
  ABORT,
  associateRQBytes,
  CT_IMAGE_STORAGE,
  EXPLICIT_VR_LITTLE_ENDIAN,
  pdata,
  RELEASE_RQ,
  type StoreMessage,
  storeCommand,
  storeMessage,
} from './load-client.ts';
import { ascii, item, pdu, u16, u32 } from './pdu-bytes.ts';

/** Whole numbers below a bound; the same from the same seed, so that a failure can be run again. */
export type Pick = (below: number) => number;

export function picking(seed: number): Pick {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const RQ = 0x01;
const REJECT = 0x03;
const DATA = 0x04;
const RELEASED = 0x06;
const ABORTED = 0x07;

/** No instance of a conversation has less pixel data than that. */
export const FEWEST_PIXEL_BYTES = 400;

/** What a peer does on one connection, and how it is to end. */
export interface Conversation {
  /** The defect, for the message of a failed test. */
  readonly name: string;
  readonly bytes: Buffer;
  /** The last PDU that must come back; `closed`: none, the connection is. */
  readonly answer: number | 'closed';
  /** Of the C-STORE response, where the answer tells one. */
  readonly status?: number;
}

type Instance = StoreMessage & { readonly SOPClassUID: string };
/** Something wrong with one thing of a conversation that was right otherwise. */
type Defect = (pick: Pick, instance: Instance) => Omit<Conversation, 'name'>;

const CONTEXTS = [[1, CT_IMAGE_STORAGE, EXPLICIT_VR_LITTLE_ENDIAN]] as const;
const request = (options: Parameters<typeof associateRQBytes>[0] = {}) =>
  Buffer.from(associateRQBytes({ contexts: CONTEXTS, ...options }));
const HOSTILE_TEXTS = [
  '../../etc',
  "' OR 1=1 --",
  '%00..%2f',
  'A\\..\\B',
  '$(reboot)',
  '\0\0\0\0',
  '%{jndi:x}',
  '<script>',
];
const of = <Value>(pick: Pick, values: readonly Value[]): Value => values[pick(values.length)] as Value;
const noise = (pick: Pick, length: number) => Buffer.from(Array.from({ length }, () => pick(256)));

/** After a good association: `parts`, and then what is not reached any more. */
const associated = (answer: Conversation['answer'], ...parts: readonly Uint8Array[]) => ({
  bytes: Buffer.concat([request(), ...parts, RELEASE_RQ]),
  answer,
});
const patched = (bytes: Buffer, at: number, ...values: number[]): Buffer => {
  const changed = Buffer.from(bytes);
  changed.set(values, at);
  return changed;
};
/** Fixed fields of a request, with items of any kind and order behind them. */
const requestOf = (...items: readonly (readonly number[])[]) => {
  const fixed = [
    ...u16(1),
    ...u16(0),
    ...ascii('OVERREAD', 16),
    ...ascii('FUZZ', 16),
    ...new Array<number>(32).fill(0),
  ];
  return Buffer.from(pdu(RQ, ...fixed, ...items.flat()));
};
const APPLICATION = item(0x10, ...ascii('1.2.840.10008.3.1.1.1'));
const context = (id: number, ...more: readonly number[]) =>
  item(
    0x20,
    id,
    0,
    0,
    0,
    ...item(0x30, ...ascii(CT_IMAGE_STORAGE)),
    ...item(0x40, ...ascii(EXPLICIT_VR_LITTLE_ENDIAN)),
    ...more,
  );
const USER = item(0x50, ...item(0x51, ...u32(16_384)), ...item(0x52, ...ascii('2.25.1')));
const shuffled = <Value>(pick: Pick, values: readonly Value[]): Value[] =>
  values
    .map((value) => ({ value, at: pick(1_000_000) }))
    .sort((a, b) => a.at - b.at)
    .map(({ value }) => value);
/** A PDV with lengths of its own: the PDU's and the item's. */
const liar = (pduLength: number, pdvLength: number, contextId: number, control: number, ...bytes: number[]) =>
  Buffer.from([DATA, 0, ...u32(pduLength), ...u32(pdvLength), contextId, control, ...bytes]);

// biome-ignore format: a table
const DEFECTS: Readonly<Record<string, Defect>> = {
  'nothing':                       (_p, one) => ({ ...associated(RELEASED, ...storeMessage(one)) }),
  'items of the request in another order': (p) => ({ bytes: Buffer.concat([requestOf(...shuffled(p, [APPLICATION, context(1), context(3), USER])), RELEASE_RQ]), answer: RELEASED }),
  'unknown items':                 (p) => ({ bytes: Buffer.concat([requestOf(APPLICATION, item(0x60 + p(40), ...noise(p, p(200))), context(1), item(0x50, ...item(0x51, ...u32(0)), ...item(0x70 + p(40), ...noise(p, p(90)))) ), RELEASE_RQ]), answer: RELEASED }),
  'reserved flags of a PDV':       (p, one) => associated(RELEASED, pdata(1, 0b11 | (p(64) << 2), storeCommand(one)), pdata(1, 0b10 | (p(64) << 2), one.dataset)),
  'two context items with one ID': () => ({ bytes: requestOf(APPLICATION, context(1), context(1), USER), answer: ABORTED }),
  'an even context ID':            (p) => ({ bytes: requestOf(APPLICATION, context(2 * p(127)), USER), answer: ABORTED }),
  'too many transfer syntaxes':    () => ({ bytes: requestOf(APPLICATION, context(1, ...Array.from({ length: 200 }, () => item(0x40, ...ascii('1.2'))).flat()), USER), answer: ABORTED }),
  'an item longer than its PDU':   (p) => ({ bytes: patched(request(), 74, 0x10, 0, 0x80 | p(127), p(256)), answer: ABORTED }),
  'a sub-item longer than its item': (p) => ({ bytes: requestOf(APPLICATION, context(1), item(0x50, 0x51, 0, 0x40 | p(64), 4, 0, 0, 0, 0)), answer: ABORTED }),
  'a request that is too long':    (p) => ({ bytes: Buffer.from([RQ, 0, ...u32(131_073 + p(2 ** 30)), ...noise(p, 60)]), answer: ABORTED }),
  'a request that is too short':   (p) => ({ bytes: Buffer.from(pdu(RQ, ...noise(p, p(60)))), answer: ABORTED }),
  'a PDU of no type':              (p) => ({ bytes: Buffer.from(pdu(8 + p(247), ...noise(p, p(40)))), answer: ABORTED }),
  'data first':                    (p) => ({ bytes: pdata(1, p(4), noise(p, 20)), answer: ABORTED }),
  'a release first':               () => ({ bytes: Buffer.from(RELEASE_RQ), answer: ABORTED }),
  'an abort first':                () => ({ bytes: Buffer.from(ABORT), answer: 'closed' }),
  'a called AE title that is not ours': (p) => ({ bytes: request({ called: of(p, [...HOSTILE_TEXTS, 'OTHER']) }), answer: REJECT }),
  'a calling AE title of control characters': (p) => ({ bytes: request({ calling: `A${String.fromCharCode(1 + p(31))}B` }), answer: REJECT }),
  'an application context of another world': (p) => ({ bytes: requestOf(item(0x10, ...ascii(of(p, HOSTILE_TEXTS))), context(1), USER), answer: REJECT }),
  'a protocol version that is not ours': () => ({ bytes: patched(request(), 6, 0, 2), answer: REJECT }),
  'an abstract syntax that is no UID, and data for it': (p, one) => ({ bytes: Buffer.concat([request({ contexts: [[1, of(p, HOSTILE_TEXTS), EXPLICIT_VR_LITTLE_ENDIAN]] }), ...storeMessage(one)]), answer: ABORTED }),
  'a context nobody proposed':     (p, one) => associated(ABORTED, pdata(3 + 2 * p(126), 3, storeCommand(one))),
  'another context inside a message': (_p, one) => associated(ABORTED, pdata(1, 3, storeCommand(one)), pdata(3, 2, one.dataset)),
  'data without a command':        (p) => associated(ABORTED, pdata(1, 2 * p(2), noise(p, 40))),
  'a command inside a data set':   (_p, one) => associated(ABORTED, pdata(1, 3, storeCommand(one)), pdata(1, 0, one.dataset.subarray(0, 100)), pdata(1, 3, storeCommand(one))),
  'a PDV that is too short':       (p) => associated(ABORTED, liar(6, p(2), 1, 3)),
  'a PDV longer than its PDU':     (p) => associated(ABORTED, liar(10, 9 + p(2 ** 31), 1, 3, 0, 0, 0, 0)),
  'bytes behind the last PDV':     (p) => associated(ABORTED, liar(11, 6, 1, 1, 0, 0, 0, 0, p(256))),
  'a P-DATA-TF without a PDV':     (p) => associated(ABORTED, Buffer.from([DATA, 0, ...u32(p(6)), 0, 0, 0, 0, 0, 0])),
  'a P-DATA-TF that is too long':  (p) => associated(ABORTED, Buffer.from([DATA, 0, ...u32(2 ** 20 + 1 + p(2 ** 31))])),
  'empty PDVs without end':        () => associated(ABORTED, ...Array.from({ length: 100 }, () => pdata(1, 1, Buffer.alloc(0)))),
  'a command that is noise':       (p) => associated(ABORTED, pdata(1, 3, Buffer.concat([Buffer.from([1, 1]), noise(p, 60)]))),
  'a command element longer than its command': (p) => associated(ABORTED, pdata(1, 3, Buffer.from([0, 0, 0, 1, 0xff, p(256), 1, 0, 1, 0]))),
  'a command that is too long':    () => associated(ABORTED, ...Array.from({ length: 20 }, () => pdata(1, 1, Buffer.alloc(1024)))),
  'a PDU that is not for now':     (p) => associated(ABORTED, of<Uint8Array>(p, [request(), pdu(2, ...noise(p, 80)), pdu(3, 0, 1, 1, 1), pdu(6, 0, 0, 0, 0), pdu(8 + p(240), 0, 0, 0, 0)])),
  'an abort inside a message':     (_p, one) => associated('closed', pdata(1, 3, storeCommand(one)), ABORT),
  'a UID that is a path':          (p, one) => ({ ...associated(RELEASED, ...storeMessage({ ...one, SOPInstanceUID: of(p, HOSTILE_TEXTS) })), status: 0x0117 }),
  'another SOP Class than that of the context': (_p, one) => ({ ...associated(RELEASED, ...storeMessage({ ...one, SOPClassUID: '1.2.840.10008.5.1.4.1.1.4' })), status: 0xa900 }),
  'a data set of another instance': (p, one) => ({ ...associated(RELEASED, ...storeMessage({ ...one, SOPInstanceUID: `1.2.3.${1 + p(1000)}` })), status: 0xa900 }),
  // Inside its last value, the pixels: cut between two elements it would be a whole data set of fewer of them.
  'a data set that was cut':       (p, one) => ({ ...associated(RELEASED, ...storeMessage({ ...one, dataset: one.dataset.subarray(0, one.dataset.length - 1 - p(FEWEST_PIXEL_BYTES)) })), status: 0xc000 }),
};
const NAMES = Object.keys(DEFECTS);

/** A conversation with one defect that has one right answer. */
export function conversation(pick: Pick, instance: Instance): Conversation {
  const name = of(pick, NAMES);
  return { name, answer: 'closed', bytes: Buffer.alloc(0), ...DEFECTS[name]?.(pick, instance) };
}

/** The same with bytes changed, doubled or cut: any answer is right, as long as there is an end. */
export function damaged(pick: Pick, { bytes }: Conversation): Buffer {
  const changed = Buffer.from(bytes);
  for (let changes = 1 + pick(4); changes > 0 && changed.length > 0; changes--)
    changed[pick(changed.length)] = pick(256);
  const [from, to] = [pick(changed.length + 1), pick(changed.length + 1)].sort((a, b) => a - b);
  return of(pick, [changed, changed.subarray(0, to), Buffer.concat([changed.subarray(0, to), changed.subarray(from)])]);
}

/** Cuts what is sent at any place: byte by byte, or in large pieces. */
export function pieces(pick: Pick, bytes: Buffer): Buffer[] {
  const most = of(pick, [3, 200, 20_000, bytes.length + 1]);
  const cut: Buffer[] = [];
  // Not more than a hundred small ones: it is about where the cuts are.
  for (let at = 0; at < bytes.length; ) {
    const size = cut.length < 100 ? 1 + pick(most) : bytes.length;
    cut.push(bytes.subarray(at, at + size));
    at += size;
  }
  return cut;
}
