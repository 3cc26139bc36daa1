import { describe, expect, it } from 'vitest';
import type { Dataset } from '../../services/dicom/dataset/dataset.ts';
import { REASON_CODES } from '../../services/domain/reason.ts';
import type { ReportSource } from '../../services/domain/report-source.ts';
import { trackingUid } from '../../services/report/derive-uid.ts';
import { encodeReport } from '../../services/report/findings-to-sr.ts';
import { codes, comments, flatten, groups, read, tree } from './content-tree.ts';
import {
  ENHANCED_CT,
  finding,
  findings,
  INSTALLATION,
  imageUid,
  measured,
  noFindings,
  notAnalysable,
  onFrames,
  onSingleImages,
  RUN,
  series,
} from './report-sources.ts';

/** The frames each IMAGE item names, in document order. */
function framesOf(item: Dataset): (readonly number[])[] {
  const [sop] = item.string(0x0040a040) === 'IMAGE' ? item.sequence(0x00081199) : [];
  return [...(sop ? [sop.numbers(0x00081160)] : []), ...item.sequence(0x0040a730).flatMap(framesOf)];
}

describe('a measurement group per finding (TID 1501)', () => {
  const [first] = groups(findings(3)).map(({ children }) => children);
  const items = first ?? [];

  it('has the items that readers look for, in the order of the template', () => {
    expect(groups(findings(3))).toHaveLength(3);
    expect(items.map(({ relationship, valueType, name }) => `${relationship} ${valueType} ${name}`)).toEqual([
      'HAS OBS CONTEXT TEXT Tracking Identifier',
      'HAS OBS CONTEXT UIDREF Tracking Unique Identifier',
      'CONTAINS CODE Finding',
      'HAS CONCEPT MOD CODE Finding Site',
      'CONTAINS NUM Long Axis',
      'CONTAINS NUM Volume',
      'CONTAINS NUM Certainty of Finding',
      'CONTAINS TEXT Comment',
      'CONTAINS SCOORD Image Region',
    ]);
  });

  it('says what was found and where', () => {
    expect(items.slice(0, 4).map(({ value }) => value)).toEqual([
      'Finding 1',
      trackingUid(INSTALLATION, RUN, 1),
      '427359005|SCT|Solitary nodule of lung',
      '39607008|SCT|Lung',
    ]);
    expect(items[3]?.children.map(({ name, value }) => [name, value])).toEqual([['Laterality', '24028007|SCT|Right']]);
  });

  it('measures in mm, mm3 and percent', () => {
    expect(items.slice(4, 7).map(({ value }) => Number(value))).toEqual([4.33, 42.61, 98]);
  });

  it('draws the box at group level and once more under the first NUM, as viewers ask', () => {
    const box = [190.5, 230.25, 210.5, 230.25, 210.5, 250.25, 190.5, 250.25, 190.5, 230.25];
    for (const region of [items[8], items[4]?.children[1]]) {
      expect(region?.numbers).toEqual(box);
      expect(region?.children.map(({ relationship, reference }) => [relationship, reference])).toEqual([
        ['SELECTED FROM', imageUid(2)],
      ]);
    }
  });

  it('hangs the sphere from the volume, in patient coordinates', () => {
    const [sphere] = items[5]?.children ?? [];
    const r = (4 + 1 / 3) / 2;
    expect(sphere?.valueType).toBe('SCOORD3D');
    expect(sphere?.numbers[0]).toBeCloseTo(-39.5 - r, 4);
    expect(sphere?.numbers.slice(15)).toEqual([
      expect.closeTo(-39.5),
      expect.closeTo(-12.25),
      expect.closeTo(-200 + r),
    ]);
  });

  it('does not let the score pass for a probability', () => {
    const [meaning] = items[6]?.children ?? [];
    expect([meaning?.name, meaning?.value]).toEqual([
      'Equivalent Meaning of Concept Name',
      'Score of the detector times 100; not a probability',
    ]);
  });

  it('cuts a box off at the edge of the image, and leaves out a side that is not known', () => {
    const region = { ...finding(3).region, left: -2.5, top: -1, right: 600, bottom: 401 };
    const [group] = groups({ ...findings(1), findings: [finding(3, { region })] });
    expect(group?.children.at(-1)?.numbers).toEqual([0, 0, 512, 0, 512, 400, 0, 400, 0, 0]);
    expect(group?.children[3]?.children).toEqual([]);
  });

  it('says that a size is the answer of the model where nothing was measured', () => {
    expect(items[4]?.children[0]?.value).toBe('Diameter answered by the model; not measured on the images');
    const [group] = groups(measured());
    expect(group?.children[4]?.children.map(({ valueType }) => valueType)).toEqual(['SCOORD']);
  });

  it('has axes, mean diameter, attenuation, density and the way to the pleura where they were measured', () => {
    const [group] = groups(measured());
    const numbers = group?.children.slice(4, 12).map(({ name, value }) => [name, value]);
    expect(numbers).toEqual([
      ['Long Axis', '5.12'],
      ['Short Axis', '3.54'],
      ['Diameter', '4.33'],
      ['Volume', '48.2'],
      ['Attenuation Coefficient', '-212'],
      ['Distance', '7.5'],
      ['Density of the lesion', 'PART_SOLID|99OVERREAD|Part-solid'],
      ['Certainty of Finding', '98'],
    ]);
    expect(group?.children[5]?.children[0]?.numbers).toEqual([-39.5, -14, -200, -39, -10.5, -200]);
    for (const index of [6, 8])
      expect(group?.children[index]?.children[0]).toMatchObject({ name: 'Derivation', value: '373098007|SCT|Mean' });
    expect(group?.children[12]?.value).toBe('part-solid nodule, 5.1 x 3.5 mm, score 0.98');
  });

  it('names the frame of a multi-frame image, and of no other', () => {
    const region = { ...finding(1).region, SOPClassUID: ENHANCED_CT, frame: 7 };
    const frames = (source: ReportSource) => encodeReport(source).dataset;
    const text = Buffer.from(frames({ ...findings(1), findings: [finding(1, { region })] })).toString('latin1');
    expect(text).toContain('\x08\x00\x60\x11IS\x02\x007 ');
    expect(Buffer.from(frames(findings(1))).toString('latin1')).not.toContain('\x08\x00\x60\x11IS');
  });

  it('on a single image has no size: the box hangs from the certainty, within the image that it lies on', () => {
    const [first, second] = groups(onSingleImages()).map(({ children }) => children);
    const names = first?.map(({ valueType, name }) => `${valueType} ${name}`);
    expect(names?.slice(4)).toEqual(['NUM Certainty of Finding', 'TEXT Comment', 'SCOORD Image Region']);
    const right = (items: typeof first) =>
      items?.map(({ numbers, children }) => (children[1] ?? { numbers }).numbers[2]);
    expect([right(first)?.[4], first?.at(-1)?.numbers[2]]).toEqual([2048, 2048]);
    expect([right(second)?.[4], second?.at(-1)?.numbers[2]]).toEqual([1000, 1000]);
    expect(first?.[5]?.value).toBe('nodule, score 0.98');
    expect(second?.[5]?.value).toBe('nodule, score 0.96; the region says only about where');
  });

  it('names the single images of every series that was read, without a grid', () => {
    const dataset = read(onSingleImages());
    const [study] = dataset.sequence(0x0040a375);
    const series = study?.sequence(0x00081115).map((item) => item.sequence(0x00081199).length);
    expect(series).toEqual([1, 1]);
    const text = Buffer.from(encodeReport(onSingleImages()).dataset).toString('latin1');
    expect(text.match(/Image Library Group/g)).toHaveLength(2);
    expect(text).not.toContain('Spacing');
  });

  it('refers to an object of many frames once, and to the frames that were read', () => {
    const dataset = read(onFrames());
    const [study] = dataset.sequence(0x0040a375);
    const references = study?.sequence(0x00081115)[0]?.sequence(0x00081199) ?? [];
    expect(references.map((item) => [item.string(0x00081155), item.numbers(0x00081160)])).toEqual([[imageUid(1), []]]);
    expect(framesOf(dataset)).toEqual([
      Array.from({ length: 20 }, (_, slice) => 2 * slice + 1),
      ...[[5], [5], [31], [31]],
    ]);
  });

  it('refers to an object of which all frames were read as a whole', () => {
    const source = onFrames();
    const images = source.series?.images.map((image, k) => ({ ...image, frame: k + 1, NumberOfFrames: 20 })) ?? [];
    expect(framesOf(read({ ...source, series: { ...series, images } }))[0]).toEqual([]);
  });

  it('calls a label the manifest does not know a lesion, rather than nothing', () => {
    const [group] = groups({ ...findings(1), findings: [finding(1, { label: 'unheard-of' })] });
    expect(group?.children[2]?.value).toBe('52988006|SCT|Lesion');
  });
});

