import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Dataset } from '../../../services/dicom/dataset/dataset.ts';
import { TAG } from '../../../services/dicom/dataset/tags.ts';
import type { PlainDataset } from '../../../services/dicom/dataset/write-dataset.ts';
import { countAtPeer, countStudyAtPeer } from '../../../services/dicom/net/count-at-peer.ts';
import { type FindRequest, find } from '../../../services/dicom/net/find-scu.ts';
import {
  instanceUid,
  type QueriedReceiver,
  seriesUid,
  startQueriedReceiver,
  studyUid,
  testObject,
} from './queried-receiver.ts';

const SR = '1.2.840.10008.5.1.4.1.1.88.34';
const WANG = { id: 'P1', name: 'Wang^XiaoDong=王^小东' };
const ZHANG = { id: 'P2', name: 'ZHANG^LI', birthDate: '19701231' };

let scp: QueriedReceiver;
beforeAll(async () => {
  scp = await startQueriedReceiver();
  await scp.fill([
    ...[1, 2, 3].map((number) => testObject(number, { patient: WANG, study: 'old', date: '20230310', time: '235900' })),
    testObject(1, {
      patient: WANG,
      study: 'old',
      series: '2',
      modality: 'SR',
      SOPClassUID: SR,
      date: '20230310',
      time: '235900',
    }),
    testObject(1, {
      patient: WANG,
      study: 'new',
      date: '20240105',
      time: '081530',
      accession: 'A7',
      description: 'CT abdomen',
    }),
    testObject(1, { patient: ZHANG, study: 'other', date: '20240106', time: '1015', modality: 'MR', accession: 'B_1' }),
  ]);
});
afterAll(() => scp?.stop());

const NAMES: ReadonlyMap<string, string> = new Map(['old', 'new', 'other'].map((name) => [studyUid(name), name]));

async function all(request: FindRequest): Promise<readonly Dataset[]> {
  const matches: Dataset[] = [];
  for await (const match of find(scp.peer, 'TESTER', request)) matches.push(match);
  return matches;
}

/** Names of the studies that match at study level. */
async function studies(keys: PlainDataset, extended?: FindRequest['extended']): Promise<readonly string[]> {
  const request = { model: 'study root', level: 'STUDY', keys: { StudyInstanceUID: '', ...keys } } as const;
  const matches = await all({ ...request, ...(extended && { extended }) });
  return matches.map((match) => NAMES.get(match.string(TAG.StudyInstanceUID)) ?? '?');
}

describe('matching at study level (PS3.4 §C.2.2.2), newest first', () => {
  it.each<[PlainDataset, string[]]>([
    [{}, ['other', 'new', 'old']],
    [{ PatientName: 'wang*' }, ['new', 'old']],
    [{ PatientName: '王^小东' }, ['new', 'old']],
    [{ PatientName: '?HANG^L?' }, ['other']],
    [{ PatientName: '*' }, ['other', 'new', 'old']],
    [{ PatientID: 'P1' }, ['new', 'old']],
    [{ PatientID: 'p1' }, []],
    [{ PatientID: 'P%' }, []],
    [{ AccessionNumber: 'B_1' }, ['other']],
    [{ AccessionNumber: 'B?1' }, ['other']],
    [{ StudyDate: '20240105' }, ['new']],
    [{ StudyDate: '20230101-20240105' }, ['new', 'old']],
    [{ StudyDate: '20240106-' }, ['other']],
    [{ StudyDate: '-20230310' }, ['old']],
    [{ StudyDate: '2023.03.10' }, ['old']],
    [{ StudyTime: '08-10' }, ['other', 'new']],
    [{ ModalitiesInStudy: 'SR' }, ['old']],
    [{ ModalitiesInStudy: ['SR', 'MR'] }, ['other', 'old']],
    [{ StudyInstanceUID: [studyUid('old'), studyUid('other')] }, ['other', 'old']],
    [{ StudyInstanceUID: '1.2.3' }, []],
    [{ StudyDescription: '*abdomen' }, ['new']],
    [{ PatientBirthDate: '19701231' }, ['other']],
    [{ PatientName: "'; DROP TABLE study; --" }, []],
    [{ AccessionNumber: '../../../etc/passwd' }, []],
  ])('%j', async (keys, names) => {
    expect(await studies(keys)).toEqual(names);
  });

  it('names by the beginnings of their words, where that was agreed on', async () => {
    expect(await studies({ PatientName: 'xiao wang' })).toEqual([]);
    expect(await studies({ PatientName: 'xiao wang' }, { fuzzy: true })).toEqual(['new', 'old']);
  });

  it('date and time as one range, where that was agreed on (PS3.4 §C.2.2.2.5.4)', async () => {
    const keys = { StudyDate: '20230310-20240105', StudyTime: '2300-0900' };
    expect(await studies(keys)).toEqual([]);
    expect(await studies(keys, { combinedDateTime: true })).toEqual(['new', 'old']);
    expect(
      await studies({ StudyDate: '20240105-20240106', StudyTime: '0900-1015' }, { combinedDateTime: true }),
    ).toEqual(['other']);
  });
});

const attributes = (match: Dataset | undefined, ...tags: number[]) => tags.map((tag) => match?.strings(tag).join('\\'));

