import type { PlainDataset } from '../dicom/dataset/write-dataset.ts';
import {
  fitAge,
  fitDate,
  fitIdentifier,
  fitPersonName,
  fitSex,
  fits,
  fitText,
  fitTime,
} from '../dicom/sr/fit-value.ts';
import type { DeviceObserver } from '../dicom/sr/tid-1001-observation-context.ts';
import type { InstanceReference, ReportSource } from '../domain/report-source.ts';
import { derivedUid } from './derive-uid.ts';
import { hierarchicalReference, referencedInstances } from './evidence.ts';
import { seriesDescription } from './report-wording.ts';

/** Comprehensive 3D SR Storage (PS3.4 §B.5). */
export const COMPREHENSIVE_3D_SR = '1.2.840.10008.5.1.4.1.1.88.34';

/** What stands for the software that writes the reports, beside the model that found the lesions. */
const DEVICE_NAME = 'Overread';

const LO_LIMIT = 64;
const SH_LIMIT = 16;

type OfStudy = Pick<ReportSource, 'study'>;

export interface ReportIdentity {
  readonly SOPInstanceUID: string;
  readonly SeriesInstanceUID: string;
}

/** The same run and revision name the same object. */
export const reportIdentity = ({ installationId, runId, revision }: ReportSource): ReportIdentity => ({
  SOPInstanceUID: derivedUid('report', installationId, runId, String(revision)),
  SeriesInstanceUID: derivedUid('report series', installationId, runId, String(revision)),
});

const deviceUid = (installationId: string): string => derivedUid('device', installationId);

/** This installation as an observer, TID 1004. */
export const deviceObserver = (installationId: string, manufacturer: string): DeviceObserver => ({
  uid: deviceUid(installationId),
  name: DEVICE_NAME,
  manufacturer,
  modelName: DEVICE_NAME,
  serialNumber: installationId,
});

/** Patient and Patient Study modules (PS3.3 §C.7.1.1, §C.7.2.2), copied from the images. */
export function patientModule({ study }: OfStudy): PlainDataset {
  const [issuer, age] = [fitIdentifier(study.IssuerOfPatientID, LO_LIMIT), fitAge(study.PatientAge)];
  return {
    PatientName: fitPersonName(study.PatientName),
    PatientID: fitIdentifier(study.PatientID, LO_LIMIT),
    ...(issuer && { IssuerOfPatientID: issuer }),
    PatientBirthDate: fitDate(study.PatientBirthDate),
    PatientSex: fitSex(study.PatientSex),
    ...(age && { PatientAge: age }),
  };
}

/**
 * General Study module (PS3.3 §C.7.2.1). A number of more than 16 characters is left empty, for a shortened one would
 * name another order; the complete one stands in the content (TID 1005).
 */
export function studyModule({ study }: OfStudy): PlainDataset {
  const description = fitText(study.StudyDescription, LO_LIMIT);
  return {
    StudyInstanceUID: study.StudyInstanceUID,
    StudyDate: fitDate(study.StudyDate),
    StudyTime: fitTime(study.StudyTime),
    StudyID: whole(study.StudyID),
    AccessionNumber: whole(study.AccessionNumber),
    ReferringPhysicianName: fitPersonName(study.ReferringPhysicianName),
    ...(description && { StudyDescription: description }),
  };
}

const whole = (value: string): string => (fits(value, SH_LIMIT) ? value.trim() : '');

/** SR Document Series, General Equipment and SOP Common modules (PS3.3 §C.17.1, §C.7.5.1, §C.12.1). */
export const seriesModule = (source: ReportSource): PlainDataset =>
  equipmentModules({
    installationId: source.installationId,
    ...reportIdentity(source),
    writtenAt: source.analysedAt,
    SeriesNumber: '9001',
    SeriesDescription: seriesDescription(source),
    manufacturer: source.algorithm.manufacturer,
    software: `${source.algorithm.name} ${source.algorithm.version}`,
  });

export interface Written extends ReportIdentity {
  readonly installationId: string;
  readonly writtenAt: Date;
  readonly SeriesNumber: string;
  readonly SeriesDescription: string;
  readonly manufacturer: string;
  readonly software: string;
}

