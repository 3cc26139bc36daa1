import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readPart10Meta } from '../../../services/dicom/dataset/part10.ts';
import { sendInstances } from '../../../services/dicom/net/storage-scu.ts';
import { echo } from '../../../services/dicom/net/verification-scu.ts';
import { EXPLICIT_VR_LITTLE_ENDIAN } from '../../support/load-client.ts';
import { hasProgram } from '../../support/programs.ts';
import { ctInstance } from './ct-instance.ts';
import { type Receiver, startReceiver } from './receiver.ts';

describe.skipIf(!hasProgram('Orthanc'))('Orthanc', () => {
  let orthanc: ChildProcess;
  let folder: string;
  let root: string;
  let peer: { AETitle: string; host: string; port: number };
  let scp: Receiver;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'overread-orthanc-'));
    scp = await startReceiver();
    const [dicomPort, httpPort] = [await freePort(), await freePort()];
    root = `http://127.0.0.1:${httpPort}`;
    peer = { AETitle: 'ORTHANC', host: '127.0.0.1', port: dicomPort };
    const settings = {
      StorageDirectory: join(folder, 'storage'),
      IndexDirectory: join(folder, 'storage'),
      DicomAet: 'ORTHANC',
      DicomPort: dicomPort,
      HttpPort: httpPort,
      AuthenticationEnabled: false,
      RemoteAccessAllowed: false,
      DicomModalities: { overread: ['OVERREAD', '127.0.0.1', scp.port] },
      Plugins: [],
    };
    writeFileSync(join(folder, 'orthanc.json'), JSON.stringify(settings));
    const env = { ...process.env, TCP_NODELAY: '1', PATH: `${process.env.PATH}:/usr/sbin` };
    orthanc = spawn('Orthanc', [join(folder, 'orthanc.json')], { env, stdio: 'ignore' });
    for (let tries = 0; tries < 150; tries++) {
      const ready = await echo(peer, 'OVERREAD').then(
        () => true,
        () => false,
      );
      if (ready) return;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    throw new Error('Orthanc does not answer');
  });
  afterAll(async () => {
    const gone = new Promise((resolve) => orthanc?.once('exit', resolve));
    orthanc?.kill('SIGKILL');
    await gone;
    await scp.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('takes what our SCU sends, byte for byte, and sends it back to our SCP the same', async () => {
    const instances = [1, 2, 3].map((n) => ({ ...ctInstance(n), TransferSyntaxUID: EXPLICIT_VR_LITTLE_ENDIAN }));
    const results = await sendInstances(peer, 'OVERREAD', instances);
    expect(results.map(({ taken }) => taken)).toEqual([true, true, true]);

    for (const { SOPInstanceUID, dataset } of instances) {
      const [found] = await json(`${root}/tools/lookup`, SOPInstanceUID);
      const { ID } = found as { ID: string };
      const file = Buffer.from(await (await fetch(`${root}/instances/${ID}/file`)).arrayBuffer());
      expect(file.subarray(readPart10Meta(file).datasetOffset).equals(dataset)).toBe(true);
      await json(`${root}/modalities/overread/store`, ID);
    }
    expect(scp.recorded).toHaveLength(3);
    for (const recorded of scp.recorded) {
      const sent = instances.find(({ SOPInstanceUID }) => SOPInstanceUID === recorded.header.instance.SOPInstanceUID);
      expect(sent && scp.dataset(recorded).equals(sent.dataset)).toBe(true);
      expect(recorded.sourceAETitle).toBe('ORTHANC');
    }
  });
});

async function json(url: string, body: string): Promise<unknown[]> {
  const answer = await fetch(url, { method: 'POST', body });
  if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
  const parsed: unknown = await answer.json();
  return Array.isArray(parsed) ? parsed : [parsed];
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const bound = probe.address();
      probe.close(() => resolve(typeof bound === 'object' && bound ? bound.port : 0));
    });
  });
}
