import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AnalysisInput } from '../../services/domain/run.ts';
import { readVolume } from '../../services/imaging/read-volume.ts';
import { refusalReason } from '../../services/imaging/refusal.ts';
import type { SeriesCriteria } from '../../services/imaging/series-criteria.ts';
import type { Element } from '../support/dicom-bytes.ts';
import { enhancedImage } from '../support/enhanced-image.ts';
import {
  type SyntheticInstance,
  type SyntheticSeriesOptions,
  syntheticInstance,
  syntheticSeries,
} from '../support/synthetic-series.ts';
import { CRITERIA } from './slice-headers.ts';
import { stored } from './stored-series.ts';
import { volumeReader } from './volume-reader.ts';

const small: SyntheticSeriesOptions = { slices: 12, rows: 40, columns: 48, spacingMm: 7, noiseHu: 30 };
const SERIES = syntheticSeries(small).SeriesInstanceUID;
const classic = (options: SyntheticSeriesOptions = {}) => syntheticSeries({ ...small, ...options }).instances;
const elementsOf = (instances: readonly SyntheticInstance[]) => instances.map(({ elements }) => elements);

async function read(inputs: readonly AnalysisInput[], criteria: SeriesCriteria = CRITERIA) {
  const answer = await readVolume(inputs, criteria, volumeReader());
  if ('error' in answer) throw refusalReason(answer.error) ?? answer.error;
  return answer;
}
const refused = (instances: readonly SyntheticInstance[], criteria?: SeriesCriteria) =>
  read(stored(instances, SERIES), criteria).then(
    () => undefined,
    (reason: unknown) => reason,
  );

