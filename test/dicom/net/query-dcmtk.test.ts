import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readDataset } from '../../../services/dicom/dataset/dataset.ts';
import { readPart10Meta } from '../../../services/dicom/dataset/part10.ts';
import { TAG } from '../../../services/dicom/dataset/tags.ts';
import { find } from '../../../services/dicom/net/find-scu.ts';
import { get, move } from '../../../services/dicom/net/retrieve-scu.ts';
import { sendInstances } from '../../../services/dicom/net/storage-scu.ts';
import { echo } from '../../../services/dicom/net/verification-scu.ts';
import { freePort } from '../../../services/main/ports.ts';
import { CT_IMAGE_STORAGE, EXPLICIT_VR_LITTLE_ENDIAN } from '../../support/load-client.ts';
import { hasProgram } from '../../support/programs.ts';
import { instanceUid, type QueriedReceiver, startQueriedReceiver, studyUid, testObject } from './queried-receiver.ts';
import { eventually, type Receiver, startReceiver } from './receiver.ts';
import { takenInMemory } from './taken-in-memory.ts';

const run = promisify(execFile);
// Without it dcmtk waits 40 ms for each acknowledgement.
const env = { ...process.env, TCP_NODELAY: '1' };
const folder = mkdtempSync(join(tmpdir(), 'overread-query-dcmtk-'));
const newFolder = (name: string): string => {
  const path = join(folder, name);
  mkdirSync(path);
  return path;
};
const OBJECTS = [1, 2, 3].map((number) =>
  testObject(number, { study: 'dcmtk', patient: { id: 'P1', name: 'Wang^XiaoDong=王^小东' } }),
);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The data sets of the files of a folder, by SOP Instance UID. */
function received(path: string): ReadonlyMap<string, Buffer> {
  return new Map(
    readdirSync(path).map((name) => {
      const bytes = readFileSync(join(path, name));
      const { datasetOffset, SOPInstanceUID } = readPart10Meta(bytes);
      return [SOPInstanceUID, bytes.subarray(datasetOffset)];
    }),
  );
}

describe.skipIf(!hasProgram('getscu'))('programs of dcmtk ask us', () => {
  let scp: QueriedReceiver;
  beforeAll(async () => {
    scp = await startQueriedReceiver();
    await scp.fill(OBJECTS);
  });
  afterAll(() => scp?.stop());
  const address = () => ['-aec', 'OVERREAD', '127.0.0.1', String(scp.port)];

  it.each([
    ['study root', '-S', []],
    ['patient root', '-P', ['-k', 'PatientID=P1']],
    ['patient/study only', '-O', ['-k', 'PatientID=P1']],
  ])('findscu, %s', async (_name, model, keys) => {
    const path = newFolder(`found${model}`);
    const asked = ['-k', 'QueryRetrieveLevel=STUDY', '-k', 'StudyInstanceUID', '-k', 'PatientName', ...keys];
    await run('findscu', [model, '-X', '-od', path, ...asked, '-k', 'NumberOfStudyRelatedInstances', ...address()], {
      env,
    });
    const [match, ...more] = readdirSync(path).map((name) => {
      const bytes = readFileSync(join(path, name));
      const { datasetOffset, TransferSyntaxUID } = readPart10Meta(bytes);
      return readDataset(bytes.subarray(datasetOffset), TransferSyntaxUID);
    });
    expect(more).toEqual([]);
    expect(match?.string(TAG.StudyInstanceUID)).toBe(studyUid('dcmtk'));
    expect(match?.string(TAG.PatientName)).toBe('Wang^XiaoDong=王^小东');
    expect(match?.string(0x00201208)).toBe('3');
  });

  it('findscu: a key in GB18030 finds a name in UTF-8', async () => {
    const query = join(folder, 'gb18030.dump');
    const name = Buffer.from([...Buffer.from('Wang^XiaoDong='), 0xcd, 0xf5, 0x5e, 0xd0, 0xa1, 0xb6, 0xab]);
    const line = (text: string) => Buffer.from(`${text}\n`);
    writeFileSync(
      query,
      Buffer.concat([
        line('(0008,0005) CS GB18030'),
        line('(0008,0052) CS STUDY'),
        Buffer.from('(0010,0010) PN ['),
        name,
        line(']'),
        line('(0020,000d) UI (no value available)'),
      ]),
    );
    const file = join(folder, 'gb18030.dcm');
    await run('dump2dcm', [query, file]);
    const { stdout, stderr } = await run('findscu', ['-v', '-S', ...address(), file], { env });
    expect(stdout + stderr).toContain(studyUid('dcmtk'));
  });

  it('findscu: an unsupported key is told by FF01, and is not answered', async () => {
    const asked = [
      '-k',
      'QueryRetrieveLevel=STUDY',
      '-k',
      'StudyInstanceUID',
      '-k',
      'InstitutionName=X',
      '-k',
      '0019,1001',
    ];
    const { stdout, stderr } = await run('findscu', ['-d', '-S', ...asked, ...address()], { env });
    expect(stdout + stderr).toMatch(/0xff01/i);
    expect((stdout + stderr).split('Find Response')[1]).not.toContain('InstitutionName');
  });

  it('movescu, to its own port: every data set as it came', async () => {
    const [path, port] = [newFolder('moved'), await freePort(0)];
    scp.destinations.push({ AETitle: 'MOVESCU', host: '127.0.0.1', port });
    const asked = ['-k', 'QueryRetrieveLevel=STUDY', '-k', `StudyInstanceUID=${studyUid('dcmtk')}`];
    // It writes into its working folder, whatever -od says.
    await run(
      'movescu',
      ['-S', '-aet', 'MOVESCU', '-aem', 'MOVESCU', '+B', '+P', String(port), ...asked, ...address()],
      { env, cwd: path },
    );
    const files = received(path);
    expect([...files.keys()].toSorted()).toEqual(OBJECTS.map(({ SOPInstanceUID }) => SOPInstanceUID).toSorted());
    for (const { SOPInstanceUID, dataset } of OBJECTS) expect(files.get(SOPInstanceUID)?.equals(dataset)).toBe(true);
  });

  it('movescu to a destination that is not in the settings: refused', async () => {
    const asked = ['-k', 'QueryRetrieveLevel=STUDY', '-k', `StudyInstanceUID=${studyUid('dcmtk')}`];
    const { stdout, stderr } = await run('movescu', ['-v', '-S', '-aem', 'ELSEWHERE', ...asked, ...address()], {
      env,
    }).catch((error) => error);
    expect(stdout + stderr).toMatch(/Refused.*MoveDestinationUnknown|a801/i);
  });

  it.each([
    ['as it likes', []],
    ['Implicit VR only', ['+xi']],
  ])('getscu, %s: the same pixels', async (name, options) => {
    const path = newFolder(`got${name}`);
    const asked = ['-k', 'QueryRetrieveLevel=STUDY', '-k', `StudyInstanceUID=${studyUid('dcmtk')}`];
    await run('getscu', ['-S', '+B', ...options, '-od', path, ...asked, ...address()], { env });
    expect([...received(path).keys()].toSorted()).toEqual(
      OBJECTS.map(({ SOPInstanceUID }) => SOPInstanceUID).toSorted(),
    );
    const pixels = readdirSync(path).map((file) => {
      const bytes = readFileSync(join(path, file));
      const { datasetOffset, SOPInstanceUID, TransferSyntaxUID } = readPart10Meta(bytes);
      const value = readDataset(bytes.subarray(datasetOffset), TransferSyntaxUID).bytes(0x7fe00010);
      return [SOPInstanceUID, Buffer.from(value ?? []).toString('hex')];
    });
    const sent = OBJECTS.map(({ SOPInstanceUID, dataset }) => [
      SOPInstanceUID,
      Buffer.from(readDataset(dataset, EXPLICIT_VR_LITTLE_ENDIAN).bytes(0x7fe00010) ?? []).toString('hex'),
    ]);
    expect(pixels.toSorted()).toEqual(sent.toSorted());
  });
});

