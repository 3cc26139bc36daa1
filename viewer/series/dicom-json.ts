/** One data set in the DICOM JSON model (PS3.18 §F.2), as `/metadata` answers it. */
export type DicomJson = Readonly<Record<string, { readonly vr?: string; readonly Value?: readonly unknown[] }>>;

const values = (dataset: DicomJson, tag: string): readonly unknown[] => dataset[tag]?.Value ?? [];

/** The numbers of an attribute; DS and IS may come as strings (PS3.18 §F.2.3). */
export const numbers = (dataset: DicomJson, tag: string): readonly number[] =>
  values(dataset, tag)
    .filter((value) => value !== null && value !== '')
    .map(Number)
    .filter(Number.isFinite);

export const number = (dataset: DicomJson, tag: string): number | undefined => numbers(dataset, tag)[0];

export function text(dataset: DicomJson, tag: string): string {
  const [first] = values(dataset, tag);
  return typeof first === 'string' ? first : typeof first === 'number' ? String(first) : '';
}
