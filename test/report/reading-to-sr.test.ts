import { describe, expect, it } from 'vitest';
import type { SignedSource } from '../../services/domain/reading-source.ts';
import { encodeReading } from '../../services/report/reading-to-sr.ts';
import { dciodvfy, dsrdump, hasDciodvfy, hasDsrdump, hasPixelMed, pixelMed } from '../support/sr-validators.ts';
import { flatten, named, readBytes, readContent } from './content-tree.ts';
import { AI_REPORT, readRun, SIGNED, signed } from './reading-sources.ts';
import { finding, RUN } from './report-sources.ts';

const dataset = (source: SignedSource) => readBytes(encodeReading(source).dataset);
const tree = (source: SignedSource) => readContent(dataset(source));
const evaluations = (source: SignedSource) =>
  named(tree(source).children, 'Qualitative Evaluations').flatMap(({ children }) => children);

/** SOP Instance UIDs of a hierarchical reference. */
const referenced = (source: SignedSource, tag: number) =>
  dataset(source)
    .sequence(tag)
    .flatMap((study) => study.sequence(0x00081115))
    .flatMap((series) => series.sequence(0x00081199))
    .map((sop) => sop.string(0x00081155));
const PREDECESSORS = 0x0040a360;

describe('a signed report (PS3.3 §C.17.2)', () => {
  it('is verified, complete and final, and says by whom and when', () => {
    const report = dataset(signed());
    expect([0x0040a493, 0x0040a491, 0x0040a496].map((tag) => report.string(tag))).toEqual([
      'VERIFIED',
      'COMPLETE',
      'FINAL',
    ]);
    const [observer] = report.sequence(0x0040a073);
    expect([0x0040a075, 0x0040a027, 0x0040a030].map((tag) => observer?.string(tag))).toEqual([
      'Li^Mei=李^梅',
      'Radiology, First Hospital',
      '20261126091213.450+0000',
    ]);
  });

  it('names the person before the device (TID 1002, 1003)', () => {
    const context = tree(signed()).children.filter(({ relationship }) => relationship === 'HAS OBS CONTEXT');
    expect(context.slice(0, 4).map(({ name, value }) => [name, value])).toEqual([
      ['Observer Type', '121006|DCM|Person'],
      ['Person Observer Name', 'Li^Mei=李^梅'],
      ["Person Observer's Organization Name", 'Radiology, First Hospital'],
      ['Observer Type', '121007|DCM|Device'],
    ]);
  });

  it('goes beyond the report of the model and, amended, the signed one', () => {
    expect(referenced(signed(), PREDECESSORS)).toEqual([AI_REPORT]);
    expect(referenced(SIGNED['an amendment']?.() ?? signed(), PREDECESSORS)).toEqual([AI_REPORT, '2.25.9101']);
  });

  it('is the same bytes from the same source, and another object under another revision', () => {
    const [one, other] = [encodeReading(signed()), encodeReading(signed())];
    expect(Buffer.compare(one.dataset, other.dataset)).toBe(0);
    expect(encodeReading(signed({ revision: 4 })).SOPInstanceUID).not.toBe(one.SOPInstanceUID);
  });
});

describe('its measurement groups (TID 1501)', () => {
  const groups = named(flatten(tree(signed())), 'Measurement Group').map(({ children }) => children);
  const said = (name: string) => groups.map((items) => named(items, name)[0]?.value);

  it('are the lesions that were accepted, changed or added, and no other', () => {
    expect(said('Tracking Identifier')).toEqual(['Finding 1', 'Finding 2', 'Added finding 1']);
    expect(said('Tracking Unique Identifier')).toEqual([finding(1).TrackingUID, finding(2).TrackingUID, '2.25.4711']);
  });

  it('have the measures of the reader where there are any, and a score only of the model', () => {
    expect(said('Long Axis').map(Number)).toEqual([4.33, 5.12, 5.12]);
    expect(said('Certainty of Finding')).toEqual(['98', undefined, undefined]);
    expect(said('Comment').slice(1)).toEqual([
      'part-solid nodule, 5.1 x 3.5 mm, changed by the reader',
      'part-solid nodule, 5.1 x 3.5 mm, added by the reader',
    ]);
  });
});

describe('its verdicts, in codes', () => {
  it('keep each with its finding and its reason', () => {
    const verdicts = named(evaluations(signed()), 'Verdict of the reader on a finding');
    expect(verdicts.map(({ value, children }) => [value.split('|')[0], ...children.map((item) => item.value)])).toEqual(
      [
        ['ACCEPTED', finding(1).TrackingUID],
        ['MODIFIED', finding(2).TrackingUID],
        ['REJECTED', finding(3).TrackingUID, 'VESSEL|99OVERREAD|Vessel'],
        ['REJECTED', finding(4).TrackingUID],
        ['REJECTED', finding(5).TrackingUID, 'NOT_JUDGED|99OVERREAD|Rejected with the rest, not judged one by one'],
      ],
    );
    expect(dataset(signed()).sequence(0x00080110)[0]?.string(0x00080102)).toBe('99OVERREAD');
  });

  it('say what is present as the reader has it', () => {
    const found = (source: SignedSource) => named(evaluations(source), 'Solitary nodule of lung')[0]?.value;
    expect(found(signed())).toContain('Present');
    const all = [1, 2].map((index) => ({
      ...{ TrackingUID: finding(index).TrackingUID, at: '2026-01-01T00:00:00Z', verdict: 'rejected' as const },
      ...{ reason: null, bulk: false },
    }));
    const content = { verdicts: all, added: [], thresholds: {} };
    expect(found(signed({ content, runs: [readRun({ findings: [finding(1), finding(2)] })] }))).toContain('Absent');
  });

  it('keep the display threshold in force', () => {
    const parameters = named(flatten(tree(signed())), 'Algorithm Parameters').map(({ value }) => value);
    expect(parameters).toContain('displayThreshold=0.89');
    const own = signed({ content: { ...signed().content, thresholds: {} } });
    expect(named(flatten(tree(own)), 'Algorithm Parameters').map(({ value }) => value)).toContain(
      'displayThreshold=0.35',
    );
    expect(RUN in signed().content.thresholds).toBe(true);
  });
});

