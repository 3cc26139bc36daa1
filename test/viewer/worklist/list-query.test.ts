import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ShownAiState } from '../../../services/domain/ai-state.ts';
import { WorklistQuery, WorklistSort, WorklistTab } from '../../../services/domain/contract/worklist.ts';
import { cropOf } from '../../../viewer/worklist/crop-of.ts';
import {
  addressOf,
  isFiltered,
  type ListQuery,
  listQuery,
  START,
  serverQuery,
  withoutFilters,
} from '../../../viewer/worklist/list-query.ts';

const text = fc.string({ maxLength: 30, unit: 'grapheme' });
const day = fc
  .date({ min: new Date('2000-01-01'), max: new Date('2099-01-01'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10));
const query: fc.Arbitrary<ListQuery> = fc.record({
  tab: fc.constantFrom(...WorklistTab.options),
  search: text,
  state: fc.constantFrom('' as const, ...ShownAiState.options),
  modality: text,
  source: text,
  bodyPart: text,
  sort: fc.constantFrom(...WorklistSort.options),
  isReversed: fc.boolean(),
  dates: fc.oneof(
    fc.constant({ kind: 'any' as const }),
    fc.record({ kind: fc.constant('days' as const), back: fc.nat(3999) }),
    fc.record({
      kind: fc.constant('own' as const),
      from: fc.oneof(fc.constant(''), day),
      to: fc.oneof(fc.constant(''), day),
    }),
  ),
});

describe('a view is an address', () => {
  it('says all of a query, and nothing of the start', () => {
    fc.assert(fc.property(query, (any) => void expect(listQuery(addressOf(any))).toEqual(any)));
    expect(addressOf(START)).toBe('');
  });

  it('that nobody wrote is the start, as far as it is not understood', () => {
    fc.assert(fc.property(fc.string(), (any) => void expect(() => listQuery(any)).not.toThrow()));
    expect(listQuery('tab=none&state=fine&sort=colour&days=-1&order=x')).toEqual(START);
    expect(listQuery('from=yesterday')).toMatchObject({ dates: { kind: 'own', from: '', to: '' } });
  });

  it('is understood by the server', () => {
    fc.assert(
      fc.property(query, (any) => {
        const given = Object.entries(
          serverQuery({ ...any, source: any.source.slice(0, 8) }, new Date('2026-03-01T12:00')),
        );
        const asked = Object.fromEntries(given.filter(([, value]) => value !== ''));
        expect(() => WorklistQuery.parse(asked)).not.toThrow();
      }),
    );
    expect(serverQuery({ ...START, dates: { kind: 'days', back: 6 } }, new Date('2026-03-02T00:30'))).toMatchObject({
      from: '2026-02-24',
    });
  });

  it('knows what can hide a study, and takes only that away', () => {
    fc.assert(
      fc.property(query, (any) => {
        const open = withoutFilters(any);
        expect(isFiltered(open)).toBe(false);
        expect(open).toMatchObject({ tab: any.tab, sort: any.sort, isReversed: any.isReversed });
      }),
    );
    expect(isFiltered({ ...START, modality: 'CT' })).toBe(true);
  });
});

describe('the crop of a lesion', () => {
  const region = { SOPClassUID: '1.2', SOPInstanceUID: '1.3', frame: 1 };

  it('is a square of whole pixels with the lesion in its middle', () => {
    expect(cropOf({ ...region, left: 200, top: 220, right: 260, bottom: 240 })).toEqual({
      left: 152,
      top: 152,
      width: 156,
      height: 156,
    });
  });

  it('has surroundings also for the smallest, and ends at the border of the image', () => {
    expect(cropOf({ ...region, left: 10, top: 300, right: 14, bottom: 304 })).toEqual({
      left: 0,
      top: 266,
      width: 72,
      height: 72,
    });
  });
});
