import { lesionBox, markBox } from './hit-rule.ts';
import { areTogether, boxIou, type Mark, type ScanTruth, type TrueLesion } from './lesion.ts';

/** A scan with the marks that are judged, at most 100 of them. */
export interface MarkedScan {
  readonly truth: ScanTruth;
  readonly marks: readonly Mark[];
}

const RECALL_POINTS = 101;

/**
 * Average precision at an overlap of boxes, as COCO takes it: marks of all scans by falling score, each on the lesion it
 * overlaps best among those not yet taken, a second mark on a lesion false; precision made to fall, read at 101 recalls.
 * A mark that overlaps nothing but an excluded finding is left out. `undefined` without a lesion.
 */
export function averagePrecision(scans: readonly MarkedScan[], iou: number): number | undefined {
  const lesions = scans.reduce((sum, { truth }) => sum + truth.lesions.filter(({ included }) => included).length, 0);
  if (lesions === 0) return undefined;
  const judged = scans.flatMap((scan) => judge(scan, iou)).sort((a, b) => b.score - a.score);
  const recall: number[] = [];
  const precision: number[] = [];
  for (let i = 0, hits = 0; i < judged.length; i++) {
    if (judged[i]?.isHit) hits += 1;
    recall.push(hits / lesions);
    precision.push(hits / (i + 1));
  }
  for (let i = precision.length - 2; i >= 0; i--)
    precision[i] = Math.max(precision[i] as number, precision[i + 1] as number);
  let [sum, at] = [0, 0];
  for (let point = 0; point < RECALL_POINTS; point++) {
    while (at < recall.length && (recall[at] as number) < point / (RECALL_POINTS - 1)) at += 1;
    sum += precision[at] ?? 0;
  }
  return sum / RECALL_POINTS;
}

/** The mean over overlaps of 0.10, 0.15 … 0.50: what nnDetection and MONAI call mAP(.1:.5). */
export function meanAveragePrecision(scans: readonly MarkedScan[]): number | undefined {
  const all = Array.from({ length: 9 }, (_, i) => averagePrecision(scans, (10 + 5 * i) / 100));
  return all.reduce<number | undefined>(
    (sum, value) => (sum === undefined || value === undefined ? undefined : sum + value / all.length),
    0,
  );
}

function judge({ truth, marks }: MarkedScan, iou: number): { score: number; isHit: boolean }[] {
  const taken = new Set<TrueLesion>();
  return marks
    .toSorted((a, b) => b.score - a.score)
    .flatMap((mark) => {
      const overlapping = truth.lesions
        .filter((lesion) => !taken.has(lesion) && areTogether(mark, lesion))
        .map((lesion) => ({ lesion, overlap: boxIou(markBox(mark), lesionBox(lesion)) }))
        .filter(({ overlap }) => overlap >= iou)
        .sort((a, b) => Number(b.lesion.included) - Number(a.lesion.included) || b.overlap - a.overlap);
      const best = overlapping[0]?.lesion;
      if (best?.included === false) return [];
      if (best) taken.add(best);
      return [{ score: mark.score, isHit: best !== undefined }];
    });
}