describe('its summary (a section of CID 7001 with elements of CID 7002)', () => {
  const section = (source: SignedSource) => named(tree(source).children, 'Summary')[0]?.children ?? [];
  const told = (source: SignedSource) => section(source).map(({ concept, value }) => `${concept} ${value}`);
  const uid = finding(1).TrackingUID;
  const taken = {
    patient: { screening: true },
    nodules: { [uid]: { density: 'solid' as const, course: 'baseline' as const } },
    taken: { [uid]: { lungRads: '2' as const } },
  };

  it('is in the language of the reader, says so, and names its findings by their tracking UID', () => {
    const chinese = section(signed({ language: 'zh-CN' }));
    expect(chinese.map(({ relationship, valueType }) => `${relationship} ${valueType}`)).toEqual([
      'HAS CONCEPT MOD CODE',
      ...Array.from({ length: 4 }, () => 'CONTAINS TEXT'),
    ]);
    expect([chinese[0]?.value, chinese[0]?.children[0]?.value]).toEqual(['zh|RFC5646|Chinese', 'CN|ISO3166_1|China']);
    expect(chinese[1]?.value).toBe('发现 3 处。');
    expect(chinese[3]?.value).toContain('AI 检出，阅片者已修改');
    expect(chinese.slice(2).map(({ children }) => children[0]?.value)).toEqual([
      uid,
      finding(2).TrackingUID,
      '2.25.4711',
    ]);
    expect(told(signed({ language: 'en' }))[1]).toBe('121077|DCM Findings: 3.');
  });

  it('has growth since the prior with its uncertainty, and the number of the image', () => {
    const before = { StudyInstanceUID: '2.25.1', TrackingUID: '2.25.2', StudyDate: '20230301' };
    const comparisons = { '2.25.4711': { ...before, meanDiameterMm: 3.5, volumeMm3: 25 } };
    const content = { ...signed().content, comparisons };
    const [lesion] = content.added;
    const imageNumbers = new Map([
      [lesion?.lesion.region.SOPInstanceUID ?? '', { InstanceNumber: 41, NumberOfFrames: null }],
    ]);
    const line = told(signed({ content, imageNumbers })).at(-1);
    expect(line).toMatch(
      /instance number 41, since 2023-03-01: mean diameter \+0\.8 mm, volume \+93 %, doubling time \d+ days/,
    );
    expect(line).toMatch(/\(\d+ to \d+\)/);
  });

  it('has a hint of a guideline with its inputs only where the reader took it and it still holds', () => {
    const hints = (guidelines: SignedSource['content']['guidelines']) =>
      told(signed({ content: { ...signed().content, guidelines } })).filter((line) => line.startsWith('121075|DCM'));
    expect(hints(taken)).toEqual([
      expect.stringMatching(/Lung-RADS v2022 category 2 \(calculated, not AI\).*Rule: solid, baseline, < 6 mm\./),
      expect.stringMatching(/Inputs: mean diameter, mm \d.*; density solid; screening yes; compared with before first/),
    ]);
    expect(hints({ ...taken, taken: {} })).toEqual([]);
    expect(hints({ ...taken, taken: { [uid]: { lungRads: '4B' } } })).toEqual([]);
  });
});

const shapes = Object.entries(SIGNED);
const codesOfOurs = /Unrecognized defined term = <99|needed to build DICOMDIR/;

describe.skipIf(!hasDciodvfy)('dciodvfy (dicom3tools) finds no error', () => {
  it.each(shapes)('%s', async (_name, shape) => {
    const { errors, warnings } = await dciodvfy(encodeReading(shape()));
    expect(errors).toEqual([]);
    expect(warnings.filter((line) => !codesOfOurs.test(line))).toEqual([]);
  });
});

describe.skipIf(!hasDsrdump)('dsrdump (dcmtk) reads every signed report', () => {
  it.each(shapes)('%s', async (_name, shape) => {
    const { errors } = await dsrdump(encodeReading(shape()));
    expect(errors).toEqual([]);
  });
});

/** The templates of its edition are extensible: comments, and what is of our scheme, are not in them. */
const NOT_IN_TEMPLATE =
  /(CONTAINER \(121111,DCM,"Summary"\)|TEXT \(121106,DCM,"Comment"\)|CODE \((LESION_DENSITY|VERDICT|REJECT_REASON),99OVERREAD,.*\)|UIDREF \(112040,DCM,.*\)).*: Content Item not in template/;

describe.skipIf(!hasPixelMed)('PixelMed DicomSRValidator finds no error', { timeout: 180_000 }, () => {
  it.each(shapes.filter(([name]) => /every verdict|Chinese/.test(name)))('%s', async (_name, shape) => {
    const { errors, warnings } = await pixelMed(encodeReading(shape()));
    expect(errors).toEqual([]);
    expect(warnings.filter((line) => !NOT_IN_TEMPLATE.test(line))).toEqual([]);
  });
});
