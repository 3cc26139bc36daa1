import { type Kysely, sql } from 'kysely';
import type { StrangeSeries } from '../domain/contract/reading.ts';
import type { Schema } from './schema.ts';

const DOCUMENTS = ['SR', 'DOC', 'KO'];
const RESULTS = ['SEG', 'PR', 'REG', 'RTSTRUCT', 'RWV', 'ANN'];

/**
 * Series of a study of which an instance named another patient than the study: the account of arrivals says by name which
 * attributes differed. An object that names nobody makes no entry.
 */
export async function strangeSeries(database: Kysely<Schema>, StudyInstanceUID: string): Promise<StrangeSeries[]> {
  const { rows } = await sql<{ SeriesInstanceUID: string; Modality: string }>`
    SELECT DISTINCT "SeriesInstanceUID", "Modality" FROM event JOIN series USING ("StudyInstanceUID", "SeriesInstanceUID")
    WHERE "StudyInstanceUID" = ${StudyInstanceUID} AND kind = 'study.attributes-differ'
      AND 'PatientID' = ANY(string_to_array(fields ->> 'attributes', ' '))
    ORDER BY "SeriesInstanceUID"`.execute(database);
  return rows.map(({ SeriesInstanceUID, Modality }) => ({ SeriesInstanceUID, what: kindOf(Modality) }));
}

function kindOf(Modality: string): StrangeSeries['what'] {
  if (DOCUMENTS.includes(Modality)) return 'report';
  return RESULTS.includes(Modality) ? 'result' : 'images';
}
