import { rmSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { detail, run, study, studyOfEachState } from '../support/fake-studies.ts';
import { startViewerNode, type ViewerNode } from '../support/viewer-node.ts';
import {
  accessibilityProblems,
  buildViewer,
  hasChromium,
  launch,
  openPage,
  type WatchedPage,
} from '../support/viewer-page.ts';

const LANGUAGES = ['en', 'zh-CN'] as const;

describe.skipIf(!hasChromium)('worklist in Chromium', () => {
  const held: { viewer: string; browser: Browser; node: ViewerNode } = {} as never;
  const opened: WatchedPage[] = [];
  const open = async (locale: 'en' | 'zh-CN' = 'en', prepare?: (page: Page) => Promise<void>) => {
    const watched = await openPage(held.browser, `${held.node.url}/worklist`, locale, prepare);
    opened.push(watched);
    return watched;
  };

  beforeAll(async () => {
    held.viewer = await buildViewer();
    held.browser = await launch();
    held.node = await startViewerNode(studyOfEachState(), [], held.viewer);
  });
  afterEach(async () => {
    held.node.held.studies = studyOfEachState();
    held.node.held.models = [];
    await Promise.all(opened.splice(0).map(({ context }) => context.close()));
  });
  afterAll(async () => {
    await held.browser?.close();
    await held.node?.close();
    if (held.viewer) rmSync(held.viewer, { recursive: true, force: true });
  });

  it.each(LANGUAGES)('shows every AI state in words of its own, without fault (%s)', async (language) => {
    const { page, errors, external } = await open(language);
    await page.locator('tr[data-study]').nth(7).waitFor();
    const chips = await page.locator('.ai-chip strong').allInnerTexts();
    const icons = await page.locator('.ai-chip svg').evaluateAll((icon) => icon.map((svg) => svg.outerHTML));
    expect(chips).toHaveLength(8);
    expect(new Set(chips).size).toBe(8);
    expect(new Set(icons).size).toBe(8);
    expect(chips.every((words) => words.trim() !== '')).toBe(true);
    expect(await page.locator('.research-banner').textContent()).toBe(
      'Research use only — not for diagnosis / 仅供研究，不用于诊断',
    );
    expect(await accessibilityProblems(page)).toEqual([]);
    expect(errors).toEqual([]);
    expect(external).toEqual([]);
  });

  it('never lets a failure or a study that cannot be read look like "no findings"', async () => {
    const { page } = await open();
    for (const state of ['failed', 'notAnalysable', 'outdated']) {
      const chip = page.locator(`.ai-chip[data-state=${state}]`);
      expect(await chip.textContent()).not.toMatch(/none|no findings/i);
    }
    expect(await page.locator('.ai-chip[data-state=failed]').textContent()).toContain('ended 3 times');
    expect(await page.locator('.ai-chip[data-state=notAnalysable]').textContent()).toContain('gap of 12 mm');
  });

  it.each([
    ['en', 'Model lung-ct is disabled: its self test failed', 'Model old-ct is switched off: it reads no studies.'],
    ['zh-CN', '模型 lung-ct 已停用：its self test failed', '模型 old-ct 已关闭：不读取任何检查。'],
  ] as const)('says above the list which model reads no studies, and why (%s)', async (language, failed, off) => {
    const model = (id: string, status: 'READY' | 'FAILED' | 'SWITCHED_OFF', problem: string | null = null) => ({
      ...{ id, status, problem, version: '1.0.0', title: id, hash: 'a'.repeat(64), banner: '', label: '' },
      ...{ threshold: 0.5, validated: false, provider: null, passedOver: [], checkedAt: null },
    });
    held.node.held.models = [
      model('good-ct', 'READY'),
      model('lung-ct', 'FAILED', 'its self test failed'),
      model('old-ct', 'SWITCHED_OFF'),
    ];
    const { page, errors } = await open(language);
    await page.getByRole('alert').nth(1).waitFor();
    expect(await page.getByRole('alert').allInnerTexts()).toEqual([failed, off]);
    expect(await accessibilityProblems(page)).toEqual([]);
    expect(errors).toEqual([]);
  });

  it('shows every group of a name, and where each report stands', async () => {
    const { page } = await open();
    const row = page.locator('tr[data-study="2.25.9006"]');
    expect(await row.textContent()).toMatch(/洪吉洞[\s\S]*Hong, Gildong · 홍길동/);
    expect(await page.locator('[data-delivery=pending]').first().textContent()).toBe(
      'PACS-A: try 3, connection refused',
    );
    expect(await page.locator('[data-delivery=refused]').first().textContent()).toBe('Refused by PACS-A: status A900');
  });

  it('keeps the chosen language', async () => {
    const { page } = await open('en');
    await page.getByText('中文', { exact: true }).click();
    await page.getByRole('columnheader', { name: '患者', exact: true }).waitFor();
    await page.reload();
    await page.getByRole('columnheader', { name: '患者', exact: true }).waitFor();
    expect(await page.locator('html').getAttribute('lang')).toBe('zh-CN');
  });

  it('is worked by keyboard: J, K, Enter and the search', async () => {
    const { page } = await open();
    await page.locator('tr[data-study]').first().waitFor();
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    await page.keyboard.press('k');
    expect(await page.locator('tr:focus-within').getAttribute('data-study')).toBe('2.25.9002');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/study/2.25.9002');
    await page.goBack();
    await page.locator('tr[data-study]').first().waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('jk');
    expect(await page.getByRole('searchbox').inputValue()).toBe('jk');
    await page.getByText('Nothing matches “jk”').waitFor();
    await page.getByRole('button', { name: 'Clear' }).click();
    await page.locator('tr[data-study]').nth(7).waitFor();
  });

  it('tells a new installation how to reach this node', async () => {
    held.node.held.studies = [];
    const { page } = await open('zh-CN');
    await page.getByText('还没有检查').waitFor();
    expect(await page.locator('.address').textContent()).toMatch(/OVERREAD[\s\S]*11112/);
    expect(await accessibilityProblems(page)).toEqual([]);
  });

  it('follows the server within three seconds, and the focus stays on its study', async () => {
    const { page } = await open();
    await page.locator('tr[data-study="2.25.9004"] .row-link').focus();
    const next = studyOfEachState().map((each) =>
      each.study.StudyInstanceUID === '2.25.9004'
        ? detail(each.study, [run({ findingCount: 2, largestMm: 8, topScore: 0.99 })])
        : each,
    );
    held.node.held.studies = next.toReversed();
    held.node.changed('2.25.9004');
    await page.locator('tr[data-study="2.25.9004"] [data-state=findings]').waitFor({ timeout: 3000 });
    expect(await page.locator('tr:focus-within').getAttribute('data-study')).toBe('2.25.9004');
  });

  it('is live when the stream is open and no sooner: until then it says that it is connecting', async () => {
    const server = Promise.withResolvers<void>();
    const { page } = await open('en', async (before) => {
      await before.route('**/api/events', (route) => server.promise.then(() => route.continue()));
    });
    await page.locator('tr[data-study]').nth(7).waitFor();
    await page.getByText('Connecting…').waitFor();
    expect(await page.getByText('Live', { exact: true }).count()).toBe(0);
    server.resolve();
    await page.getByText('Live', { exact: true }).waitFor();
    expect(await page.getByText('Connecting…').count()).toBe(0);
  });

  it('says so while live updates are lost, and when they are back', async () => {
    const { page } = await open();
    // Live means that the stream is open: cut before that, nothing would be lost.
    await page.getByText('Live', { exact: true }).waitFor();
    await page.route('**/api/events', (route) => route.abort());
    held.node.dropStreams();
    await page.getByText(/Live updates lost \d+ seconds? ago/).waitFor({ timeout: 10_000 });
    await page.unroute('**/api/events');
    await page.getByText('Live', { exact: true }).waitFor({ timeout: 15_000 });
  });

  it('orders a failed analysis again', async () => {
    const { page } = await open();
    await page.getByRole('button', { name: 'Retry: analyse Qian, F again' }).click();
    await expect.poll(() => held.node.retried).toContain('00000000-0000-4000-8000-000000000102');
    expect(page.url()).toContain('/worklist');
  });

  it('draws only the rows on screen of a long list, and loads the rest on the way', async () => {
    held.node.held.studies = Array.from({ length: 1200 }, (_none, at) =>
      detail(study(`2.25.7${at}`, { PatientName: `Patient^${at}` }), [run({ state: 'NO_FINDINGS' })]),
    );
    const { page } = await open();
    await page.getByText('1,200 studies').waitFor();
    expect(await page.locator('tr[data-study]').count()).toBeLessThan(60);
    for (let step = 0; step < 12; step += 1) {
      await page.locator('.worklist-scroll').evaluate((list) => list.scrollBy(0, 1e6));
      await page.waitForTimeout(250);
    }
    await page.locator('tr[aria-rowindex="1201"]').waitFor();
    expect(await page.locator('tr[data-study]').count()).toBeLessThan(60);
  });

  it('does not load the image engine', async () => {
    const { page } = await open();
    await page.locator('tr[data-study]').first().waitFor();
    const loaded = await page.evaluate(() => performance.getEntriesByType('resource').map(({ name }) => name));
    expect(loaded.filter((name) => /engine|study-screen|\.wasm/.test(name))).toEqual([]);
  });
});
