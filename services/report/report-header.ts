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
import type { ReportSource } from '../domain/report-source.ts';
import { derivedUid } from './derive-uid.ts';
import { hierarchicalReference, referencedInstances } from './evidence.ts';
import { seriesDescription } from './report-wording.ts';

/** Comprehensive 3D SR Storage (PS3.4 §B.5). */
export const COMPREHENSIVE_3D_SR = '1.2.840.10008.5.1.4.1.1.88.34';

/** What stands for the software that writes the reports, beside the model that found the lesions. */
export const DEVICE_NAME = 'Overread';

const LO_LIMIT = 64;
const SH_LIMIT = 16;

export interface ReportIdentity {
  readonly SOPInstanceUID: string;
  readonly SeriesInstanceUID: string;
}

/** The same run and revision name the same object. */
export const reportIdentity = ({ installationId, runId, revision }: ReportSource): ReportIdentity => ({
  SOPInstanceUID: derivedUid('report', installationId, runId, String(revision)),
  SeriesInstanceUID: derivedUid('report series', installationId, runId, String(revision)),
});

export const deviceUid = (installationId: string): string => derivedUid('device', installationId);

/** Patient and Patient Study modules (PS3.3 §C.7.1.1, §C.7.2.2), copied from the images. */
export function patientModule({ study }: ReportSource): PlainDataset {
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
export function studyModule({ study }: ReportSource): PlainDataset {
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
export function seriesModule(source: ReportSource): PlainDataset {
  const { algorithm, installationId } = source;
  const identity = reportIdentity(source);
  const [date, time] = utc(source.analysedAt);
  return {
    SpecificCharacterSet: 'ISO_IR 192',
    InstanceCreationDate: date,
    InstanceCreationTime: time,
    InstanceCreatorUID: deviceUid(installationId),
    SOPClassUID: COMPREHENSIVE_3D_SR,
    SOPInstanceUID: identity.SOPInstanceUID,
    Modality: 'SR',
    SeriesInstanceUID: identity.SeriesInstanceUID,
    SeriesNumber: '9001',
    SeriesDate: date,
    SeriesTime: time,
    SeriesDescription: seriesDescription(source),
    ReferencedPerformedProcedureStepSequence: [],
    Manufacturer: fitText(algorithm.manufacturer, LO_LIMIT),
    ManufacturerModelName: DEVICE_NAME,
    DeviceSerialNumber: fitIdentifier(installationId, LO_LIMIT),
    SoftwareVersions: fitText(`${algorithm.name} ${algorithm.version}`, LO_LIMIT),
  };
}

/**
 * SR Document General module (PS3.3 §C.17.2). A machine's answer is PRELIMINARY and UNVERIFIED whatever it says; it is
 * COMPLETE, but for a study that was not analysed: whoever reads nothing else must not take that for a clean one.
 */
export function documentModule(source: ReportSource): PlainDataset {
  const { study, predecessor } = source;
  const [date, time] = utc(source.analysedAt);
  const analysed = source.endState !== 'NOT_ANALYSABLE';
  const evidence = hierarchicalReference(study.StudyInstanceUID, referencedInstances(source));
  return {
    InstanceNumber: '1',
    PreliminaryFlag: 'PRELIMINARY',
    CompletionFlag: analysed ? 'COMPLETE' : 'PARTIAL',
    CompletionFlagDescription: analysed ? 'Answer of an algorithm, not reviewed' : 'The study was not analysed',
    VerificationFlag: 'UNVERIFIED',
    ContentDate: date,
    ContentTime: time,
    PerformedProcedureCodeSequence: [],
    ...(evidence.length > 0 && { CurrentRequestedProcedureEvidenceSequence: evidence }),
    ...(predecessor && {
      PredecessorDocumentsSequence: hierarchicalReference(study.StudyInstanceUID, [predecessor]),
    }),
    ...(whole(study.AccessionNumber) && { ReferencedRequestSequence: [request(source)] }),
  };
}

/** The order the images answer to, as far as they tell. */
const request = ({ study }: ReportSource): PlainDataset => ({
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
