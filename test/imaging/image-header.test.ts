import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readDataset } from '../../services/dicom/dataset/dataset.ts';
import { openImage } from '../../services/dicom/dataset/read-file.ts';
import type { AnalysisInput } from '../../services/domain/run.ts';
import { type ImageHeader, imageHeaders, sliceName } from '../../services/imaging/image-header.ts';
import { sortSlices } from '../../services/imaging/sort-slices.ts';
import { datasetBytes, type Element } from '../support/dicom-bytes.ts';
import { enhancedImage } from '../support/enhanced-image.ts';
import { hasSharedData, SHARED_DATA } from '../support/programs.ts';
import { type SyntheticSeriesOptions, syntheticSeries } from '../support/synthetic-series.ts';
import { CRITERIA } from './slice-headers.ts';

const input = { file: '/nowhere', SOPInstanceUID: '1.2.3' } as unknown as AnalysisInput;
const small: SyntheticSeriesOptions = { slices: 5, rows: 8, columns: 8, spacingMm: 30 };

const headersOf = (elements: readonly Element[]) =>
  imageHeaders(input, readDataset(datasetBytes(elements), '1.2.840.10008.1.2.1', { stopBefore: 0x7fe00010 }));
const classic = (options: SyntheticSeriesOptions = {}) =>
  syntheticSeries({ ...small, ...options }).instances.map(({ elements }) => elements);
const only = (headers: readonly ImageHeader[]): ImageHeader => {
  const [header] = headers;
  if (!header || headers.length > 1) throw new Error(`${headers.length} headers`);
  return header;
};
const item = (tag: number, ...elements: Element[]): Element => [tag, 'SQ', [elements]];

describe('a classic image', () => {
  it('is one frame, with its numbers as they are written', () => {
    const [image = []] = classic({
      elements: () => [
        [0x00200032, 'DS', ' -164.500000000001 \\ +1.36500000000e2\\-13.75 '],
        [0x00280030, 'DS', '.703125\\0.8 '],
      ],
    });
    expect(only(headersOf(image))).toMatchObject({
      ...{ frame: 1, NumberOfFrames: 1, SliceThickness: 2.5 },
      ImagePositionPatient: [-164.500000000001, 136.5, -13.75],
      PixelSpacing: [0.703125, 0.8],
      values: { slope: 1, intercept: -1024, unit: 'HU', hasTable: false, isUnitAssumed: false },
    });
  });

  it('has no place where a number is none', () => {
    const [image = []] = classic({ elements: () => [[0x00200032, 'DS', '1,5\\2\\3']] });
    expect(only(headersOf(image)).ImagePositionPatient).toBeUndefined();
  });
});

