import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../services/main/ports.ts';
import { type Receiver, startReceiver } from '../dicom/net/receiver.ts';
import { type ConsoleScene, shootSection, startConsole } from '../support/console-scene.ts';
import { accessibilityProblems, hasChromium } from '../support/viewer-page.ts';

// biome-ignore format: a table
const WORDS = {
  en:      { works: 'answers', fails: 'does not work', testing: 'Testing…', test: 'Test', verification: 'C-ECHO answered',
             accepted: 'OVERREAD is accepted by STORE', closed: 'Nothing listens on port', write: 'Please check that SHUT',
             busy: 'It could not be tested: silent is being examined already', silent: 'answers nothing to an association' },
  'zh-CN': { works: '正常', fails: '不可用', testing: '测试中…', test: '测试', verification: 'C-ECHO 返回',
             accepted: 'STORE 接受 OVERREAD 的关联请求', closed: '没有程序在监听', write: '请确认 SHUT 已启动',
             busy: '无法测试：silent is being examined already', silent: '对关联请求没有任何回应' },
} as const;
const LANGUAGES = ['en', 'zh-CN'] as const;

/** Takes every connection and never says a word. */
interface Silence {
  readonly port: number;
  /** Resolves with the next connection. */
  called(): Promise<unknown>;
  close(): void;
}

async function startSilence(): Promise<Silence> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => sockets.add(socket.on('error', () => {})));
  const port = await freePort(0);
  await new Promise<void>((listening) => server.listen(port, '127.0.0.1', listening));
  return {
    port,
    called: () => once(server, 'connection'),
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

describe.skipIf(!hasChromium)('testing peers in the console (needs chromium)', { timeout: 300_000 }, () => {
  const held: { scene?: ConsoleScene; receiver?: Receiver; silence?: Silence } = {};
  const scene = (): ConsoleScene => {
    if (held.scene === undefined) throw new Error('not started');
    return held.scene;
  };

  beforeAll(async () => {
    held.receiver = await startReceiver({ AETitle: 'STORE', isAllowed: () => true });
    const silence = await startSilence();
    held.silence = silence;
    const PEERS_FILE = [
      { name: 'store', AETitle: 'STORE', host: '127.0.0.1', port: held.receiver.port },
      { name: 'shut', AETitle: 'SHUT', host: '127.0.0.1', port: await freePort(0) },
      { name: 'silent', AETitle: 'SILENT', host: '127.0.0.1', port: silence.port },
      { name: 'ct-1', AETitle: 'CT1' },
    ];
    held.scene = await startConsole({ PEERS_FILE });
  }, 240_000);
  afterAll(async () => {
    await held.scene?.stop();
    await held.receiver?.stop();
    held.silence?.close();
  });

  it.each(LANGUAGES)('says of one that answers what it takes, and of one that fails why (%s)', async (language) => {
    const words = WORDS[language];
    const watched = await scene().open(language);
    const { page, context, errors } = watched;
    const test = (name: string) => page.locator(`[data-peer=${name}] button`);
    const step = (name: string, which: string) => page.locator(`[data-report=${name}] [data-step=${which}]`);

    await test('store').click();
    await step('store', 'verification').getByText(words.verification).waitFor();
    expect(await step('store', 'association').textContent()).toContain(words.accepted);
    expect(await page.locator('[data-report=store] li[data-state=failed]').count()).toBe(0);
    const stepsOf = page.locator('[data-report=store] li');
    const steps = await stepsOf.evaluateAll((items) => items.map((item) => item.getAttribute('data-step')));
    expect(steps).toEqual([
      ...['address', 'connection', 'association', 'verification'],
      ...['storage', 'transferSyntaxes', 'query'],
    ]);
    const details = await page.locator('[data-report=store] .console-detail').allTextContents();
    if (language === 'zh-CN')
      expect(details.filter((said) => /answered|accepted|contexts|images/.test(said))).toEqual([]);

    await test('shut').focus();
    await page.keyboard.press('Enter');
    await page.locator('[data-peer=shut] [role=status]', { hasText: words.fails }).waitFor();
    const failed = step('shut', 'connection');
    expect(await failed.textContent()).toContain(words.closed);
    await failed.locator('summary').click();
    expect(await failed.locator('details p').textContent()).toContain(words.write);
    expect(await step('shut', 'association').count()).toBe(0);

    // Who only calls us has no address to be tested at.
    expect(await test('ct-1').count()).toBe(0);
    expect(await accessibilityProblems(page)).toEqual([]);
    await shootSection(watched, 'peers', `peers-${language}`);
    expect(errors).toEqual([]);
    await context.close();
  });

  it('shows that it runs, and what refused it; it can be tried again', async () => {
    const words = WORDS['zh-CN'];
    const watched = await scene().open('zh-CN');
    const { page, context } = watched;
    const row = page.locator('[data-peer=silent]');
    await row.waitFor();
    // Somebody else examines it at this moment.
    const called = held.silence?.called();
    const other = fetch(`${scene().overread.url}/api/peers/silent/doctor`, { method: 'POST' });
    await called;
    await row.getByRole('button').click();
    const alert = page.locator('[data-report=silent] [role=alert]');
    await alert.waitFor();
    expect(await alert.textContent()).toBe(words.busy);
    await other;

    await row.getByRole('button').click();
    const button = row.locator('button');
    await page.locator('[data-peer=silent] button[aria-busy=true]').waitFor();
    expect([await button.textContent(), await button.isDisabled()]).toEqual([words.testing, true]);
    await page.locator('[data-report=silent] [data-step=association]').getByText(words.silent).waitFor();
    expect(await alert.count()).toBe(0);
    expect([await button.textContent(), await button.isDisabled()]).toEqual([words.test, false]);
    await context.close();
  });
});
