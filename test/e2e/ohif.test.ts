import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sendInstances } from '../../services/dicom/net/storage-scu.ts';
import { collect } from '../../services/main/commands/send.ts';
import { hasOhif } from '../support/fetched-peers.ts';
import { type OhifServer, startOhif } from '../support/ohif-server.ts';
import { type Overread, startOverread } from '../support/overread.ts';
import { hasSharedData, SHARED_DATA } from '../support/programs.ts';
import { hasChromium, launch } from '../support/viewer-page.ts';

const PHANTOM = join(import.meta.dirname, '../../dicom-samples/chest-phantom');
const REAL = join(SHARED_DATA, 'ct/lidc-0063');
/** Nothing is analysed here: the cores are the browser's. */
const QUIET = { SERIES_QUIET_SECONDS: '3600', SERIES_RELEASED_QUIET_SECONDS: '3600' };
/** No graphics card is needed. */
const WEBGL = ['--use-angle=swiftshader', '--enable-unsafe-swiftshader', '--ignore-gpu-blocklist'];
const PHANTOM_SLICES = 60;
/** The real one where it is there: one is enough, for a browser without a graphics card is slow. */
const OPENED = hasSharedData
  ? { what: 'a real CT, stored as JPEG-LS', count: 133 }
  : { what: 'the phantom (the real CT is not beside this checkout)', count: PHANTOM_SLICES };
const SCROLLED = 25;
/** Points of the image that are compared, across and down: those near its edges lie under the viewer's text. */
const GRID = Array.from({ length: 24 }, (_, at) => 0.15 + (0.7 * at) / 23);

/** What OHIF's viewport shows: of which image, through which window, and the greys of the grid. */
interface Shown {
  readonly image: string;
  readonly index: number;
  readonly count: number;
  readonly low: number;
  readonly high: number;
  readonly greys: readonly number[];
}

/** The viewer offers these to its console. */
interface ViewportOfOhif {
  getCurrentImageId(): string | undefined;
  getCurrentImageIdIndex(): number;
  getImageIds(): readonly string[];
  getProperties(): { readonly voiRange?: { readonly lower: number; readonly upper: number } };
  readonly canvas: {
    readonly width: number;
    readonly height: number;
    getContext(kind: '2d'): { getImageData(x: number, y: number, w: number, h: number): { data: Uint8ClampedArray } };
  };
}
interface WindowOfOhif {
  readonly cornerstone?: { getRenderingEngines(): readonly { getViewports(): readonly ViewportOfOhif[] }[] };
}

/** `undefined` while nothing is drawn. */
const shownBy = (page: Page): Promise<Shown | undefined> =>
  page.evaluate((grid: readonly number[]) => {
    const viewport = (globalThis as WindowOfOhif).cornerstone?.getRenderingEngines()[0]?.getViewports()[0];
    const image = viewport?.getCurrentImageId();
    if (viewport === undefined || image === undefined) return undefined;
    const { canvas } = viewport;
    const side = Math.min(canvas.width, canvas.height);
    const [left, top] = [(canvas.width - side) / 2, (canvas.height - side) / 2];
    const context = canvas.getContext('2d');
    const greys = grid.flatMap((y) =>
      grid.map((x) => context.getImageData(left + x * side, top + y * side, 1, 1).data[0] ?? 0),
    );
    if (greys.every((grey) => grey === greys[0])) return undefined;
    const { lower: low = 0, upper: high = 0 } = viewport.getProperties().voiRange ?? {};
    return { image, index: viewport.getCurrentImageIdIndex(), count: viewport.getImageIds().length, low, high, greys };
  }, GRID);

/** The same points of the image as our server renders it. */
async function renderedGreys(instanceUrl: string, low: number, high: number): Promise<readonly number[]> {
  const window = `${(low + high) / 2},${high - low},linear-exact`;
  const answer = await fetch(`${instanceUrl}/rendered?window=${window}`, { headers: { accept: 'image/png' } });
  expect(answer.status).toBe(200);
  const { data, info } = await sharp(Buffer.from(await answer.arrayBuffer()))
    .extractChannel(0)
    .raw()
    .toBuffer({ resolveWithObject: true });
  return GRID.flatMap((y) =>
    GRID.map((x) => data[Math.floor(y * info.height) * info.width + Math.floor(x * info.width)] ?? 0),
  );
}