/** The same of any report of ours. */
export function equipmentModules({
  installationId,
  writtenAt,
  manufacturer,
  software,
  ...written
}: Written): PlainDataset {
  const [date, time] = utc(writtenAt);
  return {
    SpecificCharacterSet: 'ISO_IR 192',
    InstanceCreationDate: date,
    InstanceCreationTime: time,
    InstanceCreatorUID: deviceUid(installationId),
    SOPClassUID: COMPREHENSIVE_3D_SR,
    SOPInstanceUID: written.SOPInstanceUID,
    Modality: 'SR',
    SeriesInstanceUID: written.SeriesInstanceUID,
    SeriesNumber: written.SeriesNumber,
    SeriesDate: date,
    SeriesTime: time,
    SeriesDescription: written.SeriesDescription,
    ReferencedPerformedProcedureStepSequence: [],
    Manufacturer: fitText(manufacturer, LO_LIMIT),
    ManufacturerModelName: DEVICE_NAME,
    DeviceSerialNumber: fitIdentifier(installationId, LO_LIMIT),
    SoftwareVersions: fitText(software, LO_LIMIT),
  };
}

/**
 * SR Document General module (PS3.3 §C.17.2). A machine's answer is PRELIMINARY and UNVERIFIED whatever it says; it is
 * COMPLETE, but for a study that was not analysed: whoever reads nothing else must not take that for a clean one.
 */
export function documentModule(source: ReportSource): PlainDataset {
  const analysed = source.endState !== 'NOT_ANALYSABLE';
  return {
    PreliminaryFlag: 'PRELIMINARY',
    CompletionFlag: analysed ? 'COMPLETE' : 'PARTIAL',
    CompletionFlagDescription: analysed ? 'Answer of an algorithm, not reviewed' : 'The study was not analysed',
    VerificationFlag: 'UNVERIFIED',
    ...documentReferences({
      study: source.study,
      writtenAt: source.analysedAt,
      evidence: referencedInstances(source),
      predecessors: source.predecessor ? [source.predecessor] : [],
    }),
  };
}

/** What any report of ours says of when it was written, and of the objects and the order it belongs to. */
export function documentReferences({ study, writtenAt, evidence, predecessors }: DocumentReferences): PlainDataset {
  const [date, time] = utc(writtenAt);
  const images = hierarchicalReference(study.StudyInstanceUID, evidence);
  const before = hierarchicalReference(study.StudyInstanceUID, predecessors);
  return {
    InstanceNumber: '1',
    ContentDate: date,
    ContentTime: time,
    PerformedProcedureCodeSequence: [],
    ...(images.length > 0 && { CurrentRequestedProcedureEvidenceSequence: images }),
    ...(before.length > 0 && { PredecessorDocumentsSequence: before }),
    ...(whole(study.AccessionNumber) && { ReferencedRequestSequence: [request({ study })] }),
  };
}

export interface DocumentReferences extends OfStudy {
  readonly writtenAt: Date;
  readonly evidence: readonly InstanceReference[];
  /** The documents that this one goes beyond or amends. */
  readonly predecessors: readonly InstanceReference[];
}

/** The order the images answer to, as far as they tell. */
const request = ({ study }: OfStudy): PlainDataset => ({
  StudyInstanceUID: study.StudyInstanceUID,
  ReferencedStudySequence: [],
  AccessionNumber: whole(study.AccessionNumber),
  PlacerOrderNumberImagingServiceRequest: '',
  FillerOrderNumberImagingServiceRequest: '',
  RequestedProcedureID: '',
  RequestedProcedureDescription: '',
  RequestedProcedureCodeSequence: [],
});

/**
 * DA and TM in UTC. TimezoneOffsetFromUTC is left out, for it would hold for the copied study time too, whose zone is
 * not known; the zone is said in the comments.
 */
function utc(moment: Date): [date: string, time: string] {
  const [date = '', time = ''] = moment.toISOString().split('T');
  return [date.replaceAll('-', ''), time.replaceAll(':', '').replace('Z', '')];
}
