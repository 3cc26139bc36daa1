import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chooseSeries } from '../../services/imaging/choose-series.ts';
import type { ImageHeader } from '../../services/imaging/image-header.ts';
import { CRITERIA, HOUNSFIELD, header, stack } from './slice-headers.ts';

type Change = Partial<ImageHeader> & { readonly trait?: Readonly<Record<string, string>> };

/** 20 images whose InstanceNumber counts on from `first`; `z` moves each. */
function part(first: number, change: (k: number) => Change = () => ({}), count = 20): ImageHeader[] {
  return Array.from({ length: count }, (_, k) => {
    const { trait = {}, ...changes } = change(k);
    const made = header(k, { InstanceNumber: first + k, traits: new Map(Object.entries(trait)), ...changes });
    return { ...made, input: { ...made.input, SOPInstanceUID: `1.2.3.${first + k}` } };
  });
}
const at = (z: number) => ({ ImagePositionPatient: [-150, -140, z] as const });

const never = () => Promise.reject(new Error('no pixels are compared here'));
const choose = async (headers: readonly ImageHeader[], isSame = never as () => Promise<boolean>) => {
  const choice = await chooseSeries(headers, [], CRITERIA, isSame);
  if (!('slices' in choice)) return { refused: choice.refused };
  const numbers = choice.slices.headers.map(({ InstanceNumber = 0 }) => InstanceNumber);
  return {
    from: Math.min(...numbers),
    to: Math.max(...numbers),
    count: numbers.length,
    warnings: choice.slices.warnings,
  };
};

describe('one series of several stacks', () => {
  it('of two kernels: the softer one is read', async () => {
    const mixed = [
      ...part(1, () => ({ ConvolutionKernel: 'B70F' })),
      ...part(21, () => ({ ConvolutionKernel: 'B30F' })),
    ];
    expect(await choose(mixed)).toMatchObject({
      ...{ from: 21, to: 40, count: 20 },
      warnings: [
        { code: 'SET_APART', params: { count: 20, attribute: 'ConvolutionKernel', others: 'B70F', chosen: 'B30F' } },
      ],
    });
  });

  it('of two acquisitions at the same places: the first is read', async () => {
    const mixed = [2, 1].flatMap((n, i) => part(1 + 20 * i, () => ({ trait: { AcquisitionNumber: String(n) } })));
    expect(await choose(mixed)).toMatchObject({
      ...{ from: 21, to: 40 },
      warnings: [
        { code: 'SET_APART', params: { count: 20, attribute: 'AcquisitionNumber', others: '2', chosen: '1' } },
      ],
    });
  });

  it('of two acquisitions that interleave', async () => {
    const mixed = [1, 2].flatMap((n, i) =>
      part(1 + 20 * i, (k) => ({ trait: { AcquisitionNumber: String(n) }, ...at(-300 + 2 * k + i) })),
    );
    expect(await choose(mixed)).toMatchObject({ from: 1, to: 20, warnings: [{ code: 'SET_APART' }] });
  });

  it.each([
    ['another pace', (k: number) => at(-258 + 4 * k)],
    ['a place far off', (k: number) => at(-200 + 2 * k)],
    ['a few slices shared', (k: number) => at(-268.5 + 2 * k)],
  ])('of two acquisitions that follow each other with %s', async (_what, place) => {
    const mixed = [
      ...part(1, () => ({ trait: { AcquisitionNumber: '1' } })),
      ...part(21, (k) => ({ trait: { AcquisitionNumber: '2' }, ...place(k) })),
    ];
    expect(await choose(mixed)).toMatchObject({ from: 1, to: 20, warnings: [{ code: 'SET_APART' }] });
  });

  it('of axial and coronal images: the axial ones, though the others are more and thinner', async () => {
    const coronal = part(
      21,
      (k) => ({
        ImageOrientationPatient: [
          [1, 0, 0],
          [0, 0, -1],
        ],
        ImagePositionPatient: [-150, 1 * k, 0],
        SliceThickness: 1,
      }),
      30,
    );
    expect(await choose([...coronal, ...part(1)])).toMatchObject({
      ...{ from: 1, to: 20 },
      warnings: [
        {
          code: 'SET_APART',
          params: {
            count: 30,
            attribute: 'ImageOrientationPatient',
            others: '1\\0\\0\\0\\0\\-1',
            chosen: '1\\0\\0\\0\\1\\0',
          },
        },
      ],
    });
  });

  it('of several sizes: what is set apart is counted by each attribute', async () => {
    const mixed = [
      ...part(1),
      ...part(21, () => ({ Rows: 256, Columns: 256 })),
      ...part(41, () => ({ PixelSpacing: [1, 1] as const })),
      ...part(61, () => ({ PixelSpacing: [2, 2] as const })),
      ...part(81, () => ({ ImageType: ['ORIGINAL', 'PRIMARY', 'LOCALIZER'] }), 2),
    ];
    expect((await choose(mixed)).warnings).toEqual([
      { code: 'SET_APART', params: { count: 20, attribute: 'Rows, Columns', others: '256, 256', chosen: '512, 512' } },
      { code: 'SET_APART', params: { count: 40, attribute: 'PixelSpacing', others: '1\\1, 2\\2', chosen: '0.7\\0.7' } },
      {
        code: 'SET_APART',
        params: {
          count: 2,
          attribute: 'ImageType',
          others: 'ORIGINAL\\PRIMARY\\LOCALIZER',
          chosen: 'ORIGINAL\\PRIMARY\\AXIAL',
        },
      },
    ]);
  });

  it('is split the same whatever the order of arrival', async () => {
    const mixed = [
      ...part(1, () => ({ trait: { TemporalPosition: '1' } })),
      ...part(21, () => ({ trait: { TemporalPosition: '2' } })),
      ...part(41, () => ({ ConvolutionKernel: 'LUNG' })),
    ];
    const expected = await choose(mixed);
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray(mixed, { minLength: 60 }), async (shuffled) => {
        expect(await choose(shuffled)).toEqual(expected);
      }),
      { numRuns: 30 },
    );
  });
});

