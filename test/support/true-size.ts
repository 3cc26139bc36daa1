import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { grayProfile } from './drawn-picture.ts';
import { PLANES } from './viewer-scene.ts';

/** The ball of 30 mm in the pixels of each plane must be as wide and as high as its mark, and in the same place. */
export async function expectTrueSize(page: Page, backend: string, planes: readonly string[] = PLANES): Promise<void> {
  for (const plane of planes) {
    const mark = page.locator(`[data-plane=${plane}] [data-f="1"]`);
    const value = async (name: string) => Number(await mark.getAttribute(`data-${name}`));
    const [x, y, diameter] = [await value('x'), await value('y'), 2 * (await value('radius'))];
    const ball = await grayProfile(page.locator(`[data-plane=${plane}] .plane-pixels canvas`), [x, y], backend);
    expect(Math.abs(ball.width - diameter), `${plane}: ${ball.width} px wide, mark ${diameter}`).toBeLessThan(2.5);
    expect(Math.abs(ball.height - diameter), `${plane}: ${ball.height} px high, mark ${diameter}`).toBeLessThan(2.5);
    expect(Math.hypot(ball.centerX - x, ball.centerY - y), `${plane}: centre`).toBeLessThan(1.5);
  }
}
