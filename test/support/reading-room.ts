import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import sharp from 'sharp';
import { sendInstances } from '../../services/dicom/net/storage-scu.ts';
import { Reading } from '../../services/domain/contract/reading.ts';
import type { StudyDetail } from '../../services/domain/contract/worklist.ts';
import { collect } from '../../services/main/commands/send.ts';
import { buildInPlace } from './built-viewer.ts';
import { type Orthanc, startOrthanc } from './orthanc.ts';
import { type Overread, startOverread } from './overread.ts';

const ROOT = join(import.meta.dirname, '../..');
const PICTURE_WIDTH = 1100;

/** A whole Overread with its built viewer, and a real PACS behind it. */
export interface ReadingRoom {
  readonly overread: Overread;
  readonly orthanc: Orthanc;
  /** Sends the images of a folder and resolves when they are analysed. */
  receive(folder: string, StudyInstanceUID: string): Promise<StudyDetail>;
  reading(StudyInstanceUID: string): Promise<Reading>;
  /** The Part 10 file of a report once it has arrived at the PACS. */
  report(SOPInstanceUID: string): Promise<Uint8Array>;
  close(): Promise<void>;
}

export async function openReadingRoom(settings: Readonly<Record<string, string>> = {}): Promise<ReadingRoom> {
  await buildInPlace();
  const orthanc = await startOrthanc();
  const overread = await startOverread({ PACS: orthanc.peer, ...settings });
  return {
    overread,
    orthanc,
    async receive(folder, StudyInstanceUID) {
      const { instances } = await collect([folder]);
      const to = { AETitle: 'OVERREAD', host: '127.0.0.1', port: overread.dimsePort };
      const results = await sendInstances(to, 'MODALITY', instances);
      if (results.some(({ taken }) => !taken)) throw new Error(`not all of ${folder} was taken`);
      return overread.ended(StudyInstanceUID, 400);
    },
    async reading(StudyInstanceUID) {
      return Reading.parse(await (await fetch(`${overread.url}/api/studies/${StudyInstanceUID}/reading`)).json());
    },
    async report(SOPInstanceUID) {
      for (const until = Date.now() + 60_000; Date.now() < until; await sleep(200)) {
        const held = (await orthanc.reports()).find((report) => report.SOPInstanceUID === SOPInstanceUID);
        if (held) return orthanc.file(held.id);
      }
      throw new Error(`${SOPInstanceUID} did not arrive at the PACS`);
    },
    async close() {
      await overread.stop();
      await orthanc.stop();
      overread.remove();
    },
  };
}

/** With OVERREAD_SCREENS=folder the screens of a test are kept there, for somebody to look at. */
export async function screen(page: Page, name: string): Promise<void> {
  const folder = process.env.OVERREAD_SCREENS;
  if (!folder) return;
  await page.waitForTimeout(600);
  await page.screenshot({ path: join(folder, `${name}.png`) });
}

/** With OVERREAD_PICTURES=1 the screens of the user guide are taken; only of the phantom, never of a patient. */
export async function picture(page: Page, name: string): Promise<void> {
  if (!process.env.OVERREAD_PICTURES) return;
  await page.waitForTimeout(600);
  const file = join(ROOT, `docs/pictures/${name}.webp`);
  await sharp(await page.screenshot())
    .resize({ width: PICTURE_WIDTH })
    .webp({ quality: 72 })
    .toFile(file);
}
