import { afterEach, describe, expect, it } from 'vitest';
import { Problem } from '../../services/domain/contract/system.ts';
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

describe('search for studies (PS3.18 §10.6)', () => {
  it('answers the DICOM JSON Model with tag, VR and typed values, by rising tag', async () => {
    const { root } = await start([STUDY]);
    const answer = await fetch(`${root}/studies`);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('application/dicom+json');
    const [study] = (await answer.json()) as Record<string, unknown>[];
    expect(study).toEqual({
      '00080005': { vr: 'CS', Value: ['ISO_IR 192'] },
      '00080020': { vr: 'DA', Value: ['20260102'] },
      '00080030': { vr: 'TM', Value: ['101112.5'] },
      '00080050': { vr: 'SH' },
      '00080056': { vr: 'CS', Value: ['ONLINE'] },
      '00080061': { vr: 'CS', Value: ['CT', 'SR'] },
      '00080090': { vr: 'PN' },
      '00081030': { vr: 'LO', Value: ['CT 胸部'] },
      '00081190': { vr: 'UR', Value: [`${root}/studies/1.2.3`] },
      '00100010': { vr: 'PN', Value: [{ Alphabetic: 'Zhang^San', Ideographic: '张^三' }] },
      '00100020': { vr: 'LO', Value: ['P1'] },
      '00100030': { vr: 'DA' },
      '00100040': { vr: 'CS', Value: ['F'] },
      '0020000D': { vr: 'UI', Value: ['1.2.3'] },
      '00200010': { vr: 'SH', Value: ['1'] },
      '00201206': { vr: 'IS', Value: [2] },
      '00201208': { vr: 'IS', Value: [134] },
    });
    expect(Object.keys(study ?? {})).toEqual(Object.keys(study ?? {}).sort());
  });

  it('no match is an empty list with 200 (CP-2473)', async () => {
    const { root } = await start([]);
    const answer = await fetch(`${root}/studies?PatientID=none`);
    expect([answer.status, await answer.json()]).toEqual([200, []]);
  });

  it('matches by keyword and by tag; nothing and * match everything', async () => {
    const { root, asked } = await start([]);
    const query = [
      'PatientName=zhang*',
      '00100020=P%3F',
      '0020000d=1.2.3,1.2.4',
      'StudyDate=20260101-',
      '00080061=CT',
      'AccessionNumber=*',
      'StudyID=',
    ].join('&');
    expect((await fetch(`${root}/studies?${query}`)).status).toBe(200);
    expect(asked[0]?.match).toEqual({
      PatientName: 'zhang*',
      PatientID: 'P?',
      StudyInstanceUID: '1.2.3\\1.2.4',
      StudyDate: '20260101-',
      ModalitiesInStudy: 'CT',
    });
  });

  it.each([
    'limit=-1',
    'limit=x',
    'limit=',
    'offset=1.5',
    'limit=1&limit=2',
    'fuzzymatching=perhaps',
    'StudyInstanceUID=1.02',
    'StudyInstanceUID=1.2,',
    'StudyDate=2026-01-02',
    'PatientID=a&PatientID=b',
    'PatientID=a&00100020=b',
  ])('refuses ?%s', async (query) => {
    const { root, asked } = await start([STUDY]);
    const answer = await fetch(`${root}/studies?${query}`);
    expect([answer.status, Problem.parse(await answer.json()).code]).toEqual([400, 'BAD_REQUEST']);
    expect(asked).toEqual([]);
  });

  it('ignores what it does not have (§8.3) and says so', async () => {
    const { root, asked } = await start([STUDY]);
    const answer = await fetch(
      `${root}/studies?PatientIDD=1&00091001=x&emptyvaluematching=true&includefield=all&includefield=00081030&__proto__=x`,
    );
    expect(answer.status).toBe(200);
    expect(asked[0]?.match).toEqual({});
    const warning = answer.headers.get('warning') ?? '';
    expect(warning).toContain(`299 ${root} "PatientIDD is not matched here and was ignored."`);
    expect(warning).toContain('"00091001 is not matched here');
    expect(warning).toContain('Empty Value Matching has not been performed.');
    expect(warning).not.toContain('includefield');
  });

  it('a parameter name cannot bring a header of its own', async () => {
    const { root } = await start([STUDY]);
    const answer = await fetch(`${root}/studies?a%0d%0aSet-Cookie:%20x=1&%22,299=1`);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('set-cookie')).toBeNull();
    expect(answer.headers.get('warning')).toContain('"A parameter is not matched here');
  });

  it('pages by limit and offset, and warns when there are more', async () => {
    const rows = ['1.1', '1.2', '1.3'].map((StudyInstanceUID) => ({ StudyInstanceUID }));
    const { root } = await start(rows);
    const page = async (query: string) => {
      const answer = await fetch(`${root}/studies?${query}`);
      const studies = (await answer.json()) as Record<string, { Value: string[] }>[];
      return {
        uids: studies.map((study) => study['0020000D']?.Value[0]),
        more: answer.headers.get('warning') !== null,
      };
    };
    expect(await page('limit=2')).toEqual({ uids: ['1.1', '1.2'], more: true });
    expect(await page('limit=2&offset=2')).toEqual({ uids: ['1.3'], more: false });
    expect(await page('limit=3')).toEqual({ uids: ['1.1', '1.2', '1.3'], more: false });
    expect(await page('offset=9')).toEqual({ uids: [], more: false });
    expect(await page('limit=0')).toEqual({ uids: [], more: true });
  });

  it('never answers with more than 5000 at once', async () => {
    const rows = Array.from({ length: 5002 }, (_, index) => ({ StudyInstanceUID: `1.${index}` }));
    const { root } = await start(rows);
    for (const query of ['', '?limit=100000']) {
      const answer = await fetch(`${root}/studies${query}`);
      expect((await answer.json()) as unknown[]).toHaveLength(5000);
      expect(answer.headers.get('warning')).toContain('additional results');
    }
  });

  it.each([
    ['application/dicom+json', 'application/dicom+json'],
    ['application/json', 'application/json'],
    ['*/*', 'application/dicom+json'],
    ['application/json;q=0.5, application/dicom+json', 'application/dicom+json'],
    ['application/*', 'application/dicom+json'],
    ['text/html, */*;q=0.1', 'application/dicom+json'],
  ])('Accept: %s is answered as %s', async (accept, type) => {
    const { root } = await start([STUDY]);
    const answer = await fetch(`${root}/studies`, { headers: { accept } });
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, type]);
  });

  it.each(['multipart/related; type="application/dicom+xml"', 'text/html', 'application/dicom+json;q=0'])(
    'Accept: %s is not acceptable',
    async (accept) => {
      const { root } = await start([STUDY]);
      const answer = await fetch(`${root}/studies`, { headers: { accept } });
      expect([answer.status, Problem.parse(await answer.json()).code]).toEqual([406, 'NOT_ACCEPTABLE']);
    },
  );

  it('the accept parameter goes before the header (§8.3.3.1)', async () => {
    const { root } = await start([STUDY]);
    const url = `${root}/studies?accept=application/dicom%2Bjson`;
    const answer = await fetch(url, { headers: { accept: 'text/html' } });
    expect([answer.status, answer.headers.get('warning')]).toEqual([200, null]);
  });

  it('a Host header that is no host does not get into the answer', async () => {
    const { root } = await start([STUDY]);
    const { request } = await import('node:http');
    const text = await new Promise<string>((resolve) => {
      const req = request(`${root}/studies`, { headers: { host: 'a"/><script>' } }, (res) => {
        const chunks: Buffer[] = [];
        res
          .on('data', (chunk: Buffer) => chunks.push(chunk))
          .on('end', () => resolve(Buffer.concat(chunks).toString()));
      });
      req.end();
    });
    expect(text).not.toContain('script');
    expect(text).toContain('"/dicomweb/studies/1.2.3"');
  });
});
