import type { Browser, Locator, Page } from 'playwright-core';
import { expect } from 'vitest';
import { openPage, type WatchedPage } from './viewer-page.ts';
import { complete } from './viewer-scene.ts';

/** A reader at a study: what a person does with the keys, and what is then seen. */
export interface ReadingPage extends WatchedPage {
  row(index: number): Locator;
  state(index: number): Promise<string | null>;
  press(...keys: readonly string[]): Promise<void>;
  /** Resolves when the panel says that the draft is with the server. */
  saved(): Promise<void>;
}

export async function openReading(
  browser: Browser,
  url: string,
  locale: 'en' | 'zh-CN',
  reader: { readonly name: string; readonly organization: string } | undefined,
): Promise<ReadingPage> {
  const watched = await openPage(browser, url, locale, async (page) => {
    if (reader)
      await page.addInitScript((kept) => localStorage.setItem('overread.reader', kept), JSON.stringify(reader));
  });
  const { page } = watched;
  await complete(page);
  await page.locator('.draft-state, .signed').waitFor();
  const row = (index: number) => page.locator(`[data-row="${index}"]`);
  return {
    ...watched,
    row,
    state: (index) => row(index).getAttribute('data-state'),
    press: async (...keys) => {
      for (const key of keys) await page.keyboard.press(key);
    },
    saved: () => savedOn(page),
  };
}

export const savedOn = (page: Page): Promise<void> =>
  expect
    .poll(() => page.locator('.draft-state').getAttribute('data-saving'), { timeout: 20_000 })
    .toBe('saved')
    .then(() => undefined);

/** Adds what is at the mark of a finding as a lesion of the reader: there is something to be measured. */
export async function addBesideList(page: Page, index: number): Promise<void> {
  await page.locator(`[data-row="${index}"]`).click();
  const mark = page.locator(`[data-plane=axial] [data-f="${index}"]`);
  await mark.waitFor();
  const box = await page.locator('[data-plane=axial]').boundingBox();
  const [x, y] = await Promise.all(['data-x', 'data-y'].map(async (name) => Number(await mark.getAttribute(name))));
  await page.keyboard.press('m');
  await page.locator('.add-target').waitFor();
  await page.mouse.click((box?.x ?? 0) + (x ?? 0), (box?.y ?? 0) + (y ?? 0));
  await page.locator('.finding-row[data-state=added]').waitFor({ timeout: 160_000 });
}

/** How many findings the list shows. */
export const listed = (page: Page): Promise<number> => page.locator('.finding-row').count();

/** What the tests need of a browser's globals. */
interface Clipboards {
  readonly navigator: { readonly clipboard: { readText(): Promise<string> } };
}

export const clipboard = (page: Page): Promise<string> =>
  page.evaluate(() => (globalThis as unknown as Clipboards).navigator.clipboard.readText());
