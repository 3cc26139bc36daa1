/** The part of dcmjs that tests compare our dictionary with; it ships no types. */
declare module 'dcmjs' {
  interface NameMapEntry {
    readonly tag: string;
    readonly vr: string;
    readonly name: string;
  }
  const dcmjs: {
    readonly data: { readonly DicomMetaDictionary: { readonly nameMap: Readonly<Record<string, NameMapEntry>> } };
  };
  export default dcmjs;
}
