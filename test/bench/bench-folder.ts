import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { LoadProbe } from '../../services/bench/machine-load.ts';
import type { Metrics } from '../../services/bench/metrics.ts';
import { type BenchRequest, runBench } from '../../services/bench/run-bench.ts';
import { seededRandom } from '../../services/evaluation/random.ts';
import { fakeContext } from '../support/fake-context.ts';

const ROOT = join(import.meta.dirname, '../..');
export const QUIET: LoadProbe = { cores: 2, loadAverage: () => 0.2 };

/** A folder for bench files, data sets and outputs. */
export function benchFolder() {
  const root = mkdtempSync(join(tmpdir(), 'overread-bench-'));
  const path = (name: string) => join(root, name);
  return {
    root,
    path,
    write(name: string, content: unknown): string {
      mkdirSync(dirname(path(name)), { recursive: true });
      writeFileSync(path(name), typeof content === 'string' ? content : JSON.stringify(content));
      return path(name);
    },
    read: (name: string) => readFileSync(path(name), 'utf8'),
  };
}

interface RunOptions extends Partial<BenchRequest> {
  readonly probe?: LoadProbe;
  readonly memoryMb?: number;
  readonly said?: string[];
}

/** Runs a bench file with the analyzer that ships, on a machine that says it is idle. */
export function run(
  file: string,
  { probe = QUIET, memoryMb = 1500, said = [], ...request }: RunOptions,
): Promise<Metrics> {
  return runBench(
    {
      file,
      out: join(dirname(file), 'out'),
      only: undefined,
      seed: undefined,
      pricePerHour: undefined,
      allowLoaded: false,
      baseline: undefined,
      detections: undefined,
      ...request,
    },
    {
      modelDirectory: (id) => join(ROOT, 'models', id),
      settings: {
        entry: join(ROOT, 'services/main/analyzer.ts'),
        memoryMb,
        deadlineSeconds: 300,
        log: fakeContext().log,
      },
      signal: new AbortController().signal,
      progress: (text) => said.push(text),
      probe,
    },
  );
}

export interface Row {
  readonly series: string;
  readonly x: number;
  readonly y: number;
  readonly z: number;
  readonly value: number;
}

export interface Luna16Lists {
  readonly series: readonly string[];
  readonly annotations: readonly Row[];
  readonly excluded: readonly Row[];
  readonly marks: readonly Row[];
}

/** Lists as LUNA16 has them, of series that nobody scanned; `skill`: how often a nodule is found. */
export function luna16Lists(skill: number, seed = 5, scans = 24): Luna16Lists {
  const random = seededRandom(seed);
  const place = () => 10 + random.below(300);
  // UIDs that differ in a leading zero only as numbers: they are text.
  const series = Array.from({ length: scans }, (_, at) => `1.2.${at % 2 === 0 ? 56 : 560}.${at}`);
  const rows = (count: number, value: () => number) => (uid: string) =>
    Array.from(
      { length: random.below(count) },
      (): Row => ({ series: uid, x: place(), y: place(), z: place(), value: value() }),
    );
  const annotations = series.flatMap(rows(5, () => 3 + 15 * random.next()));
  const excluded = series.flatMap(rows(4, () => -1));
  const hits = annotations.flatMap((row): Row[] => {
    const [found, score, shift] = [random.next() < skill, 0.3 + 0.7 * random.next(), random.next()];
    return found ? [{ ...row, x: row.x + shift, value: score }] : [];
  });
  return { series, annotations, excluded, marks: [...hits, ...series.flatMap(rows(9, () => random.next()))] };
}

const csv = (rows: readonly Row[], last: string): string =>
  [
    `seriesuid,coordX,coordY,coordZ,${last}`,
    ...rows.map(({ series, x, y, z, value }) => [series, x, y, z, value].join(',')),
  ].join('\n');

/** The lists as files, with a data set and a bench file that name them. Answers with the bench file. */
export function writeLuna16(
  folder: ReturnType<typeof benchFolder>,
  lists: Luna16Lists,
  gates: readonly object[] = [],
): string {
  folder.write('series.csv', `seriesuid\n${lists.series.join('\n')}\n`);
  folder.write('annotations.csv', csv(lists.annotations, 'diameter_mm'));
  folder.write('excluded.csv', csv(lists.excluded, 'diameter_mm'));
  folder.write('marks.csv', csv(lists.marks, 'probability'));
  folder.write('luna.yaml', {
    schemaVersion: '1.0',
    id: 'luna',
    title: 'Lists without images',
    kind: 'real-scans',
    license: 'none',
    split: 'test',
    source: {
      format: 'luna16',
      series: 'series.csv',
      annotations: 'annotations.csv',
      excluded: 'excluded.csv',
      images: false,
    },
  });
  const accuracy = { bootstraps: 200, thresholds: [0.5] };
  return folder.write('bench.yaml', { schemaVersion: '1.0', datasets: [{ file: 'luna.yaml' }], accuracy, gates });
}