describe('one acquisition of several numbers', () => {
  const rotations = (lost: (k: number) => boolean = () => false) =>
    part(1, (k) => ({ trait: { AcquisitionNumber: String(Math.floor(k / 4)) } })).filter((_, k) => !lost(k));

  it('stays one stack: each rotation of the gantry has its own', async () => {
    expect(await choose(rotations())).toMatchObject({ count: 20, warnings: [] });
  });

  it('is not split at a lost slice', async () => {
    for (const slice of [4, 7, 8, 13])
      expect(await choose(rotations((k) => k === slice))).toMatchObject({
        refused: { code: 'MISSING_SLICES', params: { gapMm: 4 } },
      });
  });

  it('may give each image its own time', async () => {
    const timed = part(1, (k) => ({ trait: { AcquisitionTime: `1011${10 + k}.5`, TriggerTime: String(k * 31) } }));
    expect(await choose(timed)).toMatchObject({ count: 20, warnings: [] });
  });
});

describe('phases of one place', () => {
  const phases = (count: number, trait: (phase: number, k: number) => Readonly<Record<string, string>>) =>
    Array.from({ length: count }, (_, phase) => part(1 + 20 * phase, (k) => ({ trait: trait(phase, k) })));

  it.each<[string, (phase: number, k: number) => Readonly<Record<string, string>>, object]>([
    [
      'a temporal position',
      (phase) => ({ TemporalPosition: String(phase + 1) }),
      { attribute: 'TemporalPosition', chosen: '1' },
    ],
    [
      'a part of the heart cycle',
      (phase) => ({ CardiacPhase: String(phase * 10) }),
      { attribute: 'CardiacPhase', chosen: '0' },
    ],
    [
      'a trigger time that varies',
      (phase, k) => ({ TriggerTime: String(phase * 90 + ((k * 7) % 13)) }),
      { attribute: 'TriggerTime', chosen: '1/10' },
    ],
    [
      'a time',
      (phase, k) => ({ AcquisitionTime: `1011${String(phase * 20 + k).padStart(3, '0')}` }),
      { attribute: 'AcquisitionTime', chosen: '1/10' },
    ],
  ])('are told apart by %s: the first is read', async (_what, trait, params) => {
    expect(await choose(phases(10, trait).reverse().flat())).toMatchObject({
      ...{ from: 1, to: 20, count: 20 },
      warnings: [{ code: 'PHASES', params: { phases: 10, count: 180, ...params } }],
    });
  });

  it('are told apart by a dimension index when nothing else is there', async () => {
    const indexed = phases(3, (phase, k) => ({
      'DimensionIndexValues 1': '1',
      'DimensionIndexValues 2': String(k + 1),
      'DimensionIndexValues 3': String(phase + 1),
    }));
    expect(await choose(indexed.flat())).toMatchObject({
      from: 1,
      to: 20,
      warnings: [{ code: 'SET_APART', params: { attribute: 'DimensionIndexValues 3', count: 40 } }],
    });
  });

  it('are not told apart by a number that runs through all images', async () => {
    const running = phases(2, (phase, k) => ({
      AcquisitionNumber: String(20 * phase + k),
      AcquisitionTime: `1011${String(phase * 20 + k).padStart(3, '0')}`,
    }));
    expect(await choose(running.flat())).toMatchObject({
      ...{ from: 1, to: 20 },
      warnings: [{ code: 'PHASES', params: { phases: 2, attribute: 'AcquisitionTime' } }],
    });
  });

  it('may be echoes and b-values at once', async () => {
    const both = phases(6, (n) => ({
      EchoTime: String(10 + (n % 2)),
      DiffusionBValue: String(100 * Math.floor(n / 2)),
    }));
    expect((await choose(both.flat())).warnings).toEqual([
      { code: 'SET_APART', params: { count: 60, attribute: 'EchoTime', others: '11', chosen: '10' } },
      { code: 'SET_APART', params: { count: 40, attribute: 'DiffusionBValue', others: '100, 200', chosen: '0' } },
    ]);
  });

  it('are read from the first that is complete', async () => {
    const [one = [], two = [], three = []] = phases(3, (phase) => ({ TemporalPosition: String(phase + 1) }));
    const first = [...one.toSpliced(18, 2), ...two, ...three];
    expect(await choose(first)).toMatchObject({ from: 21, to: 40 });
    const holed = [
      ...one.toSpliced(7, 1),
      ...part(61, (k) => ({ trait: { TemporalPosition: '1' }, ...at(-260 + 2 * k) }), 5),
      ...two,
      ...three,
    ];
    expect(await choose(holed)).toMatchObject({
      ...{ from: 21, to: 40 },
      warnings: [
        { code: 'PHASES' },
        { code: 'PASSED_OVER', params: { count: 24, reason: 'MISSING_SLICES', SeriesInstanceUID: '1.2.3' } },
      ],
    });
  });
});

