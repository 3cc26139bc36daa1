import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import type { Finding } from '../../services/domain/finding.ts';
import { builtViewer } from './built-viewer.ts';
import { type CtCase, findingsOf, readCtCase, type TrueLesion } from './ct-case.ts';
import { detail, run, study } from './fake-studies.ts';
import { writeSyntheticSeries } from './synthetic-series.ts';
import { startViewerNode, type ViewerNode } from './viewer-node.ts';
import { launch, openPage, type WatchedPage } from './viewer-page.ts';

export const PLANES = ['axial', 'sagittal', 'coronal'] as const;

/** Balls of known place and size in the synthetic thorax, by score. */
export const BALLS = [
  { center: [-60, 10, 15], diameterMm: 30, score: 0.95 },
  { center: [62, -12, -21], diameterMm: 12, score: 0.8 },
  { center: [-55, 20, -25], diameterMm: 8, score: 0.3 },
] as const satisfies readonly (TrueLesion & { score: number })[];

/** One analysed study in a browser: a synthetic chest with the balls as findings. */
export interface Scene {
  readonly browser: Browser;
  readonly node: ViewerNode;
  readonly ct: CtCase;
  readonly findings: readonly Finding[];
  open(StudyInstanceUID?: string, locale?: 'en' | 'zh-CN', browser?: Browser): Promise<WatchedPage>;
  /** Closes the pages of a test and puts the studies back. */
  reset(): Promise<void>;
  close(): Promise<void>;
}

export async function startScene(): Promise<Scene> {
  const viewer = await builtViewer();
  const folder = mkdtempSync(join(tmpdir(), 'overread-ct-'));
  writeSyntheticSeries(folder, {
    ...{ rows: 192, columns: 192, spacingMm: 1.75, slices: 60, sliceSpacingMm: 2 },
    nodules: BALLS.map(({ center, diameterMm }) => ({ center, diameterMm })),
  });
  const ct = await readCtCase(folder);
  const findings = findingsOf(ct, BALLS);
  const browser = await launch();
  const node = await startViewerNode([studyOf(ct, findings)], ct.files, viewer.folder);
  const opened: WatchedPage[] = [];
  return {
    browser,
    node,
    ct,
    findings,
    async open(StudyInstanceUID = ct.StudyInstanceUID, locale = 'en', inBrowser = browser) {
      const watched = await openPage(inBrowser, `${node.url}/study/${StudyInstanceUID}`, locale);
      opened.push(watched);
      return watched;
    },
    async reset() {
      node.replaced.clear();
      node.framesAsked.splice(0);
      node.held.studies = [studyOf(ct, findings)];
      node.held.files = ct.files;
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

/** A series and its findings as the server answers them. */
export const studyOf = (ct: CtCase, findings: readonly Finding[]) =>
  detail(
    study(ct.StudyInstanceUID, { instanceCount: ct.files.length }),
    [run({ findings: [...findings], findingCount: findings.length, analysedSeriesInstanceUID: ct.SeriesInstanceUID })],
    [
      {
        SeriesInstanceUID: ct.SeriesInstanceUID,
        Modality: 'CT',
        SeriesNumber: 1,
        SeriesDescription: 'Chest',
        instanceCount: ct.files.length,
        analysed: true,
      },
    ],
  );

/** Waits until the three planes are on screen. */
export async function complete(page: Page): Promise<void> {
  for (const plane of PLANES) await page.locator(`[data-plane=${plane}][data-slice]`).waitFor({ timeout: 60_000 });
}

/** The voxel column, row and slice that the three planes show. */
export async function shownVoxel(page: Page): Promise<readonly number[]> {
  const at = async (plane: string) => Number(await page.locator(`[data-plane=${plane}]`).getAttribute('data-slice'));
  return [await at('sagittal'), await at('coronal'), await at('axial')];
}
