import { declaredSet, ESCAPES, type LowerSet, type UpperSet } from './character-set-terms.ts';
import { MAX_CHARACTER_SETS } from './limits.ts';

type Remark = (what: string) => void;

/** Reads text in the character sets that SpecificCharacterSet declares (PS3.3 §C.12.1.1.2, PS3.5 §6.1). */
export interface CharacterSet {
  /**
   * Text of a value with this VR, which says what parts it. Never fails: what cannot be read becomes U+FFFD and a remark.
   * Remarks never hold text.
   */
  decode(bytes: Uint8Array, vr: string, remark: Remark): string;
}

const ESC = 0x1b;
const BACKSLASH = 0x5c;
const CARET = 0x5e;
const EQUALS = 0x3d;
/** VRs whose values are not parted by backslashes. */
const SINGLE_TEXT_VRS = new Set(['LT', 'ST', 'UT']);
/** The first byte of a character of JIS X 0212, and of one of half width, in EUC-JP. */
const EUC_JIS0212 = 0x8f;
const EUC_KATAKANA = 0x8e;
/** Begins nothing in EUC-JP: read as U+FFFD. */
const EUC_NOTHING = 0xff;

const OUTSIDE = 'bytes outside the declared character set';
const DECODERS = new Map<string, InstanceType<typeof TextDecoder>>();

/** The character set that the values of SpecificCharacterSet declare; unknown terms are remarked on and left out. */
export function characterSet(terms: readonly string[], remark: Remark): CharacterSet {
  if (terms.length > MAX_CHARACTER_SETS) remark(`more than ${MAX_CHARACTER_SETS} values of SpecificCharacterSet`);
  const sets = terms.slice(0, MAX_CHARACTER_SETS).map(declaredSet);
  if (sets.includes(undefined)) remark('unknown SpecificCharacterSet');
  if (sets.some((set) => set?.isExact === false)) remark('SpecificCharacterSet is misspelt');
  const whole = sets.find((set) => set?.whole !== undefined)?.whole;
  if (whole !== undefined) {
    if (sets.length > 1) remark('character sets that may not be mixed');
    return { decode: (bytes, _vr, tell) => checked(decodeWith(whole, bytes), tell) };
  }
  const initial = sets[0]?.upper;
  return {
    decode(bytes, vr, tell) {
      if (bytes.includes(ESC)) return checked(new CodeExtensions(bytes, vr, initial, tell).decode(), tell);
      return initial === undefined ? decodeAscii(bytes, tell) : checked(decodeUpper(initial, bytes), tell);
    },
  };
}

function checked(text: string, remark: Remark): string {
  if (text.includes('\ufffd')) remark(OUTSIDE);
  return text;
}

/** The default repertoire has no upper half; what uses it undeclared is UTF-8 if it can be that, else unknown. */
function decodeAscii(bytes: Uint8Array, remark: Remark): string {
  if (bytes.every((byte) => byte < 0x80)) return decodeWith('latin1', bytes);
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    remark('undeclared text read as UTF-8');
    return text;
  } catch {
    remark(OUTSIDE);
    return decodeUpper(undefined, bytes);
  }
}

/**
 * ISO 2022 with code extensions (PS3.5 §6.1.2.5): a designation lasts until the next, or until what parts the value —
 * lines, pages and tabulators everywhere, backslashes where there may be several values, `^` and `=` in names. Then the
 * first declared set is active again.
 *
 * Writers exist that do not repeat a designation after a delimiter. Where no first set says otherwise theirs stays in
 * force, with a remark.
 */
class CodeExtensions {
  readonly #bytes: Uint8Array;
  readonly #parts: ReadonlySet<number>;
  readonly #initial: UpperSet;
  readonly #remark: Remark;
  #lower: LowerSet = 'ascii';
  #upper: UpperSet;
  /** The designation of the upper half was made before a delimiter. */
  #isStale = false;
  #at = 0;

