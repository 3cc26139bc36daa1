import { AppError } from '../../domain/errors.ts';
import { TECHNIQUE_KEYWORDS } from '../../domain/routing/attributes.ts';
import type { IndexedHeader, InstanceAttributes, SeriesAttributes, StudyAttributes } from '../../domain/study.ts';
import { Uid } from '../../domain/uid.ts';
import { type Dataset, openDataset } from './dataset.ts';
import { inflateHead } from './inflate.ts';
import { MAX_INDEXED_CHARACTERS } from './limits.ts';
import { type ReadElements, readElements } from './read-elements.ts';
import { TAG } from './tags.ts';
import { encodingOf, isDeflated, TRANSFER_SYNTAX } from './transfer-syntax.ts';

/** Nothing behind this is indexed: the head of an instance may end anywhere after it. */
const LAST_INDEXED_TAG = TAG.Columns;
/** Characters of an SH. */
const MAX_CODE_STRING = 16;
/** Of a deflated head; no stream of deflate makes more than 4 MB of them. */
const FIRST_DEFLATED_BYTES = 4096;

/**
 * Reads what the index holds of an instance from the first bytes of its data set. A head that ends before Pixel Data is
 * enough; of one that ends earlier, what it holds is read.
 *
 * @throws {AppError} DATASET_UNREADABLE when it is no data set, or when one of the four UIDs that name an instance is
 *   absent or no UID (PS3.5 §9.1). The message names attributes, never values.
 */
export function readHeader(head: Uint8Array, transferSyntaxUID: string): IndexedHeader {
  const read = isDeflated(transferSyntaxUID) ? deflatedElements(head) : elementsToPriority(head, transferSyntaxUID);
  const { dataset, tolerated } = openDataset(read.elements, read.tolerated);
  const indexed = new IndexedText(dataset);
  const priority = indexed.string(TAG.RequestedProcedurePriority).slice(0, MAX_CODE_STRING);
  const header = {
    study: { ...studyOf(indexed), ...(priority !== '' && { RequestedProcedurePriority: priority }) },
    series: seriesOf(indexed),
    instance: instanceOf(indexed),
  };
  return { ...header, tolerated: [...tolerated, ...indexed.tolerated] };
}

function indexedElements(head: Uint8Array, transferSyntaxUID: string, last: number = LAST_INDEXED_TAG): ReadElements {
  return readElements(head, encodingOf(transferSyntaxUID), {
    stopBefore: last + 1,
    totalBytes: Number.POSITIVE_INFINITY,
  });
}

/**
 * With Requested Procedure Priority, which stands behind what is indexed. It is not worth an instance: where the elements
 * up to it cannot be read, there is none.
 */
function elementsToPriority(head: Uint8Array, transferSyntaxUID: string): ReadElements {
  try {
    return indexedElements(head, transferSyntaxUID, TAG.RequestedProcedurePriority);
  } catch {
    return indexedElements(head, transferSyntaxUID);
  }
}

/** No more is inflated than the index needs: the pixels behind it may grow to any size. */
function deflatedElements(head: Uint8Array): ReadElements {
  for (let size = FIRST_DEFLATED_BYTES; ; size *= 2) {
    const read = indexedElements(inflateHead(head.subarray(0, size)), TRANSFER_SYNTAX.deflatedLittle);
    if (!read.cut || size >= head.length) return read;
  }
}

/** What the index keeps of an attribute: a name of megabytes must not travel with every row of a list. */
class IndexedText {
  readonly #dataset: Dataset;
  readonly tolerated = new Set<string>();

  constructor(dataset: Dataset) {
    this.#dataset = dataset;
  }

  string(tag: number): string {
    return this.#kept(this.#dataset.string(tag));
  }

  /** All values, with the backslashes between them. */
  joined(tag: number): string {
    return this.#kept(this.#dataset.strings(tag).join('\\'));
  }

  /** A whole number that the index can hold (32 bits, as IS is). */
  integer(tag: number): number | undefined {
    const value = this.#dataset.number(tag);
    return value !== undefined && Number.isInteger(value) && Math.abs(value) < 2 ** 31 ? value : undefined;
  }

  uid(keyword: 'StudyInstanceUID' | 'SeriesInstanceUID' | 'SOPClassUID' | 'SOPInstanceUID'): string {
    const value = this.#dataset.string(TAG[keyword]);
    if (Uid.safeParse(value).success) return value;
    const why = value === '' ? 'is absent or empty' : 'is not a UID';
    throw new AppError('DATASET_UNREADABLE', `${keyword} ${why}`, { attribute: keyword });
  }

  #kept(text: string): string {
    if (text.length <= MAX_INDEXED_CHARACTERS) return text;
    this.tolerated.add(`only the first ${MAX_INDEXED_CHARACTERS} characters of a value are indexed`);
    return text.slice(0, MAX_INDEXED_CHARACTERS);
  }
}

function studyOf(dataset: IndexedText): StudyAttributes {
  return {
    StudyInstanceUID: dataset.uid('StudyInstanceUID'),
    PatientName: dataset.string(TAG.PatientName),
    PatientID: dataset.string(TAG.PatientID),
    IssuerOfPatientID: dataset.string(TAG.IssuerOfPatientID),
    PatientBirthDate: dataset.string(TAG.PatientBirthDate),
    PatientSex: dataset.string(TAG.PatientSex),
    PatientAge: dataset.string(TAG.PatientAge),
    StudyDate: dataset.string(TAG.StudyDate),
    StudyTime: dataset.string(TAG.StudyTime),
    StudyID: dataset.string(TAG.StudyID),
    AccessionNumber: dataset.string(TAG.AccessionNumber),
    ReferringPhysicianName: dataset.string(TAG.ReferringPhysicianName),
    StudyDescription: dataset.string(TAG.StudyDescription),
  };
}

function seriesOf(dataset: IndexedText): SeriesAttributes {
  return {
    SeriesInstanceUID: dataset.uid('SeriesInstanceUID'),
    Modality: dataset.string(TAG.Modality),
    SeriesNumber: dataset.integer(TAG.SeriesNumber),
    SeriesDescription: dataset.string(TAG.SeriesDescription),
    BodyPartExamined: dataset.string(TAG.BodyPartExamined),
    FrameOfReferenceUID: dataset.string(TAG.FrameOfReferenceUID),
    ...techniqueOf(dataset),
  };
}

function techniqueOf(dataset: IndexedText): Pick<SeriesAttributes, 'technique'> {
  const technique: Record<string, string> = {};
  for (const keyword of TECHNIQUE_KEYWORDS) {
    const value = dataset.joined(TAG[keyword]);
    if (value !== '') technique[keyword] = value;
  }
  return Object.keys(technique).length > 0 ? { technique } : {};
}

function instanceOf(dataset: IndexedText): InstanceAttributes {
  return {
    SOPClassUID: dataset.uid('SOPClassUID'),
    SOPInstanceUID: dataset.uid('SOPInstanceUID'),
    InstanceNumber: dataset.integer(TAG.InstanceNumber),
    Rows: dataset.integer(TAG.Rows),
    Columns: dataset.integer(TAG.Columns),
    NumberOfFrames: dataset.integer(TAG.NumberOfFrames),
    ImageType: dataset.joined(TAG.ImageType),
  };
}
