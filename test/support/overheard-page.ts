import type { Browser, Page } from 'playwright-core';
import type { Reader } from '../../services/domain/contract/reading.ts';
import { openPage } from './viewer-page.ts';

/** A page, and all that its server has sent it but pixels and its stream of events. */
export interface Overheard {
  readonly page: Page;
  heard(): Promise<string>;
  close(): Promise<void>;
}

export async function overhearPage(
  browser: Browser,
  url: string,
  language: 'en' | 'zh-CN',
  reader: Reader,
): Promise<Overheard> {
  const bodies: Promise<string>[] = [];
  const { page, context } = await openPage(browser, url, language, async (made) => {
    await made.addInitScript((kept) => localStorage.setItem('overread.reader', kept), JSON.stringify(reader));
    made.on('response', (response) => {
      const type = response.headers()['content-type'] ?? '';
      if (/json|multipart.*json|text\/plain/.test(type)) bodies.push(response.text().catch(() => ''));
      bodies.push(Promise.resolve(response.url()));
    });
  });
  return { page, heard: async () => (await Promise.all(bodies)).join('\n'), close: () => context.close() };
}
