import { describe, expect, it } from 'vitest';
import { isReshaped, remeasured, withMeasured } from '../../../viewer/review/remeasure.ts';
import { review, startReview, verdictOf } from '../../../viewer/review/review-state.ts';
import { readLesion } from '../../support/read-lesions.ts';

const AT = '2026-11-23T10:00:00.000Z';
const UID = '2.25.1';
const before = readLesion();
const { measurement } = before;
if (!measurement) throw new Error('measured');
const moved = { ...before, center: [1, 2, 3] as [number, number, number] };
const found = {
  ...before,
  measurement: { ...measurement, meanHu: -333, density: 'groundGlass' as const, pleuraMm: 7 },
};

describe('an edited lesion', () => {
  it('is measured again where it was moved or drawn otherwise, not where only its density was chosen', () => {
    expect(isReshaped(before, moved)).toBe(true);
    expect(isReshaped(before, { ...before })).toBe(false);
    const other = { ...before, measurement: { ...measurement, density: 'groundGlass' as const } };
    expect(isReshaped(before, other)).toBe(false);
  });

  it('takes mean value, density and distance of its new place, and keeps its axes and what the reader chose', () => {
    const values = remeasured(before, moved, found);
    expect(values).toMatchObject({ meanHu: -333, density: 'groundGlass', solidMm: null, pleuraMm: 7 });
    const chosen = { ...moved, measurement: { ...measurement, density: null } };
    expect(remeasured(before, chosen, found)).toMatchObject({ meanHu: -333, density: null });
    expect(remeasured(before, { ...moved, measurement: undefined }, found)).toBeUndefined();
    expect(values && withMeasured(moved, values)).toMatchObject({
      ...{ center: [1, 2, 3], diameterMm: before.diameterMm },
      measurement: { longAxis: measurement.longAxis, meanHu: -333 },
    });
  });

  it('has them in the draft as part of the edit; a lesion that was changed again does not', () => {
    const values = { meanHu: -333, density: null, solidMm: null, pleuraMm: null };
    let state = review(startReview(), { type: 'startEdit', TrackingUID: UID, lesion: before });
    state = review(state, { type: 'reshape', lesion: moved });
    state = review(state, { type: 'keepEdit', at: AT });
    const known = review(state, { type: 'remeasured', TrackingUID: UID, of: moved, values });
    expect(verdictOf(known.content, UID)).toMatchObject({
      verdict: 'edited',
      lesion: { measurement: { meanHu: -333 } },
    });
    expect(known.past).toHaveLength(state.past.length);
    expect(review(state, { type: 'remeasured', TrackingUID: UID, of: before, values })).toBe(state);
    expect(
      review(review(known, { type: 'undo' }), { type: 'remeasured', TrackingUID: UID, of: moved, values }).content
        .verdicts,
    ).toEqual([]);
  });
});
