import { execFile } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sendInstances } from '../../services/dicom/net/storage-scu.ts';
import { PriorSearches, type PulledStudy, PullOverview } from '../../services/domain/contract/pull.ts';
import { DryRun, RoutesInForce } from '../../services/domain/contract/routes.ts';
import { type ObjectOf, studyUid, testObject } from '../dicom/net/queried-receiver.ts';
import { type Orthanc, startOrthanc } from '../support/orthanc.ts';
import { type Overread, startOverread } from '../support/overread.ts';
import { hasProgram } from '../support/programs.ts';

const run = promisify(execFile);
const CLI = join(import.meta.dirname, '../../services/main/cli.ts');
const TODAY = new Date().toISOString().slice(0, 10).replaceAll('-', '');
const series = (study: string, count: number, given: Partial<ObjectOf> = {}) =>
  Array.from({ length: count }, (_, at) => testObject(at + 1, { study, date: TODAY, ...given }));

const running: { overread?: Overread } = {};
const output = (): string => running.overread?.output() ?? '';

/** Waits for what a condition answers; a machine may be busy. */
async function until<T>(what: string, ask: () => Promise<T | undefined>, seconds = 40): Promise<T> {
  for (const end = Date.now() + seconds * 1000; Date.now() < end; await sleep(100)) {
    const answer = await ask();
    if (answer !== undefined) return answer;
  }
  throw new Error(`not within ${seconds} s: ${what}\n${output().slice(-4000)}`);
}

