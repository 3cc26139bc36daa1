import { cpus, loadavg } from 'node:os';
import type { Page } from 'playwright-core';
import { quantile } from '../../services/evaluation/quantile.ts';
import { builtViewer } from '../../test/support/built-viewer.ts';
import { seedMany } from '../../test/support/many-studies.ts';
import { launch, openPage } from '../../test/support/viewer-page.ts';
import { startWorklistNode } from '../../test/support/worklist-node.ts';
import { startSeeded } from '../../test/support/worklist-seed.ts';

/** Filters and searches, each asked once: an answer that the browser has already is no measurement. */
const FILTERS = [
  ...['CT', 'MR', 'PT'].map((modality) => `modality=${modality}`),
  ...['findings', 'none', 'failed', 'outdated', 'withdrawn', 'signed'].map((state) => `state=${state}`),
  ...['CT1', 'CT2', 'CT3', 'CT4', 'CT5'].map((source) => `source=${source}`),
  ...['CHEST', 'ABDOMEN'].map((part) => `bodyPart=${part}`),
  ...['family77', '张12', 'ID42', 'LDCT 9', 'nobody', 'A123'].map((search) => `search=${encodeURIComponent(search)}`),
  ...['patient', 'id', 'study', 'date', 'wait', 'ai'].map((sort) => `sort=${sort}`),
  'modality=CT&state=findings&source=CT0',
  'from=2024-06-01&to=2024-07-01',
];

/**
 * From a changed filter to the frame that shows its rows, in Chromium over the real server and PostgreSQL; and the same
 * questions over HTTP alone.
 */
export async function worklist(studies = 10_000): Promise<void> {
  const viewer = await builtViewer();
  const seeded = await startSeeded();
  const node = await startWorklistNode(seeded, viewer.folder);
  const browser = await launch();
  try {
    await seedMany(seeded.store, studies);
    console.log(`${studies} studies, ${cpus().length} cores, load ${loadavg()[0]?.toFixed(1)}`);
    report('over HTTP', await overHttp(node.url));
    const { page } = await openPage(browser, `${node.url}/worklist?tab=all`);
    await page.locator('tr[data-study]').first().waitFor();
    report('filter to painted rows', await painted(page));
    report('end of the list and back', await jumps(page));
  } finally {
    await browser.close();
    await node.close();
    await seeded.stop();
    viewer.remove();
  }
}

async function overHttp(url: string): Promise<readonly number[]> {
  const times: number[] = [];
  for (const filter of FILTERS) {
    const startedAt = performance.now();
    await (await fetch(`${url}/api/worklist?${filter}`)).arrayBuffer();
    times.push(performance.now() - startedAt);
  }
  return times;
}

/** Sets the address as a control of the page does, and waits for two frames after the rows are those of it. */
async function painted(page: Page): Promise<readonly number[]> {
  const times: number[] = [];
  for (const filter of FILTERS) {
    const milliseconds = await page.evaluate(`new Promise((done) => {
      const startedAt = performance.now();
      history.replaceState(null, '', '/worklist?tab=all&' + ${JSON.stringify(filter)});
      const look = () => {
        const list = document.querySelector('.worklist-scroll');
        const shows = list ? list.dataset.shows : document.querySelector('.empty-list') ? location.search.slice(1) : undefined;
        const asked = new URLSearchParams(location.search);
        const isThere = shows !== undefined && [...new URLSearchParams(shows)].sort().join() === [...asked].sort().join();
        if (isThere) requestAnimationFrame(() => done(performance.now() - startedAt));
        else requestAnimationFrame(look);
      };
      look();
    })`);
    times.push(Number(milliseconds));
  }
  return times;
}

/** The last row and the first, by key: the page of rows behind it is loaded when it is asked for. */
async function jumps(page: Page): Promise<readonly number[]> {
  await page.evaluate("history.replaceState(null, '', '/worklist?tab=all')");
  await page.locator('.worklist-scroll[data-shows="tab=all"]').waitFor();
  const last = Number(await page.locator('table.worklist').getAttribute('aria-rowcount'));
  const times: number[] = [];
  for (const [key, row] of [
    ['End', last],
    ['Home', 2],
  ] as const) {
    const startedAt = performance.now();
    await page.keyboard.press(key);
    await page.locator(`tr[aria-rowindex="${row}"][data-study]:focus-within`).waitFor();
    times.push(performance.now() - startedAt);
  }
  return times;
}

function report(what: string, times: readonly number[]): void {
  const at = (q: number) => `${quantile(times, q).toFixed(0)} ms`;
  console.log(`${what}: p50 ${at(0.5)}, p95 ${at(0.95)}, worst ${at(1)} of ${times.length}`);
}
