import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Uid } from '../../services/domain/uid.ts';
import { derivedUid, trackingUid } from '../../services/report/derive-uid.ts';

describe('derived UIDs (PS3.5 §B.2)', () => {
  it('are UIDs, whatever they are derived from', () => {
    fc.assert(fc.property(fc.array(fc.string()), (parts) => Uid.safeParse(derivedUid(...parts)).success));
  });

  it('hold a UUID of version 8', () => {
    const number = BigInt(derivedUid('a', 'b').slice('2.25.'.length));
    expect(number.toString(16).padStart(32, '0')).toMatch(/^[0-9a-f]{12}8[0-9a-f]{3}[89ab][0-9a-f]{15}$/);
  });

  it('do not change between versions of this software: an object sent again must keep its name', () => {
    expect(derivedUid('report', 'installation', 'run', '1')).toBe('2.25.229337134778644651209129747941035526101');
  });

  it('tell ("ab", "c") from ("a", "bc")', () => {
    expect(derivedUid('ab', 'c')).not.toBe(derivedUid('a', 'bc'));
  });

  it('name each finding of a run apart, and apart from those of another run or installation', () => {
    const names = [
      trackingUid('i', 'r', 1),
      trackingUid('i', 'r', 2),
      trackingUid('i', 's', 1),
      trackingUid('j', 'r', 1),
    ];
    expect(new Set(names).size).toBe(4);
  });
});
