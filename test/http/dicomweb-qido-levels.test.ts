import { afterEach, describe, expect, it } from 'vitest';
import type { AttributeRow } from '../../services/domain/ports.ts';
import { type AppServer, searchPort, startApp } from './app-server.ts';

const running: AppServer[] = [];
afterEach(async () => {
  for (const app of running.splice(0)) await app.close();
});
const start = async (rows: readonly AttributeRow[]) => {
  const { queries, asked } = searchPort(rows);
  const app = await startApp({ dicomweb: queries });
  running.push(app);
  return { root: `${app.url}/dicomweb`, asked };
};

const STUDY: AttributeRow = {
  StudyInstanceUID: '1.2.3',
  PatientName: 'Zhang^San=张^三=',
  PatientID: 'P1',
  PatientBirthDate: '',
  PatientSex: 'F',
  StudyDate: '20260102',
  StudyTime: '101112.5',
  AccessionNumber: null,
  StudyID: '1',
  ReferringPhysicianName: '',
  StudyDescription: 'CT 胸部',
  ModalitiesInStudy: ['CT', 'SR'],
  NumberOfStudyRelatedSeries: 2,
  NumberOfStudyRelatedInstances: '134',
};

describe('search for series and instances', () => {
  it('asks below the study of the path, and gives series its place and URL', async () => {
    const { root, asked } = await start([
      {
        SeriesInstanceUID: '1.2.3.4',
        Modality: 'CT',
        SeriesNumber: 0,
        SeriesDescription: 'a\\b',
        NumberOfSeriesRelatedInstances: 133,
      },
    ]);
    const answer = await fetch(`${root}/studies/1.2.3/series?Modality=CT&00200011=0`);
    expect(asked).toEqual([
      { match: { Modality: 'CT', SeriesNumber: '0' }, limit: 5001, offset: 0, parent: { StudyInstanceUID: '1.2.3' } },
    ]);
    expect(await answer.json()).toEqual([
      {
        '00080005': { vr: 'CS', Value: ['ISO_IR 192'] },
        '00080056': { vr: 'CS', Value: ['ONLINE'] },
        '00080060': { vr: 'CS', Value: ['CT'] },
        '0008103E': { vr: 'LO', Value: ['a', 'b'] },
        '00081190': { vr: 'UR', Value: [`${root}/studies/1.2.3/series/1.2.3.4`] },
        '0020000D': { vr: 'UI', Value: ['1.2.3'] },
        '0020000E': { vr: 'UI', Value: ['1.2.3.4'] },
        '00200011': { vr: 'IS', Value: [0] },
        '00201209': { vr: 'IS', Value: [133] },
      },
    ]);
  });

  it('asks for the instances of a series', async () => {
    const { root, asked } = await start([
      {
        SOPClassUID: '1.2.840.10008.5.1.4.1.1.2',
        SOPInstanceUID: '9.1',
        InstanceNumber: null,
        Rows: 512,
        Columns: 512,
        ImageType: 'ORIGINAL\\PRIMARY\\\\AXIAL',
      },
    ]);
    const answer = await fetch(`${root}/studies/1.2/series/1.3/instances?SOPInstanceUID=9.1`);
    expect(asked[0]).toMatchObject({
      match: { SOPInstanceUID: '9.1' },
      parent: { StudyInstanceUID: '1.2', SeriesInstanceUID: '1.3' },
    });
    const [instance] = (await answer.json()) as Record<string, unknown>[];
    expect(instance).toMatchObject({
      '00080008': { vr: 'CS', Value: ['ORIGINAL', 'PRIMARY', null, 'AXIAL'] },
      '00081190': { vr: 'UR', Value: [`${root}/studies/1.2/series/1.3/instances/9.1`] },
      '00200013': { vr: 'IS' },
      '00280010': { vr: 'US', Value: [512] },
    });
  });

  it.each([
    ['series', {}],
    ['instances', {}],
    ['studies/1.2.3/instances', { StudyInstanceUID: '1.2.3' }],
  ])('%s is a resource of its own, matched on its parents too', async (path, parent) => {
    const row = {
      ...STUDY,
      SeriesInstanceUID: '1.2.3.4',
      Modality: 'CT',
      ...(path !== 'series' && { SOPInstanceUID: '9.1' }),
    };
    const { root, asked } = await start([row]);
    const answer = await fetch(`${root}/${path}?Modality=CT&limit=7`);
    expect(asked).toEqual([{ match: { Modality: 'CT' }, limit: 8, offset: 0, parent }]);
    const [found] = (await answer.json()) as Record<string, unknown>[];
    const place = path === 'series' ? '' : '/instances/9.1';
    expect(found).toMatchObject({
      '00080060': { vr: 'CS', Value: ['CT'] },
      '00081190': { vr: 'UR', Value: [`${root}/studies/1.2.3/series/1.2.3.4${place}`] },
    });
    expect('00100020' in (found ?? {})).toBe(path !== 'studies/1.2.3/instances');
  });

  it.each([
    ['', []],
    ['?includefield=PatientID', ['00100020']],
    ['?includefield=00100020,00080020&includefield=PatientName', ['00080020', '00100010', '00100020']],
  ])('the attributes of the study come with its series when asked for: %s', async (query, tags) => {
    const { root } = await start([{ ...STUDY, SeriesInstanceUID: '1.2.3.4' }]);
    const [found] = (await (await fetch(`${root}/studies/1.2.3/series${query}`)).json()) as Record<string, unknown>[];
    const ofStudy = ['00080020', '00100010', '00100020'].filter((tag) => tag in (found ?? {}));
    expect(ofStudy).toEqual(tags);
  });

  it('includefield=all brings everything; what is not indexed is told', async () => {
    const { root } = await start([{ ...STUDY, SeriesInstanceUID: '1.2.3.4' }]);
    const all = await fetch(`${root}/studies/1.2.3/series?includefield=all`);
    expect(await all.json()).toMatchObject([{ '00100020': {}, '00081030': {} }]);
    const unknown = await fetch(`${root}/studies/1.2.3/series?includefield=00400275,PatientName`);
    expect(unknown.headers.get('warning')).toContain('1 of the attributes in includefield');
  });

  it('a path that names no UID is refused before anything is asked', async () => {
    const { root, asked } = await start([]);
    for (const path of ['studies/1..2/series', 'studies/1.2/series/0x1/instances', "studies/1.2'--/series"])
      expect((await fetch(`${root}/${path}`)).status, path).toBe(400);
    expect(asked).toEqual([]);
  });
});
