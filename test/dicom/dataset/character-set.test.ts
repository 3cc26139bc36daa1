import { describe, expect, it } from 'vitest';
import { characterSet } from '../../../services/dicom/dataset/character-set.ts';
import { ascii, hex } from './dataset-bytes.ts';

function decode(terms: readonly string[], bytes: Uint8Array, vr = 'PN'): { text: string; remarks: string[] } {
  const remarks: string[] = [];
  const remark = (what: string) => void remarks.push(what);
  return { text: characterSet(terms, remark).decode(bytes, vr, remark), remarks };
}

describe('one character set (PS3.3 Tables C.12-2, C.12-5)', () => {
  it.each([
    ['', '41 5e 42', 'A^B'],
    ['ISO_IR 6', '41', 'A'],
    ['ISO_IR 100', '4a e9 72 f4 6d 65', 'Jérôme'],
    ['ISO_IR 101', 'a3 f3 64 bc', 'Łódź'],
    ['ISO_IR 109', 'a6 e6', 'Ĥĉ'],
    ['ISO_IR 110', 'bd a2', 'Ŋĸ'],
    ['ISO_IR 144', 'bb ee 6b 63 65', 'Люkce'],
    ['ISO_IR 127', 'e2 c8 c7 e6 ea', 'قباني'],
    ['ISO_IR 126', 'c4 e9 ef', 'Διο'],
    ['ISO_IR 138', 'f9 f8 e5 ef', 'שרון'],
    ['ISO_IR 148', 'd0 fd fe', 'Ğış'],
    ['ISO_IR 166', 'a1 d2', 'กา'],
    ['ISO_IR 203', 'a4 bd', '€œ'],
    ['ISO_IR 13', 'd4 cf c0 de 5e c0 db b3', 'ﾔﾏﾀﾞ^ﾀﾛｳ'],
    ['ISO_IR 192', '57 61 6e 67 3d e7 8e 8b', 'Wang=王'],
    ['GB18030', '57 61 6e 67 3d cd f5 5e d0 a1 b6 ab', 'Wang=王^小东'],
    ['GBK', 'cd f5 5e d0 a1 d6 ec 9b 4c', '王^小朱汱'],
  ])('%s', (term, bytes, text) => {
    expect(decode([term], hex(bytes))).toEqual({ text, remarks: [] });
  });

  it('GB18030 may hold the byte of a backslash in the middle of a character', () => {
    expect(decode(['GB18030'], hex('81 5c 5c 41')).text).toBe('乗\\A');
    expect(decode(['GB18030'], hex('81 30 81 30')).text).toBe('\u0080');
  });
});

