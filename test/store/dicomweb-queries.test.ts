import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readPart10Meta } from '../../services/dicom/dataset/part10.ts';
import type { Store } from '../../services/store/connect.ts';
import { dicomwebQueries } from '../../services/store/dicomweb-queries.ts';
import { runStore } from '../../services/store/run-store.ts';
import { seriesIndex } from '../../services/store/series-index.ts';
import { arrival, newUid, planOf, resultOf } from '../support/arrivals.ts';
import { startStore } from '../support/database.ts';

const folder = mkdtempSync(join(tmpdir(), 'overread-dicomweb-'));
const started: { store?: Store; stop?: () => Promise<void> } = {};
const store = (): Store => {
  if (started.store === undefined) throw new Error('not started');
  return started.store;
};
const index = () => seriesIndex(store(), { quietSeconds: 0.001, releasedQuietSeconds: 0.001 });
const web = () => dicomwebQueries(store(), { instanceDirectory: join(folder, 'instances') });

// biome-ignore format: a table
const STUDIES = {
  wang:    { PatientName: 'Wang^XiaoDong=王^小东', PatientID: 'A_1', StudyDate: '20240105', StudyTime: '101500', StudyDescription: 'CT chest' },
  zhang:   { PatientName: 'ZHANG^LI', PatientID: 'A%1', StudyDate: '20240131', StudyTime: '2359', StudyDescription: 'CT chest 50%' },
  nodate:  { PatientName: 'None^Date', PatientID: 'AX1', StudyDate: '', StudyTime: '', StudyDescription: 'ct\\chest' },
} as const;
type Name = keyof typeof STUDIES;
const uids: Record<Name, string> = { wang: newUid(), zhang: newUid(), nodate: newUid() };
const series = { ct: newUid(), sr: newUid() };

beforeAll(async () => {
  Object.assign(started, await startStore());
  for (const name of ['wang', 'zhang', 'nodate'] as const) {
    await index().recordInstance(
      arrival({ ...STUDIES[name], study: uids[name], ...(name === 'wang' && { series: series.ct }) }),
    );
  }
  for (const InstanceNumber of [10, 2])
    await index().recordInstance(arrival({ ...STUDIES.wang, study: uids.wang, series: series.ct, InstanceNumber }));
  await index().recordInstance(arrival({ ...STUDIES.wang, study: uids.wang, series: series.sr, Modality: 'SR' }));
});
afterAll(async () => {
  await started.stop?.();
  rmSync(folder, { recursive: true });
});

async function found(match: Record<string, string>): Promise<Name[]> {
  const rows = await web().searchStudies(match, 100, 0);
  const names = Object.entries(uids).flatMap(([name, uid]) =>
    rows.some((row) => row.StudyInstanceUID === uid) ? [name as Name] : [],
  );
  return names.toSorted();
}

