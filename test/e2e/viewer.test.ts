import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Finding } from '../../services/domain/finding.ts';
import { type CtCase, findingsOf, readCtCase, type TrueLesion, voxelOf } from '../support/ct-case.ts';
import { detail, run, study, studyOfEachState } from '../support/fake-studies.ts';
import { grayProfile } from '../support/gray-profile.ts';
import { hasSharedData, SHARED_DATA } from '../support/programs.ts';
import { writeSyntheticSeries } from '../support/synthetic-series.ts';
import { startViewerNode, type ViewerNode } from '../support/viewer-node.ts';
import {
  accessibilityProblems,
  buildViewer,
  hasChromium,
  launch,
  openPage,
  type WatchedPage,
} from '../support/viewer-page.ts';

const PLANES = ['axial', 'sagittal', 'coronal'] as const;
/** Balls of known place and size in the synthetic thorax, by score. */
const BALLS = [
  { center: [-60, 10, 15], diameterMm: 30, score: 0.95 },
  { center: [62, -12, -21], diameterMm: 12, score: 0.8 },
  { center: [-55, 20, -25], diameterMm: 8, score: 0.3 },
] as const satisfies readonly (TrueLesion & { score: number })[];

interface Scene {
  viewer: string;
  folder: string;
  browser: Browser;
  node: ViewerNode;
  ct: CtCase;
  findings: readonly Finding[];
}

