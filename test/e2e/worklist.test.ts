import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { seedMany } from '../support/many-studies.ts';
import { accessibilityProblems, hasChromium } from '../support/viewer-page.ts';
import { seedStudy } from '../support/worklist-seed.ts';
import { rowsOf, startWorklistScene, type WorklistScene } from './worklist-scene.ts';

/** The machine may have other work: that something happens is tested, and how soon is printed. */
const SOON = { timeout: 20_000 };

describe.skipIf(!hasChromium)('worklist in Chromium over PostgreSQL', { timeout: 300_000 }, () => {
  const held: { scene?: WorklistScene } = {};
  const scene = (): WorklistScene => {
    if (held.scene === undefined) throw new Error('not started');
    return held.scene;
  };
  const seed = (given: Parameters<typeof seedStudy>[1] = {}) => seedStudy(scene().seeded.store, given);
  /** Three studies in the order of their waiting. */
  const three = async () => [
    (await seed({ minutesAgo: 60, PatientName: 'Adams^A', Modality: 'MR' })).uid,
    (await seed({ minutesAgo: 40, PatientName: 'Baker^B' })).uid,
    (await seed({ minutesAgo: 20, PatientName: 'Carter^C', runs: [{ state: 'NO_FINDINGS' }] })).uid,
  ];
  beforeAll(async () => {
    held.scene = await startWorklistScene();
  }, 240_000);
  beforeEach(() => scene().seeded.empty());
  afterEach(() => held.scene?.closePages());
  afterAll(() => held.scene?.close());

  it('is worked by keyboard alone: rows, search, parts, priority, and back', async () => {
    const [first, second, third] = await three();
    const { page } = await scene().open('/worklist');
    await page.locator(`tr[data-study="${third}"]`).waitFor();
    const focused = () => page.locator('tr:focus-within').getAttribute('data-study');
    for (const key of ['j', 'ArrowDown', 'j', 'k', 'ArrowUp', 'ArrowDown']) await page.keyboard.press(key);
    expect(await focused()).toBe(second);
    await page.keyboard.press('End');
    expect(await focused()).toBe(third);
    await page.keyboard.press('Home');
    expect(await focused()).toBe(first);
    await page.keyboard.press('Enter');
    await page.waitForURL(`**/study/${first}`);
    await page.goBack();
    await page.locator(`tr[data-study="${third}"]`).waitFor();
    await page.keyboard.press('End');
    await page.keyboard.press('p');
    await page.keyboard.press('s');
    await page.locator(`tr[data-study="${third}"][data-priority=STAT]`).waitFor();
    await page.keyboard.press('Escape');
    expect(await focused()).toBe(third);
    await page.keyboard.press('/');
    await page.keyboard.type('baker');
    await expect.poll(() => rowsOf(page), SOON).toEqual([second]);
    expect(page.url()).toContain('search=baker');
    await page.keyboard.press('Escape');
    await expect.poll(async () => (await rowsOf(page)).length, SOON).toBe(3);
    await page.keyboard.press('2');
    await expect.poll(() => rowsOf(page), SOON).toEqual([third]);
    await page.keyboard.press('3');
    await page.getByText('Nothing here now').waitFor();
    await page.getByRole('button', { name: 'Show all' }).press('Enter');
    await expect.poll(async () => (await rowsOf(page)).length, SOON).toBe(3);
  });

  it('follows the server and the row in focus stays where it is', async () => {
    const [, second, third] = await three();
    const { page } = await scene().open('/worklist');
    await page.getByText('Live', { exact: true }).waitFor();
    await page.locator(`tr[data-study="${third}"] .row-link`).focus();
    const y = async () => (await page.locator(`tr[data-study="${third}"]`).boundingBox())?.y;
    const before = await y();
    const asked = performance.now();
    await scene().seeded.orders.orderPriority(third ?? '', 'HIGH');
    await page.locator(`tr[data-study="${third}"][data-priority=HIGH]`).waitFor(SOON);
    console.log(`change → row: ${Math.round(performance.now() - asked)} ms`);
    const late = await seed({ minutesAgo: 0, priority: 'STAT', PatientName: 'Davis^D' });
    const pill = page.getByRole('button', { name: /\+1 new · 1 moved \(show\)/ });
    await pill.waitFor(SOON);
    expect(await y()).toBe(before);
    expect(await page.locator('tr:focus-within').getAttribute('data-study')).toBe(third);
    expect(await rowsOf(page)).not.toContain(late.uid);
    await page.keyboard.press('r');
    await expect.poll(async () => (await rowsOf(page)).slice(0, 2), SOON).toEqual([late.uid, third]);
    expect((await rowsOf(page)).at(-1)).toBe(second);
    await expect.poll(() => pill.count(), SOON).toBe(0);
  });

  it('follows by itself while nobody is in the list', async () => {
    await three();
    const { page } = await scene().open('/worklist');
    await page.getByText('Live', { exact: true }).waitFor();
    await page.mouse.move(5, 5);
    const late = await seed({ priority: 'STAT' });
    await page.locator(`tr[data-study="${late.uid}"]`).waitFor(SOON);
  });

  it('is live when the stream is open and no sooner: until then it says that it is connecting', async () => {
    await three();
    const server = Promise.withResolvers<void>();
    const { page } = await scene().open('/worklist', 'en', async (before) => {
      await before.route('**/api/events', (route) => server.promise.then(() => route.continue()));
    });
    await page.locator('tr[data-study]').nth(2).waitFor();
    await page.getByText('Connecting…').waitFor();
    expect(await page.getByText('Live', { exact: true }).count()).toBe(0);
    server.resolve();
    await page.getByText('Live', { exact: true }).waitFor();
    expect(await page.getByText('Connecting…').count()).toBe(0);
  });

  it('says so while live updates are lost, how old the rows are, and when they are back', async () => {
    await three();
    const { page } = await scene().open('/worklist');
    // Live means that the stream is open: cut before that, nothing would be lost.
    await page.getByText('Live', { exact: true }).waitFor();
    await page.route('**/api/**', (route) => route.abort());
    scene().node.dropStreams();
    await page.getByText(/Live updates lost \d+ seconds? ago/).waitFor(SOON);
    await page.getByText(/as of \d+ s ago/).waitFor();
    expect((await rowsOf(page)).length).toBe(3);
    await page.unroute('**/api/**');
    await page.getByText('Live', { exact: true }).waitFor(SOON);
  });

  it('filters, sorts and keeps views as addresses', async () => {
    const [first, second, third] = await three();
    const { page } = await scene().open('/worklist');
    await page.locator('tr[data-study]').nth(2).waitFor();
    await page.getByLabel('Modality').selectOption('CT');
    await expect.poll(() => rowsOf(page), SOON).toEqual([second, third]);
    await page.getByLabel('AI state').selectOption('none');
    await expect.poll(() => rowsOf(page), SOON).toEqual([third]);
    await page.getByRole('button', { name: 'Save view' }).click();
    await page.getByLabel('Name of this view').fill('CT without findings');
    await page.keyboard.press('Enter');
    await page.getByLabel('Modality').selectOption('MR');
    await page.getByText('0 of 3 match').waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.getByRole('button', { name: 'Clear', exact: true }).click();
    await page.getByRole('button', { name: 'Patient' }).click();
    await expect.poll(() => rowsOf(page), SOON).toEqual([first, second, third]);
    await page.getByRole('button', { name: 'Patient' }).press('Enter');
    await expect.poll(() => rowsOf(page), SOON).toEqual([third, second, first]);
    expect(await page.getByRole('columnheader', { name: 'Patient' }).getAttribute('aria-sort')).toBe('descending');
    await page.reload();
    await expect.poll(() => rowsOf(page), SOON).toEqual([third, second, first]);
    await page.getByLabel('Saved views').selectOption('CT without findings');
    await expect.poll(() => rowsOf(page), SOON).toEqual([third]);
    expect(new URL(page.url()).search).toBe('?modality=CT&state=none');
  });

  it('tells a new installation how to reach this node', async () => {
    const { page } = await scene().open('/worklist', 'zh-CN');
    await page.getByText('还没有检查').waitFor();
    expect(await page.locator('.address').textContent()).toMatch(/OVERREAD[\s\S]*11112/);
    expect(await page.locator('.command code').textContent()).toContain('--to OVERREAD@127.0.0.1:11112');
    expect(await accessibilityProblems(page)).toEqual([]);
  });

  it('keeps the chosen language', async () => {
    await three();
    const { page } = await scene().open();
    await page.getByText('中文', { exact: true }).click();
    await page.getByRole('columnheader', { name: '患者', exact: true }).waitFor();
    await page.reload();
    await page.getByRole('columnheader', { name: '患者', exact: true }).waitFor();
    expect(await page.locator('html').getAttribute('lang')).toBe('zh-CN');
  });

  it('draws only the rows on screen of a long list, and reaches its end at once', async () => {
    await seedMany(scene().seeded.store, 3000);
    const { page } = await scene().open('/worklist?tab=all');
    await page.getByText('3,000 studies').waitFor();
    expect(await page.locator('tr[data-study]').count()).toBeLessThan(40);
    await page.keyboard.press('End');
    await page.locator('tr[aria-rowindex="3001"][data-study]').waitFor(SOON);
    await expect.poll(() => page.locator('tr:focus-within').getAttribute('aria-rowindex'), SOON).toBe('3001');
    expect(await page.locator('tr[data-study]').count()).toBeLessThan(40);
    const loaded = await page.evaluate(() => performance.getEntriesByType('resource').map(({ name }) => name));
    expect(loaded.filter((name) => /engine|study-screen|\.wasm/.test(name))).toEqual([]);
  });

  it.each(['en', 'zh-CN'] as const)(
    'is readable at twice the size on a small screen, and with hostile names (%s)',
    async (language) => {
      await three();
      await seed({
        minutesAgo: 90,
        PatientName: `${'W'.repeat(500)}^<b>x</b>=أحمد^محمد`,
        runs: [{ state: 'FINDINGS' }],
      });
      const { page, errors } = await scene().open('/worklist', language, (before) =>
        before.setViewportSize({ width: 683, height: 384 }),
      );
      await page.locator('tr[data-study]').nth(3).waitFor();
      for (const cell of ['patient', 'study', 'state']) {
        const box = await page.locator(`tr[data-study] td[data-column=${cell}]`).first().boundingBox();
        expect(box?.width, cell).toBeGreaterThan(90);
        expect((box?.x ?? 0) + (box?.width ?? 0), cell).toBeLessThanOrEqual(683);
      }
      expect(await page.locator('b').count()).toBe(0);
      expect(await accessibilityProblems(page)).toEqual([]);
      expect(errors).toEqual([]);
    },
  );
});
