import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import { sendInstances } from '../../services/dicom/net/storage-scu.ts';
import type { StudyDetail } from '../../services/domain/contract/worklist.ts';
import { collect } from '../../services/main/commands/send.ts';
import { hasOhif } from '../../test/support/fetched-peers.ts';
import { startOhif } from '../../test/support/ohif-server.ts';
import { type Overread, startOverread } from '../../test/support/overread.ts';
import { hasSharedData, SHARED_DATA } from '../../test/support/programs.ts';
import { launch } from '../../test/support/viewer-page.ts';
import { jumps, mainThread, scrolls } from './interactions.ts';

const PHANTOM = join(import.meta.dirname, '../../dicom-samples/chest-phantom');
const REAL = join(SHARED_DATA, 'ct/lidc-0063');
const STUDIES: readonly string[] = [PHANTOM, ...(hasSharedData ? [REAL] : [])];
/** No graphics card is needed. */
const SOFTWARE = ['--use-angle=swiftshader', '--enable-unsafe-swiftshader', '--ignore-gpu-blocklist'];
const SIZE = { width: 1366, height: 768 };
const JUMPS = 30;
const SCROLLS = 40;

/** OHIF offers its viewports to its console. */
interface WindowOfOhif {
  readonly cornerstone?: {
    getRenderingEngines(): readonly {
      getViewports(): readonly {
        getCurrentImageId(): string | undefined;
        readonly canvas: {
          readonly width: number;
          readonly height: number;
          getContext(kind: '2d'): {
            getImageData(x: number, y: number, w: number, h: number): { data: Uint8ClampedArray };
          };
        };
      }[];
    }[];
  };
}

/**
 * Seconds to the first image and to the first finding, and how long a jump and a scroll take, in a browser without a
 * graphics card; beside OHIF on the same server, in turn, each time in a profile that has nothing cached. `folders`: studies
 * to open instead of the two that are named here.
 */
export async function viewer(rounds = 5, folders: readonly string[] = []): Promise<void> {
  const overread = await startOverread();
  const browser = await launch(SOFTWARE);
  const ohif = hasOhif() ? await startOhif(overread.url) : undefined;
  if (!ohif) console.info('OHIF is not fetched: measured alone');
  try {
    console.info(`${cpus()[0]?.model}, ${cpus().length} cores, ${browser.version()}`);
    for (const folder of folders.length > 0 ? folders : STUDIES) {
      const study = await analysed(overread, folder);
      await measure(browser, overread.url, ohif?.url, study, rounds);
    }
  } finally {
    await browser.close();
    await ohif?.close();
    await overread.stop();
    overread.remove();
  }
}

/** Sends a study and waits until it has been read. */
async function analysed(overread: Overread, folder: string): Promise<StudyDetail> {
  const known = new Set((await overread.worklist()).studies.map(({ StudyInstanceUID }) => StudyInstanceUID));
  const { instances } = await collect([folder]);
  await sendInstances({ AETitle: 'OVERREAD', host: '127.0.0.1', port: overread.dimsePort }, 'BENCH', instances);
  const { studies } = await overread.worklist();
  const arrived = studies.find(({ StudyInstanceUID }) => !known.has(StudyInstanceUID));
  const study = await overread.ended(arrived?.StudyInstanceUID ?? '', 600);
  // Whatever comes after the result is not measured with it.
  await sleep(2000);
  return study;
}

async function measure(
  browser: Browser,
  url: string,
  ohifUrl: string | undefined,
  { study, runs }: StudyDetail,
  rounds: number,
): Promise<void> {
  const findings = runs.reduce((sum, { findingCount }) => sum + findingCount, 0);
  console.info(`\n${study.StudyDescription}: ${study.instanceCount} objects, ${findings} findings`);
  const ours: Opened[] = [];
  const theirs: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    if (ohifUrl) theirs.push(await openOhif(browser, `${ohifUrl}/viewer?StudyInstanceUIDs=${study.StudyInstanceUID}`));
    ours.push(await openOverread(browser, `${url}/study/${study.StudyInstanceUID}`));
    console.info(`round ${round + 1}: load ${loadavg()[0]?.toFixed(1)}`);
  }
  if (rounds > 0) compare(ours, theirs);
  await interact(browser, `${url}/study/${study.StudyInstanceUID}`);
}

