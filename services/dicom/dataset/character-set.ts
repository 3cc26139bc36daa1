/** Reads text in the character sets that SpecificCharacterSet declares (PS3.3 §C.12.1.1.2, PS3.5 §6.1). */
export interface CharacterSet {
  /** Never fails: what cannot be read becomes U+FFFD and a remark. Remarks never hold text. */
  decode(bytes: Uint8Array, remark: (what: string) => void): string;
}

type G0 = 'ascii' | 'jis0208' | 'jis0212';
/** A set of the upper half: a label of the Encoding Standard whose lower half is ASCII, or one we map ourselves. */
type G1 = string | undefined;

const ESC = 0x1b;
const BACKSLASH = 0x5c;

/** Defined terms (Tables C.12-2 to C.12-5) without their punctuation, so that `ISO-IR 100` is understood too. */
// biome-ignore format: a table
const TERMS: Readonly<Record<string, G1>> = {
  '': undefined,        IR6: undefined,       IR13: 'katakana',      IR14: 'katakana',
  IR100: 'latin1',      IR101: 'iso-8859-2',  IR109: 'iso-8859-3',   IR110: 'iso-8859-4',
  IR144: 'iso-8859-5',  IR127: 'iso-8859-6',  IR126: 'iso-8859-7',   IR138: 'iso-8859-8',
  IR148: 'windows-1254', IR166: 'windows-874', IR203: 'iso-8859-15',
  IR87: undefined,      IR159: undefined,     IR149: 'euc-kr',       IR58: 'gbk',
};
/** Sets that may not be mixed with others (Table C.12-5): the whole value is in them. */
const WHOLE: Readonly<Record<string, string>> = { IR192: 'utf-8', GB18030: 'gb18030', GBK: 'gbk', UTF8: 'utf-8' };

/** Designations by escape sequence (Tables C.12-3 and C.12-4); the escape character left out. */
// biome-ignore format: a table
const ESCAPES: readonly (readonly [sequence: string, half: 'g0' | 'g1', set: string])[] = [
  ['(B',  'g0', 'ascii'],        ['(J',  'g0', 'ascii'],        ['$B',  'g0', 'jis0208'],     ['$@',  'g0', 'jis0208'],
  ['$(D', 'g0', 'jis0212'],      ['$)C', 'g1', 'euc-kr'],       ['$)A', 'g1', 'gbk'],         [')I',  'g1', 'katakana'],
  ['-A',  'g1', 'latin1'],       ['-B',  'g1', 'iso-8859-2'],   ['-C',  'g1', 'iso-8859-3'],  ['-D',  'g1', 'iso-8859-4'],
  ['-L',  'g1', 'iso-8859-5'],   ['-G',  'g1', 'iso-8859-6'],   ['-F',  'g1', 'iso-8859-7'],  ['-H',  'g1', 'iso-8859-8'],
  ['-M',  'g1', 'windows-1254'], ['-T',  'g1', 'windows-874'],  ['-b',  'g1', 'iso-8859-15'],
];

const DECODERS = new Map<string, InstanceType<typeof TextDecoder>>();

/** The character set that the values of SpecificCharacterSet declare; unknown terms are remarked on and left out. */
export function characterSet(terms: readonly string[], remark: (what: string) => void): CharacterSet {
  const keys = terms.map(termKey);
  const whole = keys.map((key) => WHOLE[key]).find((label) => label !== undefined);
  if (whole) return { decode: (bytes, tell) => checked(decodeWith(whole, bytes), tell) };
  if (keys.some((key) => !Object.hasOwn(TERMS, key))) remark('unknown SpecificCharacterSet');
  const initial = TERMS[keys[0] ?? ''];
  return {
    decode(bytes, tell) {
      if (bytes.includes(ESC)) return checked(decodeIso2022(bytes, initial), tell);
      return initial === undefined ? decodeAscii(bytes, tell) : checked(decodeUpper(initial, bytes), tell);
    },
  };
}

function termKey(term: string): string {
  const letters = term.toUpperCase().replace(/[^A-Z0-9]/g, '');
  return letters.replace(/^ISO(2022)?(?=IR)/, '');
}

function checked(text: string, remark: (what: string) => void): string {
  if (text.includes('\ufffd')) remark('bytes outside the declared character set');
  return text;
}

