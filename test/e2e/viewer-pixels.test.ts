import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { expectTrueSize } from '../support/true-size.ts';
import { hasChromium } from '../support/viewer-page.ts';
import { complete, type Scene, startScene } from '../support/viewer-scene.ts';

describe.skipIf(!hasChromium)('pixels of the study screen in Chromium', () => {
  const scene = {} as Scene;
  const open: Scene['open'] = (...of) => scene.open(...of);

  beforeAll(async () => void Object.assign(scene, await startScene()));
  afterEach(() => scene.reset());
  afterAll(() => scene.close?.());

  it.each(['cpu', 'gpu'])(
    'are true to size in every plane and both directions, also after a resize (%s)',
    async (backend) => {
      const { page } = await open();
      await page.evaluate(`localStorage.setItem('overread.renderBackend', '${backend}')`);
      await page.reload();
      await complete(page);
      await page.waitForTimeout(500);
      await expectTrueSize(page, backend);
      for (const size of [
        { width: 1100, height: 900 },
        { width: 1700, height: 760 },
      ]) {
        await page.setViewportSize(size);
        await page.waitForTimeout(1200);
        await expectTrueSize(page, backend);
      }
    },
  );

  it('shows no other image in the place of one that cannot be decoded', async () => {
    scene.node.replaced.set(scene.ct.files[1]?.SOPInstanceUID ?? '', (stored) => stored.subarray(0, stored.length / 2));
    const { page } = await open();
    await complete(page);
    await page.keyboard.press('Home');
    await page.keyboard.press('ArrowDown');
    const broken = page.locator('[data-plane=axial] .broken-image');
    await broken.waitFor();
    expect(await broken.textContent()).toContain('Image 2 cannot be shown');
    expect(await page.locator('.planes-alert').textContent()).toContain('1 image cannot be shown: 2');
    await page.keyboard.press('ArrowDown');
    await expect.poll(() => broken.count()).toBe(0);
  });

  it('draws the second study of a session as the first: one engine, nothing left over', async () => {
    const { page, errors } = await open();
    await complete(page);
    await page.keyboard.press('Escape');
    await page.locator('tr[data-study] .row-link').first().click();
    await complete(page);
    await page.waitForTimeout(500);
    await expectTrueSize(page, 'cpu');
    expect(errors).toEqual([]);
  });

  it('are worked with mouse and keys: slices, window, zoom, pan, fit, a point in every plane', async () => {
    const { page, errors } = await open();
    await complete(page);
    const axial = page.locator('[data-plane=axial]');
    const window = axial.locator('[data-corner=window]');
    const box = await axial.boundingBox();
    const [x, y] = [Math.round((box?.x ?? 0) + 200), Math.round((box?.y ?? 0) + 120)];
    const slice = async () => Number(await axial.getAttribute('data-slice'));
    const start = await slice();

    await page.mouse.move(x, y);
    await page.mouse.wheel(0, 120);
    await expect.poll(slice).toBe(start + 3);
    await page.keyboard.press('ArrowUp');
    await expect.poll(slice).toBe(start + 2);
    await page.keyboard.press('End');
    await expect.poll(slice).toBe(59);

    await page.keyboard.press('2');
    await expect.poll(() => window.textContent()).toContain('W 400 L 40');
    await page.mouse.down();
    await page.mouse.move(x + 30, y + 10, { steps: 3 });
    await page.mouse.up();
    await expect.poll(() => window.textContent()).toContain('W 430 L 50');

    await page.keyboard.press('+');
    await expect.poll(() => window.textContent()).toContain('125 %');
    await page.mouse.move(x, y);
    await page.mouse.down({ button: 'middle' });
    await page.mouse.move(x + 40, y, { steps: 2 });
    await page.mouse.up({ button: 'middle' });
    await page.keyboard.press('=');
    await expect.poll(() => window.textContent()).toContain('100 %');

    const before = await page.locator('[data-plane=coronal]').getAttribute('data-slice');
    await page.mouse.dblclick(x, y);
    await expect.poll(() => page.locator('[data-plane=coronal]').getAttribute('data-slice')).not.toBe(before);
    const focal = await axial.getAttribute('data-focal');
    expect(focal).toBeTruthy();
    expect(errors).toEqual([]);
  });
});
