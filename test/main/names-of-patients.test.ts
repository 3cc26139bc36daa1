import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { stowBody } from '../http/stow-body.ts';
import { part10Bytes, syntheticUid } from '../support/dicom-bytes.ts';
import { type LivingRoles, startLivingRoles } from '../support/living-roles.ts';

/** From the bytes of an instance to every face of the product, by the real receiver, database and web server. */
interface Case {
  readonly terms: string;
  readonly bytes: string;
  readonly name: string;
  readonly groups: Readonly<Record<string, string>>;
  /** What finds it by QIDO, by fuzzy QIDO and in the worklist. */
  readonly exact: readonly string[];
  readonly fuzzy: readonly string[];
  readonly search: readonly string[];
}

const hex = (text: string) => new Uint8Array(Buffer.from(text.replaceAll(' ', ''), 'hex'));

const CASES: readonly Case[] = [
  {
    terms: '\\ISO 2022 IR 87',
    bytes:
      '59 61 6d 61 64 61 5e 54 61 72 6f 75 3d 1b 24 42 3b 33 45 44 1b 28 42 5e 1b 24 42 42 40 4f 3a 1b 28 42 3d 1b 24 42 24 64 24 5e 24 40 1b 28 42 5e 1b 24 42 24 3f 24 6d 24 26 1b 28 42',
    name: 'Yamada^Tarou=山田^太郎=やまだ^たろう',
    groups: { Alphabetic: 'Yamada^Tarou', Ideographic: '山田^太郎', Phonetic: 'やまだ^たろう' },
    exact: ['yamada^tarou', '山田^太郎', 'やまだ^たろう', 'Yamada*', '*太郎', 'やま?^*'],
    fuzzy: ['tarou yamada', '山田', '山田太郎', '太郎', 'たろう'],
    search: ['Yamada', '山田太郎', '太郎', 'やまだ'],
  },
  {
    terms: 'ISO 2022 IR 13\\ISO 2022 IR 87',
    bytes: 'bc ce de b2 5e c9 b8 de c1 3d 1b 24 42 3b 56 30 66 1b 28 4a',
    name: 'ｼﾎﾞｲ^ﾉｸﾞﾁ=志井',
    groups: { Alphabetic: 'ｼﾎﾞｲ^ﾉｸﾞﾁ', Ideographic: '志井' },
    exact: ['ｼﾎﾞｲ^ﾉｸﾞﾁ', '志井'],
    fuzzy: ['シボイ', 'ノグチ シボイ', '志'],
    search: ['志井', 'ｼﾎﾞｲ'],
  },
  {
    terms: '\\ISO 2022 IR 149',
    bytes:
      '48 6f 6e 67 5e 47 69 6c 64 6f 6e 67 3d 1b 24 29 43 fb f3 5e 1b 24 29 43 d1 ce d4 d7 3d 1b 24 29 43 c8 ab 5e 1b 24 29 43 b1 e6 b5 bf',
    name: 'Hong^Gildong=洪^吉洞=홍^길동',
    groups: { Alphabetic: 'Hong^Gildong', Ideographic: '洪^吉洞', Phonetic: '홍^길동' },
    exact: ['HONG^GILDONG', '洪^吉洞', '홍^길동'],
    fuzzy: ['gildong', '홍길동', '洪'],
    search: ['홍길동', 'hong gildong', 'Gildong, Hong'],
  },
  {
    terms: 'GB18030',
    bytes: '57 61 6e 67 5e 58 69 61 6f 44 6f 6e 67 3d cd f5 5e d0 a1 b6 ab 3d',
    name: 'Wang^XiaoDong=王^小东=',
    groups: { Alphabetic: 'Wang^XiaoDong', Ideographic: '王^小东' },
    exact: ['wang^xiaodong', '王^小东', '王*'],
    fuzzy: ['王小东', '小东', 'xiao wang'],
    search: ['王小东', '小东', 'wang xiaodong'],
  },
  {
    terms: 'ISO_IR 100',
    bytes: 'c4 6e 65 61 73 5e 52 fc 64 69 67 65 72',
    name: 'Äneas^Rüdiger',
    groups: { Alphabetic: 'Äneas^Rüdiger' },
    exact: ['äneas^rüdiger', 'ÄNEAS^RÜDIGER', 'A\u0308neas^Ru\u0308diger', '*RÜD*'],
    fuzzy: ['RÜDIGER ÄNEAS', 'ru\u0308d'],
    search: ['RÜDIGER', 'äneas, rüdiger'],
  },
  {
    terms: 'ISO_IR 144',
    bytes: 'bb ee 6b 63 65 dc d1 e3 e0 d3',
    name: 'Люkceмбург',
    groups: { Alphabetic: 'Люkceмбург' },
    exact: ['люkceмбург', 'ЛЮ*'],
    fuzzy: ['лю'],
    search: ['МБУРГ'],
  },
  {
    terms: 'ISO_IR 192',
    bytes: Buffer.from('Ångström^Bjo\u0308rn=', 'utf8').toString('hex'),
    name: 'Ångström^Bjo\u0308rn=',
    groups: { Alphabetic: 'Ångström^Bjo\u0308rn' },
    exact: ['ångström^björn'],
    fuzzy: ['BJÖRN'],
    search: ['ångström'],
  },
  {
    terms: 'ISO-IR 100',
    bytes: '4d f6 6c 6c 65 72 5e 4d 69 73 73 70 65 6c 74',
    name: 'Möller^Misspelt',
    groups: { Alphabetic: 'Möller^Misspelt' },
    exact: ['möller^misspelt'],
    fuzzy: ['möll'],
    search: ['möller'],
  },
];

