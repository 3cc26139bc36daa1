import { Kysely, PostgresDialect, sql } from 'kysely';
import { Pool } from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { up as tables } from '../../services/store/migrations/0001-tables.ts';
import { up as recordInstances } from '../../services/store/migrations/0002-record-instances.ts';
import { up as searchIndexes } from '../../services/store/migrations/0003-search-indexes.ts';
import { startDatabase, type TestDatabase } from '../support/database.ts';

const running: { server?: TestDatabase; database?: Kysely<never> } = {};
const database = (): Kysely<never> => {
  if (running.database === undefined) throw new Error('not started');
  return running.database;
};
beforeAll(async () => {
  running.server = await startDatabase();
  running.database = new Kysely<never>({ dialect: new PostgresDialect({ pool: new Pool(running.server.config) }) });
});
afterAll(async () => {
  await running.database?.destroy();
  await running.server?.stop();
});

const insert = (uid: string, name: string) =>
  sql`
  INSERT INTO study ("StudyInstanceUID", "PatientName", "PatientID", "IssuerOfPatientID", "PatientBirthDate", "PatientSex",
    "PatientAge", "StudyDate", "StudyTime", "StudyID", "AccessionNumber", "ReferringPhysicianName", "StudyDescription")
  VALUES (${uid}, ${name}, '', '', '', '', '', '', '', '', '', '', '')`.execute(database());
const names = async () => {
  const { rows } = await sql<{ uid: string; groups: string; words: string }>`
    SELECT "StudyInstanceUID" AS uid, "nameGroups" AS groups, "nameWords" AS words FROM study ORDER BY 1`.execute(
    database(),
  );
  return rows;
};

it('names are prepared for matching: of studies that were there, that come, and whose name is changed', async () => {
  await tables(database());
  await recordInstances(database());
  await insert('1', 'ZHANG^San=张^三');
  await searchIndexes(database());
  await insert('2', 'De La.Cruz-Perez^Ana,Maria');
  const zhang = { uid: '1', groups: '=zhang^san=张^三=', words: ' zhang san 张 三 zhangsan 张三' };
  expect(await names()).toEqual([
    zhang,
    {
      uid: '2',
      groups: '=de la.cruz-perez^ana,maria=',
      words: ' de la cruz perez ana maria de la.cruz-perezana,maria',
    },
  ]);
  await sql`UPDATE study SET "PatientName" = 'Li' WHERE "StudyInstanceUID" = '2'`.execute(database());
  expect(await names()).toEqual([zhang, { uid: '2', groups: '=li=', words: ' li li' }]);
});

it('the newest page of many studies is read from an index, in its order', async () => {
  await sql`INSERT INTO study SELECT (jsonb_populate_record(study, jsonb_build_object('StudyInstanceUID', 'n' || n,
    'StudyDate', to_char(date '2000-01-01' + n, 'YYYYMMDD')))).* FROM study, generate_series(1, 3000) n
    WHERE "StudyInstanceUID" = '2'`.execute(database());
  await sql`ANALYZE study`.execute(database());
  const { rows } = await sql<{ 'QUERY PLAN': string }>`EXPLAIN SELECT "StudyInstanceUID" FROM study
    ORDER BY "StudyDate" DESC, "StudyTime" DESC, "StudyInstanceUID" LIMIT 100`.execute(database());
  const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
  expect(plan).toContain('study_newest');
  expect(plan).not.toContain('Sort');
});
