import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Dataset, readDataset } from '../../services/dicom/dataset/dataset.ts';
import { readPart10Meta } from '../../services/dicom/dataset/part10.ts';
import type { Finding } from '../../services/domain/finding.ts';
import type { ReportSource } from '../../services/domain/report-source.ts';
import { trackingUid } from '../../services/report/derive-uid.ts';
import { findings } from './report-sources.ts';

const PIXEL_DATA = 0x7fe00010;

/** Headers of the axial CT images in a folder, lowest z first. */
function headers(folder: string): Dataset[] {
  const files = readdirSync(folder).filter((name) => name.endsWith('.dcm'));
  const images = files.map((name) => {
    const bytes = readFileSync(join(folder, name));
    const meta = readPart10Meta(bytes);
    return readDataset(bytes.subarray(meta.datasetOffset), meta.TransferSyntaxUID, { stopBefore: PIXEL_DATA });
  });
  return images.sort((a, b) => position(a)[2] - position(b)[2]);
}

function position(image: Dataset): readonly [number, number, number] {
  const [x = 0, y = 0, z = 0] = image.numbers(0x00200032);
  return [x, y, z];
}

interface Sphere {
  readonly center: readonly [number, number, number];
  readonly diameterMm: number;
}

/** A finding for a known lesion of an unrotated axial series (ImageOrientationPatient 1\0\0\0\1\0). */
function located(
  images: readonly Dataset[],
  { center, diameterMm }: Sphere,
  index: number,
): Omit<Finding, 'TrackingUID'> {
  const nearest = images.reduce((best, image) => {
    const distance = (each: Dataset) => Math.abs(position(each)[2] - center[2]);
    return distance(image) < distance(best) ? image : best;
  });
  const [rowMm = 1, columnMm = 1] = nearest.numbers(0x00280030);
  const [x, y] = position(nearest);
  const [column, row] = [(center[0] - x) / columnMm + 0.5, (center[1] - y) / rowMm + 0.5];
  const r = diameterMm / 2;
  return {
    index,
    center: [...center],
    diameterMm,
    volumeMm3: (Math.PI / 6) * diameterMm ** 3,
    score: 0.5,
    label: 'nodule',
    laterality: center[0] < 0 ? 'right' : 'left',
    SeriesInstanceUID: nearest.string(0x0020000e),
    region: {
      SOPClassUID: nearest.string(0x00080016),
      SOPInstanceUID: nearest.string(0x00080018),
      frame: 1,
      left: column - r / columnMm,
      top: row - r / rowMm,
      right: column + r / columnMm,
      bottom: row + r / rowMm,
    },
  };
}

/** A report source over the headers of a real series, with its known lesions as findings. */
export function realSource(folder: string, lesions: readonly Sphere[]): ReportSource {
  const images = headers(folder);
  const [first, second] = images;
  if (!first || !second) throw new Error(`${folder} holds no series`);
  const [rowMm = 1, columnMm = 1] = first.numbers(0x00280030);
  const base = findings(1);
  return {
    ...base,
    study: {
      StudyInstanceUID: first.string(0x0020000d),
      PatientName: first.string(0x00100010),
      PatientID: first.string(0x00100020),
      IssuerOfPatientID: first.string(0x00100021),
      PatientBirthDate: first.string(0x00100030),
      PatientSex: first.string(0x00100040),
      PatientAge: first.string(0x00101010),
      StudyDate: first.string(0x00080020),
      StudyTime: first.string(0x00080030),
      StudyID: first.string(0x00200010),
      AccessionNumber: first.string(0x00080050),
      ReferringPhysicianName: first.string(0x00080090),
      StudyDescription: first.string(0x00081030),
    },
    series: {
      SeriesInstanceUID: first.string(0x0020000e),
      FrameOfReferenceUID: first.string(0x00200052),
      Modality: first.string(0x00080060),
      shape: [first.number(0x00280011) ?? 0, first.number(0x00280010) ?? 0, images.length],
      spacingMm: [columnMm, rowMm, position(second)[2] - position(first)[2]],
      images: images.map((image) => ({
        SOPClassUID: image.string(0x00080016),
        SOPInstanceUID: image.string(0x00080018),
      })),
      warnings: [],
    },
    findings: lesions.map((lesion, i) => ({
      ...located(images, lesion, i + 1),
      TrackingUID: trackingUid(base.installationId, base.runId, i + 1),
    })),
  };
}
