import { describe, expect, it } from 'vitest';
import type { Dataset } from '../../services/dicom/dataset/dataset.ts';
import { registeredKeyword } from '../../services/dicom/dataset/dictionary.ts';
import type { PlainDataset } from '../../services/dicom/dataset/write-dataset.ts';
import type { ReportSource } from '../../services/domain/report-source.ts';
import { encodeReport, reportDataset } from '../../services/report/findings-to-sr.ts';
import { comments, evidence, flatten, named, read, tree } from './content-tree.ts';
import {
  algorithm,
  chineseName,
  finding,
  findings,
  hostile,
  imageUid,
  noFindings,
  notAnalysable,
  SHAPES,
  series,
  study,
  superseding,
} from './report-sources.ts';

describe('what every report says of itself', () => {
  it.each(Object.entries(SHAPES))('%s: not reviewed, preliminary, for research', (_name, shape) => {
    const dataset = read(shape());
    expect(dataset.string(0x0040a493)).toBe('UNVERIFIED');
    expect(dataset.string(0x0040a496)).toBe('PRELIMINARY');
    expect(dataset.string(0x0040a491)).toBe(shape().endState === 'NOT_ANALYSABLE' ? 'PARTIAL' : 'COMPLETE');
    expect(comments(shape())[0]).toBe('Research use only, not for diagnosis.');
    expect(dataset.string(0x0008103e)).toMatch(/^RESEARCH .{1,55}$/);
  });

  it.each(Object.entries(SHAPES))('%s: names the algorithm, its version, parameters and hash', (_name, shape) => {
    const source = shape();
    const container = named(tree(source).children, 'Imaging Measurements')[0]?.children ?? [];
    expect(named(container, 'Algorithm Name').map(({ value }) => value)).toEqual([source.algorithm.name]);
    expect(named(container, 'Algorithm Version').map(({ value }) => value)).toEqual([source.algorithm.version]);
    expect(named(container, 'Algorithm Parameters').map(({ value }) => value)).toContain(
      `model=sha256:${source.algorithm.modelHash}`,
    );
  });

  it('drops the research label when a validated model has no banner', () => {
    const source = { ...findings(1), algorithm: { ...algorithm, banner: '' } };
    expect(read(source).string(0x0008103e)).toBe('blob-log-ct: 1 finding');
    expect(comments(source)[0]).toBe('1 finding by the algorithm; not reviewed by a person.');
  });

  it('names the device by installation: other runs the same, other installations another', () => {
    const device = (source: ReportSource) => named(tree(source).children, 'Device Observer UID')[0]?.value;
    expect(device(findings(1))).toBe(device({ ...noFindings(), runId: 'another' }));
    expect(device(findings(1))).not.toBe(device({ ...findings(1), installationId: 'another' }));
  });

  it('lists the images with modality, frame of reference and grid', () => {
    const [library] = named(tree(findings(1)).children, 'Image Library');
    const items = library?.children[0]?.children ?? [];
    expect(items.slice(0, 7).map(({ name, value }) => [name, value])).toEqual([
      ['Modality', 'CT|DCM|Computed Tomography'],
      ['Frame of Reference UID', series.FrameOfReferenceUID],
      ['Pixel Data Rows', '400'],
      ['Pixel Data Columns', '512'],
      ['Horizontal Pixel Spacing', '0.703125'],
      ['Vertical Pixel Spacing', '0.703125'],
      ['Spacing between slices', '2.5'],
    ]);
    expect(items.slice(7).map(({ reference }) => reference)).toEqual(
      series.images.map((image) => image.SOPInstanceUID),
    );
  });

  it('says which report it replaces', () => {
    expect(evidence(superseding(), 0x0040a360)).toEqual(['2.25.7002']);
    expect(comments(superseding()).join('\n')).toMatch(/replaces 2\.25\.7002/);
    expect(comments(superseding())).toContain(
      'Warning: gantry tilt of 4 degrees: slices sheared by 1.5 mm were resampled to a right-angled grid.',
    );
    expect(evidence(findings(1), 0x0040a360)).toEqual([]);
  });
});

describe('evidence', () => {
  it.each(Object.entries(SHAPES))('%s: is complete, and holds each instance once', (_name, shape) => {
    const source = shape();
    const listed = evidence(source);
    const referenced = flatten(tree(source))
      .map(({ reference }) => reference)
      .filter(Boolean);
    expect(new Set(listed).size).toBe(listed.length);
    expect(referenced.filter((uid) => !listed.includes(uid))).toEqual([]);
    if (source.series) expect(new Set(referenced)).toEqual(new Set(listed));
  });

  it('names what is no image in the evidence only, for an IMAGE item must be one', () => {
    const referenced = flatten(tree(notAnalysable()))
      .map(({ reference }) => reference)
      .filter(Boolean);
    expect(referenced).toEqual([imageUid(1), imageUid(2)]);
    expect(evidence(notAnalysable())).toHaveLength(3);
  });

  it('takes in an image of another series that a finding lies on', () => {
    const region = { ...finding(1).region, SOPInstanceUID: '1.2.3.4' };
    const elsewhere = finding(1, { SeriesInstanceUID: '1.2.3', region });
    expect(evidence({ ...findings(1), findings: [elsewhere] })).toEqual([...evidence(noFindings()), '1.2.3.4']);
  });

  it('is left out when there is nothing to refer to', () => {
    expect(read({ ...notAnalysable(), considered: [] }).has(0x0040a375)).toBe(false);
  });
});

