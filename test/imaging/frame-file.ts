import { createHash } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AnalysisInput } from '../../services/domain/run.ts';
import { datasetBytes, type Element, part10Bytes, TRANSFER_SYNTAX } from '../support/dicom-bytes.ts';

export const DIGITAL_X_RAY = '1.2.840.10008.5.1.4.1.1.1.1';

interface Pixels {
  readonly columns: number;
  readonly rows: number;
  /** Stored values. */
  readonly stored: ArrayLike<number>;
}

/** A single image of a chest as a stored file; `others` are added, or put in place of the element of the same tag. */
export function frameFile({ columns, rows, stored }: Pixels, others: readonly Element[] = []): AnalysisInput {
  const usual: readonly Element[] = [
    [0x00080008, 'CS', 'ORIGINAL\\PRIMARY'],
    [0x00080016, 'UI', DIGITAL_X_RAY],
    [0x00080018, 'UI', '1.2.3.4'],
    [0x00080060, 'CS', 'DX'],
    [0x00101010, 'AS', '061Y'],
    [0x00180015, 'CS', 'CHEST'],
    [0x00185101, 'CS', 'PA'],
    [0x0020000d, 'UI', '1.2.3.1'],
    [0x0020000e, 'UI', '1.2.3.2'],
    [0x00200013, 'IS', '1'],
    [0x00280002, 'US', [1]],
    [0x00280004, 'CS', 'MONOCHROME2'],
    [0x00280010, 'US', [rows]],
    [0x00280011, 'US', [columns]],
    [0x00280100, 'US', [16]],
    [0x00280101, 'US', [12]],
    [0x00280102, 'US', [11]],
    [0x00280103, 'US', [0]],
    [0x7fe00010, 'OW', Int16Array.from(stored)],
  ];
  const tags = new Set(others.map(([tag]) => tag));
  const elements = [...usual.filter(([tag]) => !tags.has(tag)), ...others].sort(([a], [b]) => a - b);
  const file = join(mkdtempSync(join(tmpdir(), 'overread-frame-')), '1.dcm');
  writeFileSync(file, part10Bytes(elements));
  const sha256 = createHash('sha256').update(datasetBytes(elements)).digest('hex');
  const text = (tag: number) => String(elements.find(([own]) => own === tag)?.[2] ?? '');
  return {
    file,
    sha256,
    SeriesInstanceUID: text(0x0020000e),
    SOPInstanceUID: text(0x00080018),
    SOPClassUID: text(0x00080016),
    TransferSyntaxUID: TRANSFER_SYNTAX.explicit,
  };
}
