import { describe, expect, it } from 'vitest';
import { Admission } from '../../../services/dicom/net/admission.ts';
import { Deadlines } from '../../../services/dicom/net/deadlines.ts';

const limits = { idleSeconds: 60, totalSeconds: 7200, paceSeconds: 30, paceBytesPerSecond: 1024 };

/** Seconds until a peer that sends `bytesPerSecond` is overdue, and why; asked every second. */
function overdue({ bytesPerSecond = 0, inFlight = true, heldUp = (_second: number) => false }) {
  const deadlines = new Deadlines(limits, 0);
  for (let second = 1; second <= 8000; second++) {
    const why = deadlines.check(second * 1000, { bytes: second * bytesPerSecond, inFlight, heldUp: heldUp(second) });
    if (why !== undefined) return { second, why };
  }
  return undefined;
}

describe('deadlines', () => {
  it.each([
    ['silence between messages', { inFlight: false }, { second: 61, why: 'idle' }],
    ['silence inside a message', {}, { second: 30, why: 'pace' }],
    ['1023 bytes a second inside a message', { bytesPerSecond: 1023 }, { second: 30, why: 'pace' }],
    ['1024 bytes a second inside a message', { bytesPerSecond: 1024 }, { second: 7201, why: 'total' }],
    ['one byte a second between messages', { bytesPerSecond: 1, inFlight: false }, { second: 7201, why: 'total' }],
    ['silence while we make the peer wait', { heldUp: () => true }, { second: 7201, why: 'total' }],
    ['silence after we made it wait for 100 s', { heldUp: (s: number) => s <= 100 }, { second: 130, why: 'pace' }],
  ])('%s', (_name, peer, expected) => {
    expect(overdue(peer)).toEqual(expected);
  });
});

describe('admission', () => {
  const connection = () => {
    const it = {
      dropped: false,
      drop: () => {
        it.dropped = true;
      },
    };
    return it;
  };

  it('counts associations in all and per peer, and forgets those that left', () => {
    const admission = new Admission(3, 2, 10);
    const [a, b, c, d] = [connection(), connection(), connection(), connection()];
    expect([admission.enter(a, 'x'), admission.enter(b, 'x'), admission.enter(c, 'x')]).toEqual([true, true, false]);
    expect([admission.enter(c, 'y'), admission.enter(d, 'z')]).toEqual([true, false]);
    admission.leave(a, 'x');
    expect(admission.enter(d, 'x')).toBe(true);
    expect(admission.associations).toBe(3);
  });

  it('counts what the processes that share the port hold, tells what is held here, and shares rates out', () => {
    const told: object[] = [];
    const admission = new Admission(4, 2, 10, (held) => told.push(held));
    const [a, b, c] = [connection(), connection(), connection()];
    admission.othersHold({ x: 1, y: 2 });
    expect([admission.enter(a, 'x'), admission.enter(b, 'x'), admission.enter(b, 'y')]).toEqual([true, false, false]);
    expect([admission.shareOf('x'), admission.shareOf('y'), admission.shareOf('z')]).toEqual([0.5, 1, 1]);
    // Four are open in all.
    expect(admission.enter(c, 'z')).toBe(false);
    admission.othersHold({});
    expect([admission.enter(b, 'x'), admission.enter(c, 'z'), admission.shareOf('x')]).toEqual([true, true, 1]);
    admission.leave(a, 'x');
    expect(told).toEqual([{ x: 1 }, { x: 2 }, { x: 2, z: 1 }, { x: 1, z: 1 }]);
  });

  it('drops the oldest pending connection for a new one', () => {
    const admission = new Admission(1, 1, 2);
    const [a, b, c, d] = [connection(), connection(), connection(), connection()];
    for (const next of [a, b]) admission.connected(next);
    admission.enter(a, 'x');
    for (const next of [c, d]) admission.connected(next);
    expect([a, b, c, d].map(({ dropped }) => dropped)).toEqual([false, true, false, false]);
  });
});
