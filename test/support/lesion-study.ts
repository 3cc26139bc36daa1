import { randomUUID } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { seriesIndex } from '../../services/store/series-index.ts';
import { arrival } from './arrivals.ts';
import { findingsOf, readCtCase } from './ct-case.ts';
import { writeSyntheticSeries } from './synthetic-series.ts';
import { BALLS } from './viewer-scene.ts';
import type { Seeded } from './worklist-seed.ts';

/** A study of real DICOM files with the balls of the phantom as findings, in tables and on disk; answers its UID and folder. */
export async function seedLesions({ store }: Seeded): Promise<{ readonly uid: string; readonly folder: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'overread-lesions-'));
  writeSyntheticSeries(folder, {
    ...{ rows: 192, columns: 192, spacingMm: 1.75, slices: 60, sliceSpacingMm: 2 },
    nodules: BALLS.map(({ center, diameterMm }) => ({ center, diameterMm })),
  });
  const ct = await readCtCase(folder);
  const index = seriesIndex(store, { quietSeconds: 0.001, releasedQuietSeconds: 0.001 });
  for (const { file, SOPInstanceUID, TransferSyntaxUID } of ct.files) {
    const one = arrival({
      study: ct.StudyInstanceUID,
      series: ct.SeriesInstanceUID,
      SOPInstanceUID,
      PatientName: 'Ball^Anna',
    });
    await index.recordInstance({ ...one, TransferSyntaxUID, path: file.slice(1) });
  }
  const { database } = store;
  const [runId, resultId] = [randomUUID(), randomUUID()];
  const findings = findingsOf(ct, BALLS);
  await sql`UPDATE series SET "plannedWatermark" = watermark WHERE "StudyInstanceUID" = ${ct.StudyInstanceUID}`.execute(
    database,
  );
  await sql`
    INSERT INTO run (id, "StudyInstanceUID", "seriesSet", "modelId", "modelVersion", "modelHash", "inputDigest", watermarks, state,
      threshold, "findingCount", "largestMm", "topScore", "startedAt", "finishedAt")
    VALUES (${runId}, ${ct.StudyInstanceUID}, ${ct.SeriesInstanceUID}, 'blob-log-ct', '1.0.0', ${'a'.repeat(64)}, 'd',
      jsonb_build_object(${ct.SeriesInstanceUID}::text, 60), 'FINDINGS', 0.5, 2, 30, 0.95, now(), now())`.execute(
    database,
  );
  await sql`INSERT INTO result (id, "runId", revision, "stageSeconds") VALUES (${resultId}, ${runId}, 1, '{}')`.execute(
    database,
  );
  for (const { index: at, TrackingUID, ...lesion } of findings) {
    await sql`INSERT INTO finding VALUES (${TrackingUID}, ${resultId}, ${at}, ${lesion.score}, ${lesion.diameterMm}, ${JSON.stringify(lesion)}::jsonb)`.execute(
      database,
    );
  }
  return { uid: ct.StudyInstanceUID, folder };
}
