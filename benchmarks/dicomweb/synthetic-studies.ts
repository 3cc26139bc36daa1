import { sql } from 'kysely';
import type { Store } from '../../services/store/connect.ts';

const SURNAMES =
  'WANG LI ZHANG LIU CHEN YANG HUANG ZHAO WU ZHOU XU SUN MA ZHU HU GUO HE LIN GAO LUO SMITH MUELLER GARCIA ROSSI NOVAK KOWALSKI IVANOV SATO KIM NGUYEN';
const HAN = '王 李 张 刘 陈 杨 黄 赵 吴 周 徐 孙 马 朱 胡 郭 何 林 高 罗 史 穆 加 罗 诺 科 伊 佐 金 阮';
const GIVEN =
  'WEI FANG NA MIN JING LEI YAN TAO CHAO JUAN XIA MING JIE ANNA MARIA JOHN PETER EVA LUCA OLGA YUKI MINH HANA TOM INES PAUL NORA OTTO IDA MAX';
const DESCRIPTIONS = [
  'CT chest',
  'CT abdomen',
  'MR brain',
  'XR chest',
  'US abdomen',
  'MG screening',
  'CT chest low dose',
  'PET CT',
];
const MODALITIES = ['CT', 'CT', 'CT', 'MR', 'CR', 'US', 'MG', 'PT'];

/** A study per number from 1, of ten years, with one to three series; as a hospital has them, and the same each time. */
export async function fillStudies({ database }: Store, count: number): Promise<void> {
  const words = (text: string) => sql`string_to_array(${text}, ' ')`;
  const pick = (list: ReturnType<typeof words>, seed: string) =>
    sql`(${list})[1 + mod(abs(hashint4(n * ${sql.raw(seed)})), array_length(${list}, 1))]`;
  await sql`
    INSERT INTO study ("StudyInstanceUID", "PatientName", "PatientID", "IssuerOfPatientID", "PatientBirthDate", "PatientSex",
      "PatientAge", "StudyDate", "StudyTime", "StudyID", "AccessionNumber", "ReferringPhysicianName", "StudyDescription")
    SELECT '1.2.840.99999.' || n,
      ${pick(words(SURNAMES), '7')} || '^' || ${pick(words(GIVEN), '11')} || (n % 97) || '=' || ${pick(words(HAN), '7')} || '^' || ${pick(words(HAN), '13')},
      'P' || lpad((n / 2)::text, 8, '0'), '', to_char(date '1930-01-01' + (n % 30000), 'YYYYMMDD'),
      CASE WHEN n % 2 = 0 THEN 'F' ELSE 'M' END, '',
      to_char(date '2016-01-01' + mod(abs(hashint4(n)), 3650), 'YYYYMMDD'), lpad((n % 235959)::text, 6, '0'),
      n::text, 'A' || n, ${pick(words(SURNAMES), '17')} || '^DR',
      (${DESCRIPTIONS}::text[])[1 + mod(n, ${DESCRIPTIONS.length})]
    FROM generate_series(1, ${count}) n`.execute(database);
  await sql`
    INSERT INTO series ("SeriesInstanceUID", "StudyInstanceUID", "Modality", "SeriesNumber", "SeriesDescription",
      "BodyPartExamined", "FrameOfReferenceUID", watermark, "plannedWatermark", "lastArrivalAt", "quietAt")
    SELECT '1.2.840.99999.' || n || '.' || s, '1.2.840.99999.' || n, (${MODALITIES}::text[])[1 + mod(n, ${MODALITIES.length})],
      s, 'series ' || s, 'CHEST', '', 100, 100, now(), now()
    FROM generate_series(1, ${count}) n CROSS JOIN LATERAL generate_series(1, 1 + n % 3) s`.execute(database);
  await sql`ANALYZE study, series`.execute(database);
}