describe.skipIf(!hasProgram('Orthanc'))('Overread that watches an archive (needs Orthanc)', () => {
  const folder = mkdtempSync(join(tmpdir(), 'overread-watching-'));
  const routes = join(folder, 'routes.json');
  let orthanc: Orthanc;
  let overread: Overread;
  const put = async (objects: ReturnType<typeof series>) => {
    const sent = await sendInstances(
      { AETitle: 'ORTHANC', host: '127.0.0.1', port: orthanc.port },
      'MODALITY',
      objects,
    );
    expect(sent.filter(({ taken }) => !taken)).toEqual([]);
  };
  const write = (file: string, content: unknown) => {
    writeFileSync(`${file}.new`, JSON.stringify(content));
    renameSync(`${file}.new`, file);
  };
  const get = async (path: string): Promise<unknown> => {
    const ask = () => fetch(`${overread.url}${path}`);
    // A connection that was kept may have been closed meanwhile.
    return (await ask().catch(ask)).json();
  };
  const pulled = async (uid: string): Promise<PulledStudy | undefined> =>
    PullOverview.parse(await get(`/api/pull?StudyInstanceUID=${uid}`)).studies[0];
  /** An archive that is still being filled may be pulled from whole more than once. */
  const complete = (uid: string, held: number) =>
    until(`${uid} complete`, async () => {
      const study = await pulled(uid);
      return study?.state === 'complete' && study.held === held ? study : undefined;
    });
  const pullers = () =>
    overread
      .output()
      .split('\n')
      .filter((line) => line.includes('role.ready') && line.includes('"puller"'))
      .map((line) => Number(/"pid":(\d+)/.exec(line)?.[1]));

  beforeAll(async () => {
    chmodSync(folder, 0o755);
    orthanc = await startOrthanc({ DicomAlwaysAllowFind: true, DicomAlwaysAllowGet: true });
    const peers = join(folder, 'peers.json');
    write(peers, [
      {
        name: 'archive',
        AETitle: 'ORTHANC',
        host: '127.0.0.1',
        port: orthanc.port,
        allow: ['verification', 'storage'],
      },
    ]);
    const watches = join(folder, 'watch.json');
    write(watches, {
      watches: [{ name: 'chest', peer: 'archive', everySeconds: 1, keys: { ModalitiesInStudy: 'CT' } }],
      priors: [{ name: 'priors', peer: 'archive', atMost: 1, same: ['Modality'] }],
    });
    write(routes, {
      rules: [
        { name: 'small', when: { attribute: 'NumberOfStudyRelatedInstances', '<': 4 }, models: [] },
        {
          name: 'chest',
          when: { attribute: 'StudyDescription', contains: 'chest' },
          models: ['blob-log-ct'],
          priority: 'STAT',
          destinations: ['archive'],
        },
      ],
    });
    overread = running.overread = await startOverread({
      ...{ PEERS_FILE: peers, WATCH_FILE: watches, ROUTES_FILE: routes, MODELS: 'blob-log-ct', PREPARED_MB: '0' },
    });
  }, 120_000);
  afterAll(async () => {
    await overread?.stop();
    overread?.remove();
    await orthanc?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('a puller that is killed in the middle is followed by one that ends what it began', async () => {
    const uid = studyUid('killed');
    await put(series('killed', 250, { date: TODAY }));
    const fetching = await until('fetching', async () => {
      const study = await pulled(uid);
      return study !== undefined && study.held > 0 ? study : undefined;
    });
    const [first = 0] = pullers();
    process.kill(first, 'SIGKILL');
    expect(fetching.held).toBeGreaterThan(0);
    await until('another puller', async () => (pullers().length > 1 ? true : undefined));
    const study = await complete(uid, 250);
    expect(study).toMatchObject({ expected: 250, held: 250, text: 'complete', by: 'chest' });
    expect((await overread.study(uid))?.study.instanceCount).toBe(250);
  }, 120_000);

  it('the rules decide who reads it, how urgently, and the run says which', async () => {
    const detail = await overread.ended(studyUid('killed'));
    expect(detail.runs[0]).toMatchObject({ routeRule: 'chest', model: { id: 'blob-log-ct' } });
    expect(detail.study.priority).toBe('STAT');
  }, 120_000);

  it('a prior is fetched for a study that arrived; it is shown beside it, and is no work', async () => {
    const patient = { id: 'P-PRIOR', name: 'Roe^Jane' };
    const old = new Date();
    old.setFullYear(old.getFullYear() - 2);
    const date = old.toISOString().slice(0, 10).replaceAll('-', '');
    await put(series('prior', 5, { patient, date }));
    await put(series('too old', 5, { patient, date: '19990101' }));
    const current = series('current', 5, { patient });
    await sendInstances({ AETitle: 'OVERREAD', host: '127.0.0.1', port: overread.dimsePort }, 'MODALITY', current);
    const study = await complete(studyUid('prior'), 5);
    expect(study).toMatchObject({ asPrior: true, by: 'priors', held: 5 });
    const { searches } = PriorSearches.parse(await get(`/api/studies/${studyUid('current')}/priors/search`));
    expect(searches).toMatchObject([{ rule: 'priors', found: 1, sentence: null }]);
    expect(await get(`/api/studies/${studyUid('current')}/priors`)).toMatchObject({
      priors: [{ StudyInstanceUID: studyUid('prior') }],
    });
    const ended = await overread.ended(studyUid('prior'));
    expect(ended.runs[0]).toMatchObject({ state: 'NOT_ANALYSABLE', reason: { code: 'FETCHED_AS_PRIOR' } });
    const unread = (await get('/api/worklist?tab=toRead&limit=500')) as { studies: { StudyInstanceUID: string }[] };
    const uids = unread.studies.map(({ StudyInstanceUID }) => StudyInstanceUID);
    expect(uids).toContain(studyUid('current'));
    expect(uids).not.toContain(studyUid('prior'));
    expect(await pulled(studyUid('too old'))).toBeUndefined();
  }, 120_000);

  it('a wrong file of rules is told, and those before it stay; a dry run says what is missing', async () => {
    const rules = JSON.parse(readFileSync(routes, 'utf8')) as { rules: object[] };
    const good = join(folder, 'good.json');
    write(good, rules);
    write(routes, { rules: [{ name: 'typo', when: { attribute: 'SliceThikness', '<': 3 }, models: [] }] });
    const told = await until('the problem', async () => {
      const inForce = RoutesInForce.parse(await get('/api/routes'));
      return inForce.problem === null ? undefined : inForce;
    });
    expect(told.problem).toBe('rule typo, when: SliceThikness is no attribute that is indexed');
    expect(told.rules).toHaveLength(2);
    const tried = await fetch(`${overread.url}/api/routes/dry-run`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ...rules, rule: 'small' }),
    });
    const { listed, studies } = DryRun.parse(await tried.json());
    expect(studies).toBe(3);
    const killed = listed.find(({ StudyInstanceUID }) => StudyInstanceUID === studyUid('killed'));
    expect(killed).toMatchObject({
      rules: ['chest'],
      nearest: [{ rule: 'small', misses: ['NumberOfStudyRelatedInstances 250 is not < 4'] }],
    });
    const check = (...given: string[]) =>
      run(process.execPath, [CLI, 'routes', 'check', ...given], { env: overread.env });
    const { stdout } = await check(good, '--rule', 'small');
    expect(stdout).toContain('    not small: NumberOfStudyRelatedInstances 250 is not < 4\n');
    expect(stdout).toContain('rule chest: 3 studies\n3 studies stored, 0 of them match nothing\n');
    const wrong = await check(routes).catch((error: unknown) => error);
    expect(wrong).toMatchObject({ code: 1, stderr: `overread: ROUTES_INVALID: ${told.problem}\n` });
    write(routes, rules);
    await until('the rules again', async () =>
      RoutesInForce.parse(await get('/api/routes')).problem === null ? true : undefined,
    );
  }, 60_000);

  it('nothing is left behind in the folder of what arrives', () => {
    expect(readdirSync(join(overread.dataDir, 'instances/incoming-pull'))).toEqual([]);
  });
});
