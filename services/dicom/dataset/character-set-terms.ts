/** A set of the upper half: a label of the Encoding Standard whose lower half is ASCII, or one we map ourselves. */
export type UpperSet = string | undefined;
export type LowerSet = 'ascii' | 'jis0208' | 'jis0212';

/** What one value of SpecificCharacterSet declares. */
export interface DeclaredSet {
  /** The set that is active at first, where this is the first value. */
  readonly upper: UpperSet;
  /** The encoding of the whole value: such a set may not be mixed with others (PS3.3 Table C.12-5). */
  readonly whole: string | undefined;
  /** Spelt as the standard does. */
  readonly isExact: boolean;
}

/** Numbers of the ISO register in the defined terms (PS3.3 Tables C.12-2 to C.12-4). */
// biome-ignore format: a table
const UPPER_BY_NUMBER: Readonly<Record<string, UpperSet>> = {
  6:   undefined,      13:  'katakana',     14:  'katakana',
  100: 'latin1',       101: 'iso-8859-2',   109: 'iso-8859-3',    110: 'iso-8859-4',
  144: 'iso-8859-5',   127: 'iso-8859-6',   126: 'iso-8859-7',    138: 'iso-8859-8',
  148: 'windows-1254', 166: 'windows-874',  203: 'iso-8859-15',
  87:  undefined,      159: undefined,      149: 'euc-kr',        58:  'gbk',
};
/** `ISO_IR n` of a single-byte set, `ISO 2022 IR n` of any; without letters, digits and case other forms are spelt wrong. */
const DEFINED_TERM = /^(ISO_IR (100|101|109|110|144|127|126|138|148|203|13|166|6|192)|ISO 2022 IR \d+|GB18030|GBK|)$/;

/** Defined terms that stand alone, and what else writers were seen to mean by its common name. */
// biome-ignore format: a table
const WHOLE: Readonly<Record<string, string>> = {
  IR192: 'utf-8',          GB18030: 'gb18030',     GBK: 'gbk',
  UTF8: 'utf-8',           UNICODE: 'utf-8',       CP936: 'gbk',            BIG5: 'big5',
  SHIFTJIS: 'shift_jis',   SJIS: 'shift_jis',      EUCJP: 'euc-jp',         CP949: 'euc-kr',
  WINDOWS1250: 'windows-1250', WINDOWS1251: 'windows-1251', WINDOWS1252: 'windows-1252',
  CP1250: 'windows-1250',  CP1251: 'windows-1251', CP1252: 'windows-1252',  KOI8R: 'koi8-r',
};
/** Names that stand for a number of the register. */
// biome-ignore format: a table
const NUMBER_BY_NAME: Readonly<Record<string, string>> = {
  ASCII: '6',        USASCII: '6',      LATIN1: '100',     LATIN2: '101',
  ISO88591: '100',   ISO88592: '101',   ISO88593: '109',   ISO88594: '110',   ISO88595: '144',
  ISO88596: '127',   ISO88597: '126',   ISO88598: '138',   ISO88599: '148',   ISO885911: '166',  ISO885915: '203',
  GB2312: '58',      EUCKR: '149',      KSX1001: '149',    KSC5601: '149',
};

/** What a term means, however it is written: `ISO-IR 100`, `iso_8859-1`; `undefined` when nobody can say. */
export function declaredSet(term: string): DeclaredSet | undefined {
  const isExact = DEFINED_TERM.test(term);
  const letters = term.toUpperCase().replace(/[^A-Z0-9]/g, '');
  const name = letters.replace(/^ISO(2022)?(?=IR)/, '').replace(/^ISO2022(?=GB|\d)/, '');
  if (name === '') return { upper: undefined, whole: undefined, isExact };
  if (Object.hasOwn(WHOLE, name)) return { upper: undefined, whole: WHOLE[name], isExact };
  const number = Object.hasOwn(NUMBER_BY_NAME, name) ? NUMBER_BY_NAME[name] : name.replace(/^IR0*/, '');
  if (number === undefined || !Object.hasOwn(UPPER_BY_NUMBER, number)) return undefined;
  return { upper: UPPER_BY_NUMBER[number], whole: undefined, isExact };
}

/** Designations by escape sequence (PS3.3 Tables C.12-3 and C.12-4); the escape character left out. */
// biome-ignore format: a table
export const ESCAPES: readonly (readonly [sequence: string, half: 'lower' | 'upper', set: string])[] = [
  ['(B',  'lower', 'ascii'],        ['(J',  'lower', 'ascii'],        ['$B',  'lower', 'jis0208'],     ['$@',  'lower', 'jis0208'],
  ['$(D', 'lower', 'jis0212'],      ['$)C', 'upper', 'euc-kr'],       ['$)A', 'upper', 'gbk'],         [')I',  'upper', 'katakana'],
  ['-A',  'upper', 'latin1'],       ['-B',  'upper', 'iso-8859-2'],   ['-C',  'upper', 'iso-8859-3'],  ['-D',  'upper', 'iso-8859-4'],
  ['-L',  'upper', 'iso-8859-5'],   ['-G',  'upper', 'iso-8859-6'],   ['-F',  'upper', 'iso-8859-7'],  ['-H',  'upper', 'iso-8859-8'],
  ['-M',  'upper', 'windows-1254'], ['-T',  'upper', 'windows-874'],  ['-b',  'upper', 'iso-8859-15'],
];
