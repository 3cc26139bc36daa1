import { rmSync } from 'node:fs';
import { sql } from 'kysely';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { AiStateName } from '../../services/domain/ai-state.ts';
import { seedLesions } from '../support/lesion-study.ts';
import { accessibilityProblems, hasChromium } from '../support/viewer-page.ts';
import { seedStates, seedStudy } from '../support/worklist-seed.ts';
import { startWorklistScene, type WorklistScene } from './worklist-scene.ts';

const LANGUAGES = ['en', 'zh-CN'] as const;

/** How the border of each chip is drawn: on its left, around it. */
const edgesOf = (page: Page): Promise<readonly string[]> =>
  page.locator('td .ai-chip').evaluateAll((all) => {
    const { getComputedStyle } = globalThis as unknown as { getComputedStyle(of: unknown): Record<string, string> };
    return all.map((chip) => {
      const { borderLeftStyle, borderTopStyle, borderLeftWidth } = getComputedStyle(chip);
      return [borderLeftStyle, borderTopStyle, borderLeftWidth].join(' ');
    });
  });

interface Shades {
  readonly width: number;
  readonly middle: number;
  readonly beside: number;
}

/** Grey in the middle of the first crop and near its left border. */
const shadesOf = (page: Page): Promise<Shades> =>
  page.evaluate(`(async () => {
    const image = document.querySelector('.crop img');
    await image.decode();
    const canvas = new OffscreenCanvas(image.naturalWidth, image.naturalHeight);
    const context = canvas.getContext('2d');
    context.drawImage(image, 0, 0);
    const at = (x, y) => context.getImageData(x * canvas.width, y * canvas.height, 1, 1).data[0];
    return { width: canvas.width, middle: at(0.5, 0.5), beside: at(0.12, 0.5) };
  })()`);

/** The machine may have other work: that something happens is tested, and how soon is printed. */
const SOON = { timeout: 20_000 };

