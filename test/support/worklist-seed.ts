import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import type { AiStateName } from '../../services/domain/ai-state.ts';
import type { StudyOrders } from '../../services/domain/ports.ts';
import type { StudyPriority } from '../../services/domain/priority.ts';
import type { Reason } from '../../services/domain/reason.ts';
import type { RunState } from '../../services/domain/run.ts';
import type { Store } from '../../services/store/connect.ts';
import { modelStore } from '../../services/store/model-store.ts';
import { seriesIndex } from '../../services/store/series-index.ts';
import { studyOrders } from '../../services/store/study-orders.ts';
import { newUid } from './arrivals.ts';
import { startStore } from './database.ts';

/** A run in its end, written to the tables as the steps leave it. */
interface SeededRun {
  readonly state: RunState;
  readonly modelId?: string;
  /** Of its one finding. */
  readonly score?: number;
  readonly label?: string;
  readonly mm?: number;
  readonly below?: number;
  readonly reason?: Reason;
  readonly delivery?: 'PENDING' | 'DELIVERED' | 'REFUSED';
}

export interface Seed {
  readonly minutesAgo?: number;
  readonly priority?: StudyPriority;
  readonly received?: string;
  readonly PatientName?: string;
  readonly PatientID?: string;
  readonly StudyDate?: string;
  readonly StudyDescription?: string;
  readonly Modality?: string;
  readonly BodyPartExamined?: string;
  readonly sourceAETitle?: string;
  readonly instances?: number;
  /** Seconds of quiet that its series still waits. */
  readonly quietSeconds?: number;
  /** Images that no plan has seen. */
  readonly newInstances?: number;
  readonly runs?: readonly SeededRun[];
  readonly reading?: 'DRAFT' | 'SIGNED';
}

export interface Seeded {
  readonly store: Store;
  readonly orders: StudyOrders;
  readonly index: ReturnType<typeof seriesIndex>;
  empty(): Promise<void>;
  read(uid: string, given: { readonly state?: 'DRAFT' | 'SIGNED'; readonly revealed?: boolean }): Promise<void>;
  stop(): Promise<void>;
}

/** A PostgreSQL of its own, into which a test writes studies in any state. */
export async function startSeeded(): Promise<Seeded> {
  const { store, stop } = await startStore();
  // They refuse to be emptied.
  for (const table of ['signed_report', 'reading_action']) {
    await sql`ALTER TABLE ${sql.table(table)} DISABLE TRIGGER USER`.execute(store.database);
  }
  return {
    store,
    stop,
    orders: studyOrders(store),
    index: seriesIndex(store, { quietSeconds: 1, releasedQuietSeconds: 1 }),
    empty: async () => {
      await sql`TRUNCATE study, event, model CASCADE`.execute(store.database);
    },
    read: (uid, given) => read(store, uid, given),
  };
}

async function read(
  { database }: Store,
  uid: string,
  { state = 'DRAFT', revealed = false }: { readonly state?: 'DRAFT' | 'SIGNED'; readonly revealed?: boolean },
) {
  await sql`
    INSERT INTO reading ("StudyInstanceUID", state, revision, "readerName", "readerOrganization", content, "judgedRuns", "revealedAt", "changedAt")
    VALUES (${uid}, ${state}, 1, 'Li^Na', '', '{}', '[]', ${revealed ? new Date() : null}, now())
    ON CONFLICT ("StudyInstanceUID") DO UPDATE SET state = EXCLUDED.state, "revealedAt" = EXCLUDED."revealedAt"`.execute(
    database,
  );
}

const DEFAULTS = {
  ...{ minutesAgo: 0, instances: 1, newInstances: 0, quietSeconds: -1, received: null },
  ...{ StudyDate: '20260105', Modality: 'CT', BodyPartExamined: 'CHEST', sourceAETitle: 'CT1' },
} as const;

