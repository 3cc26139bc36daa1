import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { echo } from '../../services/dicom/net/verification-scu.ts';
import { type Overread, startOverread } from '../support/overread.ts';
import { accessibilityProblems, hasChromium, launch, openPage } from '../support/viewer-page.ts';

const LANGUAGES = ['en', 'zh-CN'] as const;
/** What the page says of a peer that called from an address that is not its own. */
const WORDS = {
  en: {
    title: 'Console',
    write: 'What to write to its administrator',
    never: 'never',
    reads: 'reads studies',
    rules: 'every model reads every study. The setting ROUTES_FILE',
    pull: 'nothing is fetched. The setting WATCH_FILE',
  },
  'zh-CN': {
    title: '控制台',
    write: '可发给对方管理员的说明',
    never: '从未',
    reads: '可分析检查',
    rules: '所有模型分析所有检查。通过配置项 ROUTES_FILE',
    pull: '不会调取检查。通过配置项 WATCH_FILE',
  },
};

describe.skipIf(!hasChromium)('the console in Chromium (needs chromium)', { timeout: 300_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'overread-console-'));
  const held: { overread?: Overread; browser?: Browser } = {};
  const overread = (): Overread => {
    if (held.overread === undefined) throw new Error('not started');
    return held.overread;
  };

  beforeAll(async () => {
    const file = join(folder, 'peers.json');
    const peers = [
      { name: 'ct-1', AETitle: 'CT1' },
      { name: 'elsewhere', AETitle: 'ELSEWHERE', addresses: ['10.255.0.0/16'] },
    ];
    writeFileSync(file, JSON.stringify(peers));
    held.overread = await startOverread({ PEERS_FILE: file });
    held.browser = await launch();
    const node = { AETitle: 'OVERREAD', host: '127.0.0.1', port: overread().dimsePort };
    await echo(node, 'CT1');
    await expect(echo(node, 'ELSEWHERE')).rejects.toThrow();
    const measured = [1200, 1400, 9000].map((ms) => ({ kind: 'timeToFirstImage', ms }));
    const body = JSON.stringify({ measured });
    await fetch(`${overread().url}/api/experience`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
  }, 240_000);
  afterAll(async () => {
    await held.browser?.close();
    await held.overread?.stop();
    held.overread?.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  it.each(LANGUAGES)(
    'tells what readers wait, how models and peers do, and what to write to whom (%s)',
    async (language) => {
      if (held.browser === undefined) throw new Error('not started');
      const words = WORDS[language];
      const { page, context, errors } = await openPage(held.browser, `${overread().url}/worklist`, language);
      await page.locator('.to-console').click();
      await page.getByRole('heading', { level: 1, name: words.title }).waitFor();

      const cells = async (row: string) =>
        (await page.locator(`${row} td`).allTextContents()).map((text) => text.trim());
      await page.locator('[data-kind=timeToFirstImage]').waitFor();
      expect(await cells('[data-kind=timeToFirstImage]')).toEqual(['3', '1.40 s', '9.00 s']);
      expect(await cells('[data-kind=timePerVerdict]')).toEqual([expect.any(String), '–', '–']);
      await page.locator('[data-model=lung-nodule-ct]', { hasText: words.reads }).waitFor({ timeout: 60_000 });

      // Contacts are written a moment after they were made.
      const stranger = page.locator('[data-peer=elsewhere]', { hasText: words.write });
      await stranger.waitFor({ timeout: 60_000 });
      await stranger.locator('summary').first().click();
      expect(await stranger.locator('details p').first().textContent()).toContain('ELSEWHERE');
      const ct = await cells('[data-peer=ct-1]');
      expect([ct[2] === words.never, ct[3]]).toEqual([false, words.never]);
      expect(await page.locator('[data-section=routes]').textContent()).toContain(words.rules);
      expect(await page.locator('[data-section=pull]').textContent()).toContain(words.pull);
      expect(await accessibilityProblems(page)).toEqual([]);
      expect(errors).toEqual([]);
      if (process.env.OVERREAD_SCREENS)
        await page.screenshot({ path: join(process.env.OVERREAD_SCREENS, `console-${language}.png`) });
      await context.close();
    },
  );
});