/** Pearson's: 1 for the same picture, whatever its contrast. */
function correlation(a: readonly number[], b: readonly number[]): number {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [meanA, meanB] = [mean(a), mean(b)];
  const product = (x: readonly number[], y: readonly number[], mx: number, my: number) =>
    x.reduce((sum, value, at) => sum + (value - mx) * ((y[at] ?? 0) - my), 0);
  return product(a, b, meanA, meanB) / Math.sqrt(product(a, a, meanA, meanA) * product(b, b, meanB, meanB));
}

describe.skipIf(!hasChromium || !hasOhif())('OHIF 3.13.2, as it is published (needs npm and Chromium)', () => {
  const scene = {} as { overread: Overread; ohif: OhifServer; browser: Browser; page: Page };
  beforeAll(async () => {
    scene.overread = await startOverread(QUIET);
    const peer = { AETitle: 'OVERREAD', host: '127.0.0.1', port: scene.overread.dimsePort };
    const { instances: phantom } = await collect([PHANTOM]);
    const { instances: real } = hasSharedData ? await collect([REAL]) : { instances: [] };
    const sent = await sendInstances(peer, 'TEST', [...phantom.slice(0, PHANTOM_SLICES), ...real]);
    expect(sent.every(({ taken }) => taken)).toBe(true);
    scene.ohif = await startOhif(scene.overread.url);
    scene.browser = await launch(WEBGL);
    const context = await scene.browser.newContext({ viewport: { width: 1366, height: 768 } });
    scene.page = await context.newPage();
  });
  afterAll(async () => {
    await scene.browser?.close();
    await scene.ohif?.close();
    await scene.overread?.stop();
    scene.overread?.remove();
  });
  /** Each image of the study named in the address that is drawn is the one that our server renders. */
  const expectSame = async ({ image, low, high, greys }: Shown) => {
    const instanceUrl = image.replace(/^wadors:/, '').replace(/\/frames\/1$/, '');
    expect(correlation(greys, await renderedGreys(instanceUrl, low, high))).toBeGreaterThan(0.98);
  };

  it('lists our studies', async () => {
    const { page, ohif } = scene;
    await page.goto(ohif.url);
    const rows = page.getByRole('row');
    await rows.getByText('Phantom, Chest').waitFor({ timeout: 30_000 });
    await rows.getByText(String(PHANTOM_SLICES), { exact: true }).waitFor();
    if (hasSharedData) await rows.getByText('133', { exact: true }).waitFor();
  });

  it(`opens ${OPENED.what} and scrolls through it, each image drawn as ours is`, async () => {
    const { page, ohif, overread } = scene;
    const { count } = OPENED;
    const studies = (await (await fetch(`${overread.url}/dicomweb/studies`)).json()) as Record<
      string,
      { Value?: (string | number)[] }
    >[];
    const study = studies.find((each) => each['00201208']?.Value?.[0] === count)?.['0020000D']?.Value?.[0];
    await page.goto(`${ohif.url}/viewer?StudyInstanceUIDs=${study}`);
    await expect.poll(() => shownBy(page), { timeout: 45_000, interval: 500 }).toMatchObject({ index: 0, count });
    const first = (await shownBy(page)) as Shown;
    await expectSame(first);

    await page
      .getByText('Skip all')
      .click({ timeout: 2000 })
      .catch(() => {});
    await page.mouse.move(800, 400);
    for (let notch = 0; notch < SCROLLED; notch += 1) await page.mouse.wheel(0, 100);
    await expect.poll(async () => (await shownBy(page))?.index, { timeout: 30_000, interval: 500 }).toBe(SCROLLED);
    // The picture follows its number.
    await expect
      .poll(async () => correlation((await shownBy(page))?.greys ?? [], first.greys), {
        timeout: 30_000,
        interval: 500,
      })
      .toBeLessThan(0.95);
    const later = (await shownBy(page)) as Shown;
    expect(later.image).not.toBe(first.image);
    await expectSame(later);
  });

  it('was refused nothing', () => {
    const { asked } = scene.ohif;
    expect(asked.filter(({ status }) => status >= 400)).toEqual([]);
    expect(asked.some(({ path }) => /\/frames\/1$/.test(path))).toBe(true);
    expect(asked.some(({ path }) => path.includes('/thumbnail'))).toBe(true);
  });
});
