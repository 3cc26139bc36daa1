import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readPart10Meta } from '../../../services/dicom/dataset/part10.ts';
import { TAG } from '../../../services/dicom/dataset/tags.ts';
import { find } from '../../../services/dicom/net/find-scu.ts';
import type { Peer } from '../../../services/dicom/net/open-association.ts';
import { get, move } from '../../../services/dicom/net/retrieve-scu.ts';
import { freePort } from '../../../services/main/ports.ts';
import { hasPynetdicom, PYNETDICOM_PYTHON } from '../../support/fetched-peers.ts';
import { CT_IMAGE_STORAGE, EXPLICIT_VR_LITTLE_ENDIAN } from '../../support/load-client.ts';
import { type Orthanc, startOrthanc } from '../../support/orthanc.ts';
import { hasProgram } from '../../support/programs.ts';
import { type QueriedReceiver, startQueriedReceiver, studyUid, testObject } from './queried-receiver.ts';
import { eventually, type Receiver, startReceiver } from './receiver.ts';
import { takenInMemory } from './taken-in-memory.ts';

const run = promisify(execFile);
const folder = mkdtempSync(join(tmpdir(), 'overread-query-peers-'));
const OBJECTS = [1, 2, 3].map((number) =>
  testObject(number, { study: 'peers', patient: { id: 'P1', name: 'Doe^John' } }),
);
const UIDS = OBJECTS.map(({ SOPInstanceUID }) => SOPInstanceUID).toSorted();
const STUDY = { model: 'study root', level: 'STUDY', keys: { StudyInstanceUID: [studyUid('peers')] } } as const;
const CT = [{ SOPClassUID: CT_IMAGE_STORAGE, transferSyntaxes: [EXPLICIT_VR_LITTLE_ENDIAN] }];
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let ours: QueriedReceiver;
/** Where peers move to: a receiver of its own, so that what we hold stays what it is. */
let destination: Receiver;
beforeAll(async () => {
  ours = await startQueriedReceiver();
  await ours.fill(OBJECTS);
  destination = await startReceiver({ AETitle: 'ARCHIVE' });
});
afterAll(async () => {
  await ours?.stop();
  await destination?.stop();
});

/** Find, get and move as SCU at a peer that holds the objects and knows our destination. */
async function expectAnswers(peer: Peer): Promise<void> {
  const before = destination.recorded.length;
  const found: string[] = [];
  for await (const match of find(peer, 'OVERREAD', { ...STUDY, keys: { ...STUDY.keys, PatientName: '' } }))
    found.push(match.string(TAG.PatientName));
  expect(found).toEqual(['Doe^John']);
  const { storage, taken } = takenInMemory(CT);
  expect(await get(peer, 'OVERREAD', STUDY, storage)).toMatchObject({ completed: 3, failed: 0 });
  expect([...taken.keys()].toSorted()).toEqual(UIDS);
  expect(await move(peer, 'OVERREAD', 'ARCHIVE', STUDY)).toMatchObject({ completed: 3, failed: 0 });
  await eventually(() => destination.recorded.length === before + 3);
}

describe.skipIf(!hasPynetdicom())('pynetdicom', () => {
  const address = () => ['127.0.0.1', String(ours.port), '-aec', 'OVERREAD'];
  const python = (program: string, ...args: string[]) =>
    run(PYNETDICOM_PYTHON, ['-m', 'pynetdicom', program, ...args], { cwd: folder });

  it('findscu', async () => {
    const keys = ['-k', 'QueryRetrieveLevel=STUDY', '-k', 'PatientName=doe*', '-k', `StudyInstanceUID=`];
    const { stdout, stderr } = await python('findscu', ...address(), '-S', ...keys);
    expect(stdout + stderr).toContain(studyUid('peers'));
  });

  it('getscu', async () => {
    const out = join(folder, 'got');
    mkdirSync(out);
    const keys = ['-k', 'QueryRetrieveLevel=STUDY', '-k', `StudyInstanceUID=${studyUid('peers')}`];
    await python('getscu', ...address(), '-S', '-od', out, ...keys);
    const uids = readdirSync(out).map((name) => readPart10Meta(readFileSync(join(out, name))).SOPInstanceUID);
    expect(uids.toSorted()).toEqual(UIDS);
  });

  it('movescu, to its own port', async () => {
    const [out, port] = [join(folder, 'moved'), await freePort(0)];
    mkdirSync(out);
    ours.destinations.push({ AETitle: 'PYMOVE', host: '127.0.0.1', port });
    const keys = ['-k', 'QueryRetrieveLevel=STUDY', '-k', `StudyInstanceUID=${studyUid('peers')}`];
    const store = ['--store', '--store-port', String(port), '--store-aet', 'PYMOVE', '-aem', 'PYMOVE', '-od', out];
    await python('movescu', ...address(), '-S', ...store, ...keys);
    const uids = readdirSync(out).map((name) => readPart10Meta(readFileSync(join(out, name))).SOPInstanceUID);
    expect(uids.toSorted()).toEqual(UIDS);
  });
});

describe.skipIf(!hasProgram('Orthanc'))('Orthanc', () => {
  let orthanc: Orthanc;
  beforeAll(async () => {
    orthanc = await startOrthanc({
      DicomModalities: {
        held: { AET: 'OVERREAD', Host: '127.0.0.1', Port: ours.port },
        archive: { AET: 'ARCHIVE', Host: '127.0.0.1', Port: destination.port, AllowGet: true, AllowMove: true },
      },
    });
    ours.destinations.push({ AETitle: 'ORTHANC', host: '127.0.0.1', port: orthanc.port });
  });
  afterAll(() => orthanc?.stop());
  const post = async (path: string, body: unknown) => {
    const answer = await fetch(`${orthanc.url}${path}`, { method: 'POST', body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as { readonly ID: string };
  };

  it('queries us and retrieves by C-MOVE; then it is asked by us: find, get, move', async () => {
    const { ID } = await post('/modalities/held/query', {
      Level: 'Study',
      Query: { StudyInstanceUID: studyUid('peers') },
    });
    await post(`/queries/${ID}/retrieve`, { TargetAet: 'ORTHANC', Synchronous: true });
    const held = (await (await fetch(`${orthanc.url}/instances`)).json()) as string[];
    expect(held).toHaveLength(3);
    await expectAnswers({ AETitle: 'ORTHANC', host: '127.0.0.1', port: orthanc.port });
  });
});
