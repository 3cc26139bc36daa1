import { type Types, utilities } from '@cornerstonejs/core';
import type { ImageSeries } from '../series/image-series.ts';
import type { SeriesImage } from '../series/series-image.ts';
import { LOWEST } from '../series/value-scale.ts';
import { cross } from '../series/vector.ts';
import type { DrawnColour, DrawnFrame, DrawnGrey } from './drawn-frame.ts';
import { rangeOf } from './look.ts';

/** An image larger than this has no picture when it fails: nobody needs its black. */
const MAX_BLACK_PIXELS = 2 ** 25;

/** In the place of an image that failed: darker than any window, without a look of its own. */
export function noPicture({ Rows, Columns }: SeriesImage): DrawnGrey {
  return {
    kind: 'grey',
    values: new Int16Array(Math.min(Rows * Columns, MAX_BLACK_PIXELS)).fill(LOWEST),
    scale: { zero: 0, unit: 1 },
    low: LOWEST,
    high: LOWEST,
    range: [0, 0],
    window: { center: 0, width: 1 },
  };
}

export function cornerstoneImage(imageId: string, image: SeriesImage, frame: DrawnFrame): Types.IImage {
  const { Rows: rows, Columns: columns, pixelSize } = image;
  const isColour = frame.kind === 'colour';
  const { lower, upper } = rangeOf(frame, undefined);
  const voxelManager = utilities.VoxelManager.createImageVoxelManager({
    width: columns,
    height: rows,
    scalarData: frame.values,
    numberOfComponents: isColour ? 3 : 1,
  }) as Types.IVoxelManager<number>;
  return {
    imageId,
    rows,
    columns,
    height: rows,
    width: columns,
    minPixelValue: frame.kind === 'grey' ? frame.low : 0,
    maxPixelValue: frame.kind === 'grey' ? frame.high : 255,
    slope: 1,
    intercept: 0,
    isPreScaled: true,
    preScale: { enabled: true, scaled: true, scalingParameters: { rescaleSlope: 1, rescaleIntercept: 0 } },
    // Cornerstone takes the range back out of these as upper - lower + 1.
    windowCenter: (lower + upper + 1) / 2,
    windowWidth: upper - lower + 1,
    voiLUTFunction: 'LINEAR' as Types.IImage['voiLUTFunction'],
    getPixelData: () => frame.values,
    getCanvas: colourCanvas(frame, rows, columns),
    color: isColour,
    rgba: false,
    numberOfComponents: isColour ? 3 : 1,
    columnPixelSpacing: pixelSize[0],
    rowPixelSpacing: pixelSize[1],
    // The scale of the values knows which end is bright.
    invert: false,
    photometricInterpretation: isColour ? 'RGB' : 'MONOCHROME2',
    sizeInBytes: frame.values.byteLength,
    dataType: isColour ? 'Uint8Array' : 'Int16Array',
    voxelManager,
  };
}

/**
 * Without a graphics card Cornerstone draws colours from a canvas of the image when the range is that of all colours; its
 * own way through a table draws into the canvas of the grey image before.
 */
function colourCanvas(frame: DrawnFrame, rows: number, columns: number): () => HTMLCanvasElement {
  const held: { canvas: HTMLCanvasElement | undefined } = { canvas: undefined };
  return () => {
    held.canvas ??= frame.kind === 'colour' ? painted(frame, rows, columns) : document.createElement('canvas');
    return held.canvas;
  };
}

function painted({ values }: DrawnColour, rows: number, columns: number): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  canvas.width = columns;
  canvas.height = rows;
  const pixels = new ImageData(columns, rows);
  for (let from = 0, to = 0; from < values.length; from += 3, to += 4) {
    pixels.data[to] = values[from] ?? 0;
    pixels.data[to + 1] = values[from + 1] ?? 0;
    pixels.data[to + 2] = values[from + 2] ?? 0;
    pixels.data[to + 3] = 255;
  }
  canvas.getContext('2d')?.putImageData(pixels, 0, 0);
  return canvas;
}

/** The metadata modules Cornerstone asks for. Pixel attributes describe what we hand over: 16-bit greys, 8-bit colours. */
export function moduleOf(type: string, series: ImageSeries, image: SeriesImage | undefined): unknown {
  if (!image) return undefined;
  const { Rows, Columns, isColour } = image;
  const bits = isColour ? 8 : 16;
  switch (type) {
    case 'imagePlaneModule':
      return {
        frameOfReferenceUID: series.FrameOfReferenceUID,
        rows: Rows,
        columns: Columns,
        sliceThickness: image.SliceThickness,
        ...planeModule(image),
      };
    case 'imagePixelModule':
      return {
        bitsAllocated: bits,
        bitsStored: bits,
        highBit: bits - 1,
        pixelRepresentation: isColour ? 0 : 1,
        samplesPerPixel: isColour ? 3 : 1,
        photometricInterpretation: isColour ? 'RGB' : 'MONOCHROME2',
        rows: Rows,
        columns: Columns,
      };
    case 'generalSeriesModule':
      // Cornerstone knows PET by its name and draws it in a way of its own.
      return {
        modality: series.Modality === 'PT' ? 'OT' : series.Modality,
        seriesInstanceUID: series.SeriesInstanceUID,
      };
    case 'modalityLutModule':
      return { rescaleSlope: 1, rescaleIntercept: 0 };
    case 'voiLutModule':
      // For a volume that nobody has said anything of; the engine does at once.
      return { windowCenter: [40], windowWidth: [400] };
    default:
      return undefined;
  }
}

function planeModule({ plane, pixelSize: [columnSpacing, rowSpacing] }: SeriesImage) {
  const row = plane?.row ?? [1, 0, 0];
  const column = plane?.column ?? [0, 1, 0];
  return {
    imagePositionPatient: [...(plane?.position ?? [0, 0, 0])],
    imageOrientationPatient: [...row, ...column],
    rowCosines: [...row],
    columnCosines: [...column],
    scanAxisNormal: [...cross(row, column)],
    pixelSpacing: [rowSpacing, columnSpacing],
    rowPixelSpacing: rowSpacing,
    columnPixelSpacing: columnSpacing,
    usingDefaultValues: plane === undefined,
  };
}
