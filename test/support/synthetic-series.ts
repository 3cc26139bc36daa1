import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  datasetBytes,
  type Element,
  part10Bytes,
  syntheticUid,
  TRANSFER_SYNTAX,
  type TransferSyntax,
} from './dicom-bytes.ts';
import { encapsulatedPdf, localizer, textReport } from './synthetic-objects.ts';

/** A ball in the synthetic thorax; the centre is in the patient coordinate system, LPS mm. */
interface SyntheticNodule {
  readonly center: readonly [x: number, y: number, z: number];
  readonly diameterMm: number;
  /** Default 40. */
  readonly hu?: number;
}

export interface SyntheticSeriesOptions {
  /** Names every UID: the same seed gives the same study, series and instances. Default `'synthetic'`. */
  readonly seed?: string | number;
  /** Names the series and its instances below the study, so that a study may hold several. Default 1. */
  readonly seriesNumber?: number;
  /** Defaults 48 x 128 x 128. */
  readonly slices?: number;
  readonly rows?: number;
  readonly columns?: number;
  /** Pixel spacing, square. Default 2.5. */
  readonly spacingMm?: number;
  /** Distance between slices. Default 2.5. */
  readonly sliceSpacingMm?: number;
  /** SliceThickness. Default: the distance between slices. */
  readonly thicknessMm?: number;
  /** Default: one of 12 mm in the middle of each lung. */
  readonly nodules?: readonly SyntheticNodule[];
  /** Default `'explicit'`. */
  readonly transferSyntax?: TransferSyntax;
  /** Leaves this slice out (0 is the lowest). */
  readonly missingSlice?: number;
  /** Writes this slice a second time under another SOP Instance UID. */
  readonly duplicateSlice?: number;
  /** Gantry tilt about x in degrees; positions step along z, so the stack is sheared. */
  readonly tiltDeg?: number;
  /** Amplitude of a deterministic uniform noise. Default 0. */
  readonly noiseHu?: number;
  /** Changes pixels and no UID: the same instance with other content. */
  readonly pixelOffsetHu?: number;
  readonly patient?: {
    readonly name?: string;
    readonly id?: string;
    readonly birthDate?: string;
    readonly sex?: string;
  };
  /** Default `'CT'`. Only the attribute: the SOP class stays CT Image Storage. */
  readonly modality?: string;
  /** Added to each instance, or put in place of its element of the same tag. Slice 0 is the lowest. */
  readonly elements?: (slice: number) => readonly Element[];
  /** Tags left out of each instance. */
  readonly omit?: readonly number[];
}

export interface SyntheticInstance {
  readonly SOPClassUID: string;
  readonly SOPInstanceUID: string;
  readonly TransferSyntaxUID: string;
  readonly elements: readonly Element[];
  /** The data set as C-STORE carries it. */
  readonly dataset: Uint8Array;
  /** The same as a Part 10 file. */
  readonly file: Uint8Array;
}

export interface SyntheticSeries {
  readonly StudyInstanceUID: string;
  readonly SeriesInstanceUID: string;
  readonly FrameOfReferenceUID: string;
  readonly nodules: readonly SyntheticNodule[];
  /** From the lowest slice up. */
  readonly instances: readonly SyntheticInstance[];
}

/**
 * A chest as geometry has it: an elliptic body of 40 HU in air, two lungs of -850 HU, a spine of 400 HU, balls.
 * The body stands at the origin of LPS, the stack is centred on it; the lungs keep clear of the first and last slice.
 */
export function syntheticSeries(options: SyntheticSeriesOptions = {}): SyntheticSeries {
  const plan = planOf(options);
  const numbers = Array.from({ length: plan.slices }, (_, slice) => slice).filter((s) => s !== options.missingSlice);
  const copies = options.duplicateSlice === undefined ? [] : [options.duplicateSlice];
  const slices = [...numbers.map((slice) => ({ slice, copy: 0 })), ...copies.map((slice) => ({ slice, copy: 1 }))];
  return {
    StudyInstanceUID: plan.StudyInstanceUID,
    SeriesInstanceUID: plan.SeriesInstanceUID,
    FrameOfReferenceUID: plan.FrameOfReferenceUID,
    nodules: plan.nodules,
    instances: slices.map(({ slice, copy }) =>
      syntheticInstance(sliceElements(plan, slice, copy), plan.transferSyntax),
    ),
  };
}