const studyOf = (ct: CtCase, findings: readonly Finding[], patch: Parameters<typeof run>[0] = {}) =>
  detail(
    study(ct.StudyInstanceUID, { instanceCount: ct.files.length }),
    [
      run({
        findings: [...findings],
        findingCount: findings.length,
        analysedSeriesInstanceUID: ct.SeriesInstanceUID,
        ...patch,
      }),
    ],
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
async function complete(page: Page): Promise<void> {
  for (const plane of PLANES) await page.locator(`[data-plane=${plane}][data-slice]`).waitFor({ timeout: 60_000 });
}

const shownVoxel = async (page: Page): Promise<readonly number[]> => {
  const at = async (plane: string) => Number(await page.locator(`[data-plane=${plane}]`).getAttribute('data-slice'));
  return [await at('sagittal'), await at('coronal'), await at('axial')];
};

describe.skipIf(!hasChromium)('study in Chromium', () => {
  const scene = {} as Scene;
  const opened: WatchedPage[] = [];
  const open = async (ct: CtCase = scene.ct, locale: 'en' | 'zh-CN' = 'en', browser = scene.browser) => {
    const watched = await openPage(browser, `${scene.node.url}/study/${ct.StudyInstanceUID}`, locale);
    opened.push(watched);
    return watched;
  };

  beforeAll(async () => {
    scene.viewer = await buildViewer();
    scene.folder = mkdtempSync(join(tmpdir(), 'overread-ct-'));
    writeSyntheticSeries(scene.folder, {
      ...{ rows: 192, columns: 192, spacingMm: 1.75, slices: 60, sliceSpacingMm: 2 },
      nodules: BALLS.map(({ center, diameterMm }) => ({ center, diameterMm })),
    });
    scene.ct = await readCtCase(scene.folder);
    scene.findings = findingsOf(scene.ct, BALLS);
    scene.browser = await launch();
    scene.node = await startViewerNode([studyOf(scene.ct, scene.findings)], scene.ct.files, scene.viewer);
  });
  afterEach(async () => {
    scene.node.replaced.clear();
    scene.node.framesAsked.splice(0);
    scene.node.held.studies = [studyOf(scene.ct, scene.findings)];
    scene.node.held.files = scene.ct.files;
    await Promise.all(opened.splice(0).map(({ context }) => context.close()));
  });
  afterAll(async () => {
    await scene.browser?.close();
    await scene.node?.close();
    for (const folder of [scene.viewer, scene.folder]) if (folder) rmSync(folder, { recursive: true, force: true });
  });

  it.each(['en', 'zh-CN'] as const)('opens on the best finding, its slice asked for first (%s)', async (language) => {
    const { page, errors, external } = await open(scene.ct, language);
    await page.locator('[data-plane=axial] [data-f="1"]').waitFor({ timeout: 20_000 });
    const [, , slice] = voxelOf(scene.ct, BALLS[0].center);
    expect(scene.node.framesAsked.slice(0, 3)).toContain(scene.ct.files[slice]?.SOPInstanceUID);
    await complete(page);
    expect(await shownVoxel(page)).toEqual([...voxelOf(scene.ct, BALLS[0].center)]);
    expect(await page.locator('.patient-banner').textContent()).toMatch(/张三[\s\S]*Zhang, San[\s\S]*00012345/);
    expect(await page.locator('.research-banner').count()).toBe(1);
    expect(await accessibilityProblems(page)).toEqual([]);
    expect(errors).toEqual([]);
    expect(external).toEqual([]);
  });

  it('jumps in all planes with N and Shift+N, and says where it is', async () => {
    const { page } = await open();
    await complete(page);
    for (const [key, ball] of [
      ['n', 1],
      ['n', 0],
      ['Shift+N', 1],
      ['Shift+N', 0],
    ] as const) {
      await page.keyboard.press(key);
      const voxel = voxelOf(scene.ct, BALLS[ball].center);
      await expect.poll(() => shownVoxel(page), { timeout: 5000 }).toEqual([...voxel]);
      expect(await page.locator('.finding-row[aria-current=true]').getAttribute('data-row')).toBe(String(ball + 1));
      for (const plane of PLANES)
        expect(await page.locator(`[data-plane=${plane}] [data-f="${ball + 1}"]`).count()).toBe(1);
    }
    expect(await page.getByText('Finding 1 of 2: nodule, 30.0 mm, right, score 0.95').count()).toBe(1);
  });

  it('hides every mark while Space is held, and cycles corners, circles and none', async () => {
    const { page } = await open();
    await complete(page);
    const marks = page.locator('[data-f]');
    const shown = await marks.count();
    expect(shown).toBeGreaterThan(2);
    await page.keyboard.down('Space');
    await expect.poll(() => marks.count()).toBe(0);
    await page.keyboard.up('Space');
    await expect.poll(() => marks.count()).toBe(shown);
    await page.keyboard.press('o');
    await expect.poll(() => page.locator('.mark circle.line').count()).toBe(shown);
    await page.keyboard.press('o');
    await expect.poll(() => marks.count()).toBe(0);
    await page.keyboard.press('o');
    await expect.poll(() => page.locator('.mark path.line').count()).toBe(shown);
  });

  it('moves the display threshold and always counts what is hidden', async () => {
    const { page } = await open();
    const count = page.locator('.findings-count');
    await expect.poll(() => count.textContent()).toBe('2 shown, 1 below 0.42');
    for (let press = 0; press < 3; press += 1) await page.keyboard.press(',');
    await expect.poll(() => count.textContent()).toBe('3 shown, none hidden');
    for (let press = 0; press < 12; press += 1) await page.keyboard.press('.');
    await expect.poll(() => count.textContent()).toBe('1 shown, 2 below 0.87');
    await page.getByRole('button', { name: 'Reset' }).click();
    await expect.poll(() => count.textContent()).toBe('2 shown, 1 below 0.42');
  });

  it.each(['cpu', 'gpu'])(
    'draws a ball of 30 mm as large as its mark, in every plane and both directions (%s)',
    async (backend) => {
      const { page } = await open();
      await page.evaluate(`localStorage.setItem('overread.renderBackend', '${backend}')`);
      await page.reload();
      await complete(page);
      await page.keyboard.press('o');
      await page.waitForTimeout(500);
      for (const plane of PLANES) {
        const mark = page.locator(`[data-plane=${plane}] [data-f="1"]`);
        const [x, y, radius] = await Promise.all(
          ['x', 'y', 'radius'].map(async (of) => Number(await mark.getAttribute(`data-${of}`))),
        );
        const ball = await grayProfile(page.locator(`[data-plane=${plane}] canvas`), [x ?? 0, y ?? 0], backend);
        expect(
          Math.abs(ball.width - 2 * (radius ?? 0)),
          `${plane} width ${ball.width}, mark ${2 * (radius ?? 0)}`,
        ).toBeLessThan(2.5);
        expect(
          Math.abs(ball.height - 2 * (radius ?? 0)),
          `${plane} height ${ball.height}, mark ${2 * (radius ?? 0)}`,
        ).toBeLessThan(2.5);
        expect(Math.hypot(ball.centerX - (x ?? 0), ball.centerY - (y ?? 0)), `${plane} centre`).toBeLessThan(1.5);
      }
    },
  );

  it('shows no other image in the place of one that cannot be decoded', async () => {
    scene.node.replaced.set(scene.ct.files[1]?.SOPInstanceUID ?? '', (stored) => stored.subarray(0, stored.length / 2));
    const { page } = await open();
    await complete(page);
    await page.keyboard.press('Home');
    await page.keyboard.press('ArrowDown');
    const broken = page.locator('[data-plane=axial] .broken-image');
    await broken.waitFor();
    expect(await broken.textContent()).toContain('Image 2 cannot be shown');
    expect(await page.locator('.planes-alert').textContent()).toContain('1 image cannot be shown: 2');
    await page.keyboard.press('ArrowDown');
    await expect.poll(() => broken.count()).toBe(0);
  });

  it('draws the second study of a session as the first: one engine, nothing left over', async () => {
    const { page, errors } = await open();
    await complete(page);
    await page.keyboard.press('Escape');
    await page.locator('tr[data-study] .row-link').first().click();
    await complete(page);
    await page.waitForTimeout(500);
    const mark = page.locator('[data-plane=sagittal] [data-f="1"]');
    const radius = Number(await mark.getAttribute('data-radius'));
    const at = [Number(await mark.getAttribute('data-x')), Number(await mark.getAttribute('data-y'))] as const;
    const ball = await grayProfile(page.locator('[data-plane=sagittal] canvas'), at, 'cpu');
    expect(Math.abs(ball.width - 2 * radius)).toBeLessThan(2.5);
    expect(errors).toEqual([]);
  });

  it.each(['failed', 'notAnalysable', 'none', 'running', 'waiting', 'receiving'])(
    'says in words that a study is %s',
    async (state) => {
      const of = studyOfEachState().find(({ study: row }) => row.StudyInstanceUID === UID_OF_STATE[state]);
      scene.node.held.studies = of ? [of] : [];
      const watched = await openPage(scene.browser, `${scene.node.url}/study/${UID_OF_STATE[state]}`, 'en');
      opened.push(watched);
      const panel = watched.page.locator(`.state-panel[data-state=${state}]`);
      await panel.waitFor();
      expect(await panel.textContent()).toMatch(WORDS_OF_STATE[state] ?? /never/);
      expect(await watched.page.getByText('This study has no images that can be shown.').count()).toBe(1);
      expect(await accessibilityProblems(watched.page)).toEqual([]);
    },
  );

  it('says in words that a browser without WebGL cannot draw, and lists the findings', async () => {
    const browser = await launch(['--disable-gpu', '--disable-software-rasterizer']);
    try {
      const { page } = await open(scene.ct, 'en', browser);
      await page.getByText('This browser cannot draw images: WebGL is missing or switched off.').waitFor();
      expect(await page.locator('.finding-row').count()).toBe(2);
    } finally {
      await browser.close();
    }
  });

  it.skipIf(!hasSharedData)('puts the marks of a real CT where the truth says, within two pixels', async () => {
    const { cases } = JSON.parse(readFileSync(join(SHARED_DATA, 'ct/ground-truth.json'), 'utf8'));
    const truth = cases.find(({ folder }: { folder: string }) => folder === 'ct/lidc-0063');
    const ct = await readCtCase(join(SHARED_DATA, 'ct/lidc-0063'));
    const lesions = truth.lesions.map(
      (lesion: { center_lps_mm: TrueLesion['center']; diameter_mm: number }, at: number) => ({
        center: lesion.center_lps_mm,
        diameterMm: lesion.diameter_mm,
        score: 0.9 - at / 10,
      }),
    ) as readonly (TrueLesion & { score: number })[];
    scene.node.held.studies = [studyOf(ct, findingsOf(ct, lesions))];
    scene.node.held.files = ct.files;
    const { page } = await open(ct);
    await complete(page);
    for (const [at, lesion] of lesions.entries()) {
      if (at > 0) await page.keyboard.press('n');
      await expect.poll(() => shownVoxel(page), { timeout: 10_000 }).toEqual([...voxelOf(ct, lesion.center)]);
      const box = await page.locator('[data-plane=axial]').boundingBox();
      const mark = page.locator(`[data-plane=axial] [data-f="${at + 1}"]`);
      const [column, row] = [0, 1].map(
        (axis) => ((lesion.center[axis] ?? 0) - (ct.positions[0]?.[axis] ?? 0)) / ct.spacingMm[0],
      );
      // The picture of 512 x 512 fits the smaller side of its panel and stands in the middle.
      const { width = 0, height = 0 } = box ?? {};
      const scale = Math.min(width, height) / 512;
      const x = width / 2 + ((column ?? 0) - 255.5) * scale;
      const y = height / 2 + ((row ?? 0) - 255.5) * scale;
      expect(Math.abs(Number(await mark.getAttribute('data-x')) - x)).toBeLessThan(2);
      expect(Math.abs(Number(await mark.getAttribute('data-y')) - y)).toBeLessThan(2);
    }
  });
});

const UID_OF_STATE: Readonly<Record<string, string>> = {
  failed: '2.25.9002',
  notAnalysable: '2.25.9003',
  running: '2.25.9004',
  none: '2.25.9006',
  waiting: '2.25.9007',
  receiving: '2.25.9008',
};

const WORDS_OF_STATE: Readonly<Record<string, RegExp>> = {
  failed: /ended 3 times[\s\S]*there is no AI result[\s\S]*Read this study without AI/,
  notAnalysable: /gap of 12 mm[\s\S]*there is no AI result[\s\S]*Read this study without AI/,
  running: /The analysis is running/,
  none: /marked nothing at or above its threshold of 0.42/,
  waiting: /has not started/,
  receiving: /still arriving/,
};
