import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import type { StudyDetail } from '../../services/domain/contract/worklist.ts';
import type { StoredFile } from '../../services/domain/ports.ts';
import { builtViewer } from './built-viewer.ts';
import { readImage } from './ct-case.ts';
import type { Element } from './dicom-bytes.ts';
import { drawnUrl } from './drawn-picture.ts';
import { detail, run, study } from './fake-studies.ts';
import { type SyntheticInstance, syntheticSeries } from './synthetic-series.ts';
import { startViewerNode, type ViewerNode } from './viewer-node.ts';
import { launch, openPage, type WatchedPage } from './viewer-page.ts';

/** A browser, and a server of studies that a test writes one by one. */
export interface ImageScene {
  readonly folder: string;
  readonly node: ViewerNode;
  /** Adds the files as a study of one series; the answer is its UID. */
  add(files: readonly string[], Modality?: string): Promise<string>;
  open(
    StudyInstanceUID: string,
    locale?: 'en' | 'zh-CN',
    prepare?: (page: Page) => Promise<void>,
  ): Promise<WatchedPage>;
  /** Closes the pages of a test. */
  reset(): Promise<void>;
  close(): Promise<void>;
}

export async function startImageScene(): Promise<ImageScene> {
  const viewer = await builtViewer();
  const folder = mkdtempSync(join(tmpdir(), 'overread-images-'));
  const browser: Browser = await launch();
  const node = await startViewerNode([], [], viewer.folder);
  const opened: WatchedPage[] = [];
  return {
    folder,
    node,
    async add(files, Modality = 'CT') {
      const stored = await Promise.all(files.map(async (file) => (await readImage(file)).stored));
      node.held.files = [...node.held.files, ...stored];
      node.held.studies = [...node.held.studies, studyOf(stored, Modality)];
      return stored[0]?.StudyInstanceUID ?? '';
    },
    async open(StudyInstanceUID, locale = 'en', prepare = async () => {}) {
      const watched = await openPage(browser, `${node.url}/study/${StudyInstanceUID}`, locale, prepare);
      opened.push(watched);
      return watched;
    },
    async reset() {
      node.replaced.clear();
      await Promise.all(opened.splice(0).map(({ context }) => context.close()));
    },
    async close() {
      await browser.close();
      await node.close();
      viewer.remove();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function studyOf(files: readonly StoredFile[], Modality: string): StudyDetail {
  const [{ StudyInstanceUID, SeriesInstanceUID } = { StudyInstanceUID: '', SeriesInstanceUID: '' }] = files;
  const instanceCount = files.length;
  const series = { SeriesInstanceUID, Modality, SeriesNumber: 1, SeriesDescription: 'Images', instanceCount };
  return detail(
    study(StudyInstanceUID, { instanceCount, modalities: [Modality] }),
    [run({ state: 'NO_FINDINGS' })],
    [{ ...series, analysed: false }],
  );
}

const POSITION = 0x00200032;
/** Window, and slope with intercept. */
const OF_CT: readonly number[] = [0x00281050, 0x00281051, 0x00281052, 0x00281053, 0x00281054];

/** Images of any kind, in the order of their numbers, without a place in the patient; one file each. */
export function writeImages(folder: string, seed: string, images: readonly (readonly Element[])[]): readonly string[] {
  const { instances } = syntheticSeries({
    ...{ seed, modality: 'OT', rows: 4, columns: 4, slices: images.length },
    omit: [POSITION, ...OF_CT],
    elements: (slice) => images[slice] ?? [],
  });
  return writeInstances(folder, seed, instances);
}

export function writeInstances(
  folder: string,
  name: string,
  instances: readonly SyntheticInstance[],
): readonly string[] {
  return instances.map(({ file }, at) => {
    const path = join(folder, `${name}-${at}.dcm`);
    writeFileSync(path, file);
    return path;
  });
}

/** Waits until all images of a series are here, those that failed too. */
export async function loaded(page: Page): Promise<void> {
  await page.locator('.planes[data-loaded]').waitFor({ timeout: 30_000 });
  const total = await page.locator('.planes').getAttribute('data-total');
  await page.locator(`.planes[data-loaded="${total}"]`).waitFor({ timeout: 60_000 });
}

/** Goes to an image of the series and answers when it is on screen. */
export async function showImage(page: Page, index: number, backend: string): Promise<string> {
  const axial = page.locator('[data-plane=axial]');
  if (index === 0) await page.keyboard.press('Home');
  for (let at = Number(await axial.getAttribute('data-slice')); at < index; at += 1)
    await page.keyboard.press('ArrowDown');
  await page.locator(`[data-plane=axial][data-slice="${index}"]`).waitFor();
  await page.locator('[data-plane=axial] .plane-pending').waitFor({ state: 'detached' });
  // The number is known a frame before the picture.
  await page.waitForTimeout(80);
  return drawnUrl(axial.locator('canvas'), backend);
}
