import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sendInstances } from '../../services/dicom/net/storage-scu.ts';
import { Reading } from '../../services/domain/contract/reading.ts';
import type { StudyDetail } from '../../services/domain/contract/worklist.ts';
import { type Overread, startOverread } from '../support/overread.ts';
import { descendantsOf } from '../support/processes.ts';
import { buildInPlace, screen } from '../support/reading-room.ts';
import { type SyntheticInstance, syntheticObject, syntheticSeries } from '../support/synthetic-series.ts';
import { accessibilityProblems, hasChromium, launch, openPage } from '../support/viewer-page.ts';
import { complete } from '../support/viewer-scene.ts';

const LANGUAGES = ['en', 'zh-CN'] as const;
type Language = (typeof LANGUAGES)[number];
/** Both where somebody looks at the pictures; else each mode in one. */
const languagesOf = (short: Language): readonly Language[] => (process.env.OVERREAD_SCREENS ? LANGUAGES : [short]);
const READER = JSON.stringify({ name: 'Li^Mei=李^梅', organization: 'Hospital One' });
const CHEST = {
  ...{ seed: 'reading-modes', rows: 192, columns: 192, spacingMm: 1.75, slices: 60, sliceSpacingMm: 2 },
  patient: { name: 'Zhang^San=张^三', id: 'MODES-1' },
};

/** A page, and all that its server has sent it but pixels and its stream of events. */
interface Overheard {
  readonly page: Page;
  heard(): Promise<string>;
  close(): Promise<void>;
}

/** A model that is not shown at once, from the wire to the screen: real association, analysis, database, server, browser. */
describe.skipIf(!hasChromium)('reading modes in Chromium (needs chromium)', () => {
  const running: { overread?: Overread; browser?: Browser; detail?: StudyDetail } = {};
  const study = syntheticSeries(CHEST);
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

  async function overheard(path: string, language: Language = 'en'): Promise<Overheard> {
    const bodies: Promise<string>[] = [];
    const { page, context } = await openPage(
      running.browser as Browser,
      `${overread().url}${path}`,
      language,
      async (made) => {
        await made.addInitScript((kept) => localStorage.setItem('overread.reader', kept), READER);
        made.on('response', (response) => {
          const type = response.headers()['content-type'] ?? '';
          if (/json|multipart.*json|text\/plain/.test(type)) bodies.push(response.text().catch(() => ''));
          bodies.push(Promise.resolve(response.url()));
        });
      },
    );
    return { page, heard: async () => (await Promise.all(bodies)).join('\n'), close: () => context.close() };
  }

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
    const path = `${overread().url}/api/studies/${uid}/reading`;
    const reading = Reading.parse(await (await fetch(path)).json());
    expect(reading.strangers).toMatchObject([{ what: 'report' }]);
    const refused = await fetch(`${path}/signature`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'if-match': `"${reading.revision}"` },
      body: JSON.stringify({ reader: { name: 'Li^Mei', organization: '' }, rejectRest: true }),
    });
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
        expect(await heard()).not.toMatch(/"TrackingUID"|"score"|"diameterMm"/);
        await close();
      }
    }
  }, 180_000);

  it('end an analysis from the list, for whom, and begin it again', async () => {
    const { page, close } = await overheard('/worklist?tab=all', 'zh-CN');
    const analyzers = () =>
      descendantsOf(overread().supervisorPid()).filter(({ command }) => command.includes('/analyzer.ts'));
    await expect.poll(() => analyzers().length, { timeout: 60_000 }).toBeGreaterThan(0);
    // It does not come to an end by itself, however fast the machine is.
    const stopped = analyzers().map(({ pid }) => pid);
    for (const pid of stopped) process.kill(pid, 'SIGSTOP');
    const other = syntheticSeries({ seed: 'to-be-cancelled', slices: 44, rows: 64, columns: 64, spacingMm: 5 });
    await send(other.instances);
    const row = page.locator(`tr[data-study="${other.StudyInstanceUID}"]`);
    const shown = (state: string) => row.locator(`.ai-chip[data-state=${state}]`).waitFor({ timeout: 60_000 });
    await shown('running');
    await screen(page, 'running.zh-CN');
    await row.getByRole('button', { name: /^取消分析/ }).click();
    await shown('failed');
    expect(await row.locator('.ai-chip').textContent()).toContain('由 Li Mei 李 梅 取消');
    await screen(page, 'cancelled.zh-CN');
    const [run] = (await overread().study(other.StudyInstanceUID))?.runs ?? [];
    expect(run).toMatchObject({ state: 'FAILED', reason: { code: 'CANCELLED' }, attempt: 1, findings: [] });
    const again = await fetch(`${overread().url}/api/runs/${run?.runId}/cancel`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ reader: null }),
    });
    expect(await again.json()).toMatchObject({ status: 404, code: 'RUN_NOT_FOUND' });
    // Its child is gone, and is not taken for one that died of its input.
    await expect.poll(() => analyzers().filter(({ pid }) => stopped.includes(pid)), { timeout: 30_000 }).toEqual([]);
    await row.getByRole('button', { name: /重试/ }).click();
    const latest = async () => (await overread().study(other.StudyInstanceUID))?.runs[0];
    await expect.poll(async () => (await latest())?.attempt, { timeout: 30_000 }).toBe(2);
    await overread().ended(other.StudyInstanceUID, 120);
    expect(await latest()).toMatchObject({ reason: null, attempt: 2 });
    await close();
  }, 240_000);
});
