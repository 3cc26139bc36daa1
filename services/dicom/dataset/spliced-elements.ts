import { AppError } from '../../domain/errors.ts';
import type { Element, Elements } from './element.ts';
import { concatBytes, elementBytes } from './element-bytes.ts';
import { type Correction, isEncapsulated } from './explicit-elements.ts';

/**
 * A received data set of Explicit VR Little Endian with some of its outermost elements corrected and every other byte as
 * it was sent. `bytes` is what `elements` were read from.
 *
 * @throws {AppError} NOT_ACCEPTABLE when compressed pixels lie in a sequence: they would keep the coding of the whole.
 */
export function splicedElements(bytes: Uint8Array, elements: Elements, corrections: readonly Correction[]): Uint8Array {
  checkItems(elements);
  const inOrder = [...elements.values()].sort((a, b) => a.start - b.start);
  const placed = corrections.map((correction) => ({
    ...correction,
    ...placeOf(correction.tag, inOrder, bytes.length),
  }));
  const parts: Uint8Array[] = [];
  let copied = 0;
  for (const { tag, vr, value, start, end } of placed.sort((a, b) => a.start - b.start || a.tag - b.tag)) {
    parts.push(bytes.subarray(copied, start));
    if (value !== undefined) parts.push(elementBytes(tag, vr, value));
    copied = end;
  }
  return concatBytes([...parts, bytes.subarray(copied)]);
}

/** The bytes of an element with its header; an empty place before the next higher tag for one that is not there. */
function placeOf(tag: number, inOrder: readonly Element[], length: number): { start: number; end: number } {
  const at = inOrder.findIndex((element) => element.tag === tag);
  const found = inOrder[at];
  if (found !== undefined) return { start: found.start, end: inOrder[at + 1]?.start ?? length };
  const start = inOrder.find((element) => element.tag > tag)?.start ?? length;
  return { start, end: start };
}

function checkItems(elements: Elements): void {
  for (const { items = [] } of elements.values()) {
    for (const item of items) {
      checkItems(item);
      for (const { tag, value } of item.values()) {
        if (!isEncapsulated(tag, value)) continue;
        throw new AppError('NOT_ACCEPTABLE', 'compressed pixels lie in a sequence of the data set');
      }
    }
  }
}
