import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { freePort } from '../../services/main/ports.ts';

const DICOMWEB = '/usr/share/orthanc/plugins/libOrthancDicomWeb.so';
const Ids = z.array(z.string());

/** A real Orthanc as the PACS, empty, on ports of its own. */
export interface Orthanc {
  readonly peer: string;
  readonly port: number;
  readonly url: string;
  /** Ids of all its instances whose Modality is SR. */
  reports(): Promise<
    readonly { readonly id: string; readonly SOPInstanceUID: string; readonly StudyInstanceUID: string }[]
  >;
  /** The Part 10 file of an instance. */
  file(id: string): Promise<Uint8Array>;
  stop(): Promise<void>;
}

export async function startOrthanc(settings: Readonly<Record<string, unknown>> = {}): Promise<Orthanc> {
  const directory = mkdtempSync(join(tmpdir(), 'overread-orthanc-'));
  const [port, httpPort] = [await freePort(0), await freePort(0)];
  const configuration = {
    Name: 'test',
    StorageDirectory: directory,
    IndexDirectory: directory,
    DicomAet: 'ORTHANC',
    DicomPort: port,
    HttpPort: httpPort,
    RemoteAccessAllowed: false,
    AuthenticationEnabled: false,
    DefaultEncoding: 'Utf8',
    StorageCompression: false,
    Plugins: existsSync(DICOMWEB) ? [DICOMWEB] : [],
    ...settings,
  };
  writeFileSync(join(directory, 'orthanc.json'), JSON.stringify(configuration));
  const child = spawn('Orthanc', [join(directory, 'orthanc.json')], {
    env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin`, TCP_NODELAY: '1' },
    stdio: 'ignore',
  });
  const url = `http://127.0.0.1:${httpPort}`;
  for (let tries = 0; tries < 150; tries += 1) {
    if ((await fetch(`${url}/system`).catch(() => undefined))?.ok) break;
    await sleep(200);
  }
  const find = (Query: Record<string, string>) =>
    fetch(`${url}/tools/find`, { method: 'POST', body: JSON.stringify({ Level: 'Instance', Query }) });
  const Tags = z.object({ SOPInstanceUID: z.string(), StudyInstanceUID: z.string() });
  return {
    peer: `ORTHANC@127.0.0.1:${port}`,
    port,
    url,
    async reports() {
      const ids = Ids.parse(await (await find({ Modality: 'SR' })).json());
      return Promise.all(
        ids.map(async (id) => {
          const tags = await (await fetch(`${url}/instances/${id}/simplified-tags`)).json();
          return { id, ...Tags.parse(tags) };
        }),
      );
    },
    file: async (id) => new Uint8Array(await (await fetch(`${url}/instances/${id}/file`)).arrayBuffer()),
    stop: () =>
      new Promise((resolve) => {
        child.once('exit', () => resolve());
        child.kill('SIGTERM');
      }),
  };
}
