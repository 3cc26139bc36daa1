import { averagePrecision, type MarkedScan, meanAveragePrecision } from '../evaluation/average-precision.ts';
import { calibration } from '../evaluation/calibration.ts';
import { examAuroc } from '../evaluation/exam-auroc.ts';
import { LUNA16_RATES } from '../evaluation/froc.ts';
import { type FrocSummary, scoredScan, stratify, summarizeFroc } from '../evaluation/froc-summary.ts';
import { hitRule, ruleFor } from '../evaluation/hit-rule.ts';
import { localizationError } from '../evaluation/localization-error.ts';
import { type MatchedScan, matchMarks } from '../evaluation/match-marks.ts';
import { operatingPoint } from '../evaluation/operating-point.ts';
import type { AccuracyMetrics, DatasetMetrics } from './accuracy-metrics.ts';
import type { ScanResult } from './analyze-scans.ts';
import type { BenchFile } from './bench-file.ts';
import type { DatasetFile } from './dataset-file.ts';

/** A score from which marks are shown. */
export interface Threshold {
  readonly id: string;
  readonly threshold: number;
  readonly isDefault: boolean;
}

export interface AccuracyOptions {
  readonly plan: BenchFile['accuracy'];
  readonly seed: number;
  readonly thresholds: readonly Threshold[];
}

/** A scan that was judged, beside what it was judged from. */
export interface JudgedScan {
  readonly result: ScanResult;
  readonly matched: MatchedScan;
  readonly counts: boolean;
}

/** Marks against truth by the rules of the data set. A scan that was refused has no marks: its lesions were missed. */
export function judgeScans(about: DatasetFile, results: readonly ScanResult[], maxMarks: number): JudgedScan[] {
  const rule = hitRule(about.hitRule);
  return results.map((result) => {
    const { faceDistance } = result;
    const counts = (mark: ScanResult['marks'][number]) => (faceDistance?.(mark) ?? 0) >= about.faceMarginVoxels;
    const options = { rule, maxMarks, ...(about.faceMarginVoxels > 0 && faceDistance ? { counts } : {}) };
    const matched = matchMarks(result.scan.truth, result.marks, options);
    return { result, matched, counts: result.scan.expected === undefined };
  });
}

/** Every number of a data set. When the analyzer failed on a scan there are counts and no rates. */
export function measureAccuracy(
  about: DatasetFile,
  judged: readonly JudgedScan[],
  { plan, seed, thresholds }: AccuracyOptions,
): AccuracyMetrics {
  const complete = judged.every(({ result }) => result.outcome !== 'FAILED');
  const counted = complete ? judged.filter(({ counts }) => counts) : [];
  const matched = counted.map((scan) => scan.matched);
  const options = { samples: plan.bootstraps, seed, groups: counted.map(({ result }) => result.scan.group) };
  const summary = summarizeFroc(matched.map(scoredScan), options, about.rates);
  return {
    counts: countsOf(judged),
    froc: summary ? frocMetrics(summary, about.rates) : null,
    averagePrecision: precisionMetrics(counted),
    examAuroc: examAuroc(matched.map(exam)) ?? null,
    strataRate: plan.strataRate,
    strata: stratify(matched, plan.strataRate, options).map((stratum) => ({
      ...stratum,
      interval: stratum.interval ?? null,
    })),
    operatingPoints: complete ? thresholds.map((point) => pointMetrics(matched, point)) : [],
    localization: about.marksOn === 'images' ? null : localizationMetrics(matched),
    calibration: calibrationMetrics(matched),
    scans: judged.map(scanMetrics),
  };
}

/** Is this LUNA16 to the letter, and what is not? */
export function protocolOf(
  about: DatasetFile,
  judged: readonly JudgedScan[],
  { plan, seed }: AccuracyOptions,
): NonNullable<DatasetMetrics['protocol']> {
  const lesions = judged.filter(({ counts }) => counts).flatMap(({ matched }) => matched.lesions);
  const rules: Record<string, number> = {};
  for (const { lesion } of lesions) {
    const rule = ruleFor(about.hitRule, lesion);
    rules[rule] = (rules[rule] ?? 0) + 1;
  }
  const others = Object.keys(rules).filter((rule) => rule !== 'luna16');
  const setAside = judged.filter(({ counts }) => !counts).length;
  const deviations = [
    ...(others.length > 0 ? [`hits by ${others.join(', ')}`] : []),
    ...(plan.marksPerScan === 100 ? [] : [`${plan.marksPerScan} marks per scan instead of 100`]),
    ...(hasLunaRates(about.rates) ? [] : [`rates of ${about.rates.join(', ')} false marks`]),
    ...(about.unit === 'scan' ? [] : [`false marks per ${about.unit}, not per scan`]),
    ...(about.marksOn === 'patient' ? [] : ['boxes on single images']),
    ...(about.faceMarginVoxels === 0 ? [] : [`marks within ${about.faceMarginVoxels} voxels of a face do not count`]),
    ...(about.lungMask ? [] : ['the model ran without its lung mask']),
    ...(setAside === 0 ? [] : [`${setAside} scan(s) that must be refused are left out`]),
  ];
  return {
    hitRule: about.hitRule,
    rules,
    luna16: deviations.length === 0,
    deviations,
    unit: about.unit,
    marksPerScan: plan.marksPerScan,
    bootstraps: plan.bootstraps,
    seed,
  };
}