describe('the three ends of an analysis differ in words and in codes', () => {
  it('findings', () => {
    expect(codes(findings(2))).toEqual([
      ['Summary of Detections', '111222|DCM|Succeeded'],
      ['CAD Processing and Findings Summary', '111242|DCM|All algorithms succeeded; with findings'],
      ['Solitary nodule of lung', '52101004|SCT|Present'],
    ]);
    expect(comments(findings(2))).toContain('2 findings by the algorithm; not reviewed by a person.');
    expect(read(findings(2)).string(0x0008103e)).toBe('RESEARCH blob-log-ct: 2 findings');
  });

  it('no findings', () => {
    expect(codes(noFindings())).toEqual([
      ['Summary of Detections', '111222|DCM|Succeeded'],
      ['CAD Processing and Findings Summary', '111241|DCM|All algorithms succeeded; without findings'],
      ['Solitary nodule of lung', '272519000|SCT|Absent'],
    ]);
    expect(comments(noFindings())[2]).toMatch(/^No findings: .*This does not exclude disease\.$/);
    expect(read(noFindings()).string(0x0008103e)).toBe('RESEARCH blob-log-ct: no findings');
    expect(groups(noFindings())).toEqual([]);
  });

  it('not analysable', () => {
    expect(codes(notAnalysable())).toEqual([
      ['Summary of Detections', '111225|DCM|Not Attempted'],
      ['Reason the study was not analysed', 'TOO_FEW_SLICES|99OVERREAD|Too few slices'],
    ]);
    expect(comments(notAnalysable())).toContain(
      'Not analysed: 2 slices, at least 40 are needed (TOO_FEW_SLICES). Nothing is said about the presence or absence of lesions.',
    );
    expect(read(notAnalysable()).string(0x0008103e)).toBe('RESEARCH blob-log-ct: not analysed');
    const words = flatten(tree(notAnalysable()))
      .map(({ value }) => value)
      .join('\n');
    expect(words).not.toMatch(/\bAbsent\b|without findings|No findings/);
  });

  it.each(REASON_CODES)('%s fits a code', (code) => {
    const [, [, value] = []] = codes({ ...notAnalysable(), reason: { code, params: {} } });
    expect(value?.startsWith(`${code}|99OVERREAD|`)).toBe(true);
  });

  it.each([
    ['findings without any', { ...findings(0) }],
    ['no findings with one', { ...findings(1), endState: 'NO_FINDINGS' }],
    ['not analysable without a reason', { ...notAnalysable(), reason: undefined }],
    ['no findings without a series', { ...noFindings(), series: undefined }],
  ] satisfies [string, ReportSource][])('refuses to write %s', (_what, source) => {
    expect(() => encodeReport(source)).toThrow();
  });
});
