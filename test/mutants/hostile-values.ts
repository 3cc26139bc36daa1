/** What a stranger may write where a value belongs; each was, or could be, the end of some reader. */
const repeated = (unit: string, bytes: number): Buffer => Buffer.alloc(bytes, unit, 'latin1');

export const HOSTILE_VALUES: readonly Buffer[] = [
  Buffer.concat([repeated('1', 60_000), Buffer.from('x')]),
  repeated('\\', 60_000),
  repeated('^', 40_000),
  repeated('=', 5_000),
  repeated(' ', 65_000),
  repeated('\0', 65_000),
  repeated('\x1b$B!', 40_000),
  repeated('\x1b$)C\xb1^', 40_000),
  repeated('\x1b', 10_000),
  repeated('\xff', 10_000),
  repeated('\x81\x30', 10_000),
  Buffer.from('1e400\\-1e400\\nan\\inf\\0x10\\1,5'),
  Buffer.from('__proto__\\constructor\\prototype'),
  Buffer.from('../../../../etc/passwd\0'),
  Buffer.from("'; DROP TABLE study; --"),
  Buffer.from('%\\_\\*\\?'),
  Buffer.from('<script>alert(1)</script>'),
  Buffer.from('\u202eevil\u2066\u2069\u200f', 'utf8'),
  Buffer.from('e\u0301\ud83d\ude00', 'utf8'),
  Buffer.from([0xed, 0xa0, 0x80, 0xc0, 0xaf, 0xf8, 0x88, 0x80]),
  Buffer.from('1.2.840.'.repeat(40)),
  Buffer.from('01.02.03'),
  Buffer.alloc(0),
];

export const CHARACTER_SETS: readonly string[] = [
  'ISO_IR 100',
  'ISO_IR 192',
  'GB18030',
  'GBK',
  '\\ISO 2022 IR 87',
  'ISO 2022 IR 13\\ISO 2022 IR 87',
  '\\ISO 2022 IR 149',
  '\\ISO 2022 IR 58',
  'ISO 2022 IR 6\\ISO 2022 IR 159',
  'ISO_IR 13',
  'latin1',
  'KLINGON',
  '\\\\\\',
];

/** Attributes whose number decides how much is read, decoded or asked for. */
export const COUNT_TAGS: readonly number[] = [
  0x00280002, 0x00280006, 0x00280008, 0x00280010, 0x00280011, 0x00280100, 0x00280101, 0x00280102, 0x00280103,
];
export const COUNTS: readonly number[] = [
  0, 1, 2, 3, 4, 7, 8, 9, 12, 15, 16, 17, 32, 33, 64, 255, 256, 512, 4096, 32_767, 65_535,
];

export const LENGTHS: readonly number[] = [
  0, 1, 2, 3, 7, 8, 0xff, 0xfffe, 0xffff, 0x1_0000, 0x7fff_ffff, 0x8000_0000, 0xffff_fff0, 0xffff_fffe, 0xffff_ffff,
];

export const VRS: readonly string[] = [
  ...'AE AS AT CS DA DS DT FD FL IS LO LT OB OD OF OL OV OW PN SH SL SQ SS ST SV TM UC UI UL UN UR US UT UV'.split(' '),
  '??',
  'ZZ',
  '\0\0',
  'xx',
];

export const TAGS: readonly number[] = [
  0, 0x00020010, 0x00080005, 0x00080018, 0x00100010, 0x0020000d, 0x00280010, 0x52009230, 0x7fe00001, 0x7fe00008,
  0x7fe00010, 0xfffee000, 0xfffee00d, 0xfffee0dd, 0xfffcfffc, 0xffffffff, 0x00091010,
];
