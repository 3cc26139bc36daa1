/** What is asked of each image, of a volume or alone. */
export interface ImageCriteria {
  readonly bodyPart?: readonly string[] | undefined;
  readonly patientAgeYears?: { readonly min?: number | undefined; readonly max?: number | undefined } | undefined;
  /** Whether Contrast/Bolus Agent must name one, or none. */
  readonly contrast?: 'required' | 'none' | undefined;
  readonly minPixels?: readonly [rows: number, columns: number] | undefined;
}

/** What a reader of volumes asks of a series: the `accepts` block of a model manifest. */
export interface SeriesCriteria extends ImageCriteria {
  readonly modality: readonly string[];
  readonly sopClassUids: readonly string[];
  /** Values of ImageType, several joined by a backslash, that mark an image as localizer or derived. */
  readonly imageTypeExclude?: readonly string[] | undefined;
  /** `any`: axial, coronal or sagittal. Default axial. */
  readonly orientation: { readonly plane?: 'axial' | 'any' | undefined; readonly toleranceDeg: number };
  /** Units of the values, as `ValueMapping` names them; any when absent. Values of CT are always HU. */
  readonly units?: readonly string[] | undefined;
  readonly minSlices: number;
  readonly sliceThicknessMm: { readonly warnAbove?: number | undefined; readonly rejectAbove: number };
  readonly spacingUniformityMm: number;
  readonly rank: readonly ('thinnest' | 'softKernel' | 'mostSlices')[];
}
