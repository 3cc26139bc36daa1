import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sendInstances } from '../../services/dicom/net/storage-scu.ts';
import { RoutesInForce } from '../../services/domain/contract/routes.ts';
import { studyUid, testObject } from '../dicom/net/queried-receiver.ts';
import { type ConsoleScene, shootSection, startConsole } from '../support/console-scene.ts';
import { accessibilityProblems, hasChromium } from '../support/viewer-page.ts';

const CT = { attribute: 'Modality', equals: 'CT' };
const RULES = [
  {
    name: 'trauma',
    when: { all: [CT, { attribute: 'StudyDescription', matches: '*TRAUMA*' }] },
    models: ['blob-log-ct'],
    priority: 'STAT',
    destinations: [],
  },
  {
    name: 'chest',
    when: {
      all: [
        CT,
        {
          any: [
            { attribute: 'BodyPartExamined', in: ['CHEST', 'LUNG'] },
            { attribute: 'StudyDescription', contains: 'chest' },
          ],
        },
        { not: { attribute: 'StationName', equals: 'RESEARCH' } },
      ],
    },
    models: ['blob-log-ct'],
    reads: 'series',
    destinations: ['archive'],
  },
  { name: 'staff', when: { attribute: 'PatientName', matches: 'STAFF*' }, models: [] },
];
const STUDIES = { chest: 'CT chest', trauma: 'CT chest TRAUMA', head: 'CT head' } as const;
const LANGUAGES = ['en', 'zh-CN'] as const;

// biome-ignore format: a table
const WORDS = {
  en:      { asks: 'StudyDescription contains chest', stat: 'STAT', here: 'nowhere: they stay here', tried: 'The rules in force, on 3 stored studies: 1 matches none',
             miss: 'StudyDescription is CT head, must match *TRAUMA*', hidden: 'PatientName is not shown here, must match STAFF*',
             earlier: 'it matches, but a rule before it decides', fault: 'line 1, column 12', unknown: 'SliceThikness is no attribute that is indexed',
             own: 'The rules of the text, on 3 stored studies: 2 match none', nothing: 'Nothing was planned, sent or saved' },
  'zh-CN': { asks: 'StudyDescription 包含 chest', stat: '加急', here: '不发送，仅保存在本机', tried: '当前生效的规则：已存储 3 项检查，其中 1 项不匹配任何规则',
             miss: 'StudyDescription 为 CT head，应匹配 *TRAUMA*', hidden: 'PatientName 的值在此不显示，应匹配 STAFF*',
             earlier: '条件符合，但前面的规则已先匹配', fault: '第 1 行第 12 列', unknown: 'SliceThikness 不是已建立索引的属性',
             own: '编辑框中的规则：已存储 3 项检查，其中 2 项不匹配任何规则', nothing: '未安排分析，未发送，也未保存任何内容' },
} as const;