/** Writes `syntheticSeries` as `0001.dcm`, `0002.dcm`, … and answers it with the paths, in the order of its instances. */
export function writeSyntheticSeries(
  folder: string,
  options: SyntheticSeriesOptions = {},
): SyntheticSeries & { readonly files: readonly string[] } {
  const series = syntheticSeries(options);
  mkdirSync(folder, { recursive: true });
  const files = series.instances.map(({ file }, index) => {
    const path = join(folder, `${String(index + 1).padStart(4, '0')}.dcm`);
    writeFileSync(path, file);
    return path;
  });
  return { ...series, files };
}

/** What a scanner or a PACS also sends, and no model may read as a series: it belongs to the study of the same seed. */
export type SyntheticObjectKind = 'localizer' | 'sr' | 'pdf';

export function syntheticObject(kind: SyntheticObjectKind, options: SyntheticSeriesOptions = {}): SyntheticInstance {
  const study = studyElements(planOf(options));
  const seed = String(options.seed ?? 'synthetic');
  const make = { localizer, sr: textReport, pdf: encapsulatedPdf }[kind];
  return syntheticInstance(make(study, seed), options.transferSyntax ?? 'explicit');
}

export function writeSyntheticObject(
  path: string,
  kind: SyntheticObjectKind,
  options: SyntheticSeriesOptions = {},
): SyntheticInstance {
  const instance = syntheticObject(kind, options);
  writeFileSync(path, instance.file);
  return instance;
}

/** Any elements as an instance; SOP class and instance are read from them. */
export function syntheticInstance(elements: readonly Element[], transferSyntax: TransferSyntax): SyntheticInstance {
  const uid = (tag: number) => String(elements.find(([t]) => t === tag)?.[2] ?? '');
  return {
    SOPClassUID: uid(0x00080016),
    SOPInstanceUID: uid(0x00080018),
    TransferSyntaxUID: TRANSFER_SYNTAX[transferSyntax],
    elements,
    dataset: datasetBytes(elements, transferSyntax),
    file: part10Bytes(elements, transferSyntax),
  };
}

type Plan = ReturnType<typeof planOf>;

function planOf(options: SyntheticSeriesOptions) {
  const { seed = 'synthetic', seriesNumber = 1, slices = 48, rows = 128, columns = 128 } = options;
  const { spacingMm = 2.5, sliceSpacingMm = 2.5, transferSyntax = 'explicit', tiltDeg = 0 } = options;
  const body = [Math.min(165, columns * spacingMm * 0.46), Math.min(115, rows * spacingMm * 0.42)] as const;
  const lung = {
    x: body[0] * 0.48,
    semiAxes: [body[0] * 0.38, body[1] * 0.72, slices * sliceSpacingMm * 0.44] as const,
  };
  return {
    ...options,
    ...{ seed, seriesNumber, slices, rows, columns, spacingMm, sliceSpacingMm, transferSyntax, body, lung },
    tilt: (tiltDeg * Math.PI) / 180,
    tiltDeg,
    thicknessMm: options.thicknessMm ?? sliceSpacingMm,
    nodules: options.nodules ?? [ball(-lung.x), ball(lung.x)],
    StudyInstanceUID: syntheticUid('study', seed),
    SeriesInstanceUID: syntheticUid('series', seed, seriesNumber),
    FrameOfReferenceUID: syntheticUid('frame-of-reference', seed),
  };
}

const ball = (x: number): SyntheticNodule => ({ center: [x, 0, 0], diameterMm: 12 });

function studyElements(plan: Plan): Element[] {
  const { name = 'Synthetic^Chest', id = 'SYNTHETIC-1', birthDate = '19700101', sex = 'O' } = plan.patient ?? {};
  return [
    [0x00080005, 'CS', 'ISO_IR 192'],
    [0x00080020, 'DA', '20240102'],
    [0x00080030, 'TM', '030405'],
    [0x00080050, 'SH', ''],
    [0x00080070, 'LO', 'Overread'],
    [0x00080090, 'PN', ''],
    [0x00081030, 'LO', 'Synthetic chest'],
    [0x00100010, 'PN', name],
    [0x00100020, 'LO', id],
    [0x00100030, 'DA', birthDate],
    [0x00100040, 'CS', sex],
    [0x0020000d, 'UI', plan.StudyInstanceUID],
    [0x00200010, 'SH', '1'],
  ];
}

