/** What a model of the benchmarks accepts: any chest CT. */
export const CRITERIA = {
  modality: ['CT'],
  sopClassUids: ['1.2.840.10008.5.1.4.1.1.2'],
  orientation: { toleranceDeg: 10 },
  minSlices: 10,
  sliceThicknessMm: { warnAbove: 2.5, rejectAbove: 5 },
  spacingUniformityMm: 0.1,
  rank: [],
};