/** The default repertoire has no upper half; what uses it undeclared is UTF-8 if it can be that, else unknown. */
function decodeAscii(bytes: Uint8Array, remark: (what: string) => void): string {
  if (bytes.every((byte) => byte < 0x80)) return decodeWith('latin1', bytes);
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    remark('undeclared text read as UTF-8');
    return text;
  } catch {
    remark('bytes outside the declared character set');
    return decodeUpper(undefined, bytes);
  }
}

/** ISO 2022 with PS3.5 §6.1.2.5: the designation lasts until the next, or until a delimiter of the value. */
function decodeIso2022(bytes: Uint8Array, initial: G1): string {
  const state: { g0: G0; g1: G1 } = { g0: 'ascii', g1: initial };
  const out: string[] = [];
  let at = 0;
  while (at < bytes.length) {
    if (bytes[at] === ESC) {
      const length = designate(bytes, at + 1, state);
      if (length === 0) out.push('\ufffd');
      at += length + 1;
      continue;
    }
    const end = state.g0 === 'ascii' ? textEnd(bytes, at) : pairsEnd(bytes, at);
    const run = bytes.subarray(at, Math.max(end, at + 1));
    out.push(end > at && state.g0 !== 'ascii' ? decodePairs(run, state.g0) : decodeUpper(state.g1, run));
    at += run.length;
    if (endsPart(run.at(-1) ?? 0, state.g0)) {
      state.g0 = 'ascii';
      state.g1 = initial ?? state.g1;
    }
  }
  return out.join('');
}

/** Applies the escape sequence at `at`; answers its length, 0 for one we do not know. */
function designate(bytes: Uint8Array, at: number, state: { g0: G0; g1: G1 }): number {
  const next = decodeWith('latin1', bytes.subarray(at, at + 3));
  const found = ESCAPES.find(([sequence]) => next.startsWith(sequence));
  if (!found) return 0;
  const [sequence, half, set] = found;
  if (half === 'g1') state.g1 = set;
  else state.g0 = set as G0;
  return sequence.length;
}

/** Up to the next escape, or just behind a delimiter of the value. */
function textEnd(bytes: Uint8Array, from: number): number {
  let at = from;
  while (at < bytes.length && bytes[at] !== ESC) {
    if (endsPart(bytes[at++] ?? 0, 'ascii')) break;
  }
  return at;
}

/** Up to what is no half of a two-byte character. */
function pairsEnd(bytes: Uint8Array, from: number): number {
  let at = from;
  while (at < bytes.length && (bytes[at] ?? 0) > 0x20 && (bytes[at] ?? 0) < 0x7f) at++;
  return at;
}

/** Backslash, `^`, `=` and line ends fall back to the first set; in two-byte text only a line end can be told. */
function endsPart(byte: number, g0: G0): boolean {
  if (byte >= 0x09 && byte <= 0x0d) return true;
  return g0 === 'ascii' && (byte === BACKSLASH || byte === 0x5e || byte === 0x3d);
}

/** JIS X 0208 and 0212 in EUC-JP: both bytes get their high bit, the second set a prefix. */
function decodePairs(pairs: Uint8Array, g0: G0): string {
  const euc: number[] = [];
  for (let at = 0; at < pairs.length; at += 2) {
    if (g0 === 'jis0212') euc.push(0x8f);
    euc.push((pairs[at] ?? 0) | 0x80);
    if (at + 1 < pairs.length) euc.push((pairs[at + 1] ?? 0) | 0x80);
  }
  return decodeWith('euc-jp', Uint8Array.from(euc));
}

/** ASCII below, `g1` above. */
function decodeUpper(g1: G1, bytes: Uint8Array): string {
  if (g1 === undefined) return decodeWith('latin1', bytes).replace(/[\x80-\xff]/g, '\ufffd');
  if (g1 === 'katakana') return decodeWith('latin1', bytes).replace(/[\x80-\xff]/g, katakana);
  return decodeWith(g1, bytes);
}

/** JIS X 0201: half-width katakana from U+FF61. */
function katakana(letter: string): string {
  const code = letter.charCodeAt(0);
  return code > 0xa0 && code < 0xe0 ? String.fromCharCode(code + 0xfec0) : '\ufffd';
}

function decodeWith(label: string, bytes: Uint8Array): string {
  // `TextDecoder('latin1')` is windows-1252; a Buffer knows the real one.
  if (label === 'latin1') return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
  let decoder = DECODERS.get(label);
  if (!decoder) {
    decoder = new TextDecoder(label);
    DECODERS.set(label, decoder);
  }
  return decoder.decode(bytes);
}
