import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inflateRawSync } from 'node:zlib';
import sharp from 'sharp';
import { patientPoint, type VolumeGeometry } from '../../services/domain/geometry.ts';
import type { Volume } from '../../services/domain/volume.ts';
import { SHARED_DATA } from './programs.ts';

/** One cube of real CT around a nodule, with the mask that readers drew: 50 voxels of 1 mm along each axis. */
export interface NoduleCube {
  readonly file: string;
  readonly volume: Volume;
  /** x fastest, like the voxels. */
  readonly mask: Uint8Array;
  /** Of the mask, in mm from the first voxel: x, y, z. */
  readonly center: readonly [number, number, number];
  /** The sphere of the mask's volume. */
  readonly diameterMm: number;
}

interface CubeRow {
  readonly row: number;
  readonly file: string;
  readonly center: readonly [number, number, number];
  readonly voxels: number;
}

const SIDE = 50;
const VOXELS = SIDE ** 3;
const FOLDER = join(SHARED_DATA, 'lung-nodules');

const GEOMETRY: VolumeGeometry = {
  shape: [SIDE, SIDE, SIDE],
  origin: patientPoint(0, 0, 0),
  axes: [patientPoint(1, 0, 0), patientPoint(0, 1, 0), patientPoint(0, 0, 1)],
  spacingMm: [1, 1, 1],
};

/** The last digit of a series' hash as a number decides its split; every part of the project uses the same. */
function splitOf(SeriesInstanceUID: string): 'train' | 'validation' | 'test' {
  const digest = createHash('sha256').update(SeriesInstanceUID).digest('hex');
  const digit = BigInt(`0x${digest}`) % 10n;
  return digit === 8n ? 'validation' : digit === 9n ? 'test' : 'train';
}

export function cubeRows(splits: readonly ReturnType<typeof splitOf>[]): CubeRow[] {
  const [, ...lines] = readFileSync(join(FOLDER, 'index.csv'), 'utf8').trim().split('\n');
  return lines.flatMap((line, row) => {
    const [file = '', uid = '', , , x, y, z, voxels] = line.trim().split(',');
    if (!splits.includes(splitOf(uid))) return [];
    return [{ row, file, center: [Number(x), Number(y), Number(z)] as const, voxels: Number(voxels) }];
  });
}

export async function readCube({ row, file, center, voxels }: CubeRow, masks: Uint8Array): Promise<NoduleCube> {
  const { data } = await sharp(join(FOLDER, 'cubes', file))
    .greyscale()
    .raw()
    .toBuffer({ resolveWithObject: true });
  const hu = new Int16Array(VOXELS);
  for (let k = 0, at = 0; k < SIDE; k++) {
    const [tileRow, tileColumn] = [Math.floor(k / 5) * SIDE, (k % 5) * SIDE];
    for (let j = 0; j < SIDE; j++) {
      for (let i = 0; i < SIDE; i++, at++)
        hu[at] = 6 * (data[(tileRow + j) * 5 * SIDE + tileColumn + i] as number) - 1000;
    }
  }
  return {
    file,
    center,
    volume: { geometry: GEOMETRY, voxels: hu },
    mask: unpacked(masks, row),
    diameterMm: ((6 * voxels) / Math.PI) ** (1 / 3),
  };
}

/** `masks.npy` out of its archive: the one member, without the NPY header. */
export function packedMasks(): Uint8Array {
  const archive = readFileSync(join(FOLDER, 'masks.npz'));
  const directory = archive.lastIndexOf(Buffer.from('PK\x01\x02', 'latin1'));
  const [size, start] = [archive.readUInt32LE(directory + 20), archive.readUInt32LE(directory + 42)];
  const data = start + 30 + archive.readUInt16LE(start + 26) + archive.readUInt16LE(start + 28);
  const packed = archive.subarray(data, data + size);
  const npy = archive.readUInt16LE(directory + 10) === 8 ? inflateRawSync(packed) : packed;
  return npy.subarray(10 + npy.readUInt16LE(8));
}

function unpacked(masks: Uint8Array, row: number): Uint8Array {
  const bits = masks.subarray(row * Math.ceil(VOXELS / 8));
  const mask = new Uint8Array(VOXELS);
  for (let at = 0; at < VOXELS; at++) mask[at] = ((bits[at >> 3] as number) >> (7 - (at & 7))) & 1;
  return mask;
}
