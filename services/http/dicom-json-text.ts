/**
 * JSON text with the names of every object in lexicographic order, as the DICOM JSON Model demands of attributes
 * (PS3.18 §F.2.2). `JSON.stringify` cannot: to an engine a tag without letters and leading zero, such as `20010010` or
 * `60003000`, is an array index and comes before all others.
 */
export function dicomJsonText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((each) => dicomJsonText(each ?? null)).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return `{${members
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, member]) => `${JSON.stringify(name)}:${dicomJsonText(member)}`)
    .join(',')}}`;
}
