import { basename, resolve } from 'node:path';
import { z } from 'zod';
import { Uid } from '../../domain/uid.ts';
import type { DatasetFile, ScanEntry } from '../dataset-file.ts';
import { readYaml } from '../read-yaml.ts';

const PointMm = z.tuple([z.number(), z.number(), z.number()]);
const Finding = z.object({
  center_lps_mm: PointMm.optional(),
  diameter_mm: z.number().optional(),
  box_lps_mm: z.tuple([PointMm, PointMm]).optional(),
});
const CaseList = z.object({
  cases: z
    .array(
      z.object({
        folder: z.string().min(1).max(500),
        series: Uid,
        lesions: z.array(Finding),
        irrelevant_findings_lps_mm: z.array(Finding).default([]),
      }),
    )
    .min(1),
});

type Source = Extract<DatasetFile['source'], { format: 'case-list' }>;

/** The cases of the list; the folder's name is the scan's, because a patient's would end in reports. */
export async function caseListScans(root: string, { file, expect }: Source): Promise<ScanEntry[]> {
  const { cases } = await readYaml(resolve(root, file), CaseList);
  return cases.map(({ folder, series, lesions, irrelevant_findings_lps_mm }) => {
    const id = basename(folder);
    return {
      id,
      folder,
      SeriesInstanceUID: series,
      strata: {},
      ...(expect[id] ? { expect: expect[id] } : {}),
      lesions: [
        ...lesions.map((finding, at) => lesionOf(finding, `lesion ${at + 1}`, true)),
        ...irrelevant_findings_lps_mm.map((finding, at) => lesionOf(finding, `irrelevant ${at + 1}`, false)),
      ],
    };
  });
}

function lesionOf(
  { center_lps_mm: centerMm, diameter_mm: diameterMm, box_lps_mm: boxMm }: z.infer<typeof Finding>,
  id: string,
  included: boolean,
): ScanEntry['lesions'][number] {
  return {
    id,
    included,
    strata: {},
    ...(centerMm ? { centerMm } : {}),
    ...(diameterMm === undefined ? {} : { diameterMm }),
    ...(boxMm ? { boxMm } : {}),
  };
}