describe.skipIf(!hasChromium)('routing rules in the console (needs chromium)', { timeout: 300_000 }, () => {
  const held: { scene?: ConsoleScene } = {};
  const scene = (): ConsoleScene => {
    if (held.scene === undefined) throw new Error('not started');
    return held.scene;
  };
  const inForce = async () =>
    RoutesInForce.parse(await (await fetch(`${scene().overread.url}/api/routes`)).json()).rules;
  /** What was ordered for what is stored, and how urgently. */
  const runs = async () =>
    (await scene().overread.worklist()).studies.map(({ priority, runs: all }) => [
      priority,
      all.map(({ runId }) => runId),
    ]);
  const section = (page: Page) => page.locator('[data-section=routes]');
  const editor = (page: Page) => section(page).locator('textarea');
  const matched = async (page: Page) =>
    (await section(page).locator('[data-matched] td').allTextContents()).map(Number);

  beforeAll(async () => {
    const PEERS_FILE = [{ name: 'archive', AETitle: 'ARCHIVE', host: '127.0.0.1', port: 9 }];
    held.scene = await startConsole({ PEERS_FILE, ROUTES_FILE: { rules: RULES } });
    const node = { AETitle: 'OVERREAD', host: '127.0.0.1', port: scene().overread.dimsePort };
    for (const [study, description] of Object.entries(STUDIES)) {
      const objects = [1, 2, 3].map((number) => testObject(number, { study, description }));
      await sendInstances(node, 'MODALITY', objects);
    }
    // What is planned is planned before a dry run is looked at.
    for (const study of Object.keys(STUDIES)) await scene().overread.ended(studyUid(study));
  }, 240_000);
  afterAll(async () => held.scene?.stop());

  it.each(LANGUAGES)('shows the rules in force, and what they would do with what is stored (%s)', async (language) => {
    const words = WORDS[language];
    const watched = await scene().open(language);
    const { page, context, errors } = watched;
    const rule = (name: string) => section(page).locator(`[data-rule="${name}"]`);
    await rule('chest').waitFor();
    expect(await rule('chest').textContent()).toContain(words.asks);
    expect(await rule('chest').locator('td').last().textContent()).toBe('archive');
    expect((await rule('trauma').locator('td').allTextContents()).slice(1)).toEqual([
      'blob-log-ct',
      words.stat,
      words.here,
    ]);

    const before = await runs();
    await section(page).locator('.console-trial > .plain-button').click();
    await section(page).getByRole('status').getByText(words.tried).waitFor();
    expect(await section(page).getByRole('status').textContent()).toContain(words.nothing);
    expect(await matched(page)).toEqual([1, 1, 0, 1]);
    const missed = section(page).locator('[data-missed]');
    const link = missed.getByRole('link');
    expect([await link.textContent(), await link.getAttribute('href')]).toEqual([
      studyUid('head'),
      `/study/${studyUid('head')}`,
    ]);
    expect(await missed.textContent()).toContain(words.miss);
    expect(await missed.textContent()).toContain(words.hidden);

    await section(page).getByRole('combobox').selectOption('chest');
    await section(page)
      .locator(`[data-missed="${studyUid('trauma')}"]`)
      .getByText(words.earlier)
      .waitFor();
    expect(await missed.count()).toBe(2);
    expect(await section(page).textContent()).not.toContain('Doe');
    expect(await accessibilityProblems(page)).toEqual([]);
    await shootSection(watched, 'routes', `routes-${language}`);
    expect(await runs()).toEqual(before);
    await link.first().click();
    await page.waitForURL(/\/study\//);
    expect(errors).toEqual([]);
    await context.close();
  });

  it.each(LANGUAGES)(
    'tries a text before it is saved: what is wrong is said, and what was typed stays (%s)',
    async (language) => {
      const words = WORDS[language];
      const watched = await scene().open(language);
      const { page, context } = watched;
      const before = await inForce();
      const tryText = () => section(page).locator('.console-acts .plain-button').click();
      const alert = section(page).getByRole('alert');
      await section(page).locator('.console-editor > summary').click();
      expect(JSON.parse(await editor(page).inputValue())).toEqual({ rules: before });

      await editor(page).fill('{"rules": [}');
      await tryText();
      expect(await alert.textContent()).toContain(words.fault);
      const wrong = JSON.stringify([{ name: 'typo', when: { attribute: 'SliceThikness', '<': 3 }, models: [] }]);
      await editor(page).fill(wrong);
      await tryText();
      await alert.getByText(words.unknown).waitFor();
      expect(await alert.textContent()).toContain('typo');
      expect(await editor(page).getAttribute('aria-invalid')).toBe('true');
      await shootSection(watched, 'routes', `routes-wrong-${language}`);

      // The section is read again, and the page is loaded again.
      await page.waitForResponse((response) => response.url().endsWith('/api/routes'), { timeout: 20_000 });
      expect(await editor(page).inputValue()).toBe(wrong);
      await page.reload();
      expect(await editor(page).inputValue()).toBe(wrong);

      await editor(page).fill(JSON.stringify({ rules: RULES.slice(0, 1) }));
      await tryText();
      await section(page).getByRole('status').getByText(words.own).waitFor();
      expect(await section(page).getByRole('status').textContent()).toContain(words.nothing);
      expect([await matched(page), await alert.count()]).toEqual([[1, 2], 0]);
      expect(await inForce()).toEqual(before);

      await section(page).locator('.quiet-button').click();
      expect(JSON.parse(await editor(page).inputValue())).toEqual({ rules: before });
      expect(await accessibilityProblems(page)).toEqual([]);
      await context.close();
    },
  );

  it('says that a newer file is wrong while the rules before it stay, and when it is mended', async () => {
    const { page, context } = await scene().open('en');
    await section(page).locator('[data-rule=chest]').waitFor();
    scene().write('ROUTES_FILE', { rules: [{ name: 'typo', models: ['nobody'] }] });
    const alert = section(page).getByRole('alert');
    await alert.getByText('typo: nobody is no model here').waitFor({ timeout: 40_000 });
    expect(await section(page).locator('[data-rule]').count()).toBe(3);
    scene().write('ROUTES_FILE', { rules: RULES });
    await alert.waitFor({ state: 'detached', timeout: 40_000 });
    await context.close();
  });
});
