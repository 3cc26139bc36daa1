import { type RawBuilder, sql } from 'kysely';
import type { StudyFacts } from '../domain/routing/route-study.ts';
import type { Store } from './connect.ts';

interface FactsRow {
  readonly StudyInstanceUID: string;
  readonly asPrior: boolean;
  readonly study: Readonly<Record<string, string | number | readonly string[] | null>>;
  readonly series: readonly {
    readonly SeriesInstanceUID: string;
    readonly values: Readonly<Record<string, string | number | null>>;
  }[];
}

export interface KnownStudy extends StudyFacts {
  /** It was fetched to be seen beside another. */
  readonly asPrior: boolean;
}

/** What rules may ask of a study; `undefined` when it is not here. */
export async function factsOf(store: Store, StudyInstanceUID: string): Promise<KnownStudy | undefined> {
  const [known] = await select(store, sql`"StudyInstanceUID" = ${StudyInstanceUID}`, 1);
  return known;
}

/** Studies in the order of their UIDs, in batches; behind `after`. */
export async function* storedFacts(store: Store, after = '', batch = 100): AsyncGenerator<readonly KnownStudy[]> {
  for (let last = after; ; ) {
    const studies = await select(store, sql`"StudyInstanceUID" > ${last}`, batch);
    const end = studies.at(-1);
    if (end === undefined) return;
    yield studies;
    last = end.StudyInstanceUID;
  }
}

/** Of each series the first image; objects of our own are in none of them. */
async function select({ database }: Store, which: RawBuilder<unknown>, limit: number): Promise<readonly KnownStudy[]> {
  const { rows } = await sql<FactsRow>`
    WITH chosen AS (
      SELECT * FROM study WHERE ${which}
        AND EXISTS (SELECT FROM series WHERE series."StudyInstanceUID" = study."StudyInstanceUID")
      ORDER BY "StudyInstanceUID" LIMIT ${limit}
    )
    SELECT chosen."StudyInstanceUID", coalesce(w."asPrior", false) AS "asPrior",
      to_jsonb(chosen) || jsonb_build_object('ModalitiesInStudy', parts.modalities,
        'NumberOfStudyRelatedSeries', parts.count, 'NumberOfStudyRelatedInstances', parts.instances) AS study,
      parts.series
    FROM chosen
    LEFT JOIN worklist_row w ON w."StudyInstanceUID" = chosen."StudyInstanceUID"
    CROSS JOIN LATERAL (
      SELECT coalesce(jsonb_agg(DISTINCT "Modality"), '[]') AS modalities, count(*) AS count, sum(series.watermark) AS instances,
        coalesce(jsonb_agg(jsonb_build_object('SeriesInstanceUID', series."SeriesInstanceUID", 'values',
          to_jsonb(series) - 'technique' || coalesce(technique, '{}') || jsonb_build_object(
            'NumberOfSeriesRelatedInstances', series.watermark, 'SOPClassUID', first."SOPClassUID",
            'ImageType', first."ImageType", 'Rows', first."Rows", 'Columns', first."Columns",
            'NumberOfFrames', first."NumberOfFrames", 'sourceAETitle', first."sourceAETitle"))
          ORDER BY series."SeriesInstanceUID"), '[]') AS series
      FROM series JOIN instance first ON first."StudyInstanceUID" = series."StudyInstanceUID"
        AND first."SeriesInstanceUID" = series."SeriesInstanceUID" AND first.watermark = 1
      WHERE series."StudyInstanceUID" = chosen."StudyInstanceUID"
        AND NOT EXISTS (SELECT FROM written_report WHERE "SRSOPInstanceUID" = first."SOPInstanceUID")
    ) parts
    ORDER BY chosen."StudyInstanceUID"`.execute(database);
  return rows.map(({ study, series, ...known }) => ({
    ...known,
    study: texts(study),
    series: series.map(({ SeriesInstanceUID, values }) => ({ SeriesInstanceUID, values: texts(values) })),
  }));
}

/** Values as texts; of what is several in one, each. */
function texts(values: FactsRow['study']): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(
    Object.entries(values).map(([keyword, value]) => {
      const several = value === null ? [] : typeof value === 'object' ? value : String(value).split('\\');
      return [keyword, several.filter((text) => text !== '')];
    }),
  );
}
