import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { encoded } from '../dicom/pixel/encoders.ts';
import { LOSSLESS } from '../dicom/pixel/lossless.ts';
import { recompressed } from '../dicom/pixel/recompress.ts';
import { frameFile } from '../imaging/frame-file.ts';
import {
  COLUMNS,
  colourBars,
  drawnBars,
  enhancedObject,
  floatBars,
  greyBars,
  paletteBars,
  RED_GREEN_BLUE,
  ROWS,
  toFours,
} from '../support/bar-images.ts';
import type { Element } from '../support/dicom-bytes.ts';
import { drawnUrl } from '../support/drawn-picture.ts';
import { endlessDecoder, jpegMarkers } from '../support/endless-decoder.ts';
import { detail, run } from '../support/fake-studies.ts';
import {
  type ImageScene,
  loaded,
  showImage,
  startImageScene,
  writeImages,
  writeInstances,
} from '../support/image-studies.ts';
import { hasProgram } from '../support/programs.ts';
import { syntheticSeries } from '../support/synthetic-series.ts';
import { hasChromium } from '../support/viewer-page.ts';
import { complete } from '../support/viewer-scene.ts';

/** One predictor of JPEG lossless is enough here. */
const WRITERS = LOSSLESS.filter(({ name, program }) => {
  return (!program || hasProgram(program)) && !/predictor [2-6]$/.test(name);
});
/** Of the images as they are shown: the highest slice is the first. */
const NAMES = WRITERS.map(({ name }) => name).toReversed();
const CHEST = { slices: WRITERS.length, rows: 96, columns: 96, spacingMm: 3.6, sliceSpacingMm: 5, noiseHu: 30 };
const PICTURE = { width: COLUMNS, height: ROWS, bits: 16, signed: false, components: 1 };
const greys = (...values: number[]) => values.map((value) => [value, value, value]);

