import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { readPart10Meta } from '../../../services/dicom/dataset/part10.ts';
import { TAG } from '../../../services/dicom/dataset/tags.ts';
import { find } from '../../../services/dicom/net/find-scu.ts';
import type { Peer } from '../../../services/dicom/net/open-association.ts';
import { get, move } from '../../../services/dicom/net/retrieve-scu.ts';
import { sendInstances } from '../../../services/dicom/net/storage-scu.ts';
import { echo } from '../../../services/dicom/net/verification-scu.ts';
import { PeerList } from '../../../services/domain/peer.ts';
import { accessOf, isCertificateOf } from '../../../services/domain/peer-access.ts';
import { freePort } from '../../../services/main/ports.ts';
import { type CertificateFiles, Certificates } from '../../support/certificates.ts';
import { hasPynetdicom, PYNETDICOM_PYTHON } from '../../support/fetched-peers.ts';
import { CT_IMAGE_STORAGE, EXPLICIT_VR_LITTLE_ENDIAN } from '../../support/load-client.ts';
import { startOrthanc } from '../../support/orthanc.ts';
import { hasProgram } from '../../support/programs.ts';
import { ctInstance } from './ct-instance.ts';
import { writePart10 } from './part10-files.ts';
import { startQueriedReceiver, studyUid, testObject } from './queried-receiver.ts';
import { eventually, type Receiver, startReceiver } from './receiver.ts';
import { takenInMemory } from './taken-in-memory.ts';

const run = promisify(execFile);
const certificates = new Certificates();
const folder = mkdtempSync(join(tmpdir(), 'overread-tls-peers-'));
const file = join(folder, 'ct.dcm');
let node: CertificateFiles;
let remote: CertificateFiles;
let scp: Receiver;
const children: ChildProcess[] = [];

beforeAll(async () => {
  node = certificates.make('OVERREAD');
  remote = certificates.make('REMOTE');
  writePart10(file, ctInstance(1), 'explicit');
  const peers = PeerList.parse([{ name: 'remote', AETitle: 'REMOTE', tls: true }]);
  const table = { AETitle: 'OVERREAD', peers, queryAETitles: new Set<string>(), unknown: 'deny' } as const;
  scp = await startReceiver({
    accessOf: (caller) => accessOf(table, caller),
    tls: { port: 0, identity: certificates.identity(node) },
  });
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});
afterAll(async () => {
  await scp?.stop();
  certificates.remove();
  rmSync(folder, { recursive: true, force: true });
});

/** How we call a peer that shows the certificate of REMOTE. */
const peer = (port: number, AETitle = 'REMOTE'): Peer => ({
  ...{ AETitle, host: '127.0.0.1', port },
  tls: { identity: certificates.identity(node), isOf: (names) => isCertificateOf({ AETitle: 'REMOTE' }, names) },
});