describe('searchStudies (PS3.4 §C.2.2.2)', () => {
  it.each<[Record<string, string>, Name[]]>([
    [{}, ['nodate', 'wang', 'zhang']],
    [{ PatientName: 'wang^xiaodong' }, ['wang']],
    [{ PatientName: '王^小东' }, ['wang']],
    [{ PatientName: 'zh*' }, ['zhang']],
    [{ PatientName: '*an*' }, ['wang', 'zhang']],
    [{ PatientName: '?ang*' }, ['wang']],
    [{ PatientName: 'wang' }, []],
    [{ PatientID: 'A_1' }, ['wang']],
    [{ PatientID: 'A_?' }, ['wang']],
    [{ PatientID: 'A%*' }, ['zhang']],
    [{ PatientID: 'A?1' }, ['nodate', 'wang', 'zhang']],
    [{ PatientID: 'a_1' }, []],
    [{ StudyDescription: 'ct\\*' }, ['nodate']],
    [{ StudyDescription: 'CT chest' }, ['wang']],
    [{ StudyDate: '20240105' }, ['wang']],
    [{ StudyDate: '20240105-20240131' }, ['wang', 'zhang']],
    [{ StudyDate: '20240106-' }, ['zhang']],
    [{ StudyDate: '-20240105' }, ['wang']],
    [{ StudyTime: '10-12' }, ['wang']],
    [{ StudyTime: '1015' }, ['wang']],
    [{ StudyTime: '12-' }, ['zhang']],
    [{ StudyInstanceUID: uids.wang }, ['wang']],
    [{ StudyInstanceUID: `${uids.wang}\\${uids.nodate}` }, ['nodate', 'wang']],
    [{ ModalitiesInStudy: 'SR' }, ['wang']],
    [{ ModalitiesInStudy: 'C?', StudyDate: '20240131' }, ['zhang']],
    [{ PatientName: "'; DROP TABLE study; --" }, []],
    [{ PatientName: 'a\0b' }, []],
    [{ SomethingElse: 'x', constructor: 'y' }, ['nodate', 'wang', 'zhang']],
  ])('%j', async (match, names) => {
    expect(await found(match)).toEqual(names);
  });

  it('answers the attributes of the study with its counts, newest first, a page at a time', async () => {
    const rows = await web().searchStudies({}, 2, 0);
    expect(rows.map(({ StudyInstanceUID }) => StudyInstanceUID)).toEqual([uids.zhang, uids.wang]);
    expect(rows[1]).toEqual({
      ...STUDIES.wang,
      ...{
        StudyInstanceUID: uids.wang,
        IssuerOfPatientID: '',
        PatientBirthDate: '19600229',
        PatientSex: 'M',
        PatientAge: '064Y',
      },
      ...{ StudyID: '1', AccessionNumber: 'A-1', ReferringPhysicianName: 'Doe^Jane' },
      ...{ ModalitiesInStudy: ['CT', 'SR'], NumberOfStudyRelatedSeries: 2, NumberOfStudyRelatedInstances: 4 },
    });
    expect(await web().searchStudies({}, 2, 2)).toHaveLength(1);
  });
});

describe('searchSeries, searchInstances', () => {
  it('match by modality and number', async () => {
    expect(await web().searchSeries({ StudyInstanceUID: uids.wang }, {}, 100, 0)).toHaveLength(2);
    expect(
      await web().searchSeries({ StudyInstanceUID: uids.wang }, { Modality: 'CT', SeriesNumber: '2' }, 100, 0),
    ).toMatchObject([{ SeriesInstanceUID: series.ct, Modality: 'CT', NumberOfSeriesRelatedInstances: 3 }]);
    expect(await web().searchSeries({ StudyInstanceUID: uids.wang }, { SeriesNumber: '9' }, 100, 0)).toEqual([]);
  });

  it('find over all studies, by the attributes of every level', async () => {
    const [ct] = await web().searchSeries({}, { PatientName: 'wang*', Modality: 'CT' }, 100, 0);
    expect(ct).toMatchObject({ ...STUDIES.wang, StudyInstanceUID: uids.wang, SeriesInstanceUID: series.ct });
    expect(await web().searchSeries({}, {}, 100, 0)).toHaveLength(4);
    expect(await web().searchSeries({}, { StudyDate: '20240105' }, 100, 0)).toHaveLength(2);
    expect(await web().searchInstances({}, {}, 100, 0)).toHaveLength(6);
    expect(await web().searchInstances({}, {}, 4, 4)).toHaveLength(2);
    expect(await web().searchInstances({}, { PatientID: 'A_1', Modality: 'SR' }, 100, 0)).toMatchObject([
      { PatientID: 'A_1', SeriesInstanceUID: series.sr, SeriesNumber: 2 },
    ]);
    expect(await web().searchInstances({ StudyInstanceUID: uids.wang }, {}, 100, 0)).toHaveLength(4);
  });

  it.each([
    ['xiao wang', ['wang']],
    ['xiaodong wan', ['wang']],
    ['WANG', ['wang']],
    ['小 wang', ['wang']],
    ['王', ['wang']],
    ['li,zhang', ['zhang']],
    ['ang', []],
    ['zhang.*', ['zhang']],
    ['(((', []],
    ['\\d', []],
  ] as const)('fuzzy matching of %j', async (PatientName, names) => {
    const rows = await web().searchStudies({ PatientName }, 100, 0, true);
    const all = Object.entries(uids).filter(([, uid]) => rows.some((row) => row.StudyInstanceUID === uid));
    expect(all.map(([name]) => name)).toEqual(names);
  });

  it('are in the order of the images', async () => {
    const of = { StudyInstanceUID: uids.wang, SeriesInstanceUID: series.ct };
    const rows = await web().searchInstances(of, {}, 100, 0);
    expect(rows.map(({ InstanceNumber }) => InstanceNumber)).toEqual([1, 2, 10]);
    expect(rows[0]).toMatchObject({ Rows: 512, AvailableTransferSyntaxUID: '1.2.840.10008.1.2.1' });
    expect(rows[0]).not.toHaveProperty('NumberOfFrames');
    expect(await web().searchInstances(of, { InstanceNumber: '2' }, 100, 0)).toHaveLength(1);
  });
});