describe.skipIf(!hasChromium)('images of every kind in Chromium', () => {
  const scene = {} as ImageScene;
  beforeAll(async () => void Object.assign(scene, await startImageScene()));
  afterEach(() => scene.reset());
  afterAll(() => scene.close?.());

  describe('each slice in a lossless syntax of its own', () => {
    const coded = syntheticSeries({ ...CHEST, seed: 'coded' });
    const held: { study: string; expected: readonly string[] } = { study: '', expected: [] };

    /** The pictures of a study, first image first. */
    const pictures = async (study: string) => {
      const { page, errors } = await scene.open(study);
      await loaded(page);
      const urls: string[] = [];
      for (const index of WRITERS.keys()) urls.push(await showImage(page, index, 'cpu'));
      expect(errors).toEqual([]);
      return urls;
    };

    beforeAll(async () => {
      const plain = syntheticSeries({ ...CHEST, seed: 'plain' }).instances;
      const sources = writeInstances(scene.folder, 'coded', coded.instances);
      const files = sources.map((file) => `${file}.coded`);
      for (const [slice, writer] of WRITERS.entries()) {
        const source = { file: sources[slice] ?? '', elements: coded.instances[slice]?.elements ?? [] };
        await writer.write(source, files[slice] ?? '');
      }
      held.expected = await pictures(await scene.add(writeInstances(scene.folder, 'plain', plain)));
      held.study = await scene.add(files);
    });

    it('is the picture that the uncompressed one is', async () => {
      expect(new Set(held.expected).size).toBe(WRITERS.length);
      const drawn = await pictures(held.study);
      expect(NAMES.filter((_name, index) => drawn[index] !== held.expected[index])).toEqual([]);
    });

    it.each([0, 1])('has a panel when it is cut, and never the picture of its neighbour (%i)', async (parity) => {
      const isCut = (slice: number) => slice % 2 === parity;
      for (const [slice, { SOPInstanceUID }] of coded.instances.entries()) {
        if (isCut(slice)) scene.node.replaced.set(SOPInstanceUID, (frame) => frame.subarray(0, frame.length / 2));
      }
      const { page } = await scene.open(held.study);
      await loaded(page);
      const outcomes: string[] = [];
      for (const index of NAMES.keys()) {
        const picture = held.expected.indexOf(await showImage(page, index, 'cpu'));
        const panels = await page.locator('.broken-image[data-failure=damaged]').count();
        outcomes.push(`${panels} panels, ${picture < 0 ? 'no picture' : `picture ${picture}`}`);
      }
      const expected = NAMES.map((_name, index) =>
        isCut(NAMES.length - 1 - index) ? '1 panels, no picture' : `0 panels, picture ${index}`,
      );
      expect(Object.fromEntries(NAMES.map((name, at) => [name, outcomes[at]]))).toEqual(
        Object.fromEntries(NAMES.map((name, at) => [name, expected[at]])),
      );
    });
  });

  it.each(['cpu', 'gpu'])('show their colours and greys, one kind after the other (%s)', async (backend) => {
    const sigmoid = greyBars(
      'MONOCHROME2',
      [0x00281050, 'DS', '500'],
      [0x00281051, 'DS', '1'],
      [0x00281056, 'CS', 'SIGMOID'],
    );
    // biome-ignore format: a table
    const kinds = [
      [colourBars(0),           RED_GREEN_BLUE],
      [greyBars('MONOCHROME2'), greys(0, 128, 255)],
      [colourBars(1),           RED_GREEN_BLUE],
      [greyBars('MONOCHROME1'), greys(255, 128, 0)],
      [paletteBars(),           RED_GREEN_BLUE],
      [sigmoid,                 greys(0, 128, 255)],
      [floatBars(),             greys(0, 128, 255)],
    ] as const;
    const files = writeImages(
      scene.folder,
      `kinds-${backend}`,
      kinds.map(([elements]) => elements),
    );
    const { page, errors } = await scene.open(await scene.add(files, 'OT'), 'en', async (before) => {
      await before.addInitScript(`localStorage.setItem('overread.renderBackend', '${backend}')`);
    });
    await loaded(page);
    for (const [index, [, colours]] of kinds.entries()) {
      await showImage(page, index, backend);
      const drawn = await drawnBars(page.locator('[data-plane=axial] canvas'), backend);
      expect({ index, drawn }).toEqual({ index, drawn: colours.map(toFours) });
    }
    // No letters of the patient without a place in the patient.
    expect(await page.locator('[data-plane=axial] .edges').count()).toBe(0);
    expect(errors).toEqual([]);
  });

  it('whose decoder never answers are given up, and the next one of that worker is right', async () => {
    const images = [greyBars('MONOCHROME2'), greyBars('MONOCHROME2'), greyBars('MONOCHROME1')];
    const [first = '', coded = '', good = ''] = writeImages(scene.folder, 'endless', images);
    await recompressed(first, `${first}.jpeg`, '4.70', () => jpegMarkers(ROWS, COLUMNS));
    await recompressed(coded, `${coded}.j2k`, '4.90', (samples) => encoded('j2k', { ...PICTURE, samples }));
    const study = await scene.add([`${first}.jpeg`, `${coded}.j2k`, good], 'OT');
    const { page } = await scene.open(study, 'en', async (before) => {
      const body = endlessDecoder();
      await before.route('**/dcmjs-native-codecs*.wasm', (route) => route.fulfill({ body }));
      // One worker.
      await before.addInitScript(`Object.defineProperty(navigator, 'hardwareConcurrency', { value: 2 })`);
    });
    await page.locator('.broken-image[data-failure=silent]').waitFor({ timeout: 40_000 });
    await loaded(page);
    const canvases = page.locator('[data-plane=axial] canvas');
    await showImage(page, 1, 'cpu');
    expect(await drawnBars(canvases, 'cpu')).toEqual(greys(0, 128, 255).map(toFours));
    await showImage(page, 2, 'cpu');
    expect(await drawnBars(canvases, 'cpu')).toEqual(greys(255, 128, 0).map(toFours));
    expect(await page.locator('.broken-image').count()).toBe(0);
  });

  it.each([
    ['en', 'does not draw images of this kind', 'could not be fetched'],
    ['zh-CN', '不能显示这类图像', '无法从服务器读取'],
  ] as const)('say why they have no picture: nothing decodes them, or no decoder comes (%s)', async (...row) => {
    const [language, unsupported, unreachable] = row;
    const name = `video-${language}`;
    const [video = '', coded = ''] = writeImages(scene.folder, name, [
      greyBars('MONOCHROME2'),
      greyBars('MONOCHROME2'),
    ]);
    await recompressed(video, `${video}.mp4`, '4.102', () => Uint8Array.of(0, 0, 1, 0xb3));
    await recompressed(coded, `${coded}.htj2k`, '4.201', (samples) => encoded('htj2k', { ...PICTURE, samples }));
    const study = await scene.add([`${video}.mp4`, `${coded}.htj2k`], 'OT');
    const { page } = await scene.open(study, language, async (before) => {
      await before.route('**/*.wasm', (route) => route.abort());
    });
    await loaded(page);
    const panel = page.locator('.broken-image');
    await showImage(page, 0, 'cpu');
    expect(await panel.textContent()).toMatch(new RegExp(`${unsupported}.*1\\.2\\.840\\.10008\\.1\\.2\\.4\\.102`));
    await showImage(page, 1, 'cpu');
    expect(await panel.textContent()).toContain(unreachable);
  });

  it('of an enhanced object are a stack and a volume, in whatever order its frames come', async () => {
    const classic = syntheticSeries({ ...CHEST, slices: 12, seed: 'classic' }).instances;
    const elements = enhancedObject(classic.map((instance) => instance.elements));
    const geometry = [0x00200032, 0x00200037, 0x00280030];
    const enhanced = syntheticSeries({
      slices: 1,
      seed: 'enhanced',
      omit: geometry,
      elements: () => elements,
    }).instances;
    const studies = [await scene.add(writeInstances(scene.folder, 'classic', classic))];
    studies.push(await scene.add(writeInstances(scene.folder, 'enhanced', enhanced)));
    const seen: string[][] = [];
    for (const study of studies) {
      const { page, errors } = await scene.open(study);
      await complete(page);
      const urls: string[] = [];
      for (const index of [0, 5, 11]) urls.push(await showImage(page, index, 'cpu'));
      for (const plane of ['sagittal', 'coronal']) {
        urls.push(await drawnUrl(page.locator(`[data-plane=${plane}] canvas`), 'cpu'));
      }
      expect(new Set(urls).size).toBe(5);
      expect(errors).toEqual([]);
      seen.push(urls);
    }
    expect(seen[1]).toEqual(seen[0]);
  });

  it('findings on single images are boxes on their own, over the series of the study; there is one pane', async () => {
    const views = ['1.2.7.1', '1.2.7.2'];
    const files = views.map((SeriesInstanceUID, at) => {
      const own: Element[] = [
        [0x00080018, 'UI', `${SeriesInstanceUID}.1`],
        [0x0020000d, 'UI', '1.2.7'],
        [0x0020000e, 'UI', SeriesInstanceUID],
      ];
      return frameFile(
        { columns: 80, rows: 60 + 20 * at, stored: new Uint16Array(80 * (60 + 20 * at)).fill(300) },
        own,
      );
    });
    const StudyInstanceUID = await scene.add(
      files.map(({ file }) => file),
      'DX',
    );
    const findings = files.map(({ SOPClassUID, SOPInstanceUID, SeriesInstanceUID }, at) => ({
      ...{ center: null, diameterMm: null, volumeMm3: null, laterality: null, label: 'opacity' },
      ...{ index: at + 1, TrackingUID: `2.25.${at + 1}`, score: 0.9 - at / 10, SeriesInstanceUID },
      region: { SOPClassUID, SOPInstanceUID, frame: 1, left: 20, top: 15, right: 60, bottom: 45 },
    }));
    const series = views.map((SeriesInstanceUID, at) => ({
      ...{ SeriesInstanceUID, Modality: 'DX', SeriesNumber: at, SeriesDescription: `View ${at}`, instanceCount: 1 },
      analysed: true,
    }));
    const results = { findings, findingCount: 2, analysedSeriesInstanceUID: views[0] ?? null };
    const [held] = scene.node.held.studies.slice(-1);
    if (held === undefined) throw new Error('the study was added');
    scene.node.held.studies = [
      ...scene.node.held.studies.slice(0, -1),
      detail({ ...held.study, instanceCount: 2 }, [run({ state: 'FINDINGS', ...results })], series),
    ];
    const { page, errors } = await scene.open(StudyInstanceUID);
    const box = page.locator('.mark[data-shape=box]');
    await box.waitFor({ timeout: 20_000 });
    expect(await box.getAttribute('data-f')).toBe('1');
    expect(await page.locator('.plane:visible').count()).toBe(1);
    const { width, height } = (await page.locator('[data-plane=axial]').boundingBox()) ?? { width: 0, height: 0 };
    const drawn = (await box.boundingBox()) ?? { width: 0, height: 0 };
    // Half of an image that fills the pane.
    const scale = Math.min(width / 80, height / 60);
    expect(drawn.width / scale).toBeGreaterThan(38);
    expect(drawn.height / scale).toBeGreaterThan(28);
    await page.keyboard.press('n');
    await expect.poll(() => box.getAttribute('data-f'), { timeout: 10_000 }).toBe('2');
    await page.keyboard.press('a');
    await page.locator('.finding-row[data-row="2"][data-state=accepted]').waitFor();
    expect((await page.locator('.finding-row').allTextContents()).join()).not.toContain('mm');
    expect(errors.filter((error) => !error.includes('500'))).toEqual([]);
  });
});
