import { dirname, join } from 'node:path';
import { type RawBuilder, sql } from 'kysely';
import type { HeldInstance, HeldObjects, UniqueKeys } from '../domain/query.ts';
import type { Store } from './connect.ts';
import { type DicomwebOptions, INSTANCES } from './dicomweb-queries.ts';
import { findMatches } from './find-matches.ts';
import { reportFile } from './own-reports.ts';

/** What C-FIND, C-MOVE and C-GET ask: what was received, and our own current reports. */
export function heldObjects(
  store: Store,
  { instanceDirectory, reportDirectory = join(dirname(instanceDirectory), 'reports') }: DicomwebOptions,
): HeldObjects {
  return {
    find: (query) => findMatches(store, query),
    instances: async (keys, limit) => {
      const rows = await instancesBelow(store, keys, limit);
      return rows.map(
        ({ path, resultId, ...row }): HeldInstance => ({
          ...row,
          file: async () =>
            path === null ? reportFile(store, reportDirectory, resultId ?? '') : join(instanceDirectory, path),
        }),
      );
    },
  };
}

interface InstanceRow extends Omit<HeldInstance, 'file'> {
  readonly path: string | null;
  readonly resultId: string | null;
}

async function instancesBelow(store: Store, keys: UniqueKeys, limit: number): Promise<readonly InstanceRow[]> {
  const { PatientID, ...below } = keys;
  const narrowed = Object.entries(below).map(([keyword, uids]) => anyOf(sql.ref(`i.${keyword}`), uids));
  if (PatientID !== undefined) narrowed.push(anyOf(sql`i."StudyInstanceUID"`, await studiesOf(store, PatientID)));
  const { rows } = await sql<InstanceRow>`
    SELECT "SOPClassUID", "SOPInstanceUID", "TransferSyntaxUID", path, "resultId"
    FROM ${INSTANCES} i LEFT JOIN series USING ("StudyInstanceUID", "SeriesInstanceUID")
    WHERE ${sql.join(narrowed, sql` AND `)}
    ORDER BY series."SeriesNumber", i."SeriesInstanceUID", "InstanceNumber", "SOPInstanceUID"
    LIMIT ${limit}`.execute(store.database);
  return rows;
}

async function studiesOf({ database }: Store, PatientID: readonly string[]): Promise<readonly string[]> {
  const { rows } = await sql<{ StudyInstanceUID: string }>`
    SELECT "StudyInstanceUID" FROM study WHERE ${anyOf(sql`"PatientID"`, PatientID)}`.execute(database);
  return rows.map(({ StudyInstanceUID }) => StudyInstanceUID);
}

/** No text of the database holds a NUL, so nothing can match one. */
const anyOf = (column: RawBuilder<unknown>, values: readonly string[]): RawBuilder<unknown> =>
  sql`${column} = ANY(${values.filter((value) => !value.includes('\0')).map((value) => value.toWellFormed())}::text[])`;
