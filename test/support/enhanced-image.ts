import { type Element, syntheticUid } from './dicom-bytes.ts';
import { type SyntheticInstance, syntheticInstance } from './synthetic-series.ts';

type Elements = readonly Element[];

const ENHANCED_CT = '1.2.840.10008.5.1.4.1.1.2.1';

/** Attributes of a classic image that have a macro in a multi-frame one (PS3.3 §C.7.6.16): macro, then attributes. */
// biome-ignore format: a table
const MACROS: readonly (readonly [macro: number, from: number, to?: number])[] = [
  [0x00189329, 0x00080008, 0x00089007], // CT Image Frame Type: Image Type becomes Frame Type
  [0x00189314, 0x00181210],             // CT Reconstruction: Convolution Kernel
  [0x00209111, 0x00200012, 0x00209156], // Frame Content: Acquisition Number becomes Frame Acquisition Number
  [0x00209113, 0x00200032],             // Plane Position
  [0x00209116, 0x00200037],             // Plane Orientation
  [0x00289110, 0x00180050],             // Pixel Measures
  [0x00289110, 0x00280030],
  [0x00289132, 0x00281050],             // Frame VOI LUT
  [0x00289132, 0x00281051],
  [0x00289145, 0x00281052],             // Pixel Value Transformation
  [0x00289145, 0x00281053],
  [0x00289145, 0x00281054],
];
const PIXEL_DATA = 0x7fe00010;
const OF_ONE_IMAGE = [0x00080016, 0x00080018, 0x00200013, PIXEL_DATA];

export interface EnhancedOptions {
  readonly SOPInstanceUID?: string;
  /** Default Enhanced CT. */
  readonly SOPClassUID?: string;
  /** Default 1. */
  readonly InstanceNumber?: number;
  /** More in the functional groups of a frame, by its place in the list; attributes of one macro are joined. */
  readonly groups?: (frame: number) => readonly (readonly [macro: number, attributes: Elements])[];
  /** Put in place of what the classic images say of all. */
  readonly elements?: Elements;
}

/**
 * Classic images of one series as the frames of one object, in the order given: attributes with a macro go into the shared
 * group where all images agree and into those of the frames where they do not; the rest is taken from the first.
 */
export function enhancedImage(images: readonly Elements[], options: EnhancedOptions = {}): SyntheticInstance {
  const { elements = [], InstanceNumber = 1, SOPClassUID = ENHANCED_CT } = options;
  const [first = []] = images;
  const shared = MACROS.filter(([, from]) => new Set(images.map((image) => text(image, from))).size === 1);
  const own = MACROS.filter((macro) => !shared.includes(macro));
  const moved = new Set([...OF_ONE_IMAGE, ...MACROS.map(([, from]) => from)]);
  const perFrame = images.map((image, frame) =>
    macroItem([...macrosOf(image, own), ...(options.groups?.(frame) ?? [])]),
  );
  const replaced = new Set(elements.map(([tag]) => tag));
  const made: Element[] = [
    ...first.filter(([tag]) => !moved.has(tag)),
    [0x00080008, 'CS', text(first, 0x00080008)],
    [0x00080016, 'UI', SOPClassUID],
    [0x00080018, 'UI', options.SOPInstanceUID ?? syntheticUid('enhanced', text(first, 0x0020000e), InstanceNumber)],
    [0x00200013, 'IS', String(InstanceNumber)],
    [0x00280008, 'IS', String(images.length)],
    [0x52009229, 'SQ', [macroItem(macrosOf(first, shared))]],
    [0x52009230, 'SQ', perFrame],
    [PIXEL_DATA, 'OW', joined(images.map(pixels))],
  ];
  return syntheticInstance([...made.filter(([tag]) => !replaced.has(tag)), ...elements], 'explicit');
}

const element = (image: Elements, tag: number) => image.find(([each]) => each === tag);
const text = (image: Elements, tag: number): string => String(element(image, tag)?.[2] ?? '');

function macrosOf(image: Elements, macros: typeof MACROS): (readonly [number, Elements])[] {
  return macros.flatMap(([macro, from, to = from]) => {
    const found = element(image, from);
    if (!found) return [];
    const [, vr, value] = found;
    return [[macro, [to === 0x00209156 ? [to, 'US', [Number(value)]] : [to, vr, value]]] as const];
  });
}

/** One item with a sequence of one item for each macro. */
function macroItem(macros: readonly (readonly [number, Elements])[]): Element[] {
  return [...Map.groupBy(macros, ([macro]) => macro)].map(([macro, parts]) => [
    macro,
    'SQ',
    [parts.flatMap(([, attributes]) => attributes)],
  ]);
}

function pixels(image: Elements): Int16Array {
  const value = element(image, PIXEL_DATA)?.[2];
  if (!(value instanceof Int16Array)) throw new Error('an image of 16-bit words');
  return value;
}

function joined(frames: readonly Int16Array[]): Int16Array {
  const length = frames.reduce((sum, frame) => sum + frame.length, 0);
  const all = new Int16Array(length);
  let at = 0;
  for (const frame of frames) {
    all.set(frame, at);
    at += frame.length;
  }
  return all;
}
