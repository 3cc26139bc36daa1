import { describe, expect, it } from 'vitest';
import { readVoiLut, tabled, type VoiFunction, windowed } from '../../../services/dicom/pixel/voi-lut.ts';
import { element, item, join, sequence } from '../dataset/dataset-bytes.ts';
import { bothWays, tableItem, words } from './attributes-of.ts';

const CT = { low: -1024, high: 3071, isWhole: true };
const ds = (tag: number, value: string) => element(tag, 'DS', value);
const CENTER = 0x00281050;
const WIDTH = 0x00281051;
const named = (center: string, width: string, explanation = '', name = '') => [
  ds(CENTER, center),
  ds(WIDTH, width),
  ...(explanation ? [element(0x00281055, 'LO', explanation)] : []),
  ...(name ? [element(0x00281056, 'CS', name)] : []),
];

const window = (center: number, width: number, name: VoiFunction) => ({
  center,
  width,
  function: name,
  explanation: '',
});

describe('Window Center and Width (PS3.3 §C.11.2.1.2)', () => {
  it('may be several, each with its name', () => {
    for (const attributes of bothWays(named('40\\-600', '400\\1500', 'SOFT\\LUNG'))) {
      expect(readVoiLut(attributes, CT)).toEqual({
        windows: [
          { center: 40, width: 400, function: 'LINEAR', explanation: 'SOFT' },
          { center: -600, width: 1500, function: 'LINEAR', explanation: 'LUNG' },
        ],
        tables: [],
      });
    }
  });

  it('that are not allowed are left out', () => {
    for (const attributes of bothWays(named('40\\50\\60\\70', '0.5\\1\\-3'))) {
      expect(readVoiLut(attributes, CT).windows).toEqual([window(50, 1, 'LINEAR')]);
    }
    for (const attributes of bothWays(named('40\\50', '0.5\\0', '', 'SIGMOID'))) {
      expect(readVoiLut(attributes, CT).windows).toEqual([window(40, 0.5, 'SIGMOID')]);
    }
    for (const attributes of bothWays(named('x', '400'))) expect(readVoiLut(attributes, CT).windows).toEqual([]);
  });

  it('may be those of the frame (§C.7.6.16.2.10)', () => {
    const frame = (center: string) => item(sequence(0x00289132, [item(join(...named(center, '10')))]));
    for (const attributes of bothWays([sequence(0x52009230, [frame('1'), frame('2')])])) {
      expect([0, 1].map((at) => readVoiLut(attributes, CT, at).windows[0]?.center)).toEqual([1, 2]);
    }
  });

  // The examples of §C.11.2.1.2.1: x from c - 0.5 - (w-1)/2 to c - 0.5 + (w-1)/2.
  it.each<[VoiFunction, number, number, readonly (readonly [number, number])[]]>([
    [
      'LINEAR',
      2048,
      4096,
      [
        [0, 0],
        [4095, 1],
        [-1, 0],
        [4096, 1],
        [2047.5, 0.5],
      ],
    ],
    [
      'LINEAR',
      2048,
      1,
      [
        [2047, 0],
        [2048, 1],
      ],
    ],
    [
      'LINEAR',
      0,
      100,
      [
        [-50, 0],
        [49, 1],
        [-0.5, 0.5],
      ],
    ],
    [
      'LINEAR',
      0,
      1,
      [
        [-1, 0],
        [0, 1],
      ],
    ],
    [
      'LINEAR_EXACT',
      2048,
      4096,
      [
        [0, 0],
        [4096, 1],
        [2048, 0.5],
      ],
    ],
    [
      'LINEAR_EXACT',
      0,
      1,
      [
        [-0.5, 0],
        [0.5, 1],
        [0, 0.5],
      ],
    ],
    [
      'SIGMOID',
      2048,
      4096,
      [
        [2048, 0.5],
        [4096, 1 / (1 + Math.exp(-2))],
        [0, 1 / (1 + Math.exp(2))],
      ],
    ],
  ])('%s of center %d and width %d', (name, center, width, points) => {
    for (const [value, share] of points) expect(windowed(window(center, width, name), value)).toBeCloseTo(share, 12);
  });
});

describe('VOI LUT Sequence (PS3.3 §C.11.2.1.1)', () => {
  it('holds several curves, over signed values where the modality has them', () => {
    const first = tableItem(words([3, 0x10000 - 1, 12]), words([0, 2048, 4095]));
    const second = tableItem(words([2, 0, 8]), Uint8Array.of(255, 0));
    for (const attributes of bothWays([sequence(0x00283010, [first, second])])) {
      const { tables } = readVoiLut(attributes, CT);
      expect(tables.map(({ explanation }) => explanation)).toEqual(['A CURVE', 'A CURVE']);
      const [curve, inverse] = tables;
      if (!curve || !inverse) throw new Error('two tables were written');
      expect([-5, -1, 0, 1, 9].map((value) => tabled(curve, value))).toEqual([0, 0, 2048 / 4095, 1, 1]);
      expect([0, 1].map((value) => tabled(inverse, value))).toEqual([1, 0]);
    }
  });
});