describe.skipIf(!hasProgram('dcmqrscp'))('we ask dcmqrscp', () => {
  let dcmqrscp: ChildProcess;
  let ours: Receiver;
  let peer: { AETitle: string; host: string; port: number };
  beforeAll(async () => {
    ours = await startReceiver({ AETitle: 'OVERREAD' });
    peer = { AETitle: 'QRSCP', host: '127.0.0.1', port: await freePort(0) };
    const config = join(folder, 'dcmqrscp.cfg');
    writeFileSync(
      config,
      `NetworkTCPPort = ${peer.port}
MaxPDUSize = 65536
MaxAssociations = 16
HostTable BEGIN
ours = (OVERREAD, 127.0.0.1, ${ours.port})
HostTable END
VendorTable BEGIN
VendorTable END
AETable BEGIN
QRSCP ${newFolder('database')} RW (20, 100mb) ANY
AETable END
`,
    );
    dcmqrscp = spawn('dcmqrscp', ['-c', config], { env, stdio: 'ignore' });
    for (let tries = 0; tries < 50; tries++) {
      const answers = await echo(peer, 'OVERREAD').then(
        () => true,
        () => false,
      );
      if (answers) break;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    await sendInstances(peer, 'OVERREAD', OBJECTS);
  });
  afterAll(async () => {
    dcmqrscp?.kill();
    await ours?.stop();
  });
  const study = { model: 'study root', level: 'STUDY', keys: { StudyInstanceUID: [studyUid('dcmtk')] } } as const;

  it('find', async () => {
    const matches: (readonly string[])[] = [];
    const images = { StudyInstanceUID: studyUid('dcmtk'), SeriesInstanceUID: '', SOPInstanceUID: '' };
    for await (const match of find(peer, 'OVERREAD', {
      ...study,
      level: 'SERIES',
      keys: { ...images, NumberOfSeriesRelatedInstances: '' },
    }))
      matches.push([match.string(TAG.StudyInstanceUID)]);
    expect(matches).toEqual([[studyUid('dcmtk')]]);
  });

  it('find, left after its first match: cancelled', async () => {
    for await (const match of find(peer, 'OVERREAD', { ...study, keys: { StudyInstanceUID: '' } })) {
      expect(match.string(TAG.StudyInstanceUID)).toBe(studyUid('dcmtk'));
      break;
    }
  });

  it('get', async () => {
    const { storage, taken } = takenInMemory([
      { SOPClassUID: CT_IMAGE_STORAGE, transferSyntaxes: [EXPLICIT_VR_LITTLE_ENDIAN] },
    ]);
    expect(await get(peer, 'OVERREAD', study, storage)).toMatchObject({ status: 0, completed: 3, failed: 0 });
    for (const { SOPInstanceUID, dataset } of OBJECTS) expect(taken.get(SOPInstanceUID)?.equals(dataset)).toBe(true);
  });

  it('move, to our receiver', async () => {
    expect(await move(peer, 'OVERREAD', 'OVERREAD', study)).toMatchObject({ status: 0, completed: 3, failed: 0 });
    await eventually(() => ours.recorded.length === 3);
    expect(ours.recorded.map(({ header }) => header.instance.SOPInstanceUID).toSorted()).toEqual(
      [1, 2, 3].map((number) => instanceUid('dcmtk', '1', number)).toSorted(),
    );
  });
});
