import { sql } from 'kysely';
import type { AnnouncedSeries, Announcement, PerformedStep, StepOutcome } from '../domain/announcement.ts';
import type { ReferencedInstance } from '../domain/commitment.ts';
import type { Store } from './connect.ts';
import { recordEvents } from './event-store.ts';

export interface AnnouncementOptions {
  /** Announced images that do not come are waited for so long after the last one that came. */
  readonly waitSeconds: number;
}

/** Performed steps and announcements that are kept at most; beyond, one more is refused. */
const MAX_STEPS = 50_000;
const MAX_ANNOUNCED = 200_000;
const KEPT_DAYS = 14;

/** What others say of series: how many images each has, before, while or after they come. */
export function announcements(store: Store, options: AnnouncementOptions) {
  return {
    announce: (announcement: Announcement) => announce(store, options, announcement),
    announceCommitted: (AETitle: string, references: readonly ReferencedInstance[]) =>
      announceCommitted(store, options, AETitle, references),
    createStep: (step: PerformedStep) => createStep(store, step),
    changeStep: (step: PerformedStep) => changeStep(store, options, step),
    forgetOldAnnouncements: () => forgetOld(store),
  };
}

async function announce(
  { database }: Store,
  { waitSeconds }: AnnouncementOptions,
  { source, AETitle, series }: Announcement,
): Promise<StepOutcome> {
  if (series.length === 0) return 'done';
  const { rows: known } = await sql`SELECT FROM series_announcement LIMIT ${MAX_ANNOUNCED}`.execute(database);
  if (known.length >= MAX_ANNOUNCED) return 'too many';
  const said = JSON.stringify(series);
  await database.transaction().execute(async (transaction) => {
    await sql`
      INSERT INTO series_announcement ("StudyInstanceUID", "SeriesInstanceUID", source, "AETitle", "Modality", instances, "waitSeconds")
      SELECT "StudyInstanceUID", "SeriesInstanceUID", ${source}, ${AETitle}, "Modality", instances, ${waitSeconds}
      FROM jsonb_to_recordset(${said}::jsonb)
        AS said("StudyInstanceUID" text, "SeriesInstanceUID" text, "Modality" text, instances integer)
      ORDER BY 1, 2
      ON CONFLICT ("StudyInstanceUID", "SeriesInstanceUID", source) DO UPDATE
        SET "AETitle" = excluded."AETitle", "Modality" = excluded."Modality", instances = excluded.instances,
            "waitSeconds" = excluded."waitSeconds", at = now()`.execute(transaction);
    // Of a study that is not here no screen shows anything.
    const here = await transaction
      .selectFrom('study')
      .select('StudyInstanceUID')
      .where('StudyInstanceUID', 'in', [...new Set(series.map(({ StudyInstanceUID }) => StudyInstanceUID))])
      .execute();
    await recordEvents(
      transaction,
      here.map(({ StudyInstanceUID }) => ({ kind: 'study.announced', StudyInstanceUID, fields: { source } })),
    );
  });
  return 'done';
}

/** Series of which a request for commitment names every image that is here, if all it names is here. */
async function announceCommitted(
  store: Store,
  options: AnnouncementOptions,
  AETitle: string,
  references: readonly ReferencedInstance[],
): Promise<void> {
  const uids = references.map(({ SOPInstanceUID }) => SOPInstanceUID);
  const { rows } = await sql<AnnouncedSeries & { readonly watermark: number }>`
    SELECT "StudyInstanceUID", "SeriesInstanceUID", "Modality", watermark, named.instances
    FROM (
      SELECT "StudyInstanceUID", "SeriesInstanceUID", count(*) AS instances FROM instance
      WHERE "SOPInstanceUID" = ANY(${uids}::text[]) GROUP BY 1, 2
    ) named JOIN series USING ("StudyInstanceUID", "SeriesInstanceUID")`.execute(store.database);
  const held = rows.reduce((sum, { instances }) => sum + instances, 0);
  if (held < references.length) return;
  const whole = rows.filter(({ instances, watermark }) => instances === watermark);
  await announce(store, options, { source: 'commitment', AETitle, series: whole });
}

async function createStep({ database }: Store, step: PerformedStep): Promise<StepOutcome> {
  const { SOPInstanceUID, AETitle, studies, series = [] } = step;
  const { rows: known } = await sql`SELECT FROM performed_step LIMIT ${MAX_STEPS}`.execute(database);
  if (known.length >= MAX_STEPS) return 'too many';
  const inserted = await database
    .insertInto('performed_step')
    .values({
      ...{ SOPInstanceUID, AETitle, status: 'IN PROGRESS' },
      ...{ studies: JSON.stringify(studies), series: JSON.stringify(series) },
    })
    .onConflict((conflict) => conflict.doNothing())
    .returning('SOPInstanceUID')
    .executeTakeFirst();
  return inserted === undefined ? 'exists' : 'done';
}

/**
 * What a completed step made is announced; of one that was given up, and of one that belongs to several studies, nothing is:
 * no one says which study has which series.
 */
async function changeStep(store: Store, options: AnnouncementOptions, step: PerformedStep): Promise<StepOutcome> {
  const { SOPInstanceUID, AETitle, status, series } = step;
  const changed = await store.database.transaction().execute(async (transaction) => {
    const known = await transaction
      .selectFrom('performed_step')
      .selectAll()
      .where('SOPInstanceUID', '=', SOPInstanceUID)
      .where('AETitle', '=', AETitle)
      .forUpdate()
      .executeTakeFirst();
    if (known === undefined) return 'unknown';
    if (known.status !== 'IN PROGRESS') return 'closed';
    const next = { status: status ?? known.status, series: series ?? known.series };
    await transaction
      .updateTable('performed_step')
      .set({ status: next.status, series: JSON.stringify(next.series), changedAt: sql<Date>`now()` })
      .where('SOPInstanceUID', '=', SOPInstanceUID)
      .execute();
    return { ...next, studies: known.studies };
  });
  if (typeof changed === 'string') return changed;
  const [StudyInstanceUID, ...others] = changed.studies;
  if (changed.status !== 'COMPLETED' || StudyInstanceUID === undefined || others.length > 0) return 'done';
  const made = changed.series.map((one) => ({ ...one, StudyInstanceUID }));
  return announce(store, options, { source: 'mpps', AETitle, series: made });
}

async function forgetOld({ database }: Store): Promise<void> {
  await sql`DELETE FROM series_announcement WHERE at < now() - make_interval(days => ${KEPT_DAYS})`.execute(database);
  await sql`DELETE FROM performed_step WHERE "createdAt" < now() - make_interval(days => ${KEPT_DAYS})`.execute(
    database,
  );
}
