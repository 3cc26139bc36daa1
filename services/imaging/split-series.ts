import type { ImageHeader } from './image-header.ts';
import { placeSlices } from './place-slices.ts';
import { splitPhases } from './split-phases.ts';

/** What told an image apart from others of its series. */
export interface Trait {
  readonly attribute: string;
  readonly value: string;
}

/** Images of one series that may make one volume. */
export interface Stack {
  readonly headers: readonly ImageHeader[];
  /** In the order in which the series was split. */
  readonly traits: readonly Trait[];
}

/** Direction cosines are written with as few as three digits. */
const COSINE_TOLERANCE = 2e-3;
const SPACING_TOLERANCE_MM = 1e-3;

interface Kind {
  readonly attribute: string;
  readonly isSame: (a: ImageHeader, b: ImageHeader) => boolean;
  readonly value: (header: ImageHeader) => string;
}

/** Images that differ in one of these are never slices of one volume. */
const KINDS: readonly Kind[] = [
  byText('SOPClassUID', ({ input }) => input.SOPClassUID),
  byText('FrameOfReferenceUID', ({ FrameOfReferenceUID }) => FrameOfReferenceUID),
  byText('PhotometricInterpretation', ({ PhotometricInterpretation }) => PhotometricInterpretation),
  byText('ImageType', ({ ImageType }) => ImageType.slice(0, 3).join('\\')),
  {
    attribute: 'ImageOrientationPatient',
    isSame: (a, b) => near(a.ImageOrientationPatient?.flat(), b.ImageOrientationPatient?.flat(), COSINE_TOLERANCE),
    value: ({ ImageOrientationPatient: cosines }) => (cosines?.flat() ?? []).map(shortened).join('\\'),
  },
  byText('Rows, Columns', ({ Rows, Columns }) => `${Rows}, ${Columns}`),
  {
    attribute: 'PixelSpacing',
    isSame: (a, b) => near(a.PixelSpacing, b.PixelSpacing, SPACING_TOLERANCE_MM),
    value: ({ PixelSpacing }) => (PixelSpacing ?? []).map(shortened).join('\\'),
  },
  byText('ConvolutionKernel', ({ ConvolutionKernel }) => ConvolutionKernel),
  byText('Units', ({ values }) => values.unit),
  byText('StackID', ({ traits }) => traits.get('StackID') ?? ''),
];

/**
 * Splits the images of one series into stacks: first by what can never be one volume, then into phases and acquisitions
 * where these lie at the same places.
 *
 * @param smallest so many images are a stack of their own where acquisitions follow each other.
 * @throws {AppError} NOT_ANALYSABLE when an image has no geometry.
 */
export function splitSeries(images: readonly ImageHeader[], smallest: number): readonly Stack[] {
  let stacks: readonly Stack[] = [{ headers: images, traits: [] }];
  for (const kind of KINDS) stacks = stacks.flatMap((stack) => splitByKind(stack, kind));
  return stacks.flatMap(({ headers, traits }) =>
    splitPhases(placeSlices(headers).slices, smallest).map((part) => ({
      headers: part.slices.map(({ header }) => header),
      traits: [...traits, ...part.traits],
    })),
  );
}

function splitByKind({ headers, traits }: Stack, { attribute, isSame, value }: Kind): readonly Stack[] {
  const groups: ImageHeader[][] = [];
  for (const header of headers) {
    const group = groups.find(([first]) => first && isSame(first, header));
    if (group) group.push(header);
    else groups.push([header]);
  }
  if (groups.length === 1) return [{ headers, traits }];
  return groups.map((group) => {
    const [first] = group;
    return { headers: group, traits: [...traits, { attribute, value: first ? value(first) : '' }] };
  });
}

function byText(attribute: string, value: (header: ImageHeader) => string): Kind {
  return { attribute, value, isSame: (a, b) => value(a) === value(b) };
}

function near(a: readonly number[] = [], b: readonly number[] = [], tolerance: number): boolean {
  return a.length === b.length && a.every((value, i) => Math.abs(value - (b[i] ?? 0)) <= tolerance);
}

const shortened = (value: number): string => String(Math.round(value * 1000) / 1000);

/** How two stacks of one series differ: the first attribute that told them apart, and the values of both. */
export function difference(
  stack: Stack,
  other: Stack,
): { readonly attribute: string; readonly own: string; readonly its: string } | undefined {
  for (const { attribute, value: own } of stack.traits) {
    const its = other.traits.find((trait) => trait.attribute === attribute)?.value;
    if (its !== undefined && its !== own) return { attribute, own, its };
  }
  return undefined;
}
