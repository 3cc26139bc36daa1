import { AppError } from '../../domain/errors.ts';
import type { IndexedHeader, InstanceAttributes, SeriesAttributes, StudyAttributes } from '../../domain/study.ts';
import { Uid } from '../../domain/uid.ts';
import { type Dataset, openDataset } from './dataset.ts';
import { inflate } from './inflate.ts';
import { readElements } from './read-elements.ts';
import { TAG } from './tags.ts';
import { encodingOf, isDeflated } from './transfer-syntax.ts';

/** Nothing behind this is indexed: the head of an instance may end anywhere after it. */
const LAST_INDEXED_TAG = TAG.Columns;

/**
 * Reads what the index holds of an instance from the first bytes of its data set. A head that ends before Pixel Data is
 * enough; of one that ends earlier, what it holds is read.
 *
 * @throws {AppError} DATASET_UNREADABLE when it is no data set, or when one of the four UIDs that name an instance is
 *   absent or no UID (PS3.5 §9.1). The message names attributes, never values.
 */
export function readHeader(head: Uint8Array, transferSyntaxUID: string): IndexedHeader {
  const bytes = isDeflated(transferSyntaxUID) ? inflate(head, true) : head;
  const read = readElements(bytes, encodingOf(transferSyntaxUID), {
    stopBefore: LAST_INDEXED_TAG + 1,
    totalBytes: Number.POSITIVE_INFINITY,
  });
  const { dataset, tolerated } = openDataset(read.elements, read.tolerated);
  const header = {
    study: studyOf(dataset),
    series: seriesOf(dataset),
    instance: instanceOf(dataset),
  };
  return { ...header, tolerated: [...tolerated] };
}

function studyOf(dataset: Dataset): StudyAttributes {
  return {
    StudyInstanceUID: uid(dataset, 'StudyInstanceUID'),
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

function seriesOf(dataset: Dataset): SeriesAttributes {
  return {
    SeriesInstanceUID: uid(dataset, 'SeriesInstanceUID'),
    Modality: dataset.string(TAG.Modality),
    SeriesNumber: integer(dataset, TAG.SeriesNumber),
    SeriesDescription: dataset.string(TAG.SeriesDescription),
    BodyPartExamined: dataset.string(TAG.BodyPartExamined),
    FrameOfReferenceUID: dataset.string(TAG.FrameOfReferenceUID),
  };
}

function instanceOf(dataset: Dataset): InstanceAttributes {
  return {
    SOPClassUID: uid(dataset, 'SOPClassUID'),
    SOPInstanceUID: uid(dataset, 'SOPInstanceUID'),
    InstanceNumber: integer(dataset, TAG.InstanceNumber),
    Rows: integer(dataset, TAG.Rows),
    Columns: integer(dataset, TAG.Columns),
    NumberOfFrames: integer(dataset, TAG.NumberOfFrames),
    ImageType: dataset.strings(TAG.ImageType).join('\\'),
  };
}

function uid(dataset: Dataset, keyword: 'StudyInstanceUID' | 'SeriesInstanceUID' | 'SOPClassUID' | 'SOPInstanceUID') {
  const value = dataset.string(TAG[keyword]);
  if (Uid.safeParse(value).success) return value;
  const why = value === '' ? 'is absent or empty' : 'is not a UID';
  throw new AppError('DATASET_UNREADABLE', `${keyword} ${why}`, { attribute: keyword });
}

/** A whole number that the index can hold (32 bits, as IS is). */
function integer(dataset: Dataset, tag: number): number | undefined {
  const value = dataset.number(tag);
  return value !== undefined && Number.isInteger(value) && Math.abs(value) < 2 ** 31 ? value : undefined;
}
