import type { Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { grayProfile } from '../support/drawn-picture.ts';
import { expectTrueSize } from '../support/true-size.ts';
import { accessibilityProblems, hasChromium } from '../support/viewer-page.ts';
import { BALLS, complete, PLANES, type Scene, startScene } from '../support/viewer-scene.ts';

const [LARGE] = BALLS;

async function drag(page: Page, from: readonly [number, number], to: readonly [number, number]): Promise<void> {
  await page.mouse.move(...from);
  await page.mouse.down();
  await page.mouse.move((from[0] + to[0]) / 2, (from[1] + to[1]) / 2);
  await page.mouse.move(...to);
  await page.mouse.up();
}

const corner = async (plane: Locator): Promise<readonly [number, number]> => {
  const box = await plane.boundingBox();
  return [box?.x ?? 0, box?.y ?? 0];
};

/** The words of the newest measurement. */
const newest = async (page: Page) => (await page.locator('[data-measurement]').last().getAttribute('data-lines')) ?? '';

/** What a busy machine shows in its own time. */
const settles = <T>(read: () => T) => expect.poll(read, { timeout: 20_000 });

describe.skipIf(!hasChromium)('tools of the study screen in Chromium', () => {
  const scene = {} as Scene;
  const open = async (language: 'en' | 'zh-CN' = 'en') => {
    const watched = await scene.open(undefined, language);
    await complete(watched.page);
    await watched.page.waitForTimeout(400);
    return watched;
  };

  beforeAll(async () => void Object.assign(scene, await startScene()));
  afterEach(() => scene.reset());
  afterAll(() => scene.close?.());

  it('measure a ball of 30 mm where its rim is drawn, within 0.7 mm, in every plane', async () => {
    const { page } = await open();
    await page.keyboard.press('l');
    for (const plane of PLANES) {
      const panel = page.locator(`[data-plane=${plane}]`);
      const mark = panel.locator('[data-f="1"]');
      const at = [Number(await mark.getAttribute('data-x')), Number(await mark.getAttribute('data-y'))] as const;
      const ball = await grayProfile(panel.locator('.plane-pixels canvas'), at, 'cpu');
      const [left, top] = await corner(panel);
      const [x, y] = [left + ball.centerX, top + ball.centerY];
      await drag(page, [x - ball.width / 2, y], [x + ball.width / 2, y]);
      expect(Math.abs(Number.parseFloat(await newest(page)) - LARGE.diameterMm), plane).toBeLessThan(0.7);
      await drag(page, [x, y - ball.height / 2], [x, y + ball.height / 2]);
      expect(Math.abs(Number.parseFloat(await newest(page)) - LARGE.diameterMm), plane).toBeLessThan(0.7);
    }
    expect(await page.locator('[data-measurement=length]').count()).toBe(6);
    expect(await accessibilityProblems(page)).toEqual([]);
  });

  it('read the values of the pixels: in an ellipse, at a point, with both axes and an angle', async () => {
    const { page } = await open();
    const axial = page.locator('[data-plane=axial]');
    const mark = axial.locator('[data-f="1"]');
    const [left, top] = await corner(axial);
    const [x, y] = [left + Number(await mark.getAttribute('data-x')), top + Number(await mark.getAttribute('data-y'))];
    const radius = Number(await mark.getAttribute('data-radius'));
    await page.keyboard.press('r');
    await drag(page, [x - radius * 0.6, y - radius * 0.6], [x + radius * 0.6, y + radius * 0.6]);
    expect(await newest(page)).toMatch(/^Mean 40 HU · SD 0 \| Min 40 · max 40 \| Area 25\d mm² · \d+ px$/);
    await page.keyboard.press('p');
    await page.mouse.click(x + radius * 1.5, y);
    expect(await newest(page)).toBe('-850 HU');
    await page.keyboard.press('b');
    await drag(page, [x - radius, y], [x + radius, y]);
    expect(await newest(page)).toMatch(/^(29|30)\.\d × 1[45]\.\d mm$/);
    await page.keyboard.press('q');
    await page.mouse.click(x + 40, y - 90);
    await page.mouse.click(x, y - 90);
    await page.mouse.click(x, y - 130);
    expect(await newest(page)).toMatch(/^(89\.[5-9]|90\.\d)°$/);
    // Escape takes back what is half drawn, then the tool.
    await page.mouse.click(x + 40, y + 90);
    expect(await page.locator('.measure-layer path.line').count()).toBe(5);
    await page.keyboard.press('Escape');
    expect(await page.locator('.measure-layer path.line').count()).toBe(4);
    await page.keyboard.press('Escape');
    expect(await page.locator('.tool-button[aria-pressed=true][data-key=Q]').count()).toBe(0);
    // On another slice they are gone, and back with their own.
    await page.keyboard.press('ArrowDown');
    await settles(() => page.locator('[data-measurement]').count()).toBe(0);
    await page.keyboard.press('ArrowUp');
    await settles(() => page.locator('[data-measurement]').count()).toBe(4);
  });

  it('are worked with keys alone: placed, moved, deleted', async () => {
    const { page } = await open();
    await page.keyboard.press('l');
    await page.keyboard.press('Enter');
    const before = Number.parseFloat(await newest(page));
    expect(before).toBeGreaterThan(5);
    expect(await page.locator(':focus').getAttribute('data-handle')).toBe('0');
    const slice = await page.locator('[data-plane=axial]').getAttribute('data-slice');
    for (let press = 0; press < 8; press += 1) await page.keyboard.press('Shift+ArrowLeft');
    await settles(async () => Number.parseFloat(await newest(page))).toBeGreaterThan(before * 1.5);
    expect(await page.locator('[data-plane=axial]').getAttribute('data-slice')).toBe(slice);
    await page.keyboard.press('Delete');
    await settles(() => page.locator('[data-measurement]').count()).toBe(0);
  });

  it('keep every picture true to size, whatever the layout', async () => {
    const { page, errors } = await open();
    const layouts = [
      ['One pane', ['axial']],
      ['Four panes', PLANES],
      ['Two panes', ['axial', 'coronal']],
      ['One large, two small', PLANES],
    ] as const;
    for (const [name, planes] of layouts) {
      await page.getByRole('button', { name }).click();
      await page.waitForTimeout(700);
      expect(await page.locator('.plane:not([data-hidden])').count()).toBe(planes.length);
      await expectTrueSize(page, 'cpu', planes);
    }
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('f');
    await page.waitForTimeout(700);
    await expectTrueSize(page, 'cpu', ['sagittal']);
    await page.keyboard.press('f');
    await page.waitForTimeout(700);
    await expectTrueSize(page, 'cpu');
    expect(errors).toEqual([]);
  });

  it('draw a scale that is as long as it says', async () => {
    const { page } = await open();
    const scale = page.locator('[data-plane=axial] [data-corner=scale]');
    const [mm, px] = [Number(await scale.getAttribute('data-mm')), Number(await scale.getAttribute('data-px'))];
    const radius = Number(await page.locator('[data-plane=axial] [data-f="1"]').getAttribute('data-radius'));
    expect(px / mm).toBeCloseTo((2 * radius) / LARGE.diameterMm, 1);
    expect(await page.locator('[data-plane=axial] [data-corner=slice]').textContent()).toBe(
      'Im 23 / 60 · 2 mm · spacing 2 mm',
    );
  });

  it('show a slab with its thickness, and in it what lies behind the slice', async () => {
    const { page } = await open();
    const note = page.locator('[data-plane=axial] .slab-note');
    await page.keyboard.press('s');
    await settles(() => note.textContent()).toBe('MIP 10.0 mm (5 layers)');
    // Above the ball there is lung; a slab that reaches it shows it.
    for (let press = 0; press < 9; press += 1) await page.keyboard.press('ArrowUp');
    const drawn = async () => {
      const mark = page.locator('[data-plane=coronal] [data-f="1"]');
      expect(await mark.count()).toBe(1);
      return page.locator('[data-plane=axial] .slab-canvas').evaluate((canvas) => {
        const { width, height } = canvas as unknown as { width: number; height: number };
        const context = (
          canvas as unknown as { getContext(of: string): { getImageData: CallableFunction } }
        ).getContext('2d');
        const { data } = context.getImageData(0, 0, width, height) as { data: Uint8ClampedArray };
        return data.reduce((sum, grey, at) => sum + (at % 4 === 0 && grey > 200 ? 1 : 0), 0);
      });
    };
    const thin = await drawn();
    for (let press = 0; press < 8; press += 1) await page.keyboard.press(']');
    await settles(() => note.textContent()).toBe('MIP 26.0 mm (13 layers)');
    expect(await drawn()).toBeGreaterThan(thin + 500);
    await page.keyboard.press('s');
    await settles(() => note.textContent()).toMatch(/^MinIP/);
    await page.keyboard.press('s');
    await settles(() => note.textContent()).toMatch(/^Average/);
    // Values are those of one slice: their tools end the slab.
    await page.keyboard.press('p');
    await settles(() => note.count()).toBe(0);
  });

  it('run cine, invert, jump to the ends of the active plane', async () => {
    const { page } = await open();
    const axial = page.locator('[data-plane=axial]');
    const slice = async () => Number(await axial.getAttribute('data-slice'));
    const start = await slice();
    await page.keyboard.press('c');
    await settles(slice).toBeGreaterThan(start + 4);
    await page.keyboard.press('Escape');
    const stopped = await slice();
    await page.waitForTimeout(300);
    expect(Math.abs((await slice()) - stopped)).toBeLessThanOrEqual(1);
    await page.keyboard.press('i');
    expect(await axial.locator('.plane-host').evaluate((host) => String(host.computedStyleMap().get('filter')))).toBe(
      'invert(1)',
    );
    expect(await axial.locator('[data-corner=name]').textContent()).toContain('inverted');
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('End');
    await settles(() => page.locator('[data-plane=coronal]').getAttribute('data-slice')).toBe('191');
    await page.keyboard.press('Home');
    await settles(() => page.locator('[data-plane=coronal]').getAttribute('data-slice')).toBe('0');
  });

  it('show the chosen lesion image by image, and go to a crop', async () => {
    const { page } = await open();
    const crops = page.locator('.crop[data-drawn]');
    await settles(() => crops.count()).toBe(9);
    await page.locator('[data-crop=axial18]').click();
    await settles(() => page.locator('[data-plane=axial]').getAttribute('data-slice')).toBe('18');
    await page.keyboard.press('n');
    await settles(() => page.locator('[data-crop=axial40]').count()).toBe(1);
  });

  it('tell their keys, which can be switched off and are silent while typing', async () => {
    const { page } = await open('zh-CN');
    await page.keyboard.press('?');
    const help = page.getByRole('dialog');
    await help.waitFor();
    expect(await help.locator('.key-help-row').count()).toBe(32);
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.keyboard.press('l');
    expect(await page.locator('.tool-button[aria-pressed=true][data-key=L]').count()).toBe(0);
    await help.getByRole('checkbox', { name: '单字符快捷键' }).uncheck();
    await page.keyboard.press('Escape');
    await help.waitFor({ state: 'detached' });
    await page.keyboard.press('l');
    expect(await page.locator('.tool-button[aria-pressed=true][data-key=L]').count()).toBe(0);
    const slice = Number(await page.locator('[data-plane=axial]').getAttribute('data-slice'));
    await page.keyboard.press('ArrowDown');
    await settles(() => page.locator('[data-plane=axial]').getAttribute('data-slice')).toBe(String(slice + 1));
  });

  it('can be given other keys, refuse one that is taken, and know those of OHIF', async () => {
    const { page } = await open();
    const help = page.getByRole('dialog');
    const layout = () => page.locator('.planes').getAttribute('data-layout');
    await page.keyboard.press('?');
    await help.getByRole('button', { name: 'Change keys' }).click();
    expect(await accessibilityProblems(page)).toEqual([]);
    await help.locator('[data-action=layout]').click();
    await page.keyboard.press('n');
    expect(await help.locator('.key-said').textContent()).toContain('N is taken by “Next / previous finding”');
    await help.locator('[data-action=layout]').click();
    await page.keyboard.press('k');
    await help.getByText('K is now: Layout').waitFor();
    expect(await help.locator('[data-action=layout]').textContent()).toBe('K');
    await page.reload();
    await complete(page);
    const before = await layout();
    await page.keyboard.press('w');
    expect(await layout()).toBe(before);
    await page.keyboard.press('k');
    await settles(layout).not.toBe(before);
    await page.keyboard.press('?');
    await help.getByLabel('Set of keys').selectOption('ohif');
    await help.getByLabel(/Come closer/).check();
    await page.keyboard.press('Escape');
    await help.waitFor({ state: 'detached' });
    expect(await page.locator('.tool-button[data-key=Space]').count()).toBe(1);
    const zoom = () => page.locator('[data-plane=axial] [data-corner=window]').textContent();
    await page.keyboard.press('n');
    await settles(zoom).toContain('150 %');
    const mark = page.locator('[data-plane=axial] .mark[data-selected]');
    const middle = (await page.locator('[data-plane=axial]').boundingBox())?.width ?? 0;
    await settles(async () => Math.abs(Number(await mark.getAttribute('data-x')) - middle / 2) < 3).toBe(true);
    await page.keyboard.press(' ');
    await settles(zoom).toContain('100 %');
  });

  it('stay where they belong when the window comes back to the size it had', async () => {
    const { page } = await open();
    const mark = page.locator('[data-plane=axial] [data-f="1"]');
    const place = async () => [await mark.getAttribute('data-x'), await mark.getAttribute('data-y')].join(' ');
    const before = await place();
    await page.setViewportSize({ width: 1440, height: 900 });
    await settles(place).not.toBe(before);
    await page.setViewportSize({ width: 1366, height: 768 });
    await settles(place).toBe(before);
    const canvas = page.locator('[data-plane=axial] .plane-pixels canvas:visible');
    const box = await canvas.boundingBox();
    const drawn = await Promise.all(['width', 'height'].map((name) => canvas.getAttribute(name)));
    expect(drawn.map(Number)).toEqual([Math.round(box?.width ?? 0), Math.round(box?.height ?? 0)]);
  });

  it.each([
    ['en', 1440],
    ['en', 1366],
    ['zh-CN', 1366],
    // 1366 pixels at 200 %.
    ['en', 683],
  ] as const)('stay in one row, and so does what is counted (%s, %i px)', async (language, width) => {
    const { page } = await open(language);
    await page.setViewportSize({ width, height: 768 });
    const heightOf = async (selector: string) => (await page.locator(selector).first().boundingBox())?.height ?? 0;
    await settles(() => heightOf('.toolbar')).toBeLessThan(56);
    expect(await heightOf('.review-counts span')).toBeLessThan(24);
    const names = await page
      .locator('.finding-size')
      .evaluateAll((all) => all.map((one) => one.scrollWidth - one.clientWidth));
    expect(Math.max(...names)).toBeLessThanOrEqual(0);
  });
});
