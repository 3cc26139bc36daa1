import type { Code } from '../../domain/report-source.ts';
import { CONCEPT, modalityCode, UNIT } from './codes.ts';
import { type ContentItem, code, container, type ImageReference, image, num, uidref } from './content-item.ts';

/** Images of one series, with what they have in common. */
export interface ImageLibraryGroup {
  /** CID 29; a group of an unknown modality is left out, for its template asks for one. */
  readonly modality: string;
  readonly FrameOfReferenceUID?: string | undefined;
  readonly grid?: ImageGrid | undefined;
  readonly images: readonly ImageReference[];
}

interface ImageGrid {
  /** Axis order: column, row, slice. */
  readonly shape: readonly [columns: number, rows: number, slices: number];
  readonly spacingMm: readonly [horizontal: number, vertical: number, slices: number];
}

const ACQUIRED = 'HAS ACQ CONTEXT';

/** TID 1600: the images a reader is to look at. OHIF opens no report without this container, even an empty one. */
export const tid1600ImageLibrary = (groups: readonly ImageLibraryGroup[]): ContentItem =>
  container('CONTAINS', CONCEPT.imageLibrary, groups.flatMap(imageLibraryGroup));

function imageLibraryGroup(group: ImageLibraryGroup): ContentItem[] {
  const modality = modalityCode(group.modality);
  if (!modality || group.images.length === 0) return [];
  const entries = group.images.map(tid1601ImageLibraryEntry);
  return [container('CONTAINS', CONCEPT.imageLibraryGroup, [...tid1602Descriptors(modality, group), ...entries])];
}

const tid1601ImageLibraryEntry = (reference: ImageReference): ContentItem => image('CONTAINS', reference);

/** TID 1602, including TID 1604 for a stack of slices. */
function tid1602Descriptors(modality: Code, { FrameOfReferenceUID, grid }: ImageLibraryGroup): ContentItem[] {
  return [
    code(ACQUIRED, CONCEPT.modality, modality),
    ...(FrameOfReferenceUID ? [uidref(ACQUIRED, CONCEPT.frameOfReferenceUID, FrameOfReferenceUID)] : []),
    ...(grid ? [...pixelGrid(grid), ...tid1604CrossSectional(grid)] : []),
  ];
}

const pixelGrid = ({ shape: [columns, rows] }: ImageGrid): ContentItem[] => [
  num(ACQUIRED, CONCEPT.pixelDataRows, { value: rows, decimals: 0, unit: UNIT.pixels }),
  num(ACQUIRED, CONCEPT.pixelDataColumns, { value: columns, decimals: 0, unit: UNIT.pixels }),
];

function tid1604CrossSectional({ spacingMm: [horizontal, vertical, slices] }: ImageGrid): ContentItem[] {
  const millimeters = (concept: Code, value: number) =>
    num(ACQUIRED, concept, { value, decimals: 6, unit: UNIT.millimeter });
  return [
    millimeters(CONCEPT.horizontalPixelSpacing, horizontal),
    millimeters(CONCEPT.verticalPixelSpacing, vertical),
    millimeters(CONCEPT.spacingBetweenSlices, slices),
  ];
}
