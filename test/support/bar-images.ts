import type { Locator } from 'playwright-core';
import { type Element, syntheticUid } from './dicom-bytes.ts';
import { drawnPicture } from './drawn-picture.ts';

/** Three bars from left to right. */
export const [COLUMNS, ROWS] = [90, 60] as const;
type Colour = readonly [red: number, green: number, blue: number];
export const RED_GREEN_BLUE: readonly [Colour, Colour, Colour] = [
  [255, 0, 0],
  [0, 200, 0],
  [0, 0, 255],
];

const bars = <Value>(of: readonly [Value, Value, Value]): Value[] =>
  Array.from({ length: COLUMNS * ROWS }, (_none, at) => of[Math.floor((at % COLUMNS) / 30) as 0 | 1 | 2]);
const planes = (pixels: readonly Colour[]): number[] =>
  ([0, 1, 2] as const).flatMap((channel) => pixels.map((pixel) => pixel[channel]));

const SIZE: readonly Element[] = [
  [0x00280010, 'US', [ROWS]],
  [0x00280011, 'US', [COLUMNS]],
  [0x00280103, 'US', [0]],
];
const EIGHT_BITS: readonly Element[] = [
  [0x00280100, 'US', [8]],
  [0x00280101, 'US', [8]],
  [0x00280102, 'US', [7]],
];

/** 0, 500 and 1000 in 16 bits. */
export const greyBars = (photometric: string, ...others: readonly Element[]): readonly Element[] => [
  ...[...SIZE, ...others],
  [0x00280004, 'CS', photometric],
  [0x7fe00010, 'OW', Uint16Array.from(bars([0, 500, 1000]))],
];

/** A quarter, a half and three quarters in Float Pixel Data (PS3.3 §C.7.6.24), which has no Bits Stored and no sign. */
export const floatBars = (): readonly Element[] => [
  ...SIZE.slice(0, 2),
  ...[0x00280101, 0x00280102, 0x00280103].map((tag): Element => [tag, 'US', []]),
  [0x00280100, 'US', [32]],
  [0x7fe00008, 'OF', new Uint8Array(Float32Array.from(bars([0.25, 0.5, 0.75])).buffer)],
];

export const colourBars = (planar: 0 | 1): readonly Element[] => [
  ...[...SIZE, ...EIGHT_BITS],
  [0x00280002, 'US', [3]],
  [0x00280004, 'CS', 'RGB'],
  [0x00280006, 'US', [planar]],
  [0x7fe00010, 'OB', Uint8Array.from(planar === 1 ? planes(bars(RED_GREEN_BLUE)) : bars(RED_GREEN_BLUE).flat())],
];

/** Tables so long that the metadata only names them. */
export function paletteBars(): readonly Element[] {
  const entries = 1024;
  const table = (channel: 0 | 1 | 2) =>
    Uint16Array.from({ length: entries }, (_none, at) => RED_GREEN_BLUE[(at % 3) as 0 | 1 | 2][channel] * 257);
  const tables = ([0, 1, 2] as const).flatMap((channel): Element[] => [
    [0x00281101 + channel, 'US', [entries, 0, 16]],
    [0x00281201 + channel, 'OW', table(channel)],
  ]);
  return [
    ...[...SIZE, ...EIGHT_BITS, ...tables],
    [0x00280004, 'CS', 'PALETTE COLOR'],
    [0x7fe00010, 'OB', Uint8Array.from(bars([0, 1, 2]))],
  ];
}

/** Single images as the frames of one, in an order of their own (PS3.3 §C.7.6.16). */
export function enhancedObject(slices: readonly (readonly Element[])[]): readonly Element[] {
  const of = (elements: readonly Element[], tag: number) => elements.filter(([each]) => each === tag);
  const shuffled = slices.map((_none, at) => slices[(at * 5) % slices.length] ?? []);
  const first = slices[0] ?? [];
  const shared: Element[] = [
    [0x00209116, 'SQ', [of(first, 0x00200037)]],
    [0x00289110, 'SQ', [of(first, 0x00280030)]],
  ];
  const frames = shuffled.flatMap((elements) => of(elements, 0x7fe00010).map(([, , pixels]) => pixels as Int16Array));
  return [
    ...[...of(first, 0x00280010), ...of(first, 0x00280011), ...of(first, 0x00200052)],
    [0x00080016, 'UI', '1.2.840.10008.5.1.4.1.1.2.1'],
    [0x00080018, 'UI', syntheticUid('enhanced')],
    [0x00280008, 'IS', String(slices.length)],
    [0x52009229, 'SQ', [shared]],
    [0x52009230, 'SQ', shuffled.map((elements): Element[] => [[0x00209113, 'SQ', [of(elements, 0x00200032)]]])],
    [0x7fe00010, 'OW', Int16Array.from(frames.flatMap((pixels) => [...pixels]))],
  ];
}

/** The colours in the middle of the three bars as drawn, to multiples of four: graphics cards round in their own way. */
export async function drawnBars(canvases: Locator, backend: string): Promise<readonly (readonly number[])[]> {
  const { width, height, rgb } = await drawnPicture(canvases, backend);
  const scale = Math.min(width / COLUMNS, height / ROWS);
  return [15, 45, 75].map((column) => {
    const at = Math.floor(height / 2) * width + Math.round(width / 2 + (column - COLUMNS / 2) * scale);
    return toFours([...rgb.subarray(at * 3, at * 3 + 3)]);
  });
}

export const toFours = (values: readonly number[]): readonly number[] =>
  values.map((value) => 4 * Math.round(value / 4));
