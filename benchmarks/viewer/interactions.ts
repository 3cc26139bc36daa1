import type { Page } from 'playwright-core';

/** Runs in the page: milliseconds from a key until `isDone`, seen at each frame; polled so that drawing is what is waited for. */
const timed = (page: Page, key: string, planes: readonly string[]): Promise<number> =>
  page.evaluate(
    async ([pressed, names]) => {
      interface Elements {
        querySelector(of: string): { getAttribute(name: string): string | null } | null;
      }
      const scope = globalThis as unknown as {
        document: Elements;
        dispatchEvent(event: Event): void;
        KeyboardEvent: new (type: string, init: object) => Event;
        requestAnimationFrame(then: () => void): void;
      };
      const focal = () =>
        names.map((plane) => scope.document.querySelector(`[data-plane=${plane}]`)?.getAttribute('data-focal'));
      const before = focal();
      const start = performance.now();
      scope.dispatchEvent(new scope.KeyboardEvent('keydown', { key: pressed, bubbles: true, cancelable: true }));
      while (performance.now() - start < 10_000) {
        await new Promise<void>((frame) => scope.requestAnimationFrame(frame));
        if (focal().every((point, at) => point !== before[at])) return performance.now() - start;
      }
      return Number.NaN;
    },
    [key, planes] as const,
  );

/** Processor time of the page's main thread, ms: unlike the clock it does not count what other programs do. */
export async function mainThread(page: Page): Promise<() => Promise<number>> {
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  return async () => {
    const { metrics } = await session.send('Performance.getMetrics');
    return 1000 * (metrics.find(({ name }) => name === 'ThreadTime')?.value ?? Number.NaN);
  };
}

/** From N until all three planes show the next finding. */
export async function jumps(page: Page, count: number): Promise<readonly number[]> {
  const times: number[] = [];
  for (let jump = 0; jump < count; jump += 1) times.push(await timed(page, 'n', ['axial', 'sagittal', 'coronal']));
  return times.filter(Number.isFinite);
}

/** One slice at a time, from the first on. */
export async function scrolls(page: Page, plane: 'axial' | 'coronal', count: number): Promise<readonly number[]> {
  await page.locator(`[data-plane=${plane}]`).click({ position: { x: 30, y: 90 } });
  await page.keyboard.press('Home');
  await page.waitForTimeout(800);
  const times: number[] = [];
  for (let step = 0; step < count; step += 1) times.push(await timed(page, 'ArrowDown', [plane]));
  return times.filter(Number.isFinite);
}