describe('images at the same place that nothing tells apart', () => {
  const doubled = [...part(1), ...part(101).slice(4, 7)];

  it('are copies when they show the same: one of each is read', async () => {
    expect(await choose(doubled, () => Promise.resolve(true))).toMatchObject({
      ...{ to: 20, count: 20 },
      warnings: [{ code: 'COPIES_DROPPED', params: { count: 3 } }],
    });
  });

  it('are a reason to refuse when they do not', async () => {
    const reason = { code: 'DUPLICATE_POSITION', params: { first: 5, second: 105, count: 3 } };
    expect(await choose(doubled, () => Promise.resolve(false))).toEqual({ refused: reason });
    const scaled = [
      ...part(1),
      ...part(105, () => ({ values: { ...HOUNSFIELD, slope: 2, intercept: 0 } })).slice(4, 5),
    ];
    expect(await choose(scaled)).toMatchObject({ refused: { code: 'DUPLICATE_POSITION' } });
  });

  it('are a whole series sent twice', async () => {
    expect(await choose([...part(1), ...part(101)], () => Promise.resolve(true))).toMatchObject({
      warnings: [{ code: 'COPIES_DROPPED', params: { count: 20 } }],
    });
  });
});

// biome-ignore format: a table
describe.each<[string, ImageHeader[], object]>([
  ['one of another size', stack((k) => (k === 9 ? { Rows: 256 } : {})), { code: 'NOT_UNIFORM', params: { slice: 10, attribute: 'Rows, Columns', value: '256, 512', expected: '512, 512' } }],
  ['one of another direction', stack((k) => (k === 9 ? { ImageOrientationPatient: [[1, 0, 0], [0, 0.8, 0.6]] } : {})), { code: 'NOT_UNIFORM', params: { slice: 10, attribute: 'ImageOrientationPatient', value: '1\\0\\0\\0\\0.8\\0.6', expected: '1\\0\\0\\0\\1\\0' } }],
  ['one of another pixel spacing', stack((k) => (k === 9 ? { PixelSpacing: [0.8, 0.8] } : {})), { code: 'NOT_UNIFORM', params: { slice: 10, attribute: 'PixelSpacing', value: '0.8\\0.8', expected: '0.7\\0.7' } }],
  ['one of another frame of reference', stack((k) => (k === 9 ? { FrameOfReferenceUID: '1.2.8' } : {})), { code: 'NOT_UNIFORM', params: { slice: 10, attribute: 'FrameOfReferenceUID', value: '1.2.8', expected: '1.2.9' } }],
  ['a pixel spacing for each', stack((k) => ({ PixelSpacing: [0.7 + k / 100, 0.7] })), { code: 'MIXED_SERIES', params: { images: 20, stacks: 20, attribute: 'PixelSpacing', count: 1, minimum: 10 } }],
  ['one without a place', stack((k) => (k === 9 ? { ImagePositionPatient: undefined } : {})), { code: 'NO_GEOMETRY', params: { slice: 10, attribute: 'ImagePositionPatient' } }],
])('a series with %s', (_what, headers, reason) => {
  it('is refused with that reason', async () => {
    expect(await choose(headers)).toEqual({ refused: reason });
  });
});
