import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { readPart10Meta } from '../../services/dicom/dataset/part10.ts';
import type { Finding } from '../../services/domain/finding.ts';
import { type Orthanc, startOrthanc } from '../support/orthanc.ts';
import { type Overread, startOverread } from '../support/overread.ts';
import { hasProgram, hasSharedData, SHARED_DATA } from '../support/programs.ts';
import { dciodvfy, dsrdump, hasDciodvfy, hasDsrdump, hasPixelMed, pixelMed } from '../support/sr-validators.ts';

const available = hasSharedData && hasProgram('dcmsend') && hasProgram('Orthanc');
/** PixelMed's time and memory grow steeply: 100 groups took over six minutes and 6 GB. */
const PIXELMED_FINDINGS = 25;

const running: { overread?: Overread; orthanc?: Orthanc } = {};

/** Real studies by dcmtk's sender, through everything, to Orthanc. */
describe.skipIf(!available)('real chest CT (needs ../shared/data, dcmtk, Orthanc)', () => {
  beforeAll(async () => {
    running.orthanc = await startOrthanc();
    running.overread = await startOverread({ PACS: running.orthanc.peer });
  }, 120_000);
  afterAll(async () => {
    await running.overread?.stop();
    await running.orthanc?.stop();
    running.overread?.remove();
  });
  const started = () => {
    const { overread, orthanc } = running;
    if (overread === undefined || orthanc === undefined) throw new Error('not started');
    return { overread, orthanc };
  };

  /** Sends a case with dcmsend, waits for its end and for its report at Orthanc, validates the report. */
  async function read(name: string) {
    const { overread, orthanc } = started();
    const folder = join(SHARED_DATA, 'ct', name);
    const sent = spawnSync(
      'dcmsend',
      [
        '--aetitle',
        'DCMTK',
        '--call',
        'OVERREAD',
        '127.0.0.1',
        String(overread.dimsePort),
        '--scan-directories',
        '--recurse',
        folder,
      ],
      { env: { ...process.env, TCP_NODELAY: '1' }, encoding: 'utf8' },
    );
    expect(sent.status, sent.stderr).toBe(0);
    const detail = await overread.ended(truth(name).StudyInstanceUID, 300);
    const report = await untilReport(orthanc, truth(name).StudyInstanceUID);
    expect(await complaints(await orthanc.file(report.id), detail.runs[0]?.findingCount ?? 0)).toEqual([]);
    const [run] = detail.runs;
    if (run === undefined) throw new Error('no run');
    return { ...run, marks: run.findings.filter(({ score }) => score >= run.threshold) };
  }

  it('lidc-0063: analysed; says how many of its two nodules are marked, and how many marks are none', async () => {
    const { state, marks, findings } = await read('lidc-0063');
    expect(state).toBe('FINDINGS');
    const lesions = truth('lidc-0063').lesions;
    const hits = lesions.filter((lesion) => marks.some((mark) => isInside(mark, lesion)));
    const candidates = lesions.filter((lesion) => findings.some((finding) => isInside(finding, lesion)));
    console.log(
      `lidc-0063: ${hits.length} of ${lesions.length} marked, ${candidates.length} among all candidates, ${marks.length} marks`,
    );
    expect(candidates.length).toBeGreaterThanOrEqual(1);
  }, 400_000);

  it('nlst-101287: analysed', async () => {
    const { state, marks } = await read('nlst-101287');
    expect(['FINDINGS', 'NO_FINDINGS']).toContain(state);
    const hits = truth('nlst-101287').lesions.filter((lesion) => marks.some((mark) => isInside(mark, lesion)));
    console.log(`nlst-101287: ${hits.length} of 1 marked, ${marks.length} marks`);
  }, 400_000);

  it('lung-dx-a0002: refused for its thick slices, with both numbers', async () => {
    const { state, reason } = await read('lung-dx-a0002');
    expect(state).toBe('NOT_ANALYSABLE');
    expect(reason).toMatchObject({ code: 'SLICE_TOO_THICK', params: { thicknessMm: 8, limitMm: 5 } });
  }, 200_000);
});

/** Is the centre of a mark within the lesion: LUNA16's rule for a diameter, inside the readers' box for a box? */
function isInside({ center }: Finding, lesion: Lesion): boolean {
  if (center === null) return false;
  if ('box_lps_mm' in lesion) {
    const [low, high] = lesion.box_lps_mm;
    return center.every((value, axis) => value >= (low[axis] ?? 0) && value <= (high[axis] ?? 0));
  }
  const distance = Math.hypot(...center.map((value, axis) => value - (lesion.center_lps_mm[axis] ?? 0)));
  return distance < lesion.diameter_mm / 2;
}

const Point = z.array(z.number()).length(3);
const Lesion = z.union([
  z.object({ center_lps_mm: Point, diameter_mm: z.number() }),
  z.object({ box_lps_mm: z.tuple([Point, Point]) }),
]);
type Lesion = z.infer<typeof Lesion>;
const GroundTruth = z.object({
  cases: z.array(z.object({ folder: z.string(), study: z.string(), lesions: z.array(Lesion) })),
});

function truth(name: string): { readonly StudyInstanceUID: string; readonly lesions: readonly Lesion[] } {
  const { cases } = GroundTruth.parse(JSON.parse(readFileSync(join(SHARED_DATA, 'ct/ground-truth.json'), 'utf8')));
  const found = cases.find(({ folder }) => folder === `ct/${name}`);
  if (found === undefined) throw new Error(`no ground truth for ${name}`);
  return { StudyInstanceUID: found.study, lesions: found.lesions };
}

async function untilReport(orthanc: Orthanc, StudyInstanceUID: string) {
  for (const until = Date.now() + 60_000; Date.now() < until; await sleep(500)) {
    const report = (await orthanc.reports()).find((candidate) => candidate.StudyInstanceUID === StudyInstanceUID);
    if (report !== undefined) return report;
  }
  throw new Error('no report at Orthanc within 60 s');
}

/** The errors that dciodvfy, dsrdump and PixelMed find in the file as the PACS keeps it; missing validators say nothing. */
async function complaints(file: Uint8Array, findings: number): Promise<readonly string[]> {
  const { datasetOffset, ...meta } = readPart10Meta(file);
  const report = { ...meta, SeriesInstanceUID: '', dataset: file.subarray(datasetOffset) };
  const verdicts = [
    ...(hasDciodvfy ? [await dciodvfy(report)] : []),
    ...(hasDsrdump ? [await dsrdump(report)] : []),
    ...(hasPixelMed && findings <= PIXELMED_FINDINGS ? [await pixelMed(report)] : []),
  ];
  return verdicts.flatMap(({ errors }) => errors);
}