describe.skipIf(!hasChromium)('states in the worklist, in Chromium over PostgreSQL', { timeout: 300_000 }, () => {
  const held: { scene?: WorklistScene; states?: Readonly<Record<AiStateName, string>>; folder?: string } = {};
  const scene = (): WorklistScene => {
    if (held.scene === undefined) throw new Error('not started');
    return held.scene;
  };
  const uidOf = (state: AiStateName): string => held.states?.[state] ?? '';

  beforeAll(async () => {
    held.scene = await startWorklistScene();
    held.states = await seedStates(scene().seeded.store);
  }, 240_000);
  afterEach(() => held.scene?.closePages());
  afterAll(async () => {
    await held.scene?.close();
    if (held.folder) rmSync(held.folder, { recursive: true, force: true });
  });

  it.each(LANGUAGES)(
    'each of the eleven has a name, an icon and an edge of its own, without fault (%s)',
    async (language) => {
      const { page, errors, external } = await scene().open('/worklist?tab=all', language);
      await page.locator('tr[data-study]').nth(10).waitFor();
      const chips = page.locator('td .ai-chip');
      expect(await chips.count()).toBe(11);
      const names = await chips.locator('strong').allInnerTexts();
      const icons = await chips.locator('svg').evaluateAll((all) => all.map((svg) => svg.innerHTML));
      const edges = await edgesOf(page);
      for (const [what, all] of Object.entries({ names, icons })) expect(new Set(all).size, what).toBe(11);
      // Lines tell apart what hue alone would; those that share one differ in icon and words.
      expect(new Set(edges).size).toBeGreaterThanOrEqual(6);
      const rows = await page
        .getByRole('row')
        .filter({ has: page.locator('.ai-chip') })
        .allInnerTexts();
      expect(new Set(rows).size).toBe(11);
      expect(await accessibilityProblems(page)).toEqual([]);
      expect([errors, external]).toEqual([[], []]);
    },
  );

  it('never lets anything else look like "nothing found"', async () => {
    const { page } = await scene().open();
    const chipOf = (state: AiStateName) => page.locator(`tr[data-study="${uidOf(state)}"] .ai-chip`).textContent();
    await page.locator('tr[data-study]').nth(10).waitFor();
    for (const state of ['failed', 'partial', 'outdated', 'notApplicable', 'withdrawn', 'queued'] as const) {
      expect(await chipOf(state), state).not.toMatch(/^none|no findings|marked nothing/i);
    }
    expect(await chipOf('failed')).toContain('ended 3 times');
    expect(await chipOf('notApplicable')).toContain('gap of 12 mm');
    expect(await chipOf('none')).toMatch(/^None above 0\.302 candidates below/);
    expect(await chipOf('outdated')).toContain('12 new images');
    expect(await chipOf('partial')).toMatch(/^Partial: 1 of 2 models1 finding so far, max 7.0 mm/);
    expect(await chipOf('signed')).toMatch(/^Signed: /);
  });

  it('gives each state what can be done about it', async () => {
    const { page } = await scene().open();
    const button = (state: AiStateName) => page.locator(`tr[data-study="${uidOf(state)}"] .row-button`);
    await page.locator('tr[data-study]').nth(10).waitFor();
    const words = {
      failed: 'Retry',
      partial: 'Retry',
      outdated: 'Analyse again',
      withdrawn: 'Analyse again',
      queued: 'Make STAT',
    } as const;
    for (const [state, text] of Object.entries(words)) {
      expect(await button(state as AiStateName).textContent(), state).toBe(text);
    }
    const opening = {
      findings: 'Open',
      none: 'Open, lower the threshold',
      notApplicable: 'Open, see why',
      signed: 'Open, amend',
    } as const;
    for (const [state, text] of Object.entries(opening)) {
      await page.locator(`tr[data-study="${uidOf(state as AiStateName)}"] .row-link`).focus();
      await page.locator('.row-preview .row-button').getByText(text).waitFor();
    }
    await page.getByRole('button', { name: 'Retry: analyse 钱芳 again' }).click();
    await page.locator(`tr[data-study="${uidOf('failed')}"] [data-state=waiting]`).waitFor(SOON);
    expect(page.url()).toContain('/worklist');
  });

  it('shows every group of a name, and where each report stands', async () => {
    const { page } = await scene().open();
    const row = page.locator(`tr[data-study="${uidOf('none')}"]`);
    expect(await row.textContent()).toMatch(/洪吉洞[\s\S]*Hong, Gildong · 홍길동/);
    expect(await row.locator('[data-delivery=pending]').textContent()).toBe('PACS-A: try 1, connection refused');
    const refused = page.locator(`tr[data-study="${uidOf('notApplicable')}"] [data-delivery=refused]`);
    expect(await refused.textContent()).toContain('Refused by PACS-A');
  });

  it.each([
    ['en', 'Model lung-ct is disabled: its self test failed', 'Model old-ct is switched off: it reads no studies.'],
    ['zh-CN', '模型 lung-ct 已停用：its self test failed', '模型 old-ct 已关闭：不读取任何检查。'],
  ] as const)('says above the list which model reads no studies, and why (%s)', async (language, failed, off) => {
    const model = (id: string, status: 'READY' | 'FAILED' | 'SWITCHED_OFF', problem: string | null = null) => ({
      ...{ id, status, problem, version: '1.0.0', title: id, hash: 'a'.repeat(64), banner: '', label: '' },
      ...{ threshold: 0.5, validated: false, provider: null, passedOver: [], checkedAt: null },
    });
    scene().node.held.models = [
      model('good-ct', 'READY'),
      model('lung-ct', 'FAILED', 'its self test failed'),
      model('old-ct', 'SWITCHED_OFF'),
    ];
    const { page, errors } = await scene().open('/worklist', language);
    await page.getByRole('alert').nth(1).waitFor();
    expect(await page.getByRole('alert').allInnerTexts()).toEqual([failed, off]);
    expect(await accessibilityProblems(page)).toEqual([]);
    expect(errors).toEqual([]);
  });

  it('cuts the lesions of the row in focus out of its images, and of no other', async () => {
    const { uid, folder } = await seedLesions(scene().seeded);
    held.folder = folder;
    const asked: string[] = [];
    const { page, errors } = await scene().open('/worklist?tab=all', 'en', async (before) => {
      before.on('request', (request) => {
        if (request.url().includes('/rendered')) asked.push(request.url());
      });
    });
    await page.locator(`tr[data-study="${uid}"]`).waitFor();
    expect(asked).toEqual([]);
    await page.locator(`tr[data-study="${uid}"] .row-link`).focus();
    await page.locator('.crop img').nth(1).waitFor();
    // The ball is soft tissue in air: white in the middle of its crop, and black beside it.
    const shades = await shadesOf(page);
    expect(shades.width).toBe(176);
    expect(shades.middle - shades.beside).toBeGreaterThan(80);
    expect(asked.length).toBe(2);
    expect(await page.locator('.crop img').first().getAttribute('alt')).toMatch(/^Finding 1: nodule, 30\.0 mm$/);
    expect(await accessibilityProblems(page)).toEqual([]);
    expect(errors).toEqual([]);
  });

  it('hides in the second reading mode what was found, and that anything was', async () => {
    const { database } = scene().seeded.store;
    await sql`INSERT INTO reading_mode VALUES ('blob-log-ct', 'second')`.execute(database);
    try {
      const answers: string[] = [];
      const { page } = await scene().open('/worklist?tab=all', 'en', async (before) => {
        before.on('response', async (response) => {
          if (/\/api\/(worklist\?|studies)/.test(response.url())) answers.push(await response.text());
        });
      });
      const row = page.locator(`tr[data-study="${uidOf('findings')}"]`);
      expect(await row.locator('.ai-chip').textContent()).toMatch(/^AI readyhidden until your read$/);
      expect(await page.locator(`tr[data-study="${uidOf('none')}"] .ai-chip`).textContent()).toMatch(/^AI ready/);
      await row.locator('.row-link').focus();
      await page.getByText('Shown after your own read.').waitFor();
      await expect.poll(() => answers.length, SOON).toBeGreaterThan(2);
      expect(await page.locator('.crop').count()).toBe(0);
      expect(await page.locator('.ai-critical').count()).toBe(0);
      expect(answers.join()).not.toMatch(/"(largestMm|topScore)":\d/);
      expect(await accessibilityProblems(page)).toEqual([]);
    } finally {
      await sql`DELETE FROM reading_mode`.execute(database);
    }
  });

  it('says who has a study open, and which others there are of its patient', async () => {
    const now = await seedStudy(scene().seeded.store, { PatientID: 'P-77', StudyDate: '20260301' });
    const prior = await seedStudy(scene().seeded.store, {
      PatientID: 'P-77',
      StudyDate: '20250301',
      StudyDescription: 'one year before',
    });
    const { page } = await scene().open('/worklist?search=P-77');
    await page.locator(`tr[data-study="${now.uid}"] .row-link`).focus();
    await page.locator('.preview-priors').getByText('one year before').waitFor();
    expect(await page.locator('.preview-priors a').getAttribute('href')).toBe(`/study/${prior.uid}`);
    const told = fetch(`${scene().node.url}/api/studies/${now.uid}/presence`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ reader: 'Dr. Wang' }),
    });
    expect((await told).status).toBe(204);
    await page
      .locator(`tr[data-study="${now.uid}"]`)
      .getByText('opened by Dr. Wang')
      .waitFor({ state: 'attached', ...SOON });
  });
});