describe('what is answered', () => {
  it('the keys that were asked for, counts among them, in UTF-8', async () => {
    const keys = {
      ...{
        StudyInstanceUID: '',
        PatientName: 'Wang*',
        ModalitiesInStudy: '',
        StudyDate: '-20231231',
      },
      ...{ NumberOfStudyRelatedSeries: '', NumberOfStudyRelatedInstances: '' },
    };
    const [match, ...more] = await all({ model: 'study root', level: 'STUDY', keys });
    expect(more).toEqual([]);
    expect(attributes(match, TAG.SpecificCharacterSet, TAG.QueryRetrieveLevel, TAG.RetrieveAETitle)).toEqual([
      'ISO_IR 192',
      'STUDY',
      'OVERREAD',
    ]);
    expect(attributes(match, TAG.PatientName, 0x00080061, 0x00201206, 0x00201208)).toEqual([
      WANG.name,
      'CT\\SR',
      '2',
      '4',
    ]);
    expect(match?.has(TAG.AccessionNumber)).toBe(false);
  });

  it('patients, with what they have', async () => {
    const keys = { PatientID: '', PatientName: '', PatientBirthDate: '' };
    const counts = {
      NumberOfPatientRelatedStudies: '',
      NumberOfPatientRelatedSeries: '',
      NumberOfPatientRelatedInstances: '',
    };
    const matches = await all({ model: 'patient root', level: 'PATIENT', keys: { ...keys, ...counts } });
    expect(
      matches.map((match) => attributes(match, TAG.PatientID, TAG.PatientName, 0x00201200, 0x00201202, 0x00201204)),
    ).toEqual([
      ['P1', WANG.name, '2', '3', '5'],
      ['P2', ZHANG.name, '1', '1', '1'],
    ]);
  });

  it('the series of a study, and the images of a series', async () => {
    const StudyInstanceUID = studyUid('old');
    const series = await all({
      ...{ model: 'patient root', level: 'SERIES' },
      keys: {
        PatientID: 'P1',
        StudyInstanceUID,
        SeriesInstanceUID: '',
        Modality: '',
        NumberOfSeriesRelatedInstances: '',
      },
    });
    expect(series.map((match) => attributes(match, TAG.SeriesInstanceUID, TAG.Modality, 0x00201209))).toEqual([
      [seriesUid('old', '1'), 'CT', '3'],
      [seriesUid('old', '2'), 'SR', '1'],
    ]);
    const images = await all({
      ...{ model: 'study root', level: 'IMAGE' },
      keys: { StudyInstanceUID, SeriesInstanceUID: seriesUid('old'), SOPInstanceUID: '', InstanceNumber: '', Rows: '' },
    });
    const found = images.map((match) => [
      ...attributes(match, TAG.SOPInstanceUID, TAG.InstanceNumber),
      match.number(TAG.Rows),
    ]);
    expect(found.toSorted()).toEqual(
      [1, 2, 3].map((number) => [instanceUid('old', '1', number), String(number), 16]).toSorted(),
    );
  });

  it('without the levels above only where relational queries were agreed on', async () => {
    const request = {
      model: 'study root',
      level: 'IMAGE',
      keys: { SOPInstanceUID: instanceUid('new', '1', 1), StudyInstanceUID: '' },
    } as const;
    await expect(all(request)).rejects.toThrow('A900: level IMAGE needs one StudyInstanceUID');
    const [match] = await all({ ...request, extended: { relational: true } });
    expect(match?.string(TAG.StudyInstanceUID)).toBe(studyUid('new'));
    const series = await all({
      model: 'study root',
      level: 'SERIES',
      keys: { Modality: 'CT', StudyInstanceUID: '' },
      extended: { relational: true },
    });
    expect(series.map((each) => NAMES.get(each.string(TAG.StudyInstanceUID)))).toEqual(['new', 'old']);
  });
});

describe('what is refused (PS3.4 Table C.4-1)', () => {
  it.each<[string, FindRequest, string]>([
    [
      'patients in a model without them',
      { model: 'study root', level: 'PATIENT', keys: {} },
      'A900: Query/Retrieve Level must be STUDY, SERIES, IMAGE',
    ],
    [
      'series where there are none',
      { model: 'patient/study only', level: 'SERIES', keys: {} },
      'A900: Query/Retrieve Level must be PATIENT, STUDY',
    ],
    [
      'a study of no patient',
      { model: 'patient root', level: 'STUDY', keys: {} },
      'A900: level STUDY needs one PatientID',
    ],
    [
      'a study of some patients',
      { model: 'patient root', level: 'STUDY', keys: { PatientID: 'P*' } },
      'A900: level STUDY needs one PatientID',
    ],
    [
      'a date that is none',
      { model: 'study root', level: 'STUDY', keys: { StudyDate: '2024' } },
      'A900: StudyDate is neither a value nor a range',
    ],
    [
      'a number that is none',
      { model: 'study root', level: 'SERIES', keys: { StudyInstanceUID: '1.2', SeriesNumber: 'x' } },
      'A900: SeriesNumber is no number',
    ],
  ])('%s', async (_name, request, why) => {
    await expect(all(request)).rejects.toThrow(why);
  });
});

describe('counts at a peer', () => {
  it('are those of each series, and of the study; of what it has not, there are none', async () => {
    const series = await countAtPeer(scp.peer, 'TESTER', studyUid('old'));
    expect(series.toSorted((a, b) => b.instances - a.instances)).toEqual([
      { StudyInstanceUID: studyUid('old'), SeriesInstanceUID: seriesUid('old'), Modality: 'CT', instances: 3 },
      { StudyInstanceUID: studyUid('old'), SeriesInstanceUID: seriesUid('old', '2'), Modality: 'SR', instances: 1 },
    ]);
    expect(await countStudyAtPeer(scp.peer, 'TESTER', studyUid('old'))).toBe(4);
    expect(await countAtPeer(scp.peer, 'TESTER', '1.2.3')).toEqual([]);
    expect(await countStudyAtPeer(scp.peer, 'TESTER', '1.2.3')).toBeUndefined();
  });
});