describe('files', () => {
  it('are those of the study, the series or the instance', async () => {
    expect(await web().files({ StudyInstanceUID: uids.wang })).toHaveLength(4);
    const files = await web().files({ StudyInstanceUID: uids.wang, SeriesInstanceUID: series.ct });
    expect(files).toHaveLength(3);
    expect(files[0]).toMatchObject({
      file: expect.stringContaining(join(folder, 'instances/20240105')),
      NumberOfFrames: 1,
      bytes: 525_000,
    });
    const { SOPInstanceUID = '' } = files[1] ?? {};
    expect(await web().files({ StudyInstanceUID: uids.wang, SeriesInstanceUID: series.ct, SOPInstanceUID })).toEqual([
      files[1],
    ]);
    expect(await web().files({ StudyInstanceUID: uids.zhang, SeriesInstanceUID: series.ct })).toEqual([]);
  });
});

describe('our own report', () => {
  it('is found and read like an instance, and is one once a PACS has sent it back', async () => {
    const study = newUid();
    await index().recordInstance(arrival({ study }));
    await new Promise((resolve) => setTimeout(resolve, 5));
    const due = (await index().dueStudies()).find(({ StudyInstanceUID }) => StudyInstanceUID === study);
    if (due === undefined) throw new Error('not due');
    const [job] = await index().savePlan(due, [planOf(due)]);
    const runs = runStore(store(), { instanceDirectory: '/' });
    const run = await runs.claimRun(job?.id ?? '');
    const { report, ...rest } = resultOf(due, [0.9]);
    if (report === undefined) throw new Error('no report');
    await runs.commitResult(job?.id ?? '', run?.fence ?? -1, { ...rest, report }, []);

    const of = { StudyInstanceUID: study, SeriesInstanceUID: report.SeriesInstanceUID };
    const whole = { ModalitiesInStudy: ['CT', 'SR'], NumberOfStudyRelatedSeries: 2, NumberOfStudyRelatedInstances: 2 };
    expect(await web().searchStudies({ StudyInstanceUID: study, ModalitiesInStudy: 'SR' }, 1, 0)).toMatchObject([
      whole,
    ]);
    expect(await web().searchSeries({ StudyInstanceUID: study }, { Modality: 'SR' }, 9, 0)).toMatchObject([
      { SeriesInstanceUID: of.SeriesInstanceUID, NumberOfSeriesRelatedInstances: 1 },
    ]);
    expect(await web().searchInstances(of, {}, 9, 0)).toMatchObject([
      { SOPInstanceUID: report.SOPInstanceUID, SOPClassUID: report.SOPClassUID },
    ]);
    for (const _ of [1, 2]) {
      const [file] = await web().files(of);
      const bytes = readFileSync(file?.file ?? '');
      const meta = readPart10Meta(bytes);
      expect(meta).toMatchObject({
        SOPInstanceUID: report.SOPInstanceUID,
        TransferSyntaxUID: report.TransferSyntaxUID,
      });
      expect(new Uint8Array(bytes.subarray(meta.datasetOffset))).toEqual(report.dataset);
    }
    expect(readdirSync(join(folder, 'reports'))).toHaveLength(1);

    await index().recordInstance(
      arrival({ study, series: of.SeriesInstanceUID, SOPInstanceUID: report.SOPInstanceUID, Modality: 'SR' }),
    );
    expect(await web().searchStudies({ StudyInstanceUID: study }, 1, 0)).toMatchObject([whole]);
    expect(await web().files(of)).toMatchObject([{ file: expect.stringContaining('instances') }]);
  });
});