export async function seedStudy(
  store: Store,
  seed: Seed = {},
): Promise<{ readonly uid: string; readonly arrivedAt: number }> {
  const uid = newUid();
  const given = { ...DEFAULTS, ...named(uid), ...seed };
  const arrivedAt = Date.now() - given.minutesAgo * 60_000;
  const count = given.instances;
  const series = newUid();
  const { database } = store;
  await sql`
    INSERT INTO study ("StudyInstanceUID", "PatientName", "PatientID", "IssuerOfPatientID", "PatientBirthDate", "PatientSex",
      "PatientAge", "StudyDate", "StudyTime", "StudyID", "AccessionNumber", "ReferringPhysicianName", "StudyDescription",
      "createdAt", "RequestedProcedurePriority")
    VALUES (${uid}, ${given.PatientName}, ${given.PatientID}, '', '19600229', 'M', '064Y',
      ${given.StudyDate}, ${uid.slice(-6)}, '1', ${`A${uid.slice(-8)}`}, '', ${given.StudyDescription},
      ${new Date(arrivedAt)}, ${given.received})`.execute(database);
  await sql`
    INSERT INTO series VALUES (${series}, ${uid}, ${given.Modality}, 1, 'lung', ${given.BodyPartExamined}, '1.2.3',
      ${count}, ${given.runs === undefined ? 0 : count - given.newInstances}, ${new Date(arrivedAt)}, 0,
      now() + make_interval(secs => ${given.quietSeconds}))`.execute(database);
  await sql`
    INSERT INTO instance SELECT ${uid} || '.' || n, ${series}, ${uid}, '1.2.840.10008.5.1.4.1.1.2', '1.2.840.10008.1.2.1', n, 512, 512, NULL, '',
      ${randomUUID()}::text || n, repeat('a', 64), 1, ${given.sourceAETitle}, now(), n FROM generate_series(1, ${count}) n`.execute(
    database,
  );
  for (const run of given.runs ?? []) await seedRun(store, uid, series, run);
  if (given.reading !== undefined) await read(store, uid, { state: given.reading });
  if (given.priority !== undefined) await studyOrders(store).orderPriority(uid, given.priority);
  return { uid, arrivedAt };
}

const named = (uid: string) => ({
  PatientName: `Name${uid.slice(-6)}^Given`,
  PatientID: uid.slice(-12),
  StudyDescription: `CT chest ${uid.slice(-4)}`,
});

const RUN_DEFAULTS = {
  modelId: 'blob-log-ct',
  score: 0.8,
  mm: 9.2,
  label: 'nodule',
  below: 0,
  delivery: 'DELIVERED',
} as const;

async function seedRun({ database }: Store, uid: string, series: string, given: SeededRun): Promise<void> {
  const run = { ...RUN_DEFAULTS, ...given };
  const id = randomUUID();
  const found = run.state === 'FINDINGS';
  const ended = run.state !== 'WAITING' && run.state !== 'RUNNING';
  const { score } = run;
  await sql`
    INSERT INTO run (id, "StudyInstanceUID", "seriesSet", "modelId", "modelVersion", "modelHash", "inputDigest", watermarks, state,
      reason, threshold, "findingCount", "largestMm", "topScore", "startedAt", "finishedAt")
    VALUES (${id}, ${uid}, ${series}, ${run.modelId}, '2.3.1', ${'9f2c'.repeat(16)}, ${id},
      jsonb_build_object(${series}::text, 1), ${run.state}, ${run.reason ? JSON.stringify(run.reason) : null}::jsonb, 0.3,
      ${found ? 1 : 0}, ${found ? run.mm : null}, ${found ? score : null},
      ${run.state === 'WAITING' ? null : new Date(Date.now() - 40_000)}, ${ended ? new Date() : null})`.execute(
    database,
  );
  if (!ended || run.state === 'FAILED') return;
  const resultId = randomUUID();
  await sql`INSERT INTO result (id, "runId", revision, "stageSeconds") VALUES (${resultId}, ${id}, 1, '{}')`.execute(
    database,
  );
  const scores = [...(found ? [score] : []), ...Array.from({ length: run.below }, () => 0.1)];
  for (const [at, each] of scores.entries()) {
    const lesion = { score: each, label: run.label, diameterMm: run.mm };
    await sql`INSERT INTO finding VALUES (${newUid()}, ${resultId}, ${at + 1}, ${each}, ${lesion.diameterMm}, ${JSON.stringify(lesion)}::jsonb)`.execute(
      database,
    );
  }
  await sql`INSERT INTO delivery (id, "resultId", destination, state, "lastError", attempts)
    VALUES (${randomUUID()}, ${resultId}, 'PACS-A', ${run.delivery}, ${run.delivery === 'PENDING' ? 'connection refused' : null}, 1)`.execute(
    database,
  );
}