describe('an enhanced image (PS3.3 §C.7.6.16)', () => {
  it('is its frames: what its classic images said, from shared and own groups', () => {
    const images = classic({
      elements: (k) => [
        [0x00281052, 'DS', String(-1000 - k)],
        [0x00181210, 'SH', 'B30f'],
      ],
    });
    const frames = headersOf(enhancedImage(images).elements);
    expect(frames.map(({ frame }) => frame)).toEqual([1, 2, 3, 4, 5]);
    for (const [k, image] of images.entries()) {
      const { frame, NumberOfFrames, InstanceNumber, traits, ...same } = only(headersOf(image));
      expect(frames[k]).toMatchObject(same);
      expect(frames[k]?.traits.get('AcquisitionNumber')).toBe('1');
    }
    expect(frames.map(({ values }) => values.intercept)).toEqual([-1000, -1001, -1002, -1003, -1004]);
    expect(frames.map(sliceName)).toEqual(['1:1', '1:2', '1:3', '1:4', '1:5']);
  });

  it('names stack, phase and dimension of a frame', () => {
    const { elements } = enhancedImage(classic(), {
      groups: (k) => [
        [
          0x00209111,
          [
            [0x00209056, 'SH', 'A'],
            [0x00209128, 'UL', [k]],
            [0x00209157, 'UL', [1, k + 3]],
          ],
        ],
        [
          0x00189118,
          [
            [0x00209241, 'FL', [k * 12.5]],
            [0x00209153, 'FD', [k * 80]],
          ],
        ],
        [0x00189114, [[0x00189082, 'FD', [2.5]]]],
        [0x00189117, [[0x00189087, 'FD', [1000]]]],
        [0x00189341, [[0x00189344, 'CS', 'POST_CONTRAST']]],
      ],
    });
    const [, , third] = headersOf(elements);
    expect(Object.fromEntries(third?.traits ?? [])).toEqual({
      StackID: 'A',
      TemporalPosition: '2',
      CardiacPhase: '25',
      TriggerTime: '160',
      EchoTime: '2.5',
      DiffusionBValue: '1000',
      ContrastBolusAgentPhase: 'POST_CONTRAST',
      ContrastBolusAgent: 'no',
      AcquisitionNumber: '1',
      'DimensionIndexValues 1': '1',
      'DimensionIndexValues 2': '5',
    });
  });

  it('takes what a converter found no macro for', () => {
    const { elements } = enhancedImage(classic({ omit: [0x00200012] }), {
      groups: (k) => [
        [
          0x00209171,
          [
            [0x00200012, 'IS', String(k)],
            [0x00181210, 'SH', 'B70f'],
          ],
        ],
      ],
    });
    const [, second] = headersOf(elements);
    expect([second?.traits.get('AcquisitionNumber'), second?.ConvolutionKernel]).toEqual(['1', 'B70F']);
  });

  it('knows the body part by the code of its region', () => {
    const region = (code: string): Element[] => [
      [0x00080100, 'SH', code],
      [0x00080102, 'SH', 'SCT'],
      [0x00080104, 'LO', 'x'],
    ];
    const of = (code: string) =>
      headersOf(
        enhancedImage(classic({ omit: [0x00180015] }), {
          groups: () => [[0x00209071, [item(0x00082218, ...region(code))]]],
        }).elements,
      )[0]?.BodyPartExamined;
    expect([of('816094009'), of('51185008'), of('69536005'), of('999')]).toEqual(['CHEST', 'CHEST', 'HEAD', '']);
  });

  it('that has fewer groups than frames is unreadable, and so is one of a million frames', () => {
    const { elements } = enhancedImage(classic());
    const claiming = (frames: string) =>
      elements.map((each): Element => (each[0] === 0x00280008 ? [0x00280008, 'IS', frames] : each));
    expect(() => headersOf(claiming('6'))).toThrow('6 frames with 5 functional groups');
    expect(() => headersOf(claiming('1000000'))).toThrow('1000000 frames');
  });
});

describe('an image of frames without places', () => {
  const sc = (elements: readonly Element[] = []): Element[] => [
    ...(classic()[0] ?? []).filter(([tag]) => tag !== 0x00080016 && !elements.some(([own]) => own === tag)),
    [0x00080016, 'UI', '1.2.840.10008.5.1.4.1.1.7.3'],
    [0x00280008, 'IS', '4'],
    ...elements,
  ];

  it('is one header without a position: that of the first would put all in one place', () => {
    expect(only(headersOf(sc()))).toMatchObject({
      NumberOfFrames: 4,
      ImagePositionPatient: undefined,
      ImageOrientationPatient: undefined,
    });
  });
});

describe('a nuclear medicine image (PS3.3 §C.8.4)', () => {
  const nuclear = (spacing: string, vector: number[], more: Element[] = []): Element[] => [
    [0x00080016, 'UI', '1.2.840.10008.5.1.4.1.1.20'],
    [0x00080060, 'CS', 'NM'],
    [0x00180050, 'DS', '4'],
    [0x00180088, 'DS', spacing],
    [0x00280008, 'IS', String(vector.length)],
    [0x00280010, 'US', [8]],
    [0x00280011, 'US', [8]],
    [0x00280030, 'DS', '4\\4'],
    [0x00540080, 'US', vector],
    item(0x00540022, [0x00200032, 'DS', '-10\\-20\\100'], [0x00200037, 'DS', '1\\0\\0\\0\\1\\0']),
    ...more,
  ];
  const heights = (elements: readonly Element[]) =>
    headersOf(elements).map(({ ImagePositionPatient }) => ImagePositionPatient?.[2]);

  it('stacks its slices along the normal, or against it where the spacing is negative', () => {
    expect(heights(nuclear('4.5', [1, 2, 3]))).toEqual([100, 104.5, 109]);
    expect(heights(nuclear('-4.5', [3, 2, 1]))).toEqual([91, 95.5, 100]);
  });

  it('names the time slot of a gated frame', () => {
    const gated = headersOf(nuclear('4', [1, 2, 1, 2], [[0x00540070, 'US', [1, 1, 2, 2]]]));
    expect(gated.map(({ traits }) => traits.get('TimeSlotVector'))).toEqual(['1', '1', '2', '2']);
  });

  it('has no places without the vector of its slices, its spacing or its first position', () => {
    for (const tag of [0x00540080, 0x00180088, 0x00540022]) {
      const [first] = headersOf(nuclear('4', [1, 2, 3]).filter(([each]) => each !== tag));
      expect(first).toMatchObject({ NumberOfFrames: 3, ImagePositionPatient: undefined });
    }
  });
});

