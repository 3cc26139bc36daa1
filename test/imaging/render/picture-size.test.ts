import { describe, expect, it } from 'vitest';
import { readDataset } from '../../../services/dicom/dataset/dataset.ts';
import { writeDataset } from '../../../services/dicom/dataset/write-dataset.ts';
import { fitted, pixelShape, squareSize } from '../../../services/imaging/render/picture-size.ts';

const shapeOf = (attributes: Parameters<typeof writeDataset>[0], frame = 0) =>
  pixelShape(readDataset(writeDataset({ Modality: 'OT', ...attributes }), '1.2.840.10008.1.2.1'), frame);
const measures = (rows: string, columns: string) => ({ PixelMeasuresSequence: [{ PixelSpacing: [rows, columns] }] });

describe('the shape of a pixel: its height over its width', () => {
  // biome-ignore format: a table
  it.each([
    ['nothing said',                     {},                                                          1],
    ['Pixel Aspect Ratio',               { PixelAspectRatio: ['1', '2'] },                            0.5],
    ['Imager Pixel Spacing before it',   { PixelAspectRatio: ['1', '2'], ImagerPixelSpacing: ['0.4', '0.1'] }, 4],
    ['Pixel Spacing before both',        { ImagerPixelSpacing: ['0.4', '0.1'], PixelSpacing: ['3', '2'] }, 1.5],
    ['a spacing of zero is none',        { PixelSpacing: ['0', '2'], PixelAspectRatio: ['4', '3'] },  4 / 3],
    ['what no device has is not believed', { PixelAspectRatio: ['1', '1000000'] },                    1],
    ['functional groups',                { SharedFunctionalGroupsSequence: [measures('2', '1')] },    2],
  ])('%s', (_what, attributes, shape) => {
    expect(shapeOf(attributes)).toBeCloseTo(shape, 9);
  });

  it('is that of its frame', () => {
    const PerFrameFunctionalGroupsSequence = [measures('1', '1'), measures('1', '3')];
    expect(shapeOf({ PerFrameFunctionalGroupsSequence }, 1)).toBeCloseTo(1 / 3, 9);
  });
});

describe('the size of a picture', () => {
  // biome-ignore format: a table
  it.each([
    [[300, 200],   1,   undefined,                      [300, 200]],
    [[300, 200],   2,   undefined,                      [300, 400]],
    [[300, 200],   0.5, undefined,                      [600, 200]],
    [[300, 8000],  2,   undefined,                      [150, 8000]],
    [[8000, 300],  0.5, undefined,                      [8000, 150]],
    [[300, 200],   2,   { width: 100, height: 100 },    [75, 100]],
    [[300, 8000],  2,   { width: 1000, height: 1000 },  [19, 1000]],
    [[1, 8192],    1,   { width: 10, height: 10 },      [1, 10]],
  ] as const)('%j with pixels of shape %d in %j is %j', ([width, height], shape, viewport, [w, h]) => {
    expect(fitted(squareSize({ width, height }, shape), viewport)).toEqual({ width: w, height: h });
  });
});
