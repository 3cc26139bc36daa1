import { describe, expect, it } from 'vitest';
import { measuredWords } from '../../../viewer/findings/measured-words.ts';
import { finding, measurement } from '../../report/report-sources.ts';

const t = (key: string, values: Record<string, string> = {}) => [key, ...Object.values(values)].join(' ');

describe('what was measured of a finding', () => {
  it('is told in its order, and only as far as it is known', () => {
    expect(measuredWords(finding(1, { measurement }), t)).toBe(
      'findings.axes 5.1 3.5 · density.partSolid · findings.pleura 8',
    );
    const bare = { ...measurement, density: null, pleuraMm: null };
    expect(measuredWords(finding(1, { measurement: bare }), t)).toBe('findings.axes 5.1 3.5');
    expect(measuredWords(finding(1), t)).toBe('');
  });
});
