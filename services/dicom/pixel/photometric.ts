import { AppError } from '../../domain/errors.ts';

/** What decoded samples of a Photometric Interpretation are (PS3.3 §C.7.6.3.1.2). */
type SampleMeaning = 'grey' | 'colour' | 'palette';

/** Samples per pixel, and what they are once decoded: all colours come as RGB. */
// biome-ignore format: a table
const DECODED: Readonly<Record<string, { readonly samples: number; readonly meaning: SampleMeaning }>> = {
  MONOCHROME1:     { samples: 1, meaning: 'grey' },
  MONOCHROME2:     { samples: 1, meaning: 'grey' },
  'PALETTE COLOR': { samples: 1, meaning: 'palette' },
  RGB:             { samples: 3, meaning: 'colour' },
  YBR_FULL:        { samples: 3, meaning: 'colour' },
  YBR_FULL_422:    { samples: 3, meaning: 'colour' },
  YBR_ICT:         { samples: 3, meaning: 'colour' },
  YBR_RCT:         { samples: 3, meaning: 'colour' },
  XYB:             { samples: 3, meaning: 'colour' },
};

/**
 * Is it grey, a colour or an index of one?
 *
 * @throws {AppError} NOT_ANALYSABLE with its name when it is not decoded: ARGB, HSV, CMYK and
 *   YBR_PARTIAL_422, which are retired, and YBR_PARTIAL_420, which only video has. DATASET_UNREADABLE when it has not the samples that the attributes say.
 */
export function sampleMeaning(photometric: string, samplesPerPixel: number): SampleMeaning {
  const known = DECODED[photometric];
  if (!known) {
    const name = photometric === '' ? 'no photometric interpretation' : `photometric interpretation ${photometric}`;
    throw new AppError('NOT_ANALYSABLE', `${name} is not decoded by this version`, { photometric });
  }
  if (known.samples !== samplesPerPixel) {
    throw new AppError('DATASET_UNREADABLE', `${photometric} of ${samplesPerPixel} samples per pixel`);
  }
  return known.meaning;
}
