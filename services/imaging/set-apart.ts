import type { Reason } from '../domain/reason.ts';
import { dot } from './grid.ts';
import type { ImageHeader } from './image-header.ts';
import { placeSlices } from './place-slices.ts';
import type { Stray } from './slice-spacing.ts';
import { difference, type Stack } from './split-series.ts';

/** Attributes that count the phases of one acquisition over time. */
const PHASES: ReadonlySet<string> = new Set([
  'TemporalPosition',
  'CardiacPhase',
  'TimeSlotVector',
  'TimeSliceVector',
  'PhaseVector',
  'TriggerTime',
  'AcquisitionTime',
]);
/** A list of values longer than this is cut. */
const MOST_VALUES = 6;

/** What of its series is not in the stack that is read: a warning for each attribute that told it apart, with counts. */
export function setApart(stack: Stack, others: readonly Stack[], excluded: readonly ImageHeader[]): readonly Reason[] {
  const differences = others.map((other) => ({ other, ...difference(stack, other) }));
  const warnings = stack.traits.flatMap(({ attribute, value }): Reason[] => {
    const apart = differences.filter((each) => each.attribute === attribute);
    if (apart.length === 0) return [];
    const count = apart.reduce((sum, { other }) => sum + other.headers.length, 0);
    const values = new Set(apart.map(({ its = '' }) => its));
    const chosen = shown(value);
    return PHASES.has(attribute)
      ? [{ code: 'PHASES', params: { phases: values.size + 1, attribute, chosen, count } }]
      : [{ code: 'SET_APART', params: { count, attribute, others: listed(values), chosen } }];
  });
  return excluded.length === 0 ? warnings : [...warnings, excludedByType(stack, excluded)];
}

function excludedByType({ headers: [read] }: Stack, excluded: readonly ImageHeader[]): Reason {
  const others = listed(new Set(excluded.map(typeOf)));
  const chosen = shown(read ? typeOf(read) : '');
  return { code: 'SET_APART', params: { count: excluded.length, attribute: 'ImageType', others, chosen } };
}

const typeOf = ({ ImageType }: ImageHeader): string => ImageType.slice(0, 3).join('\\');

const shown = (value: string): string => value.slice(0, 64) || 'none';

function listed(values: ReadonlySet<string>): string {
  const some = [...values].slice(0, MOST_VALUES).map(shown);
  return (values.size > some.length ? [...some, '…'] : some).join(', ').slice(0, 200);
}

/** Images of small other stacks with their place along the normal of this one: they may fill its gaps. */
export function strays(stack: Stack, others: readonly Stack[]): readonly Stray[] {
  const [, , normal] = placeSlices(stack.headers.slice(0, 1)).axes;
  return others
    .filter(({ headers }) => headers.length < stack.headers.length / 2)
    .flatMap((other) => {
      const { attribute, own, its } = difference(stack, other) ?? { attribute: 'place', own: '', its: '' };
      return other.headers.flatMap((header): Stray[] => {
        const position = header.ImagePositionPatient;
        if (!position) return [];
        return [{ header, alongMm: dot(position, normal), attribute, value: shown(its), expected: shown(own) }];
      });
    });
}