function compare(ours: readonly Opened[], theirs: readonly number[]): void {
  const first = ours.map(({ image }) => image);
  report('first image, s', first);
  const marks = ours.flatMap(({ finding }) => (finding === undefined ? [] : [finding]));
  if (marks.length > 0) report('first finding, s', marks);
  report(
    'all planes, s',
    ours.map(({ planes }) => planes),
  );
  if (theirs.length > 0) {
    report('OHIF first image, s', theirs);
    console.info(`OHIF / ours, first image: ${(median(theirs) / median(first)).toFixed(2)}`);
    if (marks.length > 0)
      console.info(`OHIF first image / our first finding: ${(median(theirs) / median(marks)).toFixed(2)}`);
  }
}

interface Opened {
  readonly image: number;
  readonly finding: number | undefined;
  readonly planes: number;
}

/** In a profile of its own: nothing is cached. */
async function fresh<T>(browser: Browser, work: (page: Page) => Promise<T>): Promise<T> {
  const context = await browser.newContext({ viewport: SIZE, reducedMotion: 'reduce' });
  try {
    return await work(await context.newPage());
  } finally {
    await context.close();
  }
}

const openOverread = (browser: Browser, url: string): Promise<Opened> =>
  fresh(browser, async (page) => {
    const start = performance.now();
    const seconds = () => (performance.now() - start) / 1000;
    await page.goto(url, { waitUntil: 'commit' });
    await page.locator('[data-plane=axial][data-slice]').waitFor({ timeout: 120_000 });
    const image = seconds();
    const hasFindings = (await page.locator('.finding-row').count()) > 0;
    if (hasFindings) await page.locator('[data-plane=axial] [data-f]').first().waitFor({ timeout: 120_000 });
    const finding = hasFindings ? seconds() : undefined;
    for (const plane of ['sagittal', 'coronal']) {
      await page.locator(`[data-plane=${plane}][data-slice]`).waitFor({ timeout: 240_000 });
    }
    return { image, finding, planes: seconds() };
  });

const openOhif = (browser: Browser, url: string): Promise<number> =>
  fresh(browser, async (page) => {
    const start = performance.now();
    await page.goto(url, { waitUntil: 'commit' });
    await page.waitForFunction(
      () => {
        const engine = (globalThis as WindowOfOhif).cornerstone?.getRenderingEngines()[0];
        const viewport = engine?.getViewports()[0];
        if (viewport?.getCurrentImageId() === undefined) return false;
        const { width, height } = viewport.canvas;
        const { data } = viewport.canvas.getContext('2d').getImageData(0, Math.floor(height / 2), width, 1);
        return data.some((grey, at) => at % 4 === 0 && grey !== data[0]);
      },
      undefined,
      { timeout: 240_000, polling: 20 },
    );
    return (performance.now() - start) / 1000;
  });

const interact = (browser: Browser, url: string): Promise<void> =>
  fresh(browser, async (page) => {
    await page.goto(url);
    for (const plane of ['axial', 'sagittal', 'coronal']) {
      await page.locator(`[data-plane=${plane}][data-slice]`).waitFor({ timeout: 240_000 });
    }
    await sleep(1000);
    const spent = await mainThread(page);
    const timed = async (what: string, work: () => Promise<readonly number[]>) => {
      const before = await spent();
      const times = await work();
      const each = ((await spent()) - before) / times.length;
      report(`${what}, ms`, times);
      console.info(`  main thread ${each.toFixed(0)} ms each`);
    };
    const hasNext = (await page.locator('.finding-row').count()) > 1;
    if (hasNext) await timed('jump to the next finding', () => jumps(page, JUMPS));
    await timed('stack scroll', () => scrolls(page, 'axial', SCROLLS));
    await timed('MPR scroll', () => scrolls(page, 'coronal', SCROLLS));
  });

const sorted = (values: readonly number[]) => [...values].sort((a, b) => a - b);
const at = (values: readonly number[], share: number) =>
  sorted(values)[Math.min(values.length - 1, Math.ceil(share * values.length) - 1)] ?? Number.NaN;
const median = (values: readonly number[]): number => at(values, 0.5);

function report(what: string, values: readonly number[]): void {
  const [best, middle, p95] = [Math.min(...values), median(values), at(values, 0.95)].map((value) =>
    value < 100 ? value.toFixed(2) : value.toFixed(0),
  );
  console.info(`${what}: best ${best}, median ${middle}, p95 ${p95} (n=${values.length})`);
}
