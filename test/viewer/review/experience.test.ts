import { describe, expect, it } from 'vitest';
import { type ExperienceSample, experience } from '../../../viewer/review/experience.ts';

function measured(patch: { send?: () => Promise<void>; isSeen?: () => boolean } = {}) {
  const clock = { ms: 0 };
  const sent: ExperienceSample[][] = [];
  const taken = async (samples: readonly ExperienceSample[]) => void sent.push([...samples]);
  const of = experience(patch.send ?? taken, () => clock.ms, patch.isSeen ?? (() => true));
  const passed = (ms: number) => {
    clock.ms += ms;
    return of;
  };
  return { of, passed, sent };
}

describe('what a screen costs a reader', () => {
  it('is the time to the first image and to the first finding, once for each opening', () => {
    const { of, passed, sent } = measured();
    of.opened();
    passed(400).seen('timeToFirstImage');
    passed(300).seen('timeToFirstFinding');
    passed(100).seen('timeToFirstImage');
    of.opened();
    passed(250).seen('timeToFirstImage');
    of.flush();
    expect(sent).toEqual([
      [
        { kind: 'timeToFirstImage', ms: 400 },
        { kind: 'timeToFirstFinding', ms: 700 },
        { kind: 'timeToFirstImage', ms: 250 },
      ],
    ]);
  });

  it('is the time of a verdict from when its finding came on screen', () => {
    const { of, passed, sent } = measured();
    of.opened();
    of.shown('2.25.1');
    passed(900).shown('2.25.1');
    passed(600).judged('2.25.1');
    passed(100).judged('2.25.1');
    passed(100).judged('2.25.2');
    of.flush();
    expect(sent).toEqual([[{ kind: 'timePerVerdict', ms: 1500 }]]);
  });

  it('goes out in batches, and never with nothing', () => {
    const { of, passed, sent } = measured();
    of.flush();
    for (let at = 0; at < 25; at++) {
      of.shown(`2.25.${at}`);
      passed(10).judged(`2.25.${at}`);
    }
    of.flush();
    expect(sent.map(({ length }) => length)).toEqual([20, 5]);
  });

  it('does not count a page that nobody sees', () => {
    const { of, sent } = measured({ isSeen: () => false });
    of.opened();
    of.seen('timeToFirstImage');
    of.flush();
    expect(sent).toEqual([]);
  });

  it('keeps what a server that is away did not take, up to a bound', async () => {
    const batches: number[] = [];
    const away = { is: true };
    const of = experience(
      async (samples) => {
        batches.push(samples.length);
        if (away.is) throw new TypeError('fetch failed');
      },
      () => 0,
      () => true,
    );
    for (let at = 0; at < 500; at++) {
      of.shown(`2.25.${at}`);
      of.judged(`2.25.${at}`);
      await Promise.resolve();
    }
    away.is = false;
    await new Promise((done) => setImmediate(done));
    of.flush();
    expect(batches.at(-1)).toBe(200);
  });

  it('carries nothing but what it is and how long', () => {
    const { of, passed, sent } = measured();
    of.shown('2.25.1');
    passed(5).judged('2.25.1');
    of.flush();
    expect(Object.keys(sent[0]?.[0] ?? {})).toEqual(['kind', 'ms']);
  });

  it('does not count a page that was left open', () => {
    const { of, passed, sent } = measured();
    of.shown('2.25.1');
    passed(3_600_001).judged('2.25.1');
    of.flush();
    expect(sent).toEqual([]);
  });
});
