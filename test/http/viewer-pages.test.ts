import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AppServer, folderWith, startApp } from './app-server.ts';

const folder = folderWith({
  'index.html': '<!doctype html><title>Overread</title>',
  'favicon.svg': '<svg/>',
  'assets/index-4fK2x.js': 'export {};',
  'assets/charls-9aB.wasm': new Uint8Array([0, 0x61, 0x73, 0x6d]),
  '.secret': 'no',
});
const state: { app?: AppServer } = {};
const get = (path: string, init?: RequestInit) => fetch(`${state.app?.url}${path}`, init);
const browser = { headers: { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' } };

beforeAll(async () => {
  state.app = await startApp({ viewerDirectory: folder });
});
afterAll(() => state.app?.close());

describe('the built viewer', () => {
  it.each(['/', '/studies/1.2.3', '/index.html'])(
    '%s opened by a browser is index.html, never cached',
    async (path) => {
      const answer = await get(path, browser);
      expect(answer.status).toBe(200);
      expect(answer.headers.get('content-type')).toMatch(/^text\/html/);
      expect(answer.headers.get('cache-control')).toBe('no-cache');
      expect(await answer.text()).toContain('<title>Overread</title>');
    },
  );

  it('a hashed asset is cached for ever, other files are asked for again', async () => {
    const script = await get('/assets/index-4fK2x.js');
    expect(script.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect(script.headers.get('content-type')).toMatch(/javascript/);
    expect((await get('/favicon.svg')).headers.get('cache-control')).toBe('no-cache');
  });

  it('WebAssembly has the media type that browsers compile while it arrives', async () => {
    expect((await get('/assets/charls-9aB.wasm')).headers.get('content-type')).toBe('application/wasm');
  });

  it('an asset of an older build is missing, not a page', async () => {
    expect((await get('/assets/index-old.js', browser)).status).toBe(404);
  });

  it('what is no page is not answered with one', async () => {
    expect((await get('/robots.txt', { headers: { accept: '*/*' } })).status).toBe(404);
    expect((await get('/studies/1.2.3', { headers: { accept: 'application/json' } })).status).toBe(404);
  });

  it('HEAD has the headers and no body', async () => {
    const head = await get('/', { ...browser, method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
  });

  it('nothing outside its folder and no hidden file is served', async () => {
    for (const path of [
      '/../package.json',
      '/..%2fpackage.json',
      '/%2e%2e/%2e%2e/etc/passwd',
      '/.secret',
      '/assets/..%2f.secret',
    ])
      expect((await get(path)).status, path).toBeGreaterThanOrEqual(400);
  });
});

it('before it is built a page says how to build it, and after the build it is there without a restart', async () => {
  rmSync(join(folder, 'index.html'));
  const before = await get('/', browser);
  expect(before.status).toBe(503);
  expect(await before.text()).toContain('npm run build');
  writeFileSync(join(folder, 'index.html'), 'built');
  expect(await (await get('/', browser)).text()).toBe('built');
});
