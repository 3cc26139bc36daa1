import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { detect } from '../../../services/detection/detector.ts';
import { openModel } from '../../../services/detection/load-model.ts';
import type { ModelManifest } from '../../../services/detection/model-manifest.ts';
import { type OnnxSession, openSession } from '../../../services/detection/onnx-session.ts';
import type { Lesion, Placed } from '../../../services/domain/finding.ts';
import { patientPoint, toPatient, type VolumeGeometry, voxelPoint } from '../../../services/domain/geometry.ts';
import type { Volume } from '../../../services/domain/volume.ts';
import { planesOf } from '../../../services/imaging/image-stack.ts';
import type { FrameImage } from '../../../services/imaging/read-frame.ts';
import { StageClock } from '../../../services/imaging/stage-clock.ts';

type Vector = readonly [number, number, number];

/** A ball in a volume, in LPS mm, or a disc on a frame, in SCOORD pixels. */
export interface Spot {
  readonly center: readonly number[];
  readonly diameter: number;
  readonly value?: number;
}

export interface Golden {
  readonly volume?: { shape: Vector; spacing: Vector; origin: Vector; spots: readonly Spot[] };
  readonly frame?: { columns: number; rows: number; background: number; spots: readonly Spot[] };
  readonly findings: readonly {
    readonly classId: number;
    readonly score: number;
    readonly center?: readonly number[];
    readonly diameterMm?: number;
    readonly region?: readonly number[];
  }[];
}

export interface Fixture {
  readonly manifest: ModelManifest;
  readonly session: OnnxSession;
  readonly golden: Golden;
}

const fixtureFolder = (name: string): string => join(import.meta.dirname, name);

export async function openFixture(name: string): Promise<Fixture> {
  const { manifest, graph } = await openModel(fixtureFolder(name));
  const session = await openSession(graph, {
    input: manifest.inputs[0].name,
    outputs: manifest.outputs.map((output) => output.name),
    threads: 1,
  });
  return { manifest, session, golden: JSON.parse(readFileSync(join(fixtureFolder(name), 'golden.json'), 'utf8')) };
}

/** 0 outside, 1000 inside, with the part of a voxel that an edge covers; any grid. */
export function ballVolume(geometry: VolumeGeometry, spots: readonly Spot[]): Volume {
  const [columns, rows, slices] = geometry.shape;
  const voxels = new Float32Array(columns * rows * slices);
  for (let k = 0, at = 0; k < slices; k++) {
    for (let j = 0; j < rows; j++) {
      for (let i = 0; i < columns; i++, at++) {
        const point = toPatient(geometry, voxelPoint(i, j, k));
        for (const { center, diameter } of spots) {
          const distance = Math.hypot(...point.map((mm, a) => mm - (center[a] ?? 0)));
          const part = Math.min(1, Math.max(0, 0.5 + diameter / 2 - distance));
          if (part > 0) voxels[at] = Math.max(voxels[at] as number, part * 1000);
        }
      }
    }
  }
  return { geometry, voxels };
}

export function axialGrid({ shape, spacing, origin }: NonNullable<Golden['volume']>): VolumeGeometry {
  return {
    shape,
    spacingMm: spacing,
    origin: patientPoint(...origin),
    axes: [patientPoint(1, 0, 0), patientPoint(0, 1, 0), patientPoint(0, 0, 1)],
  };
}

export function discFrame({ columns, rows, background, spots }: NonNullable<Golden['frame']>): FrameImage {
  const pixels = Float32Array.from({ length: columns * rows }, (_, at) => {
    const [x, y] = [(at % columns) + 0.5, Math.floor(at / columns) + 0.5];
    return spots.reduce((value, { center: [cx = 0, cy = 0], diameter, value: own = 0 }) => {
      const part = Math.min(1, Math.max(0, 0.5 + diameter / 2 - Math.hypot(x - cx, y - cy)));
      return value + (own - value) * part;
    }, background);
  });
  return {
    ...{ SeriesInstanceUID: '1.2.3', Modality: 'DX', FrameOfReferenceUID: '' },
    SOPClassUID: '1.2.840.10008.5.1.4.1.1.1.1',
    SOPInstanceUID: '1.2.3.4',
    frame: 1,
    columns,
    rows,
    pixels,
    isInverted: false,
    window: undefined,
    laterality: 'R',
  };
}

export function lesionsOf({ manifest, session }: Fixture, volume: Volume): Promise<(Lesion & Placed)[]> {
  const { shape, spacingMm } = volume.geometry;
  const series = {
    SeriesInstanceUID: '1.2.3',
    FrameOfReferenceUID: '1.2.9',
    Modality: 'CT',
    shape: [...shape] as [number, number, number],
    spacingMm: [...spacingMm] as [number, number, number],
    images: Array.from({ length: shape[2] }, (_, k) => ({ SOPClassUID: '1.2', SOPInstanceUID: `1.2.3.${k}` })),
    warnings: [],
  };
  return detect(volume, planesOf(volume.geometry), series, manifest, session, new StageClock(), () => {});
}
