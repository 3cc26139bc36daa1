import { sql } from 'kysely';
import type { Store } from '../../services/store/connect.ts';

/** Tables whose triggers make rows of the worklist. */
const TABLES = ['instance', 'run', 'finding', 'reading'];

/**
 * So many studies, as years of a site leave them: two CT series and a run each, a third with findings, a tenth signed, spread
 * over modalities, senders and days. Rows of the list are made once at the end, not with every row of a table.
 */
export async function seedMany({ database }: Store, count: number): Promise<void> {
  const triggers = async (how: 'DISABLE' | 'ENABLE') => {
    for (const table of TABLES)
      await sql`ALTER TABLE ${sql.table(table)} ${sql.raw(how)} TRIGGER USER`.execute(database);
  };
  const all = sql`generate_series(1, ${count}) n`;
  await triggers('DISABLE');
  await sql`
    INSERT INTO study SELECT '2.25.7' || n, 'Family' || n || '^Given=张' || n || '^三', 'ID' || n % (${count} / 2), '', '19600101', 'M', '060Y',
      to_char(date '2024-01-01' + n % 700, 'YYYYMMDD'), '101500', '1', 'A' || n, '', (ARRAY['CT chest', 'CT abdomen', 'LDCT'])[1 + n % 3] || ' ' || n,
      now() - n * interval '3 minutes' FROM ${all}`.execute(database);
  await sql`
    INSERT INTO series SELECT '2.25.7' || n || '.' || s, '2.25.7' || n, (ARRAY['CT', 'CT', 'CT', 'MR', 'PT'])[1 + n % 5], s, 'lung', (ARRAY['CHEST', 'ABDOMEN'])[1 + n % 2], '',
      1, 1, now() - n * interval '3 minutes', 0, now() - interval '1 minute' FROM ${all}, generate_series(1, 2) s`.execute(
    database,
  );
  await sql`
    INSERT INTO instance SELECT '2.25.7' || n || '.' || s || '.1', '2.25.7' || n || '.' || s, '2.25.7' || n, '1.2.840', '1.2', 1, 512, 512, NULL, '',
      'many/' || n || '.' || s, repeat('a', 64), 1, 'CT' || n % 7, now(), 1 FROM ${all}, generate_series(1, 2) s`.execute(
    database,
  );
  await sql`
    INSERT INTO run (id, "StudyInstanceUID", "seriesSet", "modelId", "modelVersion", "modelHash", "inputDigest", watermarks, state,
      threshold, "findingCount", "largestMm", "topScore", "startedAt", "finishedAt")
    SELECT gen_random_uuid(), '2.25.7' || n, '2.25.7' || n || '.1', 'blob-log-ct', '1.0.0', repeat('a', 64), 'd', jsonb_build_object('2.25.7' || n || '.1', 1),
      (ARRAY['FINDINGS', 'NO_FINDINGS', 'NO_FINDINGS', 'FAILED'])[1 + n % 4], 0.5, (n % 4 = 0)::integer, CASE WHEN n % 4 = 0 THEN 8 END,
      CASE WHEN n % 4 = 0 THEN 0.5 + n % 50 / 100.0 END, now(), now() FROM ${all}`.execute(database);
  await sql`
    INSERT INTO reading SELECT '2.25.7' || n, 'SIGNED', 1, 'Li^Na', '', '{}', '[]', NULL, now() FROM ${all} WHERE n % 10 = 0`.execute(
    database,
  );
  await triggers('ENABLE');
  await sql`SELECT refresh_worklist(ARRAY(SELECT "StudyInstanceUID" FROM study))`.execute(database);
  await sql`VACUUM ANALYZE`.execute(database);
}
