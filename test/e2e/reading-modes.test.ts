import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sendInstances } from '../../services/dicom/net/storage-scu.ts';
import { Reading } from '../../services/domain/contract/reading.ts';
import type { StudyDetail } from '../../services/domain/contract/worklist.ts';
import { buildInPlace } from '../support/built-viewer.ts';
import { type Overheard, overhearPage } from '../support/overheard-page.ts';
import { type Overread, startOverread } from '../support/overread.ts';
import { descendantsOf } from '../support/processes.ts';
import { savedOn } from '../support/reading-page.ts';
import { screen } from '../support/reading-room.ts';
import { type SyntheticInstance, syntheticObject, syntheticSeries } from '../support/synthetic-series.ts';
import { accessibilityProblems, hasChromium, launch } from '../support/viewer-page.ts';
import { complete } from '../support/viewer-scene.ts';

const LANGUAGES = ['en', 'zh-CN'] as const;
type Language = (typeof LANGUAGES)[number];
/** Both where somebody looks at the pictures; else each mode in one. */
const languagesOf = (short: Language): readonly Language[] => (process.env.OVERREAD_SCREENS ? LANGUAGES : [short]);
const READER = { name: 'Li^Mei=李^梅', organization: 'Hospital One' };
const CHEST = {
  ...{ seed: 'reading-modes', rows: 192, columns: 192, spacingMm: 1.75, slices: 60, sliceSpacingMm: 2 },
  patient: { name: 'Zhang^San=张^三', id: 'MODES-1' },
};

