import type { PlainDataset } from '../dicom/dataset/write-dataset.ts';
import { fitPersonName, fitText } from '../dicom/sr/fit-value.ts';
import type { SignedSource } from '../domain/reading-source.ts';
import type { InstanceReference } from '../domain/report-source.ts';
import { derivedUid } from './derive-uid.ts';
import { documentReferences, equipmentModules, type ReportIdentity } from './report-header.ts';

const LO_LIMIT = 64;
const MANUFACTURER = 'Overread';

/** The same signature names the same object. */
export function readingIdentity({ installationId, study, revision }: SignedSource): ReportIdentity {
  const of = [installationId, study.StudyInstanceUID, String(revision)];
  return {
    SOPInstanceUID: derivedUid('signed report', ...of),
    SeriesInstanceUID: derivedUid('signed report series', ...of),
  };
}

export const manufacturerOf = ({ runs }: SignedSource): string => runs[0]?.algorithm.manufacturer ?? MANUFACTURER;

export function readingSeriesModule(source: SignedSource, lesions: number): PlainDataset {
  const { installationId, signedAt, runs } = source;
  const found = lesions === 0 ? 'no findings' : lesions === 1 ? '1 finding' : `${lesions} findings`;
  const models = [...new Set(runs.map(({ algorithm, modelVersion }) => `${algorithm.name} ${modelVersion}`))];
  return equipmentModules({
    ...{ installationId, writtenAt: signedAt, manufacturer: manufacturerOf(source) },
    ...readingIdentity(source),
    SeriesNumber: '9002',
    SeriesDescription: `${source.predecessor ? 'Amended reading' : 'Reading'}: ${found}`,
    software: models.join(', ') || MANUFACTURER,
  });
}

/**
 * SR Document General module (PS3.3 §C.17.2): read, complete and verified by a person. The documents before it are the
 * reports of the models that were judged and, for an amendment, the report it amends.
 */
export function readingDocumentModule(source: SignedSource, evidence: readonly InstanceReference[]): PlainDataset {
  const { study, signedAt, runs, predecessor } = source;
  const judged = runs.flatMap(({ report }) => report ?? []);
  return {
    PreliminaryFlag: 'FINAL',
    CompletionFlag: 'COMPLETE',
    CompletionFlagDescription: 'Read and signed by a person',
    VerificationFlag: 'VERIFIED',
    VerifyingObserverSequence: [verifyingObserver(source)],
    ...documentReferences({
      ...{ study, evidence, writtenAt: signedAt },
      predecessors: predecessor ? [...judged, predecessor] : judged,
    }),
  };
}

/** The organization is of type 1: one that was not given says so. */
const verifyingObserver = ({ reader, signedAt }: SignedSource): PlainDataset => ({
  VerifyingOrganization: fitText(reader.organization, LO_LIMIT) || 'not stated',
  VerificationDateTime: `${signedAt.toISOString().replace(/[-:TZ]/g, '')}+0000`,
  VerifyingObserverName: fitPersonName(reader.name),
  VerifyingObserverIdentificationCodeSequence: [],
});