describe('units', () => {
  const unit = (modality: string, elements: Element[], omit: number[] = []) => {
    const [image = []] = classic({ modality, omit: [0x00281054, ...omit], elements: () => elements });
    return only(headersOf(image)).values.unit;
  };

  it('are those of PET, the type of the rescale elsewhere, HU for CT that says nothing', () => {
    expect(unit('CT', [])).toBe('HU');
    expect(unit('CT', [[0x00281054, 'LO', 'mgml']])).toBe('MGML');
    expect(unit('PT', [[0x00541001, 'CS', 'BQML']])).toBe('BQML');
    expect(unit('PT', [item(0x00409096, item(0x004008ea, [0x00080100, 'SH', '{SUVbw}g/ml']))])).toBe('');
    expect(unit('MR', [])).toBe('');
    expect(unit('CT', [item(0x00283000, [0x00283004, 'LO', 'HU'])])).toBe('HU');
  });

  // biome-ignore format: a table
  it.each<[string, Element[], string]>([
    ['a rescale that reaches down to air',     [],                                                         'HU'],
    ['signed values without an intercept',     [[0x00281052, 'DS', '0']],                                  'HU'],
    ['no sign and no intercept',               [[0x00281052, 'DS', '0'], [0x00280103, 'US', [0]]],         'US'],
    ['few bits',                               [[0x00281052, 'DS', '0'], [0x00280101, 'US', [8]]],         'US'],
    ['another slope',                          [[0x00281053, 'DS', '0.5']],                                'US'],
    ['no rescale',                             [[0x00281053, 'DS', '']],                                   'US'],
    ['a derived image',                        [[0x00080008, 'CS', 'DERIVED\\PRIMARY\\AXIAL']],            'US'],
    ['a secondary image',                      [[0x00080008, 'CS', 'ORIGINAL\\SECONDARY\\AXIAL']],         'US'],
    ['several energies',                       [[0x00189361, 'CS', 'YES']],                                'US'],
    ['one energy',                             [[0x00189361, 'CS', 'NO']],                                 'HU'],
    ['another class of objects',               [[0x00080016, 'UI', '1.2.840.10008.5.1.4.1.1.2.1']],        'US'],
  ])('unspecified (US), with %s', (_what, elements, unit) => {
    const [image = []] = classic({ elements: () => [[0x00281054, 'LO', 'US'], ...elements] });
    const { values } = only(headersOf(image));
    expect([values.unit, values.isUnitAssumed]).toEqual([unit, unit === 'HU']);
  });

  it('of Enhanced PET are those of its real world values', () => {
    const images = classic({ modality: 'PT', omit: [0x00281054] });
    const { elements } = enhancedImage(images, {
      SOPClassUID: '1.2.840.10008.5.1.4.1.1.130',
      groups: () => [[0x00409096, [item(0x004008ea, [0x00080100, 'SH', 'Bq/ml'])]]],
    });
    expect(headersOf(elements)[0]?.values.unit).toBe('Bq/ml');
  });
});

describe.skipIf(!hasSharedData)('Legacy Converted Enhanced CT of others (needs ../shared/data)', () => {
  const folder = join(SHARED_DATA, 'corpus/dcmqi/data/segmentations');
  const read = async (file: string) => {
    const image = await openImage(join(folder, file));
    await image.close();
    return imageHeaders({ ...input, file }, image.dataset);
  };

  it.each(['24x38x3', '23x38x3'])('%s lies where its classic images lie', async (name) => {
    const criteria = { ...CRITERIA, minSlices: 3 };
    const files = ['IMG0001', 'IMG0002', 'IMG0003'].map((image) => `${name}/image/${image}.dcm`);
    const single = sortSlices((await Promise.all(files.map(read))).flat(), criteria);
    const multi = sortSlices(await read(`${name}/multiframe/mf.dcm`), criteria);
    expect(multi.geometry).toEqual(single.geometry);
    expect(multi.headers.map(({ frame }) => frame)).toHaveLength(3);
    expect(multi.headers.map(({ values }) => values)).toEqual(single.headers.map(({ values }) => values));
  });
});