/** A model that is not shown at once, from the wire to the screen: real association, analysis, database, server, browser. */
describe.skipIf(!hasChromium)('reading modes in Chromium (needs chromium)', () => {
  const running: { overread?: Overread; browser?: Browser; detail?: StudyDetail } = {};
  const study = syntheticSeries(CHEST);
  /** A year before: the same chest with smaller balls. */
  const prior = syntheticSeries({
    ...{ ...CHEST, seed: 'reading-modes-prior' },
    nodules: study.nodules.map((ball) => ({ ...ball, diameterMm: ball.diameterMm * 0.75 })),
    elements: () => [[0x00080020, 'DA', '20230102']],
  });
  const uid = study.StudyInstanceUID;
  const overread = (): Overread => {
    if (!running.overread) throw new Error('not started');
    return running.overread;
  };

  const send = async (instances: readonly SyntheticInstance[]) => {
    const to = { AETitle: 'OVERREAD', host: '127.0.0.1', port: overread().dimsePort };
    const sent = await sendInstances(to, 'MODALITY', instances);
    expect(sent.every(({ taken }) => taken)).toBe(true);
  };

  const reading = async (of = uid) =>
    Reading.parse(await (await fetch(`${overread().url}/api/studies/${of}/reading`)).json());
  const order = (of: string, what: 'reveal' | 'amendment' | 'signature', revision: number) =>
    fetch(`${overread().url}/api/studies/${of}/reading/${what}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'if-match': `"${revision}"` },
      body: JSON.stringify({ reader: READER, ...(what === 'signature' && { rejectRest: true }) }),
    });
  const overheard = (path: string, language: Language = 'en') => {
    if (!running.browser) throw new Error('not started');
    return overhearPage(running.browser, `${overread().url}${path}`, language, READER);
  };

  /** Nothing on the page that a model has said of a lesion. */
  async function showsNothing(page: Page): Promise<void> {
    for (const telling of ['[data-f]', '.finding-row', '.crop', '.strip', '.findings-panel', '.threshold'])
      expect([telling, await page.locator(telling).count()]).toEqual([telling, 0]);
  }

  beforeAll(async () => {
    await buildInPlace();
    running.overread = await startOverread({ MODELS: 'blob-log-ct', READING_MODES: 'blob-log-ct=second' });
    running.browser = await launch();
    await send(study.instances);
    await send(prior.instances);
    await overread().ended(prior.StudyInstanceUID, 240);
    running.detail = await overread().ended(uid, 240);
  }, 480_000);
  afterAll(async () => {
    await running.browser?.close();
    await running.overread?.stop();
    running.overread?.remove();
  });

  const chip = (page: Page) => page.locator(`tr[data-study="${uid}"] .ai-chip`);
  const focusRow = async (page: Page) => {
    await page.locator(`tr[data-study="${uid}"]`).waitFor();
    await page.keyboard.press('j');
    await page.locator('.preview-findings').waitFor();
  };

  it('keep a second read to itself on screen and on the wire until the reader has committed', async () => {
    const pages: Overheard[] = [];
    for (const language of languagesOf('en')) {
      const list = await overheard('/worklist?tab=all', language);
      await focusRow(list.page);
      await expect
        .poll(() => chip(list.page).textContent())
        .toBe({ en: 'AI readyhidden until your read', 'zh-CN': 'AI 已就绪您阅片后显示' }[language]);
      await list.page
        .getByText({ en: 'Shown after your own read.', 'zh-CN': '您完成阅片后显示。' }[language])
        .waitFor();
      await showsNothing(list.page);
      expect(await accessibilityProblems(list.page)).toEqual([]);
      await screen(list.page, `second-worklist.${language}`);
      const viewer = await overheard(`/study/${uid}`, language);
      await complete(viewer.page);
      await viewer.page.locator('.mode-gate[data-mode=second]').waitFor();
      await showsNothing(viewer.page);
      // What names findings by key does nothing.
      for (const key of ['n', 'Shift+N', 'a', 'x', '.', 'o']) await viewer.page.keyboard.press(key);
      await showsNothing(viewer.page);
      expect(await accessibilityProblems(viewer.page)).toEqual([]);
      await screen(viewer.page, `second-hidden.${language}`);
      pages.push(list, viewer);
    }
    const [, viewer] = pages;
    if (!viewer) throw new Error('no page');
    const before = (await Promise.all(pages.map(({ heard }) => heard()))).join('\n');

    // What cannot be seen is not moved either: it would keep the reading from being saved.
    await viewer.page.keyboard.press('Control+Enter');
    await viewer.page.locator('[data-obstacles~=notRevealed]').waitFor();
    await viewer.page.keyboard.press('Escape');
    await viewer.page.getByRole('dialog').waitFor({ state: 'detached' });
    await viewer.page.keyboard.press('v');
    await viewer.page.locator('.finding-row').first().waitFor({ timeout: 20_000 });
    await viewer.page.locator('[data-plane=axial] [data-f]').first().waitFor({ timeout: 20_000 });
    await screen(viewer.page, 'second-revealed.en');
    await expect
      .poll(() => chip(pages[0]?.page as Page).getAttribute('data-state'), { timeout: 20_000 })
      .toBe('findings');

    const [run] = (await overread().study(uid))?.runs ?? [];
    expect(run?.findings.length).toBeGreaterThan(0);
    const secrets = [
      ...(run?.findings ?? []).flatMap(({ TrackingUID, center, score }) => [
        TrackingUID,
        JSON.stringify(center),
        String(score),
      ]),
      run?.SRSOPInstanceUID ?? '',
      run?.SRSeriesInstanceUID ?? '',
    ];
    expect(before).toContain(uid);
    expect(secrets.filter((secret) => secret === '' || before.includes(secret))).toEqual([]);
    const after = await viewer.heard();
    expect(after).toContain(run?.findings[0]?.TrackingUID);
    await Promise.all(pages.map(({ close }) => close()));
  }, 240_000);

  it('keep hints and growth through a reload, and sign them in the language of the screen', async () => {
    // Marks of an earlier study that was not read are as hidden as those of this one.
    for (const one of [prior.StudyInstanceUID, uid]) {
      const { revision, revealedAt } = await reading(one);
      if (revealedAt === null) await order(one, 'reveal', revision);
    }
    const { page, close } = await overheard(`/study/${uid}`, 'zh-CN');
    await complete(page);
    await page.locator('[data-row="1"]').click();
    await page.keyboard.press('g');
    // Matched with the earlier study by place: a letter on the marks of both.
    await page.locator('[data-plane=prior] .mark[data-letter=A]').first().waitFor({ timeout: 60_000 });
    await page.locator('[data-plane=axial] .mark[data-letter]').first().waitFor();
    await page.locator('.growth tr[data-lesion=A]').getByText('倍增时间').waitFor();
    await screen(page, 'letters.zh-CN');
    await page.keyboard.press('g');
    await page.locator('[data-row="1"]').click();
    await page.keyboard.press('a');
    await page.locator('[data-row="1"]').click();
    await page.locator('.guideline summary').click();
    await page.locator('[data-input=screening]').selectOption('true');
    await page.locator('[data-input=course]').selectOption('baseline');
    await page.locator('[data-guideline=lungRads] button').click();
    await savedOn(page);
    await page.reload();
    await complete(page);
    await page.locator('[data-row="1"]').click();
    await page.locator('.guideline summary').click();
    expect(await page.locator('[data-input=course]').inputValue()).toBe('baseline');
    expect(await page.locator('[data-guideline=lungRads] button').getAttribute('aria-pressed')).toBe('true');
    await page.keyboard.press('y');
    const summary = page.locator('.summary-text');
    await summary.waitFor();
    const told = (await summary.textContent()) ?? '';
    expect(told).toMatch(/较 2023-01-02：平均径 \+\d\.\d mm，体积 \+\d+ %，倍增时间 \d+ 天（\d+ 至 \d+）/);
    await screen(page, 'summary.zh-CN');
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.keyboard.press('Control+Enter');
    await page.getByRole('button', { name: /其余按无意义否定并签发|以.*签发/ }).click();
    await page.locator('.signed').waitFor({ timeout: 30_000 });
    const { reports, revision } = await reading();
    const [report] = reports;
    const path = `/dicomweb/studies/${uid}/series/${report?.SRSeriesInstanceUID}/instances/${report?.SRSOPInstanceUID}/metadata`;
    const sr = await (await fetch(`${overread().url}${path}`)).text();
    // Every line of the text that was seen stands in the report.
    for (const line of told.split('\n')) expect(sr).toContain(line.trim());
    expect(sr).toMatch(/Lung-RADS v2022 .*输入：平均径（mm） .*筛查 是/);
    await order(uid, 'amendment', revision);
    await close();
  }, 240_000);

  it('show a report of another patient in red on the page that is open, and refuse the signature', async () => {
    const open = await Promise.all(LANGUAGES.map((language) => overheard(`/study/${uid}`, language)));
    for (const { page } of open) {
      await complete(page);
      await page.locator('.draft-state').waitFor();
      expect(await page.locator('[data-mismatch]').count()).toBe(0);
    }
    await send([syntheticObject('sr', { ...CHEST, patient: { name: 'Somebody^Else', id: 'ELSE-9' } })]);
    for (const [at, { page }] of open.entries()) {
      const language = LANGUAGES[at] ?? 'en';
      const bar = page.locator('.review-header [data-mismatch=report]');
      await bar.waitFor({ timeout: 30_000 });
      await expect.poll(() => bar.textContent()).toContain('ELSE-9');
      expect(await bar.textContent()).toContain({ en: 'Patient mismatch', 'zh-CN': '患者不符' }[language]);
      await page.keyboard.press('Control+Enter');
      await page.locator('[data-obstacles~=patientMismatch]').waitFor();
      expect(await accessibilityProblems(page)).toEqual([]);
      await screen(page, `mismatch.${language}`);
      expect(
        await page
          .getByRole('button', { name: /Sign as|签发$/ })
          .and(page.locator('[role=dialog] *'))
          .count(),
      ).toBe(0);
    }
    const { strangers, revision } = await reading();
    expect(strangers).toMatchObject([{ what: 'report' }]);
    const refused = await order(uid, 'signature', revision);
    expect(await refused.json()).toMatchObject({
      status: 409,
      code: 'PATIENT_MISMATCH',
      detail: 'a report in this study names another Patient ID',
    });
    expect(overread().output()).not.toContain('ELSE-9');
    await Promise.all(open.map(({ close }) => close()));
  }, 180_000);

  it('show only the flag of a model that sorts the list', async () => {
    await overread().stop();
    overread().env.READING_MODES = 'blob-log-ct=triage';
    await overread().restart();
    for (const language of languagesOf('zh-CN')) {
      const list = await overheard('/worklist?tab=all', language);
      await focusRow(list.page);
      await expect
        .poll(() => chip(list.page).textContent())
        .toBe({ en: 'Flagged by AIto be read sooner; no marks', 'zh-CN': 'AI 已提示建议优先阅片；无标记' }[language]);
      await list.page.getByText({ en: /Flag only/, 'zh-CN': /仅作提示/ }[language]).waitFor();
      await showsNothing(list.page);
      await screen(list.page, `triage-worklist.${language}`);
      const viewer = await overheard(`/study/${uid}`, language);
      await complete(viewer.page);
      await viewer.page.locator('.mode-gate[data-mode=triage]').waitFor();
      await showsNothing(viewer.page);
      expect(await accessibilityProblems(viewer.page)).toEqual([]);
      await screen(viewer.page, `triage.${language}`);
      for (const { heard, close } of [list, viewer]) {
        // What the reader has decided before stays in the record; of the model there is nothing.
        expect(/"score"|"diameterMm"/.test(await heard())).toBe(false);
        await close();
      }
    }
  }, 180_000);

  it('end an analysis from the list, for whom, and begin it again', async () => {
    const { page, close } = await overheard('/worklist?tab=all', 'zh-CN');
    const analyzers = () =>
      descendantsOf(overread().supervisorPid()).filter(({ command }) => command.includes('/analyzer.ts'));
    // The first thing it does is the check of the model: stopped in that, it would never be given a study.
    const checked = /model\.checked(?!.*analyzer\.started)/s;
    await expect.poll(() => overread().output(), { timeout: 60_000 }).toMatch(checked);
    const [analyzer] = analyzers();
    // It does not come to an end by itself, however fast the machine is.
    process.kill(analyzer?.pid ?? Number.NaN, 'SIGSTOP');
    const other = syntheticSeries({ seed: 'to-be-cancelled', slices: 44, rows: 64, columns: 64, spacingMm: 3 });
    await send(other.instances);
    const row = page.locator(`tr[data-study="${other.StudyInstanceUID}"]`);
    const shown = (state: string) => row.locator(`.ai-chip[data-state=${state}]`).waitFor({ timeout: 60_000 });
    await shown('running');
    await screen(page, 'running.zh-CN');
    await row.getByRole('button', { name: /^取消分析/ }).click();
    await shown('failed');
    expect(await row.locator('.ai-chip').textContent()).toContain('由 Li Mei 李梅 取消');
    await screen(page, 'cancelled.zh-CN');
    const [run] = (await overread().study(other.StudyInstanceUID))?.runs ?? [];
    expect(run).toMatchObject({ state: 'FAILED', reason: { code: 'CANCELLED' }, attempt: 1, findings: [] });
    const order = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"reader":null}' };
    const again = await fetch(`${overread().url}/api/runs/${run?.runId}/cancel`, order);
    expect(await again.json()).toMatchObject({ status: 404, code: 'RUN_NOT_FOUND' });
    // Its child is gone, and is not taken for one that died of its input.
    await expect.poll(() => analyzers().map(({ pid }) => pid), { timeout: 30_000 }).not.toContain(analyzer?.pid);
    await row.getByRole('button', { name: /重试/ }).click();
    const latest = async () => (await overread().study(other.StudyInstanceUID))?.runs[0];
    await expect.poll(async () => (await latest())?.attempt, { timeout: 30_000 }).toBe(2);
    await overread().ended(other.StudyInstanceUID, 120);
    expect(await latest()).toMatchObject({ reason: null, attempt: 2 });
    await close();
  }, 240_000);
});
