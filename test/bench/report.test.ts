import { pathToFileURL } from 'node:url';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fixed, rateText, signed } from '../../services/bench/report/format.ts';
import { embeddedJson, html, trusted } from '../../services/bench/report/html.ts';
import { niceTicks } from '../../services/bench/report/plot.ts';
import { accessibilityProblems, hasChromium, launch, openPage } from '../support/viewer-page.ts';
import { benchFolder, luna16Lists, run, writeLuna16 } from './bench-folder.ts';

const started: { browser?: Browser } = {};

describe.skipIf(!hasChromium)('report.html in a browser, from a file (needs chromium)', () => {
  const folder = benchFolder();
  beforeAll(async () => {
    const file = writeLuna16(folder, luna16Lists(0.8), [{ metric: 'cpm', min: 0.99 }]);
    await run(file, { detections: folder.path('marks.csv') });
    started.browser = await launch();
  });
  afterAll(() => started.browser?.close());
  const open = () => {
    if (!started.browser) throw new Error('no browser');
    return openPage(started.browser, pathToFileURL(folder.path('out/report.html')).href);
  };

  it('says its verdict first, asks nothing of any server, breaks no policy', async () => {
    const { page, errors, external, context } = await open();
    expect(await page.locator('.verdict').textContent()).toMatch(
      /^FAILED\s*CPM of luna is 0\.\d+, at least 0\.990 is asked$/,
    );
    expect(await page.locator('svg[aria-label="FROC curve"] path.curve').count()).toBe(1);
    expect(errors).toEqual([]);
    expect(external).toEqual([]);
    await context.close();
  });

  it('its threshold can be moved, and counts again', async () => {
    const { page, context } = await open();
    const move = async (to: string) => {
      await page.locator('input[type=range]').fill(to);
      return (await page.locator('.explorer output').textContent()) ?? '';
    };
    const slider = page.locator('input[type=range]');
    const [low, high] = [await slider.getAttribute('min'), await slider.getAttribute('max')];
    const numbers = (text: string) =>
      text
        .match(/(\d+) of (\d+) found .*?([\d.]+) false marks/)
        ?.slice(1)
        .map(Number) ?? [];
    const [all = 0, lesions = 0, falseMarks = 0] = numbers(await move(low ?? ''));
    const [few = 0, , fewFalse = 0] = numbers(await move(high ?? ''));
    expect(all).toBeGreaterThan(few);
    expect(lesions).toBeGreaterThanOrEqual(all);
    expect(falseMarks).toBeGreaterThan(fewFalse);
    await context.close();
  });

  it('can be read by everyone (axe)', async () => {
    const { page, context } = await open();
    expect(await accessibilityProblems(page)).toEqual([]);
    await context.close();
  });
});

describe('text in the report', () => {
  it('is escaped unless it is markup of our own', () => {
    expect(
      html`<p title="${'"x"'}">${'<script>&'}</p>${trusted('<b>')}${[html`<i>`]}${null}${undefined}${false}`.html,
    ).toBe('<p title="&quot;x&quot;">&lt;script&gt;&amp;</p><b><i>');
    expect(embeddedJson({ text: '</script><!--' }).html).toBe('{"text":"\\u003c/script>\\u003c!--"}');
  });

  it('shows numbers as a person writes them', () => {
    expect([0.125, 0.25, 0.5, 1, 2, 0.1].map(rateText)).toEqual(['1/8', '1/4', '1/2', '1', '2', '0.1']);
    expect([signed(-0.04, 1), signed(-0.06, 1), signed(2, 0), fixed(null, 2), fixed(Number.NaN, 2)]).toEqual([
      '0.0',
      '−0.1',
      '+2',
      '–',
      '–',
    ]);
    expect(niceTicks(0, 17.9, 5)).toEqual([0, 5, 10, 15]);
    expect(niceTicks(-2.2, 2.2, 6)).toEqual([-2, -1, 0, 1, 2]);
  });
});
