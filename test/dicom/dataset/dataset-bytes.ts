/** Byte builders for data sets, one per row of PS3.5 Tables 7.1-1 to 7.5-3. */

export type Layout = 'explicit' | 'implicit' | 'big';

const LONG = new Set(['OB', 'OD', 'OF', 'OL', 'OV', 'OW', 'SQ', 'SV', 'UC', 'UN', 'UR', 'UT', 'UV']);

export const UNDEFINED = 0xffffffff;

export const ascii = (text: string): Uint8Array => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
const even = (text: string): Uint8Array => ascii(text.length % 2 ? `${text} ` : text);
export const join = (...parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));
/** Bytes from text like `1b 24 42`. */
export const hex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text.replaceAll(' ', ''), 'hex'));

function numberBytes(value: number, size: 2 | 4, layout: Layout): Uint8Array {
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  if (size === 2) view.setUint16(0, value, layout !== 'big');
  else view.setUint32(0, value, layout !== 'big');
  return bytes;
}

const tagBytes = (tag: number, layout: Layout) =>
  join(numberBytes(tag >>> 16, 2, layout), numberBytes(tag & 0xffff, 2, layout));

/** One element; `length` lies about the value when it is given. */
export function element(
  tag: number,
  vr: string,
  value: Uint8Array | string,
  layout: Layout = 'explicit',
  length?: number,
): Uint8Array {
  const bytes = typeof value === 'string' ? even(value) : value;
  const claimed = length ?? bytes.length;
  if (layout === 'implicit') return join(tagBytes(tag, layout), numberBytes(claimed, 4, layout), bytes);
  if (LONG.has(vr)) {
    return join(tagBytes(tag, layout), ascii(vr), new Uint8Array(2), numberBytes(claimed, 4, layout), bytes);
  }
  return join(tagBytes(tag, layout), ascii(vr), numberBytes(claimed, 2, layout), bytes);
}

/** An item of defined length, or one that a delimiter ends. */
export function item(content: Uint8Array, layout: Layout = 'explicit', delimited = false): Uint8Array {
  const length = numberBytes(delimited ? UNDEFINED : content.length, 4, layout);
  const end = delimited ? join(tagBytes(0xfffee00d, layout), new Uint8Array(4)) : new Uint8Array(0);
  return join(tagBytes(0xfffee000, layout), length, content, end);
}

export function sequence(
  tag: number,
  items: readonly Uint8Array[],
  layout: Layout = 'explicit',
  delimited = false,
  vr = 'SQ',
): Uint8Array {
  if (!delimited) return element(tag, vr, join(...items), layout);
  const end = join(tagBytes(0xfffee0dd, layout), new Uint8Array(4));
  return element(tag, vr, join(...items, end), layout, UNDEFINED);
}

/** The head of a CT image: what the index reads, in the order it is sent. */
export function ctHead(layout: Layout = 'explicit'): Uint8Array {
  const number = (tag: number, value: number) => element(tag, 'US', numberBytes(value, 2, layout), layout);
  const text = (tag: number, vr: string, value: string) => element(tag, vr, value, layout);
  return join(
    text(0x00080005, 'CS', 'ISO_IR 100'),
    text(0x00080008, 'CS', 'ORIGINAL\\PRIMARY\\AXIAL'),
    text(0x00080016, 'UI', '1.2.840.10008.5.1.4.1.1.2\0'),
    text(0x00080018, 'UI', '1.2.3.4\0'),
    text(0x00080020, 'DA', '20240131'),
    text(0x00080050, 'SH', 'A1'),
    text(0x00080060, 'CS', 'CT'),
    sequence(0x00081140, [item(text(0x00081155, 'UI', '1.2.9\0'), layout, true)], layout, true),
    text(0x00100010, 'PN', 'M\xfcller^Anna'),
    text(0x00100020, 'LO', 'P-1'),
    text(0x0020000d, 'UI', '1.2.3\0'),
    text(0x0020000e, 'UI', '1.2.3.5\0'),
    text(0x00200011, 'IS', '3'),
    text(0x00200013, 'IS', '42'),
    number(0x00280002, 1),
    number(0x00280010, 512),
    number(0x00280011, 256),
    number(0x00280103, 1),
    element(0x00280120, 'SS', numberBytes(0x10000 - 2000, 2, layout), layout),
  );
}