describe('an Enhanced CT', () => {
  it('becomes the volume of the classic images it was made of, with the frame of each slice', async () => {
    const expected = await read(stored(classic(), SERIES));
    const reversed = enhancedImage(elementsOf(classic()).toReversed());
    const { volume, series, stack } = await read(stored([reversed], SERIES));
    expect(volume).toEqual(expected.volume);
    expect(stack).toEqual(expected.stack);
    expect(series).toMatchObject({ unit: 'HU', shape: [48, 40, 12], warnings: [] });
    expect(series.images).toEqual(
      Array.from({ length: 12 }, (_, k) => ({
        SOPClassUID: reversed.SOPClassUID,
        SOPInstanceUID: reversed.SOPInstanceUID,
        frame: 12 - k,
        NumberOfFrames: 12,
      })),
    );
  });

  it('may give each frame its own rescale', async () => {
    const shifted = (k: number): Element[] => [[0x00281052, 'DS', String(-1024 - 3 * k)]];
    const expected = await read(stored(classic({ elements: shifted }), SERIES));
    const { volume } = await read(stored([enhancedImage(elementsOf(classic({ elements: shifted })))], SERIES));
    expect(volume).toEqual(expected.volume);
  });

  it('may be a converted one, whose acquisitions stand in "unassigned" attributes', async () => {
    const [first, second] = [1, 2].map((n) => elementsOf(classic({ pixelOffsetHu: n, omit: [0x00200012] })));
    const both = [...(second ?? []), ...(first ?? [])];
    const converted = enhancedImage(both, {
      SOPClassUID: '1.2.840.10008.5.1.4.1.1.2.2',
      groups: (frame) => [[0x00209171, [[0x00200012, 'IS', frame < 12 ? '2' : '1']]]],
    });
    const { volume, series } = await read(stored([converted], SERIES));
    expect(volume).toEqual((await read(stored(classic({ pixelOffsetHu: 1 }), SERIES))).volume);
    expect(series.warnings).toMatchObject([
      { code: 'SET_APART', params: { attribute: 'AcquisitionNumber', chosen: '1' } },
    ]);
  });

  it('may be several objects of one acquisition', async () => {
    const expected = await read(stored(classic(), SERIES));
    const images = elementsOf(classic());
    const parts = [images.slice(0, 5), images.slice(5)].map((part, i) =>
      enhancedImage(part, { InstanceNumber: 2 - i }),
    );
    const { volume, series } = await read(stored(parts, SERIES));
    expect(volume).toEqual(expected.volume);
    expect(series.images.map(({ frame }) => frame)).toEqual([1, 2, 3, 4, 5, 1, 2, 3, 4, 5, 6, 7]);
  });

  it('of several phases is read from the first', async () => {
    const [first, second] = [elementsOf(classic()), elementsOf(classic({ pixelOffsetHu: 9 }))];
    const interleaved = first.flatMap((image, k) => [second[k] ?? [], image]);
    const phased = enhancedImage(interleaved, {
      groups: (frame) => [[0x00209111, [[0x00209128, 'UL', [2 - (frame % 2)]]]]],
    });
    const { volume, series } = await read(stored([phased], SERIES));
    expect(volume).toEqual((await read(stored(classic(), SERIES))).volume);
    expect(series.images.map(({ frame = 0 }) => frame % 2)).toEqual(Array.from({ length: 12 }, () => 0));
    expect(series.warnings).toEqual([
      { code: 'PHASES', params: { phases: 2, attribute: 'TemporalPosition', chosen: '1', count: 12 } },
    ]);
  });

  it('is refused as classic images are, with its frames named', async () => {
    const images = elementsOf(classic());
    expect(await refused([enhancedImage(images.toSpliced(5, 1))])).toEqual({
      code: 'MISSING_SLICES',
      params: { gapMm: 5, after: '1:5', before: '1:6', spacingMm: 2.5 },
    });
    const placeless = images.map((image, k) => (k === 7 ? image.filter(([tag]) => tag !== 0x00200032) : image));
    expect(await refused([enhancedImage(placeless)])).toEqual({
      code: 'NO_GEOMETRY',
      params: { slice: '1:8', attribute: 'ImagePositionPatient' },
    });
    const head: Element[] = [[0x00180015, 'CS', 'HEAD']];
    expect(await refused([enhancedImage(images, { elements: head })])).toMatchObject({ code: 'OUT_OF_SCOPE' });
    expect(await refused([enhancedImage(images, { elements: [[0x00280008, 'IS', '13']] })])).toMatchObject({
      code: 'UNREADABLE',
      params: { detail: '13 frames with 12 functional groups' },
    });
    const short: Element[] = [[0x7fe00010, 'OW', new Int16Array(48 * 40 * 11)]];
    expect(await refused([enhancedImage(images, { elements: short })])).toMatchObject({ code: 'DAMAGED_IMAGE' });
  });

  it('without functional groups says how many frames have no place', async () => {
    const { elements } = enhancedImage(elementsOf(classic()));
    const flat = syntheticInstance(
      elements.filter(([tag]) => tag >>> 16 !== 0x5200),
      'explicit',
    );
    expect(await refused([flat])).toEqual({ code: 'MULTI_FRAME', params: { slice: 1, frames: 12 } });
  });
});

