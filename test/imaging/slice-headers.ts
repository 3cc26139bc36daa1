import type { ImageHeader } from '../../services/imaging/image-header.ts';
import type { SeriesCriteria } from '../../services/imaging/series-criteria.ts';

/** What blob-log-ct asks, but for the number of slices. */
export const CRITERIA: SeriesCriteria = {
  modality: ['CT'],
  sopClassUids: ['1.2.840.10008.5.1.4.1.1.2', '1.2.840.10008.5.1.4.1.1.2.1', '1.2.840.10008.5.1.4.1.1.2.2'],
  bodyPart: ['CHEST'],
  imageTypeExclude: ['LOCALIZER', 'DERIVED\\SECONDARY'],
  orientation: { toleranceDeg: 10 },
  minSlices: 10,
  sliceThicknessMm: { warnAbove: 2.5, rejectAbove: 5 },
  spacingUniformityMm: 0.1,
  patientAgeYears: { min: 18 },
  rank: ['thinnest', 'softKernel', 'mostSlices'],
};

export const EXPLICIT_LITTLE = '1.2.840.10008.1.2.1';

export const HOUNSFIELD: ImageHeader['values'] = {
  slope: 1,
  intercept: -1024,
  unit: 'HU',
  hasTable: false,
  isUnitAssumed: false,
};

/** One axial image; `k` is its place in the stack, 2 mm apart. */
export function header(k: number, changes: Partial<ImageHeader> = {}, series = '1.2.3'): ImageHeader {
  return {
    input: {
      file: `/nowhere/${series}/${k}.dcm`,
      sha256: '0'.repeat(64),
      SeriesInstanceUID: series,
      SOPInstanceUID: `${series}.${k + 1}`,
      SOPClassUID: '1.2.840.10008.5.1.4.1.1.2',
      TransferSyntaxUID: EXPLICIT_LITTLE,
    },
    frame: 1,
    Modality: 'CT',
    FrameOfReferenceUID: '1.2.9',
    ImageType: ['ORIGINAL', 'PRIMARY', 'AXIAL'],
    BodyPartExamined: 'CHEST',
    ConvolutionKernel: 'STANDARD',
    ageYears: 60,
    InstanceNumber: k + 1,
    NumberOfFrames: 1,
    ImagePositionPatient: [-150, -140, -300 + 2 * k],
    ImageOrientationPatient: [
      [1, 0, 0],
      [0, 1, 0],
    ],
    PixelSpacing: [0.7, 0.7],
    SliceThickness: 2,
    traits: new Map(),
    values: HOUNSFIELD,
    Rows: 512,
    Columns: 512,
    SamplesPerPixel: 1,
    PhotometricInterpretation: 'MONOCHROME2',
    ...changes,
  };
}

/** A stack of 20, of which some are changed. */
export const stack = (change: (k: number) => Partial<ImageHeader> = () => ({}), series = '1.2.3', count = 20) =>
  Array.from({ length: count }, (_, k) => header(k, change(k), series));
