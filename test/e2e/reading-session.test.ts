import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { takeGuidePictures } from '../support/guide-pictures.ts';
import { hasProgram, hasSharedData, SHARED_DATA } from '../support/programs.ts';
import { addBesideList, clipboard, listed, openReading, savedOn } from '../support/reading-page.ts';
import { openReadingRoom, picture, type ReadingRoom } from '../support/reading-room.ts';
import { dsrdump, hasDsrdump } from '../support/sr-validators.ts';
import { accessibilityProblems, hasChromium, launch } from '../support/viewer-page.ts';

const available = hasChromium && hasProgram('Orthanc');
const PHANTOM = join(import.meta.dirname, '../../dicom-samples/chest-phantom');
const PHANTOM_STUDY = '2.25.58672197990786409892533215931694283006';
const REAL_STUDY = '1.3.6.1.4.1.14519.5.2.1.6279.6001.259516711483314195853998851316';
const LI = { name: 'Li^Mei=李^梅', organization: 'Hospital One' };
const WANG = { name: 'Wang^Fang', organization: '' };

const textOf = async (file: Uint8Array): Promise<string> => (await dsrdump(file)).text;

describe.skipIf(!available)('a reading session in Chromium (needs chromium, Orthanc)', () => {
  const room = {} as ReadingRoom;
  const held: { browser?: Browser; first?: string } = {};
  const browser = (): Browser => {
    if (!held.browser) throw new Error('no browser');
    return held.browser;
  };
  const urlOf = (uid: string) => `${room.overread.url}/study/${uid}`;

  beforeAll(async () => {
    Object.assign(room, await openReadingRoom({ IMAGE_DEADLINE_SECONDS: '150' }));
    held.browser = await launch();
    await room.receive(PHANTOM, PHANTOM_STUDY);
  }, 480_000);
  afterAll(async () => {
    await held.browser?.close();
    await room.close?.();
  });

  it('opens, takes five verdicts, an edit and a lesion, is signed, delivered and amended', async () => {
    const { page, row, state, press, saved, errors } = await openReading(
      browser(),
      urlOf(PHANTOM_STUDY),
      'en',
      undefined,
    );
    const total = await listed(page);
    expect(total).toBeGreaterThanOrEqual(7);

    // The first verdict asks who reads, and is kept meanwhile.
    await press('a');
    await page.getByRole('dialog', { name: 'Who is reading?' }).waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.getByLabel('Name').fill('Li, Mei');
    await page.getByLabel('Hospital or department').fill(LI.organization);
    await press('Enter');
    await saved();
    expect(await row(2).getAttribute('aria-current')).toBe('true');
    expect(await page.locator('[data-said]').textContent()).toBe('Finding 1: Accepted');

    await press('x');
    await page.locator('.reason-row').waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    await press('3');
    expect(await row(2).textContent()).toContain('Rejected: Calcified, benign');
    expect(await page.locator('.corners [data-corner=window]').first().textContent()).toContain('W 1500 L -600');
    await press('x', 'Enter', 'd', 'a');
    expect(await Promise.all([1, 2, 3, 4, 5].map(state))).toEqual([
      'accepted',
      'rejected',
      'rejected',
      'deferred',
      'accepted',
    ]);
    await press('u');
    expect(await state(5)).toBe('unreviewed');
    await press('Control+y');
    expect(await state(5)).toBe('accepted');

    await row(6).click();
    await press('e');
    await page.locator('[data-handle=long1]').focus();
    await press('Shift+ArrowRight', 'Shift+ArrowRight', 'Shift+ArrowRight');
    expect(await accessibilityProblems(page)).toEqual([]);
    await press('Enter');
    expect(await state(6)).toBe('edited');

    // Add: nothing is in the air beside the chest, and it says so; then a lesion the list does not show.
    await press('m');
    await page.locator('.add-target').waitFor();
    await press('Shift+ArrowUp', 'Enter');
    await page.locator('.review-failure').waitFor({ timeout: 160_000 });
    expect(await page.locator('.review-failure').textContent()).toMatch(/Nothing was added: /);
    await press('Escape');
    await addBesideList(page, total);
    await saved();

    const draft = await room.reading(PHANTOM_STUDY);
    expect(draft).toMatchObject({ state: 'DRAFT', reader: { name: 'Li^Mei', organization: LI.organization } });
    expect(draft.content.added.length).toBe(1);
    expect(draft.content.verdicts.map(({ verdict }) => verdict).sort()).toEqual([
      'accepted',
      'accepted',
      'deferred',
      'edited',
      'rejected',
      'rejected',
    ]);

    await page.reload();
    await page.locator('[data-row="1"][data-state=accepted]').waitFor({ timeout: 30_000 });
    expect(await Promise.all([2, 4, 6].map(state))).toEqual(['rejected', 'deferred', 'edited']);
    expect(await page.locator('.finding-row[data-state=added]').count()).toBe(1);

    // Signing waits for what is not decided, and the rest can be left.
    await press('Control+Enter');
    const dialog = page.getByRole('dialog', { name: 'Sign the reading' });
    await dialog.waitFor();
    expect(await dialog.locator('.sign-dialog').getAttribute('data-obstacles')).toBe('unreviewed');
    expect(await dialog.locator('.open-list li').count()).toBe(total - 5);
    expect(await accessibilityProblems(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Reject the rest' }).click();
    await page.locator('.signed').waitFor({ timeout: 30_000 });
    await page.locator('.signed [data-delivery=delivered]').waitFor({ timeout: 60_000 });
    expect(await accessibilityProblems(page)).toEqual([]);

    const signed = await room.reading(PHANTOM_STUDY);
    const [report] = signed.reports;
    expect(signed.state).toBe('SIGNED');
    held.first = report?.SRSOPInstanceUID ?? '';
    const bulk = signed.content.verdicts.filter((verdict) => verdict.verdict === 'rejected' && verdict.bulk);
    expect(bulk.length).toBe(total - 5);
    if (hasDsrdump) {
      const text = await textOf(await room.report(held.first));
      expect(text).toMatch(/Verification Flag\s*: VERIFIED/);
      expect(text).toMatch(/Li\^Mei/);
    }

    // Read-only until it is amended; the new report replaces the first.
    await press('a');
    expect((await room.reading(PHANTOM_STUDY)).revision).toBe(signed.revision);
    await page.getByRole('button', { name: 'Amend' }).click();
    await page.locator('.draft-state').waitFor();
    await row(2).click();
    await press('a');
    await saved();
    await press('Control+Enter');
    await page.getByRole('button', { name: 'Sign as Li, Mei' }).click();
    await page.locator('.signed').waitFor({ timeout: 30_000 });
    const amended = await room.reading(PHANTOM_STUDY);
    expect(amended.reports.length).toBe(2);
    expect(amended.reports[1]?.SRSOPInstanceUID).toBe(held.first);
    if (hasDsrdump) {
      const text = await textOf(await room.report(amended.reports[0]?.SRSOPInstanceUID ?? ''));
      expect(text).toMatch(/Predecessor Doc/);
    }
    expect(errors.filter((line) => !/422|409/.test(line))).toEqual([]);
    await page.context().close();
  }, 600_000);

  it('shows two tabs their difference and overwrites nothing', async () => {
    const one = await openReading(browser(), urlOf(PHANTOM_STUDY), 'en', LI);
    await one.page.getByRole('button', { name: 'Amend' }).click();
    await one.page.locator('.draft-state').waitFor();
    const two = await openReading(browser(), urlOf(PHANTOM_STUDY), 'en', WANG);
    // The second does not hear of the first: what it asks for does not come back, and its next change meets what is there.
    await two.page.route('**/reading', (route) => (route.request().method() === 'GET' ? undefined : route.continue()));
    await one.row(1).click();
    await one.press('d');
    await one.saved();
    await two.row(1).click();
    await two.press('x', '4');
    await two.page.locator('.conflict-note').waitFor({ timeout: 20_000 });
    const before = await room.reading(PHANTOM_STUDY);
    expect(before.content.verdicts.some(({ verdict }) => verdict === 'deferred')).toBe(true);
    await two.page.getByRole('button', { name: 'Compare and decide' }).click();
    const dialog = two.page.getByRole('dialog');
    await dialog.locator('tr[data-chosen=none]').waitFor();
    expect(await dialog.textContent()).toMatch(/Rejected: Artefact or motion[\s\S]*Deferred/);
    await picture(two.page, 'review-conflict.en');
    expect(await accessibilityProblems(two.page)).toEqual([]);
    expect((await room.reading(PHANTOM_STUDY)).revision).toBe(before.revision);
    await dialog.getByRole('radio').first().check();
    await dialog.getByRole('button', { name: 'Use this choice' }).click();
    await two.saved();
    const merged = await room.reading(PHANTOM_STUDY);
    expect(merged.reader).toEqual(WANG);
    expect(merged.content.verdicts.filter(({ verdict }) => verdict === 'deferred')).toEqual([]);
    await two.page.unrouteAll({ behavior: 'ignoreErrors' });
    await one.context.close();
    await two.context.close();
  }, 400_000);

  it('keeps the draft when the server is killed, and sends it when it is back', async () => {
    const { page, row, press, context } = await openReading(browser(), urlOf(PHANTOM_STUDY), 'zh-CN', WANG);
    const before = await room.reading(PHANTOM_STUDY);
    room.overread.killSupervisor();
    await expect
      .poll(
        () =>
          fetch(room.overread.url).then(
            () => true,
            () => false,
          ),
        { timeout: 30_000 },
      )
      .toBe(false);
    await row(5).click();
    await press('d');
    await page.getByText('草稿保存在本浏览器中').waitFor({ timeout: 20_000 });
    await press('Control+Enter');
    const dialog = page.getByRole('dialog');
    await dialog.waitFor();
    expect(await dialog.locator('.sign-dialog').getAttribute('data-obstacles')).toContain('notSaved');
    await picture(page, 'review-away.zh-CN');
    await press('Escape');
    await room.overread.restart();
    await savedOn(page);
    const now = await room.reading(PHANTOM_STUDY);
    expect(now.revision).toBe(before.revision + 1);
    expect(now.content.verdicts.filter(({ verdict }) => verdict === 'deferred').length).toBe(1);
    await context.close();
  }, 400_000);

  it('gives a summary of what was taken over, on screen and on the clipboard, and hints only when asked', async () => {
    const { page, row, press, context } = await openReading(browser(), urlOf(PHANTOM_STUDY), 'zh-CN', WANG);
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    await row(2).click();
    await page.locator('.guideline summary').click();
    await page.locator('[data-guideline=lungRads][data-outcome=missing]').waitFor();
    await page.locator('[data-input=screening]').selectOption('true');
    await page.locator('[data-input=course]').selectOption('baseline');
    await page.locator('[data-guideline=lungRads][data-outcome=result]').waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    await press('y');
    const text = page.locator('.summary-text');
    await text.waitFor();
    expect(await text.textContent()).not.toContain('Lung-RADS');
    await press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.locator('[data-guideline=lungRads] button').click();
    await press('y');
    await page.locator('[data-copied=true]').waitFor();
    const shown = await text.textContent();
    expect(shown).toContain('Lung-RADS v2022 4A 类（计算得出，非 AI）');
    expect(await clipboard(page)).toBe(shown);
    expect(await accessibilityProblems(page)).toEqual([]);
    await press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await press('Escape');
    await page.getByRole('dialog', { name: '此阅片尚未签发' }).waitFor();
    await context.close();
  }, 400_000);

  it.runIf(process.env.OVERREAD_PICTURES).each(['en', 'zh-CN'] as const)(
    'takes the pictures of the user guide (%s)',
    async (language) => {
      const reading = await openReading(browser(), urlOf(PHANTOM_STUDY), language, LI);
      await takeGuidePictures(reading, (name) => picture(reading.page, `${name}.${language}`));
      await reading.context.close();
    },
    480_000,
  );

  it.skipIf(!hasSharedData)(
    'reads a real CT: verdicts, an edit, a lesion, a signature (needs ../shared/data)',
    async () => {
      await room.receive(join(SHARED_DATA, 'ct/lidc-0063'), REAL_STUDY);
      const { page, row, state, press, saved, context } = await openReading(browser(), urlOf(REAL_STUDY), 'en', LI);
      for (let tries = 0; tries < 20 && (await listed(page)) < 6; tries += 1) await press(',');
      const total = await listed(page);
      expect(total).toBeGreaterThanOrEqual(6);
      await row(1).click();
      await press('a', 'x', '1', 'x', '5', 'a', 'x', 'Enter');
      await row(1).click();
      await press('e');
      await page.locator('[data-handle=long1], [data-handle=rim]').first().focus();
      await press('Shift+ArrowRight', 'Shift+ArrowRight', 'Enter');
      expect(await Promise.all([1, 2, 3, 4, 5].map(state))).toEqual([
        'edited',
        'rejected',
        'rejected',
        'accepted',
        'rejected',
      ]);
      await addBesideList(page, total);
      await saved();
      await press('Control+Enter');
      const dialog = page.getByRole('dialog');
      await dialog.getByRole('button', { name: /Reject the rest|Sign as/ }).click();
      await page.locator('.signed').waitFor({ timeout: 30_000 });
      const { reports, content } = await room.reading(REAL_STUDY);
      expect(content.added.length).toBe(1);
      const file = await room.report(reports[0]?.SRSOPInstanceUID ?? '');
      if (hasDsrdump) expect(await textOf(file)).toMatch(/Verification Flag\s*: VERIFIED/);
      await context.close();
    },
    480_000,
  );
});