const state: { roles?: LivingRoles } = {};
const url = () => state.roles?.url ?? '';
const studyOf = ({ name }: Case) => syntheticUid('names', name);

beforeAll(async () => {
  state.roles = await startLivingRoles();
  const files = CASES.map((each) =>
    part10Bytes([
      [0x00080005, 'CS', each.terms],
      [0x00080016, 'UI', '1.2.840.10008.5.1.4.1.1.2'],
      [0x00080018, 'UI', syntheticUid('names', each.name, 'instance')],
      [0x00080060, 'CS', 'CT'],
      [0x00100010, 'PN', hex(each.bytes)],
      [0x00100020, 'LO', 'NAMES'],
      [0x0020000d, 'UI', studyOf(each)],
      [0x0020000e, 'UI', syntheticUid('names', each.name, 'series')],
      // An item that has a set of its own, and one that takes over that around it (PS3.3 §C.12.1.1.2).
      [
        0x00400275,
        'SQ',
        [
          [
            [0x00080005, 'CS', 'ISO_IR 126'],
            [0x00081050, 'PN', hex('c4 e9 ef')],
          ],
          [[0x00081050, 'PN', hex(each.bytes)]],
        ],
      ],
    ]),
  );
  const answer = await fetch(`${url()}/dicomweb/studies`, { method: 'POST', ...stowBody(files) });
  expect(answer.status).toBe(200);
}, 120_000);
afterAll(() => state.roles?.stop());

const Attributes = z.record(z.string(), z.looseObject({ Value: z.array(z.unknown()).optional() }));
const Worklist = z.looseObject({ studies: z.array(z.looseObject({ PatientName: z.string() })) });
const Studies = z.array(z.looseObject({ '0020000D': z.object({ Value: z.tuple([z.string()]) }) }));

/** The first of a list in the DICOM JSON model. */
async function attributesOf(path: string): Promise<z.infer<typeof Attributes>> {
  const [first] = z.array(Attributes).parse(await (await fetch(`${url()}${path}`)).json());
  return first ?? {};
}

async function searched(parameters: Record<string, string>): Promise<string[]> {
  const answer = await fetch(`${url()}/dicomweb/studies?${new URLSearchParams({ PatientID: 'NAMES', ...parameters })}`);
  return Studies.parse(await answer.json()).map(({ '0020000D': uid }) => uid.Value[0]);
}

describe.each(CASES)('$name in $terms', (each) => {
  const study = studyOf(each);

  it('is in the metadata with its groups, in items as their own sets say', async () => {
    const metadata = await attributesOf(`/dicomweb/studies/${study}/metadata`);
    expect(metadata['00080005']).toEqual({ vr: 'CS', Value: ['ISO_IR 192'] });
    expect(metadata['00100010']).toEqual({ vr: 'PN', Value: [each.groups] });
    expect(metadata['00400275']?.Value).toEqual([
      { '00080005': { vr: 'CS', Value: ['ISO_IR 192'] }, '00081050': { vr: 'PN', Value: [{ Alphabetic: 'Διο' }] } },
      { '00081050': { vr: 'PN', Value: [each.groups] } },
    ]);
  });

  it('is answered by searches with its groups', async () => {
    const found = await attributesOf(`/dicomweb/studies?StudyInstanceUID=${study}`);
    expect(found['00100010']).toEqual({ vr: 'PN', Value: [each.groups] });
  });

  it.each(each.exact)('is found by PatientName=%s', async (PatientName) => {
    expect(await searched({ PatientName })).toEqual([study]);
  });

  it.each(each.fuzzy)('is found by %s, fuzzily', async (PatientName) => {
    expect(await searched({ PatientName, fuzzymatching: 'true' })).toEqual([study]);
  });

  it.each(each.search)('is found in the worklist by %s, whole', async (search) => {
    const answer = await fetch(`${url()}/api/worklist?${new URLSearchParams({ search })}`);
    const { studies } = Worklist.parse(await answer.json());
    expect(studies.map(({ PatientName }) => PatientName)).toEqual([each.name]);
  });
});

it('a name that nobody has is not found', async () => {
  expect(await searched({ PatientName: '山^田' })).toEqual([]);
  expect(await searched({ PatientName: '田', fuzzymatching: 'true' })).toEqual([]);
});
