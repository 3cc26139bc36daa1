import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { findingsOf, readCtCase } from '../support/ct-case.ts';
import { type SyntheticSeriesOptions, writeSyntheticSeries } from '../support/synthetic-series.ts';
import { expectTrueSize } from '../support/true-size.ts';
import { accessibilityProblems, hasChromium } from '../support/viewer-page.ts';
import { complete, type Scene, startScene, studyOf } from '../support/viewer-scene.ts';

const THORAX = { rows: 128, columns: 128, spacingMm: 2.6, slices: 50, sliceSpacingMm: 2.4 } as const;
/** 40 % more volume in 90 days doubles in 185. */
const NOW_MM = 24;
const BEFORE_MM = NOW_MM / 1.4 ** (1 / 3);
const PLACE = [-60, 10, 15] as const;
/** The earlier study counts its heights from elsewhere. */
const PRIOR_Z_MM = -40;

/** What a busy machine shows in its own time. */
const settles = <T>(read: () => T) => expect.poll(read, { timeout: 20_000 });

describe.skipIf(!hasChromium)('states of the study screen in Chromium', () => {
  const scene = {} as Scene;
  const folders: string[] = [];

  /** A thorax of its own beside that of the scene. */
  const thorax = async (options: SyntheticSeriesOptions) => {
    const folder = mkdtempSync(join(tmpdir(), 'overread-ct-'));
    folders.push(folder);
    writeSyntheticSeries(folder, { ...THORAX, ...options });
    return readCtCase(folder);
  };
  const note = (page: Page, name: string) => page.locator(`[data-note=${name}]`);

  beforeAll(async () => void Object.assign(scene, await startScene()));
  afterEach(() => scene.reset());
  afterAll(async () => {
    await scene.close?.();
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  });

  it('draws on without the graphics card when it is taken away, true to size, and says so', async () => {
    const { page } = await scene.open();
    await page.evaluate("localStorage.setItem('overread.renderBackend', 'gpu')");
    await page.addInitScript(`
      const contexts = (globalThis.contexts = []);
      for (const of of [HTMLCanvasElement, globalThis.OffscreenCanvas]) {
        const get = of.prototype.getContext;
        of.prototype.getContext = function (...args) {
          const context = get.apply(this, args);
          if (context && String(args[0]).startsWith('webgl')) contexts.push(context);
          return context;
        };
      }
    `);
    await page.reload();
    await complete(page);
    await page.waitForTimeout(500);
    await page.evaluate("contexts.forEach((context) => context.getExtension('WEBGL_lose_context')?.loseContext())");
    await note(page, 'lost').waitFor();
    await page.waitForTimeout(1000);
    await expectTrueSize(page, 'cpu');
    await page.keyboard.press('ArrowDown');
    await settles(() => page.locator('[data-plane=axial]').getAttribute('data-slice')).toBe('23');
  });

  it('names missing images, and refuses what would cross an image that cannot be seen', async () => {
    const ct = await thorax({ seed: 'gap', missingSlice: 20 });
    scene.node.held.studies = [studyOf(ct, [])];
    scene.node.held.files = ct.files;
    const { page } = await scene.open(ct.StudyInstanceUID);
    await note(page, 'gap').waitFor();
    expect(await note(page, 'gap').textContent()).toBe(
      '1 image is missing between image 29 and 30 (4.8 mm apart): no reformat and no measurement across the gap.',
    );
    await settles(() => page.locator('.slice-bar [data-bar=gap]').count()).toBe(1);
    await settles(() => page.locator('[data-plane=coronal]').textContent()).toContain('No reformat for this series');
    expect(await accessibilityProblems(page)).toEqual([]);
  });

  it('refuses a measurement on a reformat across an image that failed, and offers its UID', async () => {
    const broken = scene.ct.files[30]?.SOPInstanceUID ?? '';
    scene.node.replaced.set(broken, (stored) => stored.subarray(0, 99));
    const { page } = await scene.open();
    await complete(page);
    await settles(() => page.locator('.slice-bar [data-bar=failed]').count()).toBe(1);
    await page.keyboard.press('l');
    const box = await page.locator('[data-plane=coronal]').boundingBox();
    const [x, y, height] = [(box?.x ?? 0) + (box?.width ?? 0) / 2, box?.y ?? 0, box?.height ?? 0];
    await page.mouse.move(x, y + height * 0.4);
    await page.mouse.down();
    await page.mouse.move(x, y + height * 0.6, { steps: 3 });
    await page.mouse.up();
    expect(await note(page, 'refused').textContent()).toContain('would cross images that cannot be shown (31)');
    expect(await page.locator('[data-measurement]').count()).toBe(0);
    await page.mouse.move(x, y + height * 0.42);
    await page.mouse.down();
    await page.mouse.move(x + 60, y + height * 0.42, { steps: 3 });
    await page.mouse.up();
    expect(await page.locator('[data-measurement]').count()).toBe(1);
    await page.keyboard.press('Escape');
    const bar = page.locator('[data-plane=axial] .slice-bar');
    const barHeight = (await bar.boundingBox())?.height ?? 0;
    await bar.click({ position: { x: 7, y: (30.5 / 60) * barHeight } });
    const image = page.locator('[data-plane=axial] .broken-image');
    await image.waitFor();
    expect(await image.textContent()).toContain(broken);
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await image.getByRole('button', { name: 'Copy UID' }).click();
    await image.getByRole('button', { name: 'Copied' }).waitFor();
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe(broken);
  });

  it('says that a finding lies outside of the images', async () => {
    const [first, ...others] = scene.findings;
    if (!first) throw new Error('no finding');
    const far = { ...first, center: [-60, 10, 200] as [number, number, number] };
    scene.node.held.studies = [studyOf(scene.ct, [far, ...others])];
    const { page } = await scene.open();
    await note(page, 'outside').waitFor();
    expect(await note(page, 'outside').textContent()).toContain('lies outside of these images, 140.0 mm beyond');
    await page.keyboard.press('n');
    await settles(() => note(page, 'outside').count()).toBe(0);
  });

  it('asks again for what the server did not give', async () => {
    const { page } = await scene.open();
    await page.route('**/frames/*', (route) => route.abort());
    await page.reload();
    await settles(() => note(page, 'failed').textContent()).toContain('cannot be shown');
    await page.unroute('**/frames/*');
    await note(page, 'failed').getByRole('button', { name: 'Try again' }).click();
    await complete(page);
    await settles(() => note(page, 'failed').count()).toBe(0);
    await page.waitForTimeout(500);
    await expectTrueSize(page, 'cpu');
  });

  it('compares with a prior: beside, linked by the body, with growth and its doubling time', async () => {
    const nodules = (diameterMm: number) => [{ center: PLACE, diameterMm }];
    const now = await thorax({ seed: 'now', nodules: nodules(NOW_MM) });
    const [low, side] = [
      -((THORAX.slices - 1) / 2) * THORAX.sliceSpacingMm,
      -((THORAX.rows - 1) / 2) * THORAX.spacingMm,
    ];
    const before = await thorax({
      ...{ seed: 'before', nodules: nodules(BEFORE_MM) },
      elements: (slice) => [
        [0x00200032, 'DS', `${side}\\${side}\\${(low + slice * THORAX.sliceSpacingMm + PRIOR_Z_MM).toFixed(4)}`],
      ],
    });
    const study = studyOf(now, findingsOf(now, [{ center: PLACE, diameterMm: NOW_MM, score: 0.9 }]));
    const moved = [PLACE[0], PLACE[1], PLACE[2] + PRIOR_Z_MM] as const;
    const prior = studyOf(before, findingsOf(before, [{ center: moved, diameterMm: BEFORE_MM, score: 0.8 }]));
    scene.node.held.studies = [study, { ...prior, study: { ...prior.study, StudyDate: '20260825' } }];
    scene.node.held.files = [...now.files, ...before.files];
    const { page, errors } = await scene.open(now.StudyInstanceUID);
    await complete(page);
    await page.keyboard.press('g');
    const pane = page.locator('[data-plane=prior]');
    const row = page.locator('[data-lesion=A]');
    await settles(() => row.textContent()).toMatch(/VDT 18[45] d \(111–5\d\d\)/);
    expect(await row.textContent()).toContain('volume +40 %');
    expect(await page.locator('.prior-bar').textContent()).toMatch(/Aligned by the body, offset (39|40|41) mm/);
    const slice = async (plane: string) =>
      Number(await page.locator(`[data-plane=${plane}]`).getAttribute('data-slice'));
    await settles(async () => Math.abs((await slice('prior')) - (await slice('axial')))).toBeLessThanOrEqual(1);
    const [start, priorStart] = [await slice('axial'), await slice('prior')];
    for (let press = 0; press < 10; press += 1) await page.keyboard.press('ArrowDown');
    await settles(() => slice('axial')).toBe(start + 10);
    await settles(() => slice('prior')).toBe(priorStart + 10);
    // Scrolled by itself and linked again it keeps its distance.
    await page.getByRole('button', { name: 'Linked' }).click();
    await pane.hover();
    await page.mouse.wheel(0, 120);
    await settles(() => slice('prior')).toBe(priorStart + 13);
    await page.getByRole('button', { name: 'Not linked' }).click();
    await page.keyboard.press('ArrowUp');
    await settles(() => slice('prior')).toBe(priorStart + 12);
    expect(await note(page, 'beyond').count()).toBe(0);
    await page.keyboard.press('End');
    await note(page, 'beyond').waitFor();
    expect(await note(page, 'beyond').textContent()).toMatch(/not imaged then: [5-9] mm beyond the prior/);
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await settles(() => pane.count()).toBe(0);
    expect(errors).toEqual([]);
  });
});