describe('several, by escape sequences (PS3.5 §6.1.2.5, Annexes H to K)', () => {
  it.each([
    [
      'Japanese, ISO 2022 IR 87 (§H.3.1)',
      ['', 'ISO 2022 IR 87'],
      '59 61 6d 61 64 61 5e 54 61 72 6f 75 3d 1b 24 42 3b 33 45 44 1b 28 42 5e 1b 24 42 42 40 4f 3a 1b 28 42 3d 1b 24 42 24 64 24 5e 24 40 1b 28 42 5e 1b 24 42 24 3f 24 6d 24 26 1b 28 42',
      'Yamada^Tarou=山田^太郎=やまだ^たろう',
    ],
    [
      'Japanese, ISO 2022 IR 13 and 87 (§H.3.2)',
      ['ISO 2022 IR 13', 'ISO 2022 IR 87'],
      'd4 cf c0 de 5e c0 db b3 3d 1b 24 42 3b 33 45 44 1b 28 4a 5e 1b 24 42 42 40 4f 3a 1b 28 4a 3d 1b 24 42 24 64 24 5e 24 40 1b 28 4a 5e 1b 24 42 24 3f 24 6d 24 26 1b 28 4a',
      'ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎=やまだ^たろう',
    ],
    ['JIS X 0212', ['', 'ISO 2022 IR 87', 'ISO 2022 IR 159'], '1b 24 28 44 30 21 1b 28 42 41', '丂A'],
    [
      'Korean, ISO 2022 IR 149 (§I.2)',
      ['', 'ISO 2022 IR 149'],
      '48 6f 6e 67 5e 47 69 6c 64 6f 6e 67 3d 1b 24 29 43 fb f3 5e 1b 24 29 43 d1 ce d4 d7 3d 1b 24 29 43 c8 ab 5e 1b 24 29 43 b1 e6 b5 bf',
      'Hong^Gildong=洪^吉洞=홍^길동',
    ],
    [
      'Chinese, ISO 2022 IR 58 (§K.2)',
      ['', 'ISO 2022 IR 58'],
      '5a 68 61 6e 67 5e 58 69 61 6f 44 6f 6e 67 3d 1b 24 29 41 d5 c5 5e 1b 24 29 41 d0 a1 b6 ab 3d',
      'Zhang^XiaoDong=张^小东=',
    ],
    [
      'Greek after Latin 1, back at the delimiter',
      ['ISO 2022 IR 100', 'ISO 2022 IR 126'],
      'c4 5e 1b 2d 46 c4 e9 ef 5e c4',
      'Ä^Διο^Ä',
    ],
    ['two-byte text across a line end', ['', 'ISO 2022 IR 87'], '1b 24 42 3b 33 0d 0a 41', '山\r\nA'],
    ['a backslash inside two-byte text', ['', 'ISO 2022 IR 87'], '1b 24 42 42 5c 1b 28 42', '腿'],
  ])('%s', (_name, terms, bytes, text) => {
    const { text: decoded, remarks } = decode(terms, hex(bytes));
    expect(decoded).toBe(text);
    expect(remarks).toEqual([]);
  });
});

describe('delimiters, after which the first set is active again (PS3.5 §6.1.2.5.3)', () => {
  const GREEK = '1b 2d 46 c4';
  const TERMS = ['ISO 2022 IR 100', 'ISO 2022 IR 126'];
  it.each([
    ['PN', '5e', '^', 'Ä'],
    ['PN', '3d', '=', 'Ä'],
    ['LO', '5e', '^', 'Δ'],
    ['LO', '3d', '=', 'Δ'],
    ['LO', '5c', '\\', 'Ä'],
    ['UC', '5c', '\\', 'Ä'],
    ['LT', '5c', '\\', 'Δ'],
    ['ST', '5c', '\\', 'Δ'],
    ['UT', '5c', '\\', 'Δ'],
    ['UT', '09', '\t', 'Ä'],
    ['UT', '0a', '\n', 'Ä'],
    ['UT', '0c', '\f', 'Ä'],
    ['UT', '0d', '\r', 'Ä'],
  ])('of %s: %s', (vr, byte, delimiter, letter) => {
    expect(decode(TERMS, hex(`${GREEK} ${byte} c4`), vr)).toEqual({ text: `Δ${delimiter}${letter}`, remarks: [] });
  });

  it('lines of Korean, each with its designation (§I.3)', () => {
    const lines = [
      '1b 24 29 43 54 68 65 20 66 69 72 73 74 20 6c 69 6e 65 20 69 6e 63 6c 75 64 65 73 20 b1 e6 b5 bf 2e 0d 0a',
      '1b 24 29 43 54 68 65 20 73 65 63 6f 6e 64 20 6c 69 6e 65 20 69 6e 63 6c 75 64 65 73 20 b1 e6 b5 bf 2c 20 74 6f 6f 2e 0d 0a',
      '54 68 65 20 74 68 69 72 64 20 6c 69 6e 65 2e',
    ];
    expect(decode(['', 'ISO 2022 IR 149'], hex(lines.join(' ')), 'ST')).toEqual({
      text: 'The first line includes 길동.\r\nThe second line includes 길동, too.\r\nThe third line.',
      remarks: [],
    });
  });

  it('lines of Chinese, each with its designation (§K.3)', () => {
    const bytes =
      '31 2e 1b 24 29 41 b5 da d2 bb d0 d0 ce c4 d7 d6 a1 a3 0d 0a 32 2e 1b 24 29 41 b5 da b6 fe d0 d0 ce c4 d7 d6 a1 a3 0d 0a';
    expect(decode(['', 'ISO 2022 IR 58'], hex(bytes), 'ST')).toEqual({
      text: '1.第一行文字。\r\n2.第二行文字。\r\n',
      remarks: [],
    });
  });
});