describe('the same source gives the same bytes', () => {
  it.each(Object.entries(SHAPES))('%s', (_name, shape) => {
    expect(encodeReport(shape())).toEqual(encodeReport(structuredClone(shape())));
  });

  it('and another revision another object in another series', () => {
    const [one, two] = [encodeReport(findings(1)), encodeReport({ ...findings(1), revision: 2 })];
    expect(one.SOPInstanceUID).not.toBe(two.SOPInstanceUID);
    expect(one.SeriesInstanceUID).not.toBe(two.SeriesInstanceUID);
    expect(one.SOPInstanceUID).not.toBe(one.SeriesInstanceUID);
  });
});

/** Values as text, one by one; an empty one is none. */
const textsOf = (value: PlainDataset[string]): readonly string[] =>
  [value].flat().flatMap((each) => (each === '' ? [] : String(each).split('\\')));

describe('read back', () => {
  /** Holds a plain data set against what a reader finds: every attribute of one is in the other, with its values. */
  function compare(plain: PlainDataset, dataset: Dataset): void {
    const present = Object.entries(plain).filter(([, value]) => value !== undefined);
    expect(dataset.tags()).toHaveLength(present.length);
    for (const [keyword, value] of present) {
      const { tag, vr } = registeredKeyword(keyword) ?? { tag: 0, vr: '' };
      if (vr === 'SQ') {
        const items = value as readonly PlainDataset[];
        expect(dataset.sequence(tag)).toHaveLength(items.length);
        for (const [i, item] of dataset.sequence(tag).entries()) compare(items[i] ?? {}, item);
      } else if (vr === 'FL') {
        expect(dataset.numbers(tag)).toEqual((value as readonly number[]).map(Math.fround));
      } else {
        expect(dataset.strings(tag)).toEqual(textsOf(value));
      }
    }
  }

  it.each(Object.entries(SHAPES))('%s: nothing more, nothing less, nothing changed', (_name, shape) => {
    compare(reportDataset(shape()), read(shape()));
  });
});

describe('values from the data', () => {
  it('are declared and written as UTF-8, the name in its three groups', () => {
    const dataset = read(chineseName());
    expect(dataset.string(0x00080005)).toBe('ISO_IR 192');
    expect(
      Buffer.from(dataset.bytes(0x00100010) ?? [])
        .toString('utf8')
        .trim(),
    ).toBe(chineseName().study.PatientName);
    expect(dataset.string(0x00081030)).toBe('胸部CT平扫');
  });

  it('are copied from the images', () => {
    const dataset = read(findings(1));
    const copied = [0x0020000d, 0x00100020, 0x00100021, 0x00100030, 0x00100040, 0x00101010, 0x00080020, 0x00080030];
    expect(copied.map((tag) => dataset.string(tag))).toEqual([
      study.StudyInstanceUID,
      study.PatientID,
      study.IssuerOfPatientID,
      study.PatientBirthDate,
      study.PatientSex,
      study.PatientAge,
      study.StudyDate,
      study.StudyTime,
    ]);
  });

  it('that do not fit are made to, and two long PatientIDs stay two', () => {
    const dataset = read(hostile());
    const other = { ...hostile(), study: { ...hostile().study, PatientID: `${hostile().study.PatientID}1` } };
    expect(dataset.string(0x00100020)).not.toBe(read(other).string(0x00100020));
    expect([...dataset.string(0x00100020)]).toHaveLength(64);
    expect([0x00100030, 0x00100040, 0x00080020, 0x00080030, 0x00200010].map((tag) => dataset.string(tag))).toEqual([
      '',
      '',
      '',
      '',
      '',
    ]);
  });

  it('leave out a frame of reference that is no UID, and the sphere that would lie in it', () => {
    const items = flatten(tree(hostile()));
    expect(named(items, 'Frame of Reference UID')).toEqual([]);
    expect(items.filter(({ valueType }) => valueType === 'SCOORD3D')).toEqual([]);
  });

  it('keep an accession number too long for its attribute whole in the content, never shortened', () => {
    const AccessionNumber = 'HOSPITAL-2026-000000001';
    const source = { ...findings(1), study: { ...study, AccessionNumber } };
    expect(read(source).string(0x00080050)).toBe('');
    expect(named(tree(source).children, 'Accession Number').map(({ value }) => value)).toEqual([AccessionNumber]);
  });

  it('that are empty leave no empty content item behind', () => {
    const source = { ...findings(1), study: { ...study, AccessionNumber: '', StudyID: '', IssuerOfPatientID: '' } };
    expect(named(tree(source).children, 'Accession Number')).toEqual([]);
    expect(read(source).has(0x00100021)).toBe(false);
    expect(read(source).has(0x00200010)).toBe(true);
  });
});
