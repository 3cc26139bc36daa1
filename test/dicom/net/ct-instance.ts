import { datasetBytes, type Element, syntheticUid, type TransferSyntax } from '../../support/dicom-bytes.ts';
import { CT_IMAGE_STORAGE } from '../../support/load-client.ts';

/** A small CT slice as it travels: identity, study, and `pixelBytes` of pixel data. */
export function ctInstance(
  name: string | number,
  { pixelBytes = 20_000, syntax = 'explicit' as TransferSyntax, more = [] as readonly Element[] } = {},
): { SOPClassUID: string; SOPInstanceUID: string; dataset: Uint8Array } {
  const SOPInstanceUID = syntheticUid('instance', name);
  const pixels = new Uint16Array(pixelBytes / 2).map((_, i) => (i * 31 + Number(name)) & 0xfff);
  const elements: Element[] = [
    [0x00080005, 'CS', 'ISO_IR 192'],
    [0x00080016, 'UI', CT_IMAGE_STORAGE],
    [0x00080018, 'UI', SOPInstanceUID],
    [0x00080060, 'CS', 'CT'],
    [0x00100010, 'PN', 'Canary^Patient'],
    [0x00100020, 'LO', 'CANARY-ID'],
    [0x0020000d, 'UI', syntheticUid('study')],
    [0x0020000e, 'UI', syntheticUid('series')],
    [0x00200013, 'IS', '1'],
    [0x00280010, 'US', [100]],
    [0x00280011, 'US', [pixelBytes / 200]],
    ...more,
    [0x7fe00010, 'OW', pixels],
  ];
  return { SOPClassUID: CT_IMAGE_STORAGE, SOPInstanceUID, dataset: datasetBytes(elements, syntax) };
}