it('an Enhanced CT is a volume or a reason, however its bytes were damaged', async () => {
  const { dataset, file, ...instance } = enhancedImage(elementsOf(classic({ slices: 10, rows: 8, columns: 8 })));
  const meta = file.subarray(0, file.length - dataset.length);
  const header = dataset.length - 10 * 8 * 8 * 2;
  const change = fc.array(fc.tuple(fc.nat(header - 1), fc.nat(255)), { minLength: 1, maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(change, async (changes) => {
      const damaged = Buffer.from(dataset);
      for (const [at, byte] of changes) damaged.writeUInt8(byte, at);
      const whole = { ...instance, dataset: damaged, file: Buffer.concat([meta, damaged]) };
      const answer = await readVolume(stored([whole], SERIES), CRITERIA, volumeReader());
      if ('error' in answer) expect(refusalReason(answer.error)).toBeDefined();
    }),
    { numRuns: 200 },
  );
});

describe('a model of PET', () => {
  const PET: SeriesCriteria = {
    ...CRITERIA,
    modality: ['PT'],
    sopClassUids: ['1.2.840.10008.5.1.4.1.1.128', '1.2.840.10008.5.1.4.1.1.130'],
    units: ['BQML'],
  };
  const pet = (k: number, more: readonly Element[] = []): Element[] => [
    [0x00080016, 'UI', '1.2.840.10008.5.1.4.1.1.128'],
    [0x00281052, 'DS', '0'],
    [0x00281053, 'DS', String(0.37 + k / 7).slice(0, 12)],
    ...(more.length > 0 ? more : ([[0x00541001, 'CS', 'BQML']] as const)),
  ];
  const slices = (more: readonly Element[] = []) =>
    classic({ modality: 'PT', elements: (k) => pet(k, more), omit: [0x00281054] });

  it('gets the values of each slice by its own slope, in the unit of the series', async () => {
    const images = slices();
    const { volume, series } = await read(stored(images, SERIES), PET);
    expect(series).toMatchObject({ Modality: 'PT', unit: 'BQML', shape: [48, 40, 12] });
    expect(volume.voxels).toBeInstanceOf(Float32Array);
    for (const [k, { elements }] of images.entries()) {
      const pixels = elements.find(([tag]) => tag === 0x7fe00010)?.[2] as unknown as Int16Array;
      const slope = Number(String(0.37 + k / 7).slice(0, 12));
      const slice = volume.voxels.subarray(k * 1920, (k + 1) * 1920);
      expect([...slice]).toEqual([...pixels].map((value) => Math.fround(value * slope)));
    }
  });

  it('gets the same from Enhanced PET', async () => {
    const images = elementsOf(slices());
    const SOPClassUID = '1.2.840.10008.5.1.4.1.1.130';
    const { volume, series } = await read(stored([enhancedImage(images, { SOPClassUID })], SERIES), PET);
    expect(series.unit).toBe('BQML');
    expect(volume).toEqual((await read(stored(slices(), SERIES), PET)).volume);
  });

  it('is not given counts, values without scale, or a CT', async () => {
    expect(await refused(slices([[0x00541001, 'CS', 'CNTS']]), PET)).toEqual({
      code: 'OUT_OF_SCOPE',
      params: { attribute: 'Units', value: 'CNTS', accepted: 'BQML' },
    });
    const unscaled = elementsOf(slices()).map((image) => image.filter(([tag]) => tag !== 0x00281053));
    const images = unscaled.map((image) => syntheticInstance(image, 'explicit'));
    expect(await refused(images, PET)).toEqual({
      code: 'NO_SCALE',
      params: { detail: 'no RescaleSlope or RescaleIntercept' },
    });
    expect(await refused(classic(), PET)).toEqual({ code: 'NO_SUITABLE_SERIES', params: { modality: 'PT' } });
    expect(await refused(slices())).toEqual({ code: 'NO_SUITABLE_SERIES', params: { modality: 'CT' } });
  });
});

describe('a model of nuclear medicine', () => {
  it('gets the slices of a reconstructed tomographic image in their places', async () => {
    const NM = { ...CRITERIA, modality: ['NM'], sopClassUids: ['1.2.840.10008.5.1.4.1.1.20'] };
    const [detector, frames]: [Element[], number] = [
      [
        [0x00200032, 'DS', '-164.5\\-136.5\\100'],
        [0x00200037, 'DS', '1\\0\\0\\0\\1\\0'],
      ],
      12,
    ];
    const { elements } = enhancedImage(elementsOf(classic({ modality: 'NM' })), {
      SOPClassUID: '1.2.840.10008.5.1.4.1.1.20',
      elements: [
        [0x00180050, 'DS', '2.5'],
        [0x00180088, 'DS', '-2.5'],
        [0x00280030, 'DS', '7\\7'],
        [0x00540022, 'SQ', [detector]],
        [0x00540080, 'US', Array.from({ length: frames }, (_, k) => k + 1)],
      ],
    });
    const flat = elements.filter(([tag]) => tag >>> 16 !== 0x5200);
    const { volume, series } = await read(stored([syntheticInstance(flat, 'explicit')], SERIES), NM);
    expect(volume.geometry).toMatchObject({ shape: [48, 40, 12], spacingMm: [7, 7, 2.5] });
    expect([...volume.geometry.origin]).toEqual([-164.5, -136.5, 72.5]);
    expect(series.images.map(({ frame = 0 }) => frame)).toEqual([12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
    const lowest = elementsOf(classic())[11]?.find(([tag]) => tag === 0x7fe00010)?.[2];
    expect([...volume.voxels.subarray(0, 1920)]).toEqual([...(lowest as unknown as Int16Array)]);
  });
});
