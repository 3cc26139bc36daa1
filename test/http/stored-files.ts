import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { StoredFile } from '../../services/domain/ports.ts';
import type { HttpPorts } from '../../services/http/app.ts';
import { type AppServer, filesPort, folderWith, startApp, unusedDicomweb } from './app-server.ts';

export const EXPLICIT = '1.2.840.10008.1.2.1';
export const JPEG_LS = '1.2.840.10008.1.2.4.80';

/** What the files hold. */
export const contents: readonly Buffer[] = [0, 1, 2].map(() => randomBytes(700_000));
export const folder = folderWith(Object.fromEntries(contents.map((bytes, index) => [`${index}.dcm`, bytes])));

/** Two JPEG-LS instances of series 1.2.1 and an uncompressed one of series 1.2.2, all of study 1.2. */
export const storedFile = (index: number): StoredFile => ({
  file: join(folder, `${index}.dcm`),
  StudyInstanceUID: '1.2',
  SeriesInstanceUID: index < 2 ? '1.2.1' : '1.2.2',
  SOPInstanceUID: `1.2.9.${index}`,
  SOPClassUID: '1.2.840.10008.5.1.4.1.1.2',
  TransferSyntaxUID: index < 2 ? JPEG_LS : EXPLICIT,
  NumberOfFrames: 1,
  bytes: 700_000,
});
export const stored: readonly StoredFile[] = [0, 1, 2].map(storedFile);

/** The application over these files. */
export async function startWado(files = stored, ports: Partial<HttpPorts> = {}) {
  const app: AppServer = await startApp({
    dicomweb: { ...unusedDicomweb, ...filesPort(files) },
    metadataOf: async (file) =>
      JSON.stringify({
        '00080018': { vr: 'UI', Value: [file.SOPInstanceUID] },
        '00083002': { vr: 'UI', Value: [file.TransferSyntaxUID] },
      }),
    ...ports,
  });
  const root = `${app.url}/dicomweb/studies`;
  const get = (path: string, accept?: string, headers: Record<string, string> = {}) =>
    fetch(`${root}/${path}`, { headers: { ...headers, ...(accept !== undefined && { accept }) } });
  return { app, root, get };
}

export const bodyOf = async (answer: Response): Promise<Uint8Array> => new Uint8Array(await answer.arrayBuffer());
