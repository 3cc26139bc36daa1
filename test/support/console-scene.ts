import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { buildInPlace } from './built-viewer.ts';
import { type Overread, startOverread } from './overread.ts';
import { launch, openPage, type WatchedPage } from './viewer-page.ts';

/** A whole Overread with files of an operator, and a browser at its console. */
export interface ConsoleScene {
  readonly overread: Overread;
  /** Puts content in the place of a file of `settings`, as an operator's editor does. */
  write(name: string, content: unknown): void;
  open(language: 'en' | 'zh-CN'): Promise<WatchedPage>;
  stop(): Promise<void>;
}

/** `files`: by the setting that names each. */
export async function startConsole(
  files: Readonly<Record<string, unknown>>,
  settings: Readonly<Record<string, string>> = {},
): Promise<ConsoleScene> {
  const folder = mkdtempSync(join(tmpdir(), 'overread-console-'));
  const pathOf = (name: string) => join(folder, `${name}.json`);
  const write = (name: string, content: unknown) => {
    writeFileSync(`${pathOf(name)}.new`, JSON.stringify(content));
    renameSync(`${pathOf(name)}.new`, pathOf(name));
  };
  for (const [name, content] of Object.entries(files)) write(name, content);
  const named = Object.fromEntries(Object.keys(files).map((name) => [name, pathOf(name)]));
  await buildInPlace();
  const overread = await startOverread({ MODELS: 'blob-log-ct', PREPARED_MB: '0', ...named, ...settings });
  const browser: Browser = await launch();
  return {
    overread,
    write,
    open: (language) => openPage(browser, `${overread.url}/console`, language),
    async stop() {
      await browser.close();
      await overread.stop();
      overread.remove();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A picture of a section where OVERREAD_SCREENS names a folder. */
export async function shootSection({ page }: WatchedPage, section: string, name: string): Promise<void> {
  if (!process.env.OVERREAD_SCREENS) return;
  await page.setViewportSize({ width: 1366, height: 2400 });
  const path = join(process.env.OVERREAD_SCREENS, `console-${name}.png`);
  await page.locator(`[data-section=${section}]`).screenshot({ path });
  await page.setViewportSize({ width: 1366, height: 768 });
}
