import { type Placed, SAME_POSITION_MM } from './place-slices.ts';
import type { Trait } from './split-series.ts';

interface Part {
  /** Rising along the normal. */
  readonly slices: readonly Placed[];
  readonly traits: readonly Trait[];
}

/** Attributes that count phases, echoes, acquisitions; the first that tells images at one place apart is taken. */
const COUNTED = [
  'TemporalPosition',
  'CardiacPhase',
  'TimeSlotVector',
  'RRIntervalVector',
  'EnergyWindowVector',
  'PhaseVector',
  'TimeSliceVector',
  'DetectorVector',
  'EchoNumbers',
  'EchoTime',
  'DiffusionBValue',
  'ContrastBolusAgentPhase',
  'ContrastBolusAgent',
  'AcquisitionNumber',
  'ImageType',
];
/** Times, of which each image may have its own: the order at one place is what counts. */
const TIMED = ['TriggerTime', 'AcquisitionTime'];
/** More values are no phases but a running number. */
const MOST_PHASES = 200;

/**
 * Splits parallel images of one kind into phases and acquisitions.
 *
 * Where images lie at the same place, by the first attribute that tells them apart. Where they do not, acquisitions that
 * interleave are split, and so are those that follow each other without continuing each other, if each is long enough.
 */
export function splitPhases(slices: readonly Placed[], smallest: number): readonly Part[] {
  const indices = [...new Set(slices.flatMap(({ header }) => [...header.traits.keys()].filter(isIndex)))].sort();
  let parts: readonly Part[] = [{ slices, traits: [] }];
  for (const attribute of [...COUNTED, ...indices])
    parts = parts.flatMap((part) => splitByCount(part, attribute, smallest));
  for (const attribute of TIMED) parts = parts.flatMap((part) => splitByTime(part, attribute));
  return parts;
}

const isIndex = (name: string): boolean => name.startsWith('DimensionIndexValues');

const traitOf = ({ header }: Placed, attribute: string): string =>
  attribute === 'ImageType' ? header.ImageType.join('\\') : (header.traits.get(attribute) ?? '');

function splitByCount(part: Part, attribute: string, smallest: number): readonly Part[] {
  const groups = [...Map.groupBy(part.slices, (slice) => traitOf(slice, attribute))].sort(([a], [b]) => inOrder(a, b));
  if (groups.length < 2 || groups.length > MOST_PHASES) return [part];
  const members = groups.map(([, slices]) => slices);
  if (!isSplit(part.slices, members, smallest)) return [part];
  return groups.map(([value, slices]) => ({ slices, traits: [...part.traits, { attribute, value }] }));
}

function isSplit(all: readonly Placed[], groups: readonly (readonly Placed[])[], smallest: number): boolean {
  const crowd = mostAtOnePlace(all);
  const areLong = groups.every(({ length }) => length >= smallest);
  if (crowd > 1) {
    const isRelieved = groups.every((group) => mostAtOnePlace(group) < crowd);
    return isRelieved && (groups.length <= crowd || areLong);
  }
  const ranges = groups.map(rangeOf).sort((a, b) => a.from - b.from);
  if (ranges.some((range, at) => overlapsDeeply(range, ranges[at + 1])))
    return groups.every(({ length }) => length > 2);
  return areLong && ranges.some((range, at) => !continues(range, ranges[at + 1]));
}

/**
 * Phases by the order of a time at each place, when all images at one place have another time. A few doubles are no phase.
 */
function splitByTime(part: Part, attribute: string): readonly Part[] {
  if (mostAtOnePlace(part.slices) < 2) return [part];
  const phases: Placed[][] = [];
  for (const place of places(part.slices)) {
    const inTime = place.toSorted((a, b) => inOrder(traitOf(a, attribute), traitOf(b, attribute)));
    if (new Set(inTime.map((slice) => traitOf(slice, attribute))).size < place.length) return [part];
    for (const [phase, slice] of inTime.entries()) {
      const known = phases[phase];
      if (known) known.push(slice);
      else phases.push([slice]);
    }
  }
  const [longest = []] = phases;
  if (phases.some(({ length }) => length < longest.length / 2)) return [part];
  return phases.map((slices, phase) => ({
    slices,
    traits: [...part.traits, { attribute, value: `${phase + 1}/${phases.length}` }],
  }));
}

/** Slices by place; they rise along the normal. */
function places(slices: readonly Placed[]): readonly (readonly Placed[])[] {
  const found: Placed[][] = [];
  for (const slice of slices) {
    const place = found.at(-1);
    if (place?.[0] && slice.alongMm - place[0].alongMm < SAME_POSITION_MM) place.push(slice);
    else found.push([slice]);
  }
  return found;
}

const mostAtOnePlace = (slices: readonly Placed[]): number =>
  places(slices).reduce((most, { length }) => Math.max(most, length), 0);

/** Numbers by size, else by text. */
function inOrder(a: string, b: string): number {
  const difference = Number(a) - Number(b);
  if (a !== '' && b !== '' && Number.isFinite(difference)) return difference;
  return a < b ? -1 : a > b ? 1 : 0;
}

interface Range {
  readonly from: number;
  readonly to: number;
  /** Mean distance of its slices; `undefined` for one slice. */
  readonly paceMm: number | undefined;
}

function rangeOf(slices: readonly Placed[]): Range {
  const from = slices[0]?.alongMm ?? 0;
  const to = slices.at(-1)?.alongMm ?? from;
  return { from, to, paceMm: slices.length > 1 ? (to - from) / (slices.length - 1) : undefined };
}

/** Do two acquisitions share more than half of the shorter one? Sorted by their start. */
function overlapsDeeply(range: Range, next: Range | undefined): boolean {
  if (!next) return false;
  const shared = Math.min(range.to, next.to) - next.from;
  return shared > 0 && shared > Math.min(range.to - range.from, next.to - next.from) / 2;
}

/** Steps between two acquisitions above which the second is another place of the body, not the rest of the first. */
const APART_STEPS = 3;

/** Does the second of two acquisitions go on where the first ends, at its pace? A short gap is one: slices may be lost. */
function continues(range: Range, next: Range | undefined): boolean {
  if (!next) return true;
  const pace = range.paceMm ?? next.paceMm;
  const other = next.paceMm ?? pace;
  if (pace === undefined || other === undefined) return true;
  const gap = next.from - range.to;
  return Math.abs(pace - other) <= pace * 0.05 && gap > pace * 0.5 && gap <= pace * APART_STEPS;
}