function sliceElements(plan: Plan, slice: number, copy: number): Element[] {
  const { rows, columns, spacingMm, seed, seriesNumber, tilt } = plan;
  const [x, y, z] = positionOf(plan, slice);
  const decimals = (...numbers: number[]) => numbers.map((n) => String(Number(n.toFixed(6)))).join('\\');
  const own = plan.elements?.(slice) ?? [];
  const replaced = new Set([...own.map(([tag]) => tag), ...(plan.omit ?? [])]);
  const standard: Element[] = [
    ...studyElements(plan),
    [0x00080008, 'CS', 'ORIGINAL\\PRIMARY\\AXIAL'],
    [0x00080016, 'UI', '1.2.840.10008.5.1.4.1.1.2'],
    [0x00080018, 'UI', syntheticUid('instance', seed, seriesNumber, slice, copy)],
    [0x00080060, 'CS', plan.modality ?? 'CT'],
    [0x0008103e, 'LO', `Synthetic series ${seriesNumber}`],
    [0x00180015, 'CS', 'CHEST'],
    [0x00180050, 'DS', decimals(plan.thicknessMm)],
    [0x00180060, 'DS', '120'],
    [0x00181120, 'DS', decimals(plan.tiltDeg)],
    [0x00185100, 'CS', 'HFS'],
    [0x0020000e, 'UI', plan.SeriesInstanceUID],
    [0x00200011, 'IS', String(seriesNumber)],
    [0x00200012, 'IS', '1'],
    [0x00200013, 'IS', String(slice + 1 + copy * plan.slices)],
    [0x00200032, 'DS', decimals(x, y, z)],
    [0x00200037, 'DS', decimals(1, 0, 0, 0, Math.cos(tilt), -Math.sin(tilt))],
    [0x00200052, 'UI', plan.FrameOfReferenceUID],
    [0x00201040, 'LO', ''],
    [0x00280002, 'US', [1]],
    [0x00280004, 'CS', 'MONOCHROME2'],
    [0x00280010, 'US', [rows]],
    [0x00280011, 'US', [columns]],
    [0x00280030, 'DS', decimals(spacingMm, spacingMm)],
    [0x00280100, 'US', [16]],
    [0x00280101, 'US', [16]],
    [0x00280102, 'US', [15]],
    [0x00280103, 'US', [1]],
    [0x00281050, 'DS', '-600'],
    [0x00281051, 'DS', '1500'],
    [0x00281052, 'DS', '-1024'],
    [0x00281053, 'DS', '1'],
    [0x00281054, 'LO', 'HU'],
    [0x7fe00010, 'OW', pixels(plan, slice)],
  ];
  return [...standard.filter(([tag]) => !replaced.has(tag)), ...own];
}

/** Centre of the first voxel of a slice. */
function positionOf({ rows, columns, spacingMm, sliceSpacingMm, slices, tilt }: Plan, slice: number) {
  const down = ((rows - 1) / 2) * spacingMm;
  return [
    (-(columns - 1) / 2) * spacingMm,
    -down * Math.cos(tilt),
    (slice - (slices - 1) / 2) * sliceSpacingMm + down * Math.sin(tilt),
  ] as const;
}

/** Stored values: HU + 1024, so that Rescale Intercept is at work. */
function pixels(plan: Plan, slice: number): Int16Array {
  const { rows, columns, spacingMm, tilt, noiseHu = 0, pixelOffsetHu = 0 } = plan;
  const [x0, y0, z0] = positionOf(plan, slice);
  const stored = new Int16Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    const y = y0 + row * spacingMm * Math.cos(tilt);
    const z = z0 - row * spacingMm * Math.sin(tilt);
    for (let column = 0; column < columns; column++) {
      const noise = noiseHu === 0 ? 0 : noiseHu * (2 * hash(column, row, slice) - 1);
      const hu = tissueHu(plan, x0 + column * spacingMm, y, z) + noise + pixelOffsetHu;
      stored[row * columns + column] = Math.round(hu) + 1024;
    }
  }
  return stored;
}

function tissueHu({ body, lung, nodules, spacingMm }: Plan, x: number, y: number, z: number): number {
  if ((x / body[0]) ** 2 + (y / body[1]) ** 2 > 1) return -1000;
  for (const { center, diameterMm, hu = 40 } of nodules) {
    const inside = diameterMm / 2 - Math.hypot(x - center[0], y - center[1], z - center[2]);
    const part = Math.min(1, Math.max(0, 0.5 + inside / spacingMm));
    if (part > 0) return -850 + (hu + 850) * part;
  }
  const [a, b, c] = lung.semiAxes;
  if (((Math.abs(x) - lung.x) / a) ** 2 + (y / b) ** 2 + (z / c) ** 2 <= 1) return -850;
  return x ** 2 + (y - body[1] * 0.72) ** 2 <= (body[1] * 0.16) ** 2 ? 400 : 40;
}

/** 0..1, from the place alone. */
function hash(x: number, y: number, z: number): number {
  let h = Math.imul(x + 1, 0x9e3779b1) ^ Math.imul(y + 1, 0x85ebca6b) ^ Math.imul(z + 1, 0xc2b2ae35);
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
  return ((h ^ (h >>> 13)) >>> 0) / 2 ** 32;
}
