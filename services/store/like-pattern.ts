const LITERAL = /[\\%_]/g;

/** A LIKE pattern that finds `text` anywhere; what LIKE takes for wildcards stays a letter. */
export const containsPattern = (text: string): string => `%${text.replace(LITERAL, '\\$&')}%`;

/** DICOM's wildcards as LIKE's: `*` any run of characters, `?` any one (PS3.4 §C.2.2.2.4). */
export const wildcardPattern = (text: string): string =>
  text.replace(LITERAL, '\\$&').replaceAll('*', '%').replaceAll('?', '_');