describe('what is not as it should be', () => {
  const OUTSIDE = 'bytes outside the declared character set';
  const MISSPELT = 'SpecificCharacterSet is misspelt';
  it.each([
    ['UTF-8 undeclared', [], hex('e7 8e 8b'), '王', ['undeclared text read as UTF-8']],
    ['Latin 1 undeclared', [], hex('4d fc 6c'), 'M\ufffdl', [OUTSIDE]],
    ['broken UTF-8', ['ISO_IR 192'], hex('41 ff'), 'A\ufffd', [OUTSIDE]],
    ['an unknown term', ['KLINGON'], ascii('A'), 'A', ['unknown SpecificCharacterSet']],
    ['a term that is a property of objects', ['constructor'], ascii('A'), 'A', ['unknown SpecificCharacterSet']],
    ['an unknown escape', [''], hex('41 1b 7e 42'), 'A\ufffd~B', [OUTSIDE]],
    ['half a two-byte character', ['', 'ISO 2022 IR 87'], hex('1b 24 42 3b'), '\ufffd', [OUTSIDE]],
    ['a high byte in two-byte text', ['', 'ISO 2022 IR 87'], hex('1b 24 42 3b 33 ff'), '山\ufffd', [OUTSIDE]],
    [
      'UTF-8 among others',
      ['ISO_IR 100', 'ISO_IR 192'],
      hex('e7 8e 8b'),
      '王',
      ['character sets that may not be mixed'],
    ],
    [
      'Korean that is designated once and used after a delimiter',
      ['', 'ISO 2022 IR 149'],
      hex('1b 24 29 43 fb f3 5e d1 ce'),
      '洪^吉',
      ['a designation is not repeated after a delimiter'],
    ],
    [
      'a name that does not leave two-byte text before ^',
      ['', 'ISO 2022 IR 87'],
      hex('1b 24 42 3b 33 5e 1b 24 42 42 40'),
      '山^太',
      [],
    ],
    [
      'half-width katakana within two-byte text',
      ['ISO 2022 IR 13', 'ISO 2022 IR 87'],
      hex('1b 24 42 3b 33 d4 cf 1b 28 4a'),
      '山ﾔﾏ',
      [],
    ],
    [
      'more sets than anyone has',
      Array(17).fill('ISO_IR 100'),
      hex('e9'),
      'é',
      ['more than 16 values of SpecificCharacterSet'],
    ],
  ])('%s', (_name, terms, bytes, text, remarks) => {
    expect(decode(terms, bytes)).toEqual({ text, remarks });
  });

  it.each([
    ['ISO-IR 100', 'e9', 'é'],
    ['ISO_IR_100', 'e9', 'é'],
    ['iso ir 100', 'e9', 'é'],
    ['ISO 8859-1', 'e9', 'é'],
    ['latin1', 'e9', 'é'],
    ['ISO_8859-5', 'bb', 'Л'],
    ['UTF-8', 'e7 8e 8b', '王'],
    ['ISO-IR 192', 'e7 8e 8b', '王'],
    ['ISO_IR 192 ', 'e7 8e 8b', '王'],
    ['gb18030', 'cd f5', '王'],
    ['GB 18030', 'cd f5', '王'],
    ['ISO 2022 GBK', 'cd f5', '王'],
    ['GB2312', 'cd f5', '王'],
    ['ISO 2022 58', 'cd f5', '王'],
    ['BIG5', 'a4 fd', '王'],
    ['EUC-KR', 'fb f3', '洪'],
    ['Shift_JIS', '8e 52', '山'],
    ['ISO2022 IR 87', '1b 24 42 3b 33', '山'],
    ['ISO_IR 87', '1b 24 42 3b 33', '山'],
  ])('the term %s', (term, bytes, text) => {
    expect(decode([term], hex(bytes))).toEqual({ text, remarks: [MISSPELT] });
  });
});