/** One study in each of the eleven states, by its state. */
export async function seedStates(store: Store): Promise<Readonly<Record<AiStateName, string>>> {
  await modelStore(store).switchModel('old-ct', false);
  const of = async (given: Seed) => (await seedStudy(store, given)).uid;
  const reason = (code: Reason['code'], params: Reason['params']): Reason => ({ code, params });
  const gap = reason('MISSING_SLICES', { gapMm: 12, after: 40, before: 41, spacingMm: 2.5 });
  return {
    findings: await of({
      ...{ minutesAgo: 4, PatientName: 'Zhang^San=张^三', StudyDescription: 'CT chest LDCT', instances: 3 },
      runs: [{ state: 'FINDINGS', score: 0.93, mm: 9.2 }],
    }),
    failed: await of({
      ...{ minutesAgo: 31, PatientName: 'Qian^Fang=钱^芳', StudyDescription: 'CT chest 5 mm' },
      runs: [{ state: 'FAILED', reason: reason('CRASHED_REPEATEDLY', { count: 3, detail: 'signal SIGSEGV' }) }],
    }),
    notApplicable: await of({
      ...{ minutesAgo: 25, PatientName: 'Zhao^Min=赵^敏', StudyDescription: 'CT abdomen', BodyPartExamined: 'ABDOMEN' },
      runs: [{ state: 'NOT_ANALYSABLE', reason: gap, delivery: 'REFUSED' }],
    }),
    running: await of({
      ...{ minutesAgo: 19, PatientName: 'Chen^Jing', StudyDescription: 'CT chest' },
      runs: [{ state: 'RUNNING' }],
    }),
    queued: await of({
      ...{ minutesAgo: 17, PatientName: 'Wu^Lei=吴^磊', StudyDescription: 'CT chest', priority: 'HIGH' },
      runs: [{ state: 'WAITING' }],
    }),
    outdated: await of({
      ...{
        minutesAgo: 14,
        PatientName: 'Zhou^Ping=周^平',
        StudyDescription: 'CT chest',
        instances: 13,
        newInstances: 12,
      },
      runs: [{ state: 'FINDINGS', score: 0.55, mm: 6.1 }],
    }),
    none: await of({
      ...{ minutesAgo: 11, PatientName: 'Hong^Gildong=洪^吉洞=홍^길동', StudyDescription: 'CT chest routine' },
      runs: [{ state: 'NO_FINDINGS', below: 2, delivery: 'PENDING' }],
    }),
    partial: await of({
      ...{ minutesAgo: 8, PatientName: 'Sun^Yang=孙^阳', StudyDescription: 'CT chest' },
      runs: [
        { state: 'FINDINGS', score: 0.6, mm: 7 },
        { state: 'FAILED', modelId: 'other-ct', reason: reason('DEADLINE', { seconds: 900 }) },
      ],
    }),
    receiving: await of({
      ...{ minutesAgo: 2, PatientName: 'Wang^Wei=王^伟', StudyDescription: '', instances: 4, quietSeconds: 3600 },
    }),
    withdrawn: await of({
      ...{ minutesAgo: 90, PatientName: 'He^Tao=何^涛', StudyDescription: 'CT chest follow-up' },
      runs: [{ state: 'NO_FINDINGS', modelId: 'old-ct' }],
    }),
    signed: await of({
      ...{ minutesAgo: 120, PatientName: 'Li^Na=李^娜', StudyDescription: 'CT chest routine', reading: 'SIGNED' },
      runs: [{ state: 'FINDINGS', score: 0.8, mm: 12 }],
    }),
  };
}