const hasLunaRates = (rates: readonly number[]): boolean =>
  rates.length === LUNA16_RATES.length && rates.every((rate, at) => rate === LUNA16_RATES[at]);

function frocMetrics({ curve, cpm, cpmInterval, rates, band }: FrocSummary, asked: readonly number[]) {
  const isCpm = hasLunaRates(asked);
  return {
    cpm: isCpm ? cpm : null,
    cpmInterval: (isCpm && cpmInterval) || null,
    rates: rates.map(({ interval, ...rate }) => ({ ...rate, interval: interval ?? null })),
    curve: {
      fpPerScan: [...curve.fpPerScan],
      sensitivity: [...curve.sensitivity],
      threshold: curve.threshold.map((score) => (Number.isFinite(score) ? score : null)),
    },
    band: [...band],
  };
}

/** `null` where a mark or a lesion has no box. */
function precisionMetrics(judged: readonly JudgedScan[]): AccuracyMetrics['averagePrecision'] {
  const scans = judged.map(
    ({ result }): MarkedScan => ({
      truth: result.scan.truth,
      marks: result.marks.toSorted((a, b) => b.score - a.score).slice(0, 100),
    }),
  );
  const haveBoxes = scans.every(
    ({ truth, marks }) =>
      marks.every(({ diameterMm, box }) => diameterMm !== undefined || box) &&
      truth.lesions.every(({ diameterMm, box }) => diameterMm !== undefined || box),
  );
  const ap10 = haveBoxes ? averagePrecision(scans, 0.1) : undefined;
  const map10to50 = haveBoxes ? meanAveragePrecision(scans) : undefined;
  return ap10 === undefined || map10to50 === undefined ? null : { ap10, map10to50 };
}

function exam({ lesions, falseMarks }: MatchedScan) {
  const scores = [
    ...lesions.flatMap(({ mark }) => (mark ? [mark.score] : [])),
    ...falseMarks.map(({ score }) => score),
  ];
  return {
    isPositive: lesions.length > 0,
    score: scores.reduce<number | undefined>((most, score) => Math.max(most ?? score, score), undefined),
  };
}

function pointMetrics(scans: readonly MatchedScan[], { id, threshold, isDefault }: Threshold) {
  const { sensitivity = null, precision = null, ...counts } = operatingPoint(scans, id, threshold);
  return { ...counts, isDefault, sensitivity, precision };
}

function localizationMetrics(scans: readonly MatchedScan[]): AccuracyMetrics['localization'] {
  const error = localizationError(scans);
  if (!error) return null;
  const { diameter } = error;
  return {
    ...error,
    diameter: diameter
      ? {
          ...diameter,
          pairs: diameter.pairs.map(([truth, mark]): [number, number] => [truth, mark]),
          limitsMm: [...diameter.limitsMm],
        }
      : null,
  };
}

function calibrationMetrics(scans: readonly MatchedScan[]): AccuracyMetrics['calibration'] {
  const found = calibration(scans);
  return found ? { ...found, bins: [...found.bins] } : null;
}

function countsOf(judged: readonly JudgedScan[]): AccuracyMetrics['counts'] {
  const counted = judged.filter(({ counts }) => counts);
  const scans = (holds: (scan: JudgedScan) => boolean) => judged.filter(holds).length;
  const sum = (of: (scan: JudgedScan) => number) => counted.reduce((total, scan) => total + of(scan), 0);
  return {
    scans: counted.length,
    analysed: scans(({ result, counts }) => counts && result.outcome === 'ANALYSED'),
    refused: scans(({ result, counts }) => counts && result.outcome === 'NOT_ANALYSABLE'),
    refusedAsExpected: scans(({ result }) => isRefusedAsExpected(result)),
    failed: scans(({ result }) => result.outcome === 'FAILED'),
    lesions: sum(({ matched }) => matched.lesions.length),
    excluded: sum(({ result }) => result.scan.truth.lesions.filter(({ included }) => !included).length),
    marks: sum(({ result }) => result.marks.length),
    falseMarks: sum(({ matched }) => matched.falseMarks.length),
    cut: sum(({ matched }) => matched.cut),
    duplicates: sum(({ matched }) => matched.duplicates),
    ignored: sum(({ matched }) => matched.ignored),
    shared: sum(({ matched }) => matched.shared),
  };
}

const isRefusedAsExpected = ({ scan, outcome, reason }: ScanResult): boolean =>
  scan.expected !== undefined && outcome === 'NOT_ANALYSABLE' && reason?.code === scan.expected;

function scanMetrics({ result, matched, counts }: JudgedScan): AccuracyMetrics['scans'][number] {
  const { lesions, falseMarks, cut, duplicates, ignored, shared } = matched;
  return {
    id: result.scan.id,
    SeriesInstanceUID: result.SeriesInstanceUID,
    group: result.scan.group,
    imagesSha256: result.imagesSha256 ?? null,
    counts,
    outcome: result.outcome,
    reason: result.reason ?? null,
    expected: result.scan.expected ?? null,
    seconds: result.seconds ?? null,
    stageSeconds: result.stageSeconds,
    lesions: lesions.map(({ lesion, mark }) => ({
      id: lesion.id,
      score: mark?.score ?? null,
      diameterMm: lesion.diameterMm ?? null,
      strata: { ...lesion.strata },
    })),
    falseMarks: falseMarks.map(({ score }) => score).sort((a, b) => b - a),
    cut,
    duplicates,
    ignored,
    shared,
  };
}
