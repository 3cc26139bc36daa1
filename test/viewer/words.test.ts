import { describe, expect, it } from 'vitest';
import { clockTime, duration, isoDate, patientAge } from '../../viewer/dates.ts';
import { personName } from '../../viewer/person-name.ts';
import { dragWindow, greyRange, windowNumber } from '../../viewer/study/window-presets.ts';

describe('person name (PS3.5 §6.2.1)', () => {
  it.each([
    ['Zhang^San=张^三=', ['张三', 'Zhang, San']],
    ['Hong^Gildong=洪^吉洞=홍^길동', ['洪吉洞', 'Hong, Gildong', '홍길동']],
    ['Yamada^Tarou=山田^太郎=やまだ^たろう', ['山田太郎', 'Yamada, Tarou', 'やまだ, たろう']],
    ['Adams^John Robert Quincy^^Rev.^B.A. M.Div.', ['Adams, Rev. John Robert Quincy B.A. M.Div.']],
    ['=王^小东', ['王小东']],
    ['ONLYFAMILY', ['ONLYFAMILY']],
    ['', []],
    ['^^^^', []],
    ['Same=Same', ['Same']],
  ])('%j reads %j', (value, words) => {
    expect(personName(value)).toEqual(words);
  });
});

describe('dates and times', () => {
  it('turns DA and TM into ISO forms and leaves others alone', () => {
    expect([isoDate('20261123'), isoDate('2026.11.23'), isoDate(''), isoDate('unknown')]).toEqual([
      '2026-11-23',
      '2026-11-23',
      '',
      'unknown',
    ]);
    expect([clockTime('091500.123'), clockTime('09:15:00'), clockTime('')]).toEqual(['09:15', '09:15', '']);
  });

  it('takes the stated age, else counts years from birth to the study', () => {
    expect(patientAge('063Y', '', '')).toEqual({ value: 63, unit: 'Y' });
    expect(patientAge('010D', '20261113', '20261123')).toEqual({ value: 10, unit: 'D' });
    expect(patientAge('', '19630214', '20261123')).toEqual({ value: 63, unit: 'Y' });
    expect(patientAge('', '19631124', '20261123')).toEqual({ value: 62, unit: 'Y' });
    expect(patientAge('', '', '20261123')).toBeUndefined();
    expect(patientAge('', '20270101', '20261123')).toBeUndefined();
  });

  it('keeps waiting times short', () => {
    expect([4.9, 61, 751, 11_110, 200_000, -3].map(duration)).toEqual([
      '4 s',
      '1:01',
      '12:31',
      '3:05:10',
      '2 d',
      '0 s',
    ]);
  });
});

describe('window (PS3.3 §C.11.2.1.2)', () => {
  it('is a range around its centre', () => {
    expect(greyRange({ center: -600, width: 1500 })).toEqual({ lower: -1350, upper: 150 });
  });

  it('widens to the right, darkens downwards, and is never empty', () => {
    expect(dragWindow({ center: 40, width: 400 }, 10, 5)).toEqual({ center: 45, width: 410 });
    expect(dragWindow({ center: 40, width: 300 }, -5000, 0).width).toBe(1);
  });

  it('moves by hundredths of a narrow window: not all values are HU', () => {
    const { center, width } = dragWindow({ center: 0.5, width: 0.2 }, 10, -5);
    expect([center.toFixed(6), width.toFixed(6)]).toEqual(['0.495000', '0.210000']);
    expect(dragWindow({ center: 0.5, width: 0.2 }, -5000, 0).width).toBeGreaterThan(0);
    expect([1500, -600.4, 0.123456, 47.25, 1_234_567].map(windowNumber)).toEqual([1500, -600, 0.123, 47.3, 1_234_567]);
  });
});
