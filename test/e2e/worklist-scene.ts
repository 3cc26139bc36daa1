import type { Browser, Page } from 'playwright-core';
import { builtViewer } from '../support/built-viewer.ts';
import { launch, openPage, type WatchedPage } from '../support/viewer-page.ts';
import { startWorklistNode, type WorklistNode } from '../support/worklist-node.ts';
import { type Seeded, startSeeded } from '../support/worklist-seed.ts';

/** The built viewer in Chromium, before the real web application and a PostgreSQL of its own. */
export interface WorklistScene {
  readonly seeded: Seeded;
  readonly node: WorklistNode;
  readonly browser: Browser;
  open(path?: string, locale?: 'en' | 'zh-CN', prepare?: (page: Page) => Promise<void>): Promise<WatchedPage>;
  /** Closes the pages of a test. */
  closePages(): Promise<void>;
  close(): Promise<void>;
}

export async function startWorklistScene(): Promise<WorklistScene> {
  const viewer = await builtViewer();
  const seeded = await startSeeded();
  const node = await startWorklistNode(seeded, viewer.folder);
  const browser = await launch();
  const opened: WatchedPage[] = [];
  return {
    ...{ seeded, node, browser },
    async open(path = '/worklist?tab=all', locale = 'en', prepare) {
      const watched = await openPage(browser, `${node.url}${path}`, locale, prepare);
      opened.push(watched);
      return watched;
    },
    async closePages() {
      node.held.models = [];
      await Promise.all(opened.splice(0).map(({ context }) => context.close()));
    },
    async close() {
      await browser.close();
      await node.close();
      await seeded.stop();
      viewer.remove();
    },
  };
}

/** Which study a row shows, from top to bottom, of the rows in the page. */
export const rowsOf = (page: Page): Promise<readonly string[]> =>
  page.locator('tr[data-study]').evaluateAll((rows) => rows.map((row) => row.getAttribute('data-study') ?? ''));