async function answers(asked: Peer): Promise<void> {
  for (const until = Date.now() + 30_000; ; ) {
    try {
      return await echo(asked, 'OVERREAD', { timeoutSeconds: 5 });
    } catch (error) {
      if (Date.now() > until) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

describe.skipIf(!hasProgram('storescp') || !hasProgram('openssl'))('dcmtk by TLS', () => {
  const tls = (files = remote) => ['+tls', files.key, files.cert, '+cf', files.ca];
  const address = (calling = 'REMOTE') => ['-aet', calling, '-aec', 'OVERREAD', '127.0.0.1', String(scp.tlsPort)];

  it.each([
    ['the profile before (PS3.15 B.10)', ['+py']],
    ['BCP 195 (B.9)', ['+px']],
  ])('echoscu and storescu come in by %s', async (_, profile) => {
    await run('echoscu', [...tls(), ...profile, ...address()]);
    const before = scp.recorded.length;
    await run('storescu', [...tls(), ...profile, ...address(), file]);
    const recorded = scp.recorded[before];
    const bytes = readFileSync(file);
    expect(recorded && scp.dataset(recorded).equals(bytes.subarray(readPart10Meta(bytes).datasetOffset))).toBe(true);
  });

  it.each([
    [
      'the certificate of another authority',
      () => certificates.make('REMOTE', { authority: 'elsewhere' }),
      'REMOTE',
      ['-ic'],
    ],
    ['an expired certificate', () => certificates.make('REMOTE', { days: -1 }), 'REMOTE', []],
    ['the AE title of another', () => remote, 'OTHER', []],
    ['the retired AES profile and its cipher suites', () => remote, 'REMOTE', ['+pa']],
  ])('echoscu stays out with %s', async (_, files, calling, options) => {
    await expect(run('echoscu', [...tls(files()), ...options, ...address(calling)])).rejects.toThrow();
  });

  it('storescp takes from our SCU, and shows who it is', async () => {
    const port = await freePort(0);
    const out = join(folder, 'storescp');
    mkdirSync(out);
    children.push(spawn('storescp', [...tls(), '+B', '-od', out, '-aet', 'REMOTE', String(port)], { stdio: 'ignore' }));
    await answers(peer(port));
    const object = { ...ctInstance(2), TransferSyntaxUID: EXPLICIT_VR_LITTLE_ENDIAN };
    expect(await sendInstances(peer(port), 'OVERREAD', [object])).toMatchObject([{ taken: true, status: 0 }]);
    const [name = ''] = readdirSync(out);
    const bytes = readFileSync(join(out, name));
    expect(bytes.subarray(readPart10Meta(bytes).datasetOffset).equals(object.dataset)).toBe(true);
    // The same server, called as if it were another.
    const other = { ...peer(port), tls: { identity: certificates.identity(node), isOf: () => false } };
    await expect(echo(other, 'OVERREAD')).rejects.toThrow('ERR_TLS_CERT_ALTNAME_INVALID');
  });
});

describe.skipIf(!hasProgram('findscu') || !hasProgram('openssl'))('queries by TLS', () => {
  it('findscu is answered, and what is moved goes to its destination by TLS', async () => {
    const held = await startQueriedReceiver({
      ...{ AETitle: 'REMOTE', anyCalledAETitle: true },
      tls: { port: 0, identity: certificates.identity(remote) },
    });
    try {
      const object = testObject(1, { study: 'tls', patient: { id: 'P1', name: 'Doe^John' } });
      await held.fill([object]);
      const out = join(folder, 'found');
      mkdirSync(out);
      const tls = ['+tls', node.key, node.cert, '+cf', node.ca];
      const keys = ['-S', '-k', 'QueryRetrieveLevel=STUDY', '-k', 'StudyInstanceUID', '-k', 'PatientID=P1'];
      await run('findscu', [...tls, ...keys, '-X', '-od', out, '-aec', 'REMOTE', '127.0.0.1', String(held.tlsPort)]);
      expect(readdirSync(out)).toHaveLength(1);
      // Where it sends to is our receiver that lets in REMOTE by its certificate alone.
      const asRemote = { identity: certificates.identity(remote), isOf: () => true };
      held.destinations.push({ AETitle: 'OVERREAD', host: '127.0.0.1', port: scp.tlsPort, tls: asRemote });
      const request = { model: 'study root', level: 'STUDY', keys: { StudyInstanceUID: [studyUid('tls')] } } as const;
      const before = scp.recorded.length;
      const counts = await move(peer(held.tlsPort), 'MODALITY', 'OVERREAD', request);
      expect(counts).toMatchObject({ completed: 1, failed: 0 });
      expect(scp.recorded.length).toBe(before + 1);
    } finally {
      await held.stop();
    }
  });
});

describe.skipIf(!hasPynetdicom() || !hasProgram('openssl'))('pynetdicom by TLS', () => {
  const program = join(import.meta.dirname, 'tls-pynetdicom.py');
  const python = (...args: string[]) => [program, remote.cert, remote.key, remote.ca, ...args];

  it('sends to our SCP, in TLS 1.2 and 1.3', async () => {
    for (const version of ['1.2', '1.3']) {
      const before = scp.recorded.length;
      const { stdout } = await run(PYNETDICOM_PYTHON, python('send', version, String(scp.tlsPort), file));
      expect(stdout).toContain(`TLSv${version} status 0000`);
      expect(scp.recorded.length).toBe(before + 1);
    }
  });

  it('takes from our SCU', async () => {
    const port = await freePort(0);
    children.push(spawn(PYNETDICOM_PYTHON, python('serve', '1.2', String(port)), { stdio: 'ignore' }));
    await answers(peer(port));
    const object = { ...ctInstance(4), TransferSyntaxUID: EXPLICIT_VR_LITTLE_ENDIAN };
    expect(await sendInstances(peer(port), 'OVERREAD', [object])).toMatchObject([{ taken: true, status: 0 }]);
  });
});

/** Find, get and move as SCU: what is moved comes back to us by TLS, too. */
async function expectRetrieved(asked: Peer, SOPInstanceUID: string): Promise<void> {
  const keys = { PatientID: 'CANARY-ID', StudyInstanceUID: '' };
  const found: string[] = [];
  for await (const match of find(asked, 'OVERREAD', { model: 'study root', level: 'STUDY', keys }))
    found.push(match.string(TAG.StudyInstanceUID));
  const request = { model: 'study root', level: 'STUDY', keys: { StudyInstanceUID: found } } as const;
  const classes = [{ SOPClassUID: CT_IMAGE_STORAGE, transferSyntaxes: [EXPLICIT_VR_LITTLE_ENDIAN] }];
  const { storage, taken } = takenInMemory(classes);
  expect(await get(asked, 'OVERREAD', request, storage)).toMatchObject({ completed: 1, failed: 0 });
  expect([...taken.keys()]).toEqual([SOPInstanceUID]);
  const before = scp.recorded.length;
  expect(await move(asked, 'OVERREAD', 'OVERREAD', request)).toMatchObject({ completed: 1, failed: 0 });
  await eventually(() => scp.recorded.length === before + 1);
}

describe.skipIf(!hasProgram('Orthanc') || !hasProgram('openssl'))('Orthanc by TLS', () => {
  it('takes what our SCU sends, and sends it back to our SCP', async () => {
    const orthanc = await startOrthanc({
      ...{ DicomAet: 'REMOTE', DicomTlsEnabled: true, DicomTlsRemoteCertificateRequired: true },
      ...{ DicomTlsCertificate: remote.cert, DicomTlsPrivateKey: remote.key, DicomTlsTrustedCertificates: remote.ca },
      DicomModalities: {
        overread: { AET: 'OVERREAD', Host: '127.0.0.1', Port: scp.tlsPort, UseDicomTls: true },
      },
    });
    try {
      const object = { ...ctInstance(5), TransferSyntaxUID: EXPLICIT_VR_LITTLE_ENDIAN };
      expect(await sendInstances(peer(orthanc.port), 'OVERREAD', [object])).toMatchObject([{ taken: true, status: 0 }]);
      await expect(echo({ AETitle: 'REMOTE', host: '127.0.0.1', port: orthanc.port }, 'OVERREAD')).rejects.toThrow();
      const post = async (path: string, body: string) =>
        (await fetch(`${orthanc.url}${path}`, { method: 'POST', body })).json();
      const [{ ID }] = (await post('/tools/lookup', object.SOPInstanceUID)) as [{ ID: string }];
      const before = scp.recorded.length;
      await post('/modalities/overread/store', ID);
      await eventually(() => scp.recorded.length === before + 1);
      const recorded = scp.recorded[before];
      expect(recorded && scp.dataset(recorded).equals(object.dataset)).toBe(true);
      await expectRetrieved(peer(orthanc.port), object.SOPInstanceUID);
    } finally {
      await orthanc.stop();
    }
  });
});
