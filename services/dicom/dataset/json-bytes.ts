const FIRST_BYTES = 64 * 1024;
/** A larger buffer is not kept for the next text. */
const MAX_KEPT_BYTES = 2 ** 20;

const SPACE = 0x20;
const QUOTE = 0x22;
const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;
const BACKSLASH = 0x5c;
const DELETE = 0x7f;
/** Decimals of so many digits name a double each, and are what it is written as (ECMA-262 Number::toString). */
const MAX_EXACT_DIGITS = 15;
/** After so many zeros behind the point a number is written with an exponent. */
const MAX_LEADING_ZEROS = 5;

/** What stands around each value: quotation marks, and for a person name the one group that it has. */
export interface Around {
  readonly before: string;
  readonly after: string;
}

/**
 * Writes JSON text as bytes. Most values of a data set are plain ASCII and stand in it as they will in the text: they are
 * copied byte by byte, where a string for each would cost three times as much. What is not plain is the caller's, who
 * writes it as text.
 */
export class JsonBytes {
  #bytes = Buffer.allocUnsafe(FIRST_BYTES);
  #at = 0;
  #isAscii = true;

  /** How much is written; {@link back} returns to it. */
  get length(): number {
    return this.#at;
  }

  back(length: number): void {
    this.#at = length;
  }

  /** Text of ASCII alone. */
  ascii(text: string): void {
    this.#room(text.length);
    const bytes = this.#bytes;
    let at = this.#at;
    for (let index = 0; index < text.length; index += 1) bytes[at++] = text.charCodeAt(index);
    this.#at = at;
  }

  any(text: string): void {
    this.#room(text.length * 3);
    const written = this.#bytes.write(text, this.#at);
    if (written !== text.length) this.#isAscii = false;
    this.#at += written;
  }

  /**
   * The values of a text that are parted by backslashes, without the padding around them (PS3.5 §6.2), `null` for an empty
   * one. Answers how many; `undefined`, and nothing is written, when there is a byte that JSON or a character set would change.
   */
  plainTexts(value: Uint8Array, around: Around): number | undefined {
    const end = trimmedEnd(value, 0, value.length);
    if (end === 0) return 0;
    if (!isPlain(value, end)) return undefined;
    let count = 0;
    for (let from = 0; from <= end; count += 1) {
      const to = partEnd(value, from, end);
      if (count > 0) this.ascii(',');
      this.#plainText(value, from, to, around);
      from = to + 1;
    }
    return count;
  }

  #plainText(value: Uint8Array, from: number, to: number, { before, after }: Around): void {
    const first = trimmedStart(value, from, to);
    const end = trimmedEnd(value, first, to);
    if (first === end) {
      this.ascii('null');
      return;
    }
    this.ascii(before);
    this.#copied(value, first, end);
    this.ascii(after);
  }

  /**
   * The values of a decimal or integer string as numbers, as plain as they are written in JSON. Answers how many; `undefined`,
   * and nothing is written, when one of them would be written in another way, or is no number.
   */
  plainNumbers(value: Uint8Array): number | undefined {
    const start = this.#at;
    const end = trimmedEnd(value, 0, value.length);
    if (end === 0) return 0;
    let count = 0;
    for (let from = 0; from <= end; count += 1) {
      const to = partEnd(value, from, end);
      const first = trimmedStart(value, from, to);
      const last = numberEnd(value, first, trimmedEnd(value, first, to));
      if (last === undefined) {
        this.back(start);
        return undefined;
      }
      if (count > 0) this.ascii(',');
      this.#copied(value, first, last);
      from = to + 1;
    }
    return count;
  }

  #copied(value: Uint8Array, from: number, to: number): void {
    this.#room(to - from);
    const bytes = this.#bytes;
    let at = this.#at;
    for (let index = from; index < to; index += 1) bytes[at++] = value[index] ?? 0;
    this.#at = at;
  }

  /** What was written. */
  text(): string {
    return this.#bytes.toString(this.#isAscii ? 'latin1' : 'utf8', 0, this.#at);
  }

  clear(): void {
    if (this.#bytes.length > MAX_KEPT_BYTES) this.#bytes = Buffer.allocUnsafe(FIRST_BYTES);
    this.#at = 0;
    this.#isAscii = true;
  }

  #room(bytes: number): void {
    if (this.#at + bytes <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(2 * (this.#at + bytes));
    this.#bytes.copy(larger, 0, 0, this.#at);
    this.#bytes = larger;
  }
}

const isPadding = (byte: number | undefined): boolean => byte === SPACE || byte === 0;

function trimmedEnd(value: Uint8Array, from: number, to: number): number {
  let end = to;
  while (end > from && isPadding(value[end - 1])) end -= 1;
  return end;
}

function trimmedStart(value: Uint8Array, from: number, to: number): number {
  let start = from;
  while (start < to && isPadding(value[start])) start += 1;
  return start;
}

/** Where the backslash behind `from` is. */
function partEnd(value: Uint8Array, from: number, end: number): number {
  let at = from;
  while (at < end && value[at] !== BACKSLASH) at += 1;
  return at;
}

/** Letters that every character set has, and that JSON does not escape. */
function isPlain(value: Uint8Array, end: number): boolean {
  for (let at = 0; at < end; at += 1) {
    const byte = value[at] ?? 0;
    if (byte < SPACE || byte >= DELETE || byte === QUOTE) return false;
  }
  return true;
}

const isDigit = (byte: number | undefined): boolean => byte !== undefined && byte >= ZERO && byte <= ZERO + 9;

/**
 * Where a decimal ends without the zeros that end its fraction, when what is left is how JavaScript writes the number;
 * `undefined` when it is not, or is no number.
 */
function numberEnd(value: Uint8Array, first: number, end: number): number | undefined {
  const start = value[first] === MINUS ? first + 1 : first;
  let point = start;
  while (point < end && isDigit(value[point])) point += 1;
  const isZero = point === start + 1 && value[start] === ZERO;
  if (point === start || (value[start] === ZERO && !isZero)) return undefined;
  const last = point === end ? end : fractionEnd(value, point, end);
  if (last === undefined || last - start > MAX_EXACT_DIGITS) return undefined;
  if (!isZero) return last;
  // Zero has no sign here, and very small numbers have an exponent.
  if (last === point) return start === first ? last : undefined;
  return isSmall(value, point + 1, last) ? undefined : last;
}

/** Where the fraction at the point ends without the zeros that end it; at the point when nothing is left. */
function fractionEnd(value: Uint8Array, point: number, end: number): number | undefined {
  if (value[point] !== POINT || point + 1 === end) return undefined;
  let at = point + 1;
  while (at < end && isDigit(value[at])) at += 1;
  if (at < end) return undefined;
  while (value[at - 1] === ZERO) at -= 1;
  return at === point + 1 ? point : at;
}

function isSmall(value: Uint8Array, from: number, end: number): boolean {
  let at = from;
  while (at < end && value[at] === ZERO) at += 1;
  return at - from > MAX_LEADING_ZEROS;
}
