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
