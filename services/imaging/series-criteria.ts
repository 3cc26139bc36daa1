/** What a reader of volumes asks of a series: the `accepts` block of a model manifest. */
export interface SeriesCriteria {
  readonly modality: readonly string[];
  readonly sopClassUids: readonly string[];
  readonly bodyPart?: readonly string[] | undefined;
  /** Values of ImageType, several joined by a backslash, that mark an image as localizer or derived. */
  readonly imageTypeExclude?: readonly string[] | undefined;
  readonly orientation: { readonly toleranceDeg: number };
  readonly minSlices: number;
  readonly sliceThicknessMm: { readonly warnAbove: number; readonly rejectAbove: number };
  readonly spacingUniformityMm: number;
  readonly patientAgeYears?: { readonly min: number } | undefined;
  readonly rank: readonly ('thinnest' | 'softKernel' | 'mostSlices')[];
}
