import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { findingsOf, readCtCase, type TrueLesion, voxelOf } from '../support/ct-case.ts';
import { studyOfEachState } from '../support/fake-studies.ts';
import { decodePng } from '../support/png.ts';
import { hasSharedData, SHARED_DATA } from '../support/programs.ts';
import { accessibilityProblems, hasChromium, launch } from '../support/viewer-page.ts';
import { BALLS, complete, PLANES, type Scene, shownVoxel, startScene, studyOf } from '../support/viewer-scene.ts';

describe.skipIf(!hasChromium)('study in Chromium', () => {
  const scene = {} as Scene;
  const open: Scene['open'] = (...of) => scene.open(...of);

  beforeAll(async () => void Object.assign(scene, await startScene()));
  afterEach(() => scene.reset());
  afterAll(() => scene.close?.());

  it.each(['en', 'zh-CN'] as const)('opens on the best finding, its slice asked for first (%s)', async (language) => {
    const { page, errors, external } = await open(undefined, language);
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
    await expect.poll(() => count.textContent(), { timeout: 10_000 }).toBe('2 shown, 1 below 0.42');
    for (let press = 0; press < 3; press += 1) await page.keyboard.press(',');
    await expect.poll(() => count.textContent()).toBe('3 shown, none hidden');
    for (let press = 0; press < 12; press += 1) await page.keyboard.press('.');
    await expect.poll(() => count.textContent()).toBe('1 shown, 2 below 0.87');
    // The study is read again, and stays as the reader has set it.
    const again = page.waitForResponse(/\/api\/studies\//);
    scene.node.changed(scene.ct.StudyInstanceUID);
    await again;
    await page.waitForTimeout(300);
    expect(await count.textContent()).toBe('1 shown, 2 below 0.87');
    await page.getByRole('button', { name: 'Reset' }).click();
    await expect.poll(() => count.textContent()).toBe('2 shown, 1 below 0.42');
  });

  it.each(['failed', 'notAnalysable', 'none', 'running', 'waiting', 'receiving'])(
    'says in words that a study is %s',
    async (state) => {
      const of = studyOfEachState().find(({ study: row }) => row.StudyInstanceUID === UID_OF_STATE[state]);
      scene.node.held.studies = of ? [of] : [];
      const watched = await open(UID_OF_STATE[state]);
      const panel = watched.page.locator(`.state-panel[data-state=${state}]`);
      await panel.waitFor();
      expect(await panel.textContent()).toMatch(WORDS_OF_STATE[state] ?? /never/);
      expect(await watched.page.getByText('This study has no images that can be shown.').count()).toBe(1);
      expect(await accessibilityProblems(watched.page)).toEqual([]);
    },
  );

  it('shows the stack in a browser without WebGL, says so, and moves it to a finding with N', async () => {
    const browser = await launch(['--disable-gpu', '--disable-software-rasterizer']);
    try {
      const { page, errors } = await open(undefined, 'en', browser);
      await page.getByText('This browser has no WebGL: the acquired images only').waitFor();
      const axial = page.locator('[data-plane=axial]');
      await axial.locator('[data-f="1"]').waitFor();
      await page.keyboard.press('n');
      const [, , slice] = voxelOf(scene.ct, BALLS[1].center);
      await expect.poll(() => axial.getAttribute('data-slice')).toBe(String(slice));
      await axial.locator('[data-f="2"]').waitFor();
      expect(await page.locator('[data-plane=coronal]').textContent()).toContain('This browser has no WebGL');
      const { rgb } = decodePng(await axial.locator('.plane-pixels canvas').screenshot());
      expect(new Set(rgb).size).toBeGreaterThan(3);
      expect(errors).toEqual([]);
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
    const { page } = await open(ct.StudyInstanceUID);
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
