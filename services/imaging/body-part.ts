import type { Dataset } from '../dicom/dataset/dataset.ts';
import { TAG } from '../dicom/dataset/tags.ts';
import type { Frame } from './image-frames.ts';

/** Body Part Examined by the code of the anatomic region, SCT and the SRT code it had before (PS3.16 Annex L). */
// biome-ignore format: a table
const BODY_PARTS: Readonly<Record<string, readonly string[]>> = {
  ABDOMEN:         ['818981001', '113345001', 'T-D4000'],
  ABDOMENPELVIS:   ['818982008', '416949008'],
  BRAIN:           ['12738006', 'T-A0100'],
  CHEST:           ['816094009', '51185008', 'T-D3000'],
  CHESTABDOMEN:    ['416550000'],
  CHESTABDPELVIS:  ['416775004'],
  HEAD:            ['69536005', 'T-D1100'],
  HEART:           ['80891009', 'T-32000'],
  LUNG:            ['39607008', 'T-28000'],
  NECK:            ['45048000', 'T-D1600'],
  PELVIS:          ['816092008', '12921003', 'T-D6000'],
  WHOLEBODY:       ['38266002', 'T-D0010'],
};

/** Upper case; from the region code of a multi-frame image where it has no Body Part Examined; `''` when not known. */
export function bodyPart(dataset: Dataset, { at }: Pick<Frame, 'at'>): string {
  const named = at(TAG.BodyPartExamined).string(TAG.BodyPartExamined).toUpperCase();
  if (named !== '') return named;
  const tag = TAG.AnatomicRegionSequence;
  const [region] = at(tag, TAG.FrameAnatomySequence).sequence(tag);
  const code = region?.string(TAG.CodeValue) ?? '';
  const known = Object.entries(BODY_PARTS).find(([, codes]) => codes.includes(code));
  return known?.[0] ?? dataset.string(TAG.BodyPartExamined).toUpperCase();
}
