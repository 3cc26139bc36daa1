import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { part10Header, readPart10Meta } from '../../../services/dicom/dataset/part10.ts';
import type { OutgoingInstance } from '../../../services/dicom/net/storage-scu.ts';
import { TRANSFER_SYNTAX, type TransferSyntax } from '../../support/dicom-bytes.ts';

/** Writes a data set as a file that other programs read. */
export function writePart10(
  file: string,
  { SOPClassUID, SOPInstanceUID, dataset }: { SOPClassUID: string; SOPInstanceUID: string; dataset: Uint8Array },
  syntax: TransferSyntax,
): void {
  const TransferSyntaxUID = TRANSFER_SYNTAX[syntax];
  const header = part10Header({ SOPClassUID, SOPInstanceUID, TransferSyntaxUID, sourceAETitle: 'TEST' });
  writeFileSync(file, Buffer.concat([header, dataset]));
}

/** A file as our SCU sends it: only its head is read here. */
export function outgoingFile(file: string): OutgoingInstance {
  const { datasetOffset, ...meta } = readPart10Meta(readFileSync(file).subarray(0, 16_384));
  return { ...meta, dataset: { file, offset: datasetOffset, length: statSync(file).size - datasetOffset } };
}
