import { describe, expect, it } from 'vitest';
import { cropOf, cropQuery, cropWindow } from '../../../viewer/worklist/crop-of.ts';
import { lesionOnImage } from '../single-images.ts';

const regionOf = (...box: readonly [number, number, number, number]) => lesionOnImage(1, box).region;

describe('the window of a crop', () => {
  it('is one of CT for CT, by what was found', () => {
    expect(cropWindow('nodule', 'CT')).toBe('-600,1500,linear');
    expect(cropWindow('liver lesion', 'CT')).toBe('40,400,linear');
  });

  it.each(['CR', 'DX', 'MG', 'MR', undefined])('is that of the image for %s', (Modality) => {
    expect(cropWindow('lung opacity', Modality)).toBeUndefined();
  });

  it('is left out of what is asked for where there is none', () => {
    const crop = { left: 1, top: 2, width: 3, height: 4 };
    expect(cropQuery(crop, 176, undefined)).toBe('viewport=176,176,1,2,3,4');
    expect(cropQuery(crop, 176, '40,400,linear')).toBe('window=40,400,linear&viewport=176,176,1,2,3,4');
  });
});

describe('a crop', () => {
  it('is a square around the region', () => {
    expect(cropOf(regionOf(200, 100, 220, 110))).toEqual({ left: 174, top: 69, width: 72, height: 72 });
  });

  it('lies on the image where that is known: else its ticks would lie beside what the picture shows', () => {
    const size = [300, 200] as const;
    expect(cropOf(regionOf(280, 180, 300, 200), size)).toEqual({ left: 228, top: 128, width: 72, height: 72 });
    expect(cropOf(regionOf(10, 10, 280, 190), size)).toEqual({ left: 0, top: 0, width: 300, height: 200 });
  });
});