  constructor(bytes: Uint8Array, vr: string, initial: UpperSet, remark: Remark) {
    const names = vr === 'PN' ? [CARET, EQUALS] : [];
    this.#bytes = bytes;
    this.#parts = new Set([9, 10, 11, 12, 13, ...(SINGLE_TEXT_VRS.has(vr) ? [] : [BACKSLASH]), ...names]);
    this.#initial = initial;
    this.#upper = initial;
    this.#remark = remark;
  }

  decode(): string {
    const out: string[] = [];
    while (this.#at < this.#bytes.length) {
      if (this.#bytes[this.#at] === ESC) out.push(this.#designation());
      else if (this.#lower === 'ascii') out.push(this.#text());
      else out.push(this.#pairs(this.#lower));
    }
    return out.join('');
  }

  /** Applies the escape sequence that begins here; one we do not know is U+FFFD. */
  #designation(): string {
    const next = decodeWith('latin1', this.#bytes.subarray(this.#at + 1, this.#at + 4));
    const found = ESCAPES.find(([sequence]) => next.startsWith(sequence));
    this.#at += 1 + (found?.[0].length ?? 0);
    if (!found) return '\ufffd';
    const [, half, set] = found;
    if (half === 'lower') {
      this.#lower = set as LowerSet;
      return '';
    }
    this.#upper = set;
    this.#isStale = false;
    return '';
  }

  /** Up to the next escape, or just behind a delimiter that changes something. */
  #text(): string {
    const start = this.#at;
    const isSettled = this.#upper === this.#initial || this.#isStale;
    let parted = false;
    while (!parted && this.#at < this.#bytes.length && this.#bytes[this.#at] !== ESC) {
      parted = !isSettled && this.#parts.has(this.#bytes[this.#at] ?? 0);
      this.#at++;
    }
    const run = this.#bytes.subarray(start, this.#at);
    if (this.#isStale && run.some((byte) => byte >= 0x80))
      this.#remark('a designation is not repeated after a delimiter');
    const text = decodeUpper(this.#upper, run);
    if (parted) this.#reset();
    return text;
  }

  /**
   * Two-byte characters of JIS X 0208 or 0212, up to the next escape or the end of a line: no other delimiter can be
   * told from half a character, but one that is left over before the end.
   */
  #pairs(lower: 'jis0208' | 'jis0212'): string {
    const euc: number[] = [];
    while (this.#at < this.#bytes.length && this.#bytes[this.#at] !== ESC && this.#lower === lower) {
      const [first = 0, second = 0] = this.#bytes.subarray(this.#at, this.#at + 2);
      if (isHalf(first) && isHalf(second)) {
        if (lower === 'jis0212') euc.push(EUC_JIS0212);
        euc.push(first | 0x80, second | 0x80);
        this.#at += 2;
      } else {
        this.#single(first, euc);
        this.#at += 1;
      }
    }
    return decodeWith('euc-jp', Uint8Array.from(euc));
  }

  /** A byte that is half of no character. */
  #single(byte: number, euc: number[]): void {
    if (byte > 0x7f) {
      euc.push(...(this.#upper === 'katakana' ? [EUC_KATAKANA, byte] : [EUC_NOTHING]));
      return;
    }
    const isParting = this.#parts.has(byte);
    euc.push(isHalf(byte) && !isParting ? EUC_NOTHING : byte);
    if (isParting) this.#reset();
  }

  #reset(): void {
    this.#lower = 'ascii';
    this.#isStale = this.#initial === undefined && this.#upper !== undefined;
    if (!this.#isStale) this.#upper = this.#initial;
  }
}

const isHalf = (byte: number): boolean => byte > 0x20 && byte < 0x7f;

/** ASCII below, `upper` above. */
function decodeUpper(upper: UpperSet, bytes: Uint8Array): string {
  if (upper === undefined) return decodeWith('latin1', bytes).replace(/[\x80-\xff]/g, '\ufffd');
  if (upper === 'katakana') return decodeWith('latin1', bytes).replace(/[\x80-\xff]/g, katakana);
  return decodeWith(upper, bytes);
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
