import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sendInstances } from '../../services/dicom/net/storage-scu.ts';
import { PullOverview } from '../../services/domain/contract/pull.ts';
import { freePort } from '../../services/main/ports.ts';
import { studyUid, testObject } from '../dicom/net/queried-receiver.ts';
import { type ConsoleScene, shootSection, startConsole } from '../support/console-scene.ts';
import { type Orthanc, startOrthanc } from '../support/orthanc.ts';
import { hasProgram } from '../support/programs.ts';
import { accessibilityProblems, hasChromium } from '../support/viewer-page.ts';

const TODAY = new Date().toISOString().slice(0, 10).replaceAll('-', '');
const LANGUAGES = ['en', 'zh-CN'] as const;
// biome-ignore format: a table
const WORDS = {
  en:      { complete: 'complete', failed: 'failed', refused: 'The archive refused', away: 'The archive cannot be reached', retry: 'Retry study ',
             again: 'is tried again', not: 'is not tried again: No watch has found this study at this peer' },
  'zh-CN': { complete: '完整', failed: '失败', refused: '归档拒绝了请求', away: '无法连接归档', retry: '重试检查 ',
             again: '已重新安排从 archive 调取检查', not: '未能重试：No watch has found this study at this peer' },
} as const;

describe.skipIf(!(hasChromium && hasProgram('Orthanc')))(
  'what is pulled, in the console (needs chromium and Orthanc)',
  { timeout: 300_000 },
  () => {
    const held: { scene?: ConsoleScene; orthanc?: Orthanc } = {};
    const scene = (): ConsoleScene => {
      if (held.scene === undefined) throw new Error('not started');
      return held.scene;
    };
    const orthanc = (): Orthanc => {
      if (held.orthanc === undefined) throw new Error('not started');
      return held.orthanc;
    };
    const section = (page: Page) => page.locator('[data-section=pull]');
    const row = (page: Page, study: string) => section(page).locator(`[data-pulled="${studyUid(study)}"]`);
    const put = async (study: string, description: string) => {
      const objects = [1, 2, 3].map((number) => testObject(number, { study, description, date: TODAY }));
      const sent = await sendInstances({ AETitle: 'ORTHANC', host: '127.0.0.1', port: orthanc().port }, 'CT', objects);
      expect(sent.map(({ taken }) => taken)).toEqual([true, true, true]);
    };
    const state = async (study: string) => {
      const answer = await fetch(`${scene().overread.url}/api/pull?StudyInstanceUID=${studyUid(study)}`);
      return PullOverview.parse(await answer.json()).studies[0]?.state;
    };
    /** Whether the archive knows where C-MOVE to us goes. */
    const introduce = (method: 'PUT' | 'DELETE') =>
      fetch(`${orthanc().url}/modalities/overread`, {
        method,
        ...(method === 'PUT' && { body: JSON.stringify(['OVERREAD', '127.0.0.1', scene().overread.dimsePort]) }),
      });

    beforeAll(async () => {
      held.orthanc = await startOrthanc({
        ...{ DicomAlwaysAllowFind: true, DicomAlwaysAllowGet: true, DicomAlwaysAllowMove: true },
      });
      const archive = { AETitle: 'ORTHANC', host: '127.0.0.1', allow: ['verification', 'storage'] };
      const PEERS_FILE = [
        { ...archive, name: 'archive', port: orthanc().port },
        { name: 'branch', AETitle: 'BRANCH', host: '127.0.0.1', port: await freePort(0) },
      ];
      const watch = { peer: 'archive', everySeconds: 2 };
      const WATCH_FILE = {
        watches: [
          { ...watch, name: 'chest', keys: { StudyDescription: '*chest*' } },
          { ...watch, name: 'head', keys: { StudyDescription: '*head*' }, fetch: 'C-MOVE' },
          { ...watch, name: 'branch', peer: 'branch' },
        ],
      };
      held.scene = await startConsole({ PEERS_FILE, WATCH_FILE }, { RETRY_SECONDS: '600' });
      await put('chest', 'CT chest');
    }, 240_000);
    afterAll(async () => {
      await held.scene?.stop();
      await held.orthanc?.stop();
    });

    it.each(LANGUAGES)('shows watches and studies by state; what failed is retried (%s)', async (language) => {
      const words = WORDS[language];
      const study = `head ${language}`;
      await put(study, 'CT head');
      await expect.poll(() => state(study), { timeout: 60_000 }).toBe('failed');
      await expect.poll(() => state('chest'), { timeout: 60_000 }).toBe('complete');
      const watched = await scene().open(language);
      const { page, context, errors } = watched;

      await row(page, study).waitFor();
      const order = await section(page)
        .locator('[data-pulled]')
        .evaluateAll((rows) => rows.map((each) => each.getAttribute('data-pulled')));
      expect(order[0]).toBe(studyUid(study));
      const cells = (await row(page, 'chest').locator('td').allTextContents()).map((text) => text.trim());
      expect(cells.slice(0, 4)).toEqual(['archivechest · C-GET', words.complete, '3 / 3', '0']);
      expect(await row(page, 'chest').getByRole('link').getAttribute('href')).toBe(`/study/${studyUid('chest')}`);
      expect(await row(page, 'chest').getByRole('button').count()).toBe(0);
      expect(await row(page, study).textContent()).toContain(words.refused);
      expect(await row(page, study).getByRole('link').count()).toBe(0);
      const watches = section(page).locator('[data-watch=branch]');
      expect(await watches.textContent()).toContain(words.away);
      expect(Number(await watches.locator('td').last().textContent())).toBeGreaterThan(0);
      expect(await section(page).locator('[data-watch=chest] td').nth(3).textContent()).toBe('1');
      expect(await accessibilityProblems(page)).toEqual([]);
      await shootSection(watched, 'pull', `pull-${language}`);

      const filter = (name: string) => section(page).locator(`[data-filter=${name}]`);
      await filter('failed').click();
      await row(page, 'chest').waitFor({ state: 'detached' });
      expect(await row(page, study).count()).toBe(1);
      expect(await filter('failed').textContent()).toBe(`${words.failed}1`);
      await filter('all').click();

      // The order names a study that nothing has found.
      const retry = section(page).getByRole('button', { name: `${words.retry}${studyUid(study)}` });
      await page.route('**/api/pull/retry', (route) =>
        route.continue({ postData: JSON.stringify({ peer: 'archive', StudyInstanceUID: '1.2.3' }) }),
      );
      await retry.click();
      await section(page).getByRole('alert').getByText(words.not).waitFor();
      await shootSection(watched, 'pull', `pull-refused-${language}`);
      expect(await state(study)).toBe('failed');

      await page.unroute('**/api/pull/retry');
      await introduce('PUT');
      await retry.focus();
      await page.keyboard.press('Enter');
      await section(page).getByRole('status').getByText(words.again).waitFor();
      expect(await section(page).getByRole('alert').count()).toBe(0);
      expect(await page.locator(':focus').getAttribute('data-pulled')).toBe(studyUid(study));
      await row(page, study).getByText(words.complete).waitFor({ timeout: 40_000 });
      expect((await row(page, study).locator('td').allTextContents())[2]).toBe('3 / 3');
      expect(await row(page, study).getByRole('button').count()).toBe(0);
      await introduce('DELETE');
      expect(await section(page).textContent()).not.toContain('Doe');
      expect(errors.filter((error) => !error.includes('404'))).toEqual([]);
      await context.close();
    });

    it('says that a newer file is wrong, and when it is mended', async () => {
      const { page, context } = await scene().open('en');
      await section(page).locator('[data-watch=chest]').waitFor();
      scene().write('WATCH_FILE', { watches: [{ name: 'typo', peer: 'nobody' }] });
      const alert = section(page).getByRole('alert');
      await alert.getByText('typo: nobody is no peer of PEERS_FILE').waitFor({ timeout: 40_000 });
      scene().write('WATCH_FILE', { watches: [{ name: 'chest', peer: 'archive' }] });
      await alert.waitFor({ state: 'detached', timeout: 40_000 });
      await context.close();
    });
  },
);
