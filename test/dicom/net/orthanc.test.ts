import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readPart10Meta } from '../../../services/dicom/dataset/part10.ts';
import { sendInstances } from '../../../services/dicom/net/storage-scu.ts';
import { EXPLICIT_VR_LITTLE_ENDIAN } from '../../support/load-client.ts';
import { type Orthanc, startOrthanc } from '../../support/orthanc.ts';
import { hasProgram } from '../../support/programs.ts';
import { ctInstance } from './ct-instance.ts';
import { type Receiver, startReceiver } from './receiver.ts';

describe.skipIf(!hasProgram('Orthanc'))('Orthanc', () => {
  let orthanc: Orthanc;
  let scp: Receiver;
  beforeAll(async () => {
    scp = await startReceiver();
    orthanc = await startOrthanc({ DicomModalities: { overread: ['OVERREAD', '127.0.0.1', scp.port] } });
  });
  afterAll(async () => {
    await orthanc?.stop();
    await scp?.stop();
  });

  it('takes what our SCU sends, byte for byte, and sends it back to our SCP the same', async () => {
    const instances = [1, 2, 3].map((n) => ({ ...ctInstance(n), TransferSyntaxUID: EXPLICIT_VR_LITTLE_ENDIAN }));
    const { url, port } = orthanc;
    const peer = { AETitle: 'ORTHANC', host: '127.0.0.1', port };
    const results = await sendInstances(peer, 'OVERREAD', instances);
    expect(results.map(({ taken }) => taken)).toEqual([true, true, true]);

    for (const { SOPInstanceUID, dataset } of instances) {
      const [found] = await json(`${url}/tools/lookup`, SOPInstanceUID);
      const { ID } = found as { ID: string };
      const file = Buffer.from(await (await fetch(`${url}/instances/${ID}/file`)).arrayBuffer());
      expect(file.subarray(readPart10Meta(file).datasetOffset).equals(dataset)).toBe(true);
      await json(`${url}/modalities/overread/store`, ID);
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
