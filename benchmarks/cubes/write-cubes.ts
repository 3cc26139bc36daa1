import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { readCsv } from '../../services/bench/csv.ts';
import { type Element, part10Bytes, syntheticUid } from '../../test/support/dicom-bytes.ts';
import { readNpzBytes } from './read-npz.ts';

/**
 * `npm run bench -- cubes FOLDER OUT [SPLIT] [MOST]`: nodule cubes (mosaics of 50 slices as AVIF, bit masks) as what the bench
 * reads: a CT series of 50 axial slices per cube, a mask file, and `cubes.yaml`. The layout of FOLDER is that of its README.
 */
const EDGE = 50;
const TILES_PER_ROW = 5;
const HU_PER_GREY = 6;
const LOWEST_HU = -1000;

interface Cube {
  readonly file: string;
  readonly row: number;
  /** Of the scan that it was cut from. */
  readonly SeriesInstanceUID: string;
  readonly centerMm: readonly [number, number, number];
  readonly maskVoxels: number;
}

export async function writeCubes(folder = '', out = '', wanted = 'test', most = '2000'): Promise<void> {
  if (folder === '' || out === '') throw new Error('usage: npm run bench -- cubes FOLDER OUT [train|validation|test]');
  const masks = readNpzBytes(join(folder, 'masks.npz'), 'masks');
  const maskBytes = masks.shape[1] ?? 0;
  const cubes = (await cubesOf(folder)).filter(({ split }) => split === wanted).slice(0, Number(most));
  for (const cube of cubes) {
    const name = nameOf(cube);
    mkdirSync(join(out, name), { recursive: true });
    const hu = await voxels(join(folder, 'cubes', cube.file));
    for (let slice = 0; slice < EDGE; slice++)
      writeFileSync(join(out, name, `${String(slice + 1).padStart(4, '0')}.dcm`), sliceFile(name, slice, hu));
    writeFileSync(join(out, name, 'mask.bin'), masks.bytes.subarray(cube.row * maskBytes, (cube.row + 1) * maskBytes));
  }
  writeFileSync(join(out, 'cubes.yaml'), `${JSON.stringify(datasetFile(cubes, wanted), null, 1)}\n`);
  console.log(`${cubes.length} cubes in ${out}; name ${join(out, 'cubes.yaml')} in a bench file`);
}

const nameOf = ({ file }: Cube): string => file.replace(/\.avif$/, '');

async function cubesOf(folder: string): Promise<(Cube & { readonly split: string })[]> {
  const columns = ['file', 'SeriesInstanceUID', 'mask_center_x', 'mask_center_y', 'mask_center_z', 'mask_voxels'];
  return (await readCsv(join(folder, 'index.csv'), columns)).map((line, row) => ({
    file: (line.file ?? '').replace(/^.*\//, ''),
    row,
    SeriesInstanceUID: line.SeriesInstanceUID ?? '',
    centerMm: [Number(line.mask_center_x), Number(line.mask_center_y), Number(line.mask_center_z)],
    maskVoxels: Number(line.mask_voxels),
    split: splitOf(line.SeriesInstanceUID ?? ''),
  }));
}

/** By series, so that no patient is on both sides. */
function splitOf(SeriesInstanceUID: string): string {
  const rest = BigInt(`0x${createHash('sha256').update(SeriesInstanceUID).digest('hex')}`) % 10n;
  return rest === 8n ? 'validation' : rest === 9n ? 'test' : 'train';
}

/** HU, x fastest, then y, then z. */
async function voxels(file: string): Promise<Int16Array> {
  const { data, info } = await sharp(readFileSync(file)).greyscale().raw().toBuffer({ resolveWithObject: true });
  if (info.width !== EDGE * TILES_PER_ROW || info.height !== EDGE * (EDGE / TILES_PER_ROW))
    throw new Error(`${file} is ${info.width} x ${info.height}`);
  const hu = new Int16Array(EDGE ** 3);
  for (let k = 0, at = 0; k < EDGE; k++) {
    const [left, top] = [(k % TILES_PER_ROW) * EDGE, Math.floor(k / TILES_PER_ROW) * EDGE];
    for (let j = 0; j < EDGE; j++)
      for (let i = 0; i < EDGE; i++, at++) {
        const grey = data[((top + j) * info.width + left + i) * info.channels] as number;
        hu[at] = HU_PER_GREY * grey + LOWEST_HU;
      }
  }
  return hu;
}

function sliceFile(name: string, slice: number, hu: Int16Array): Uint8Array {
  const uid = (...parts: (string | number)[]) => syntheticUid('cube', name, ...parts);
  const elements: Element[] = [
    [0x00080005, 'CS', 'ISO_IR 192'],
    [0x00080008, 'CS', 'DERIVED\\PRIMARY\\AXIAL'],
    [0x00080016, 'UI', '1.2.840.10008.5.1.4.1.1.2'],
    [0x00080018, 'UI', uid('instance', slice)],
    [0x00080060, 'CS', 'CT'],
    [0x00100010, 'PN', `Cube^${name}`],
    [0x00100020, 'LO', `CUBE-${name}`],
    [0x00180015, 'CS', 'CHEST'],
    [0x00180050, 'DS', '1'],
    [0x0020000d, 'UI', uid('study')],
    [0x0020000e, 'UI', uid('series')],
    [0x00200011, 'IS', '1'],
    [0x00200013, 'IS', String(slice + 1)],
    [0x00200032, 'DS', `0\\0\\${slice}`],
    [0x00200037, 'DS', '1\\0\\0\\0\\1\\0'],
    [0x00200052, 'UI', uid('frame-of-reference')],
    [0x00280002, 'US', [1]],
    [0x00280004, 'CS', 'MONOCHROME2'],
    [0x00280010, 'US', [EDGE]],
    [0x00280011, 'US', [EDGE]],
    [0x00280030, 'DS', '1\\1'],
    [0x00280100, 'US', [16]],
    [0x00280101, 'US', [16]],
    [0x00280102, 'US', [15]],
    [0x00280103, 'US', [1]],
    [0x00281052, 'DS', '0'],
    [0x00281053, 'DS', '1'],
    [0x00281054, 'LO', 'HU'],
    [0x7fe00010, 'OW', hu.slice(slice * EDGE ** 2, (slice + 1) * EDGE ** 2)],
  ];
  return part10Bytes(elements, 'explicit');
}

/** Protocol cube-froc: inside the radius or the mask, nothing within a voxel of a face, false marks per cube of 125 ml. */
function datasetFile(cubes: readonly Cube[], split: string): object {
  return {
    schemaVersion: '1.0',
    id: `lung-nodules-${split}`,
    title: `Real nodule cubes, ${split} split`,
    kind: 'real-cubes',
    license: 'LIDC-IDRI CC BY 3.0, LUNA16 CC BY 4.0',
    attribution: 'LIDC-IDRI (doi:10.7937/K9/TCIA.2015.LO9QL9SX), LUNA16 annotations (doi:10.1016/j.media.2017.06.015).',
    split,
    caution:
      'Cubes of 50 mm around one nodule each: false marks per cube say nothing of those per scan, and no CPM is quoted.',
    hitRule: 'cubeFroc',
    rates: [0.1, 0.25, 0.5, 1],
    unit: 'cube',
    faceMarginVoxels: 1,
    lungMask: false,
    source: {
      format: 'inline',
      scans: cubes.map((cube) => ({
        id: nameOf(cube),
        folder: nameOf(cube),
        SeriesInstanceUID: syntheticUid('cube', nameOf(cube), 'series'),
        group: cube.SeriesInstanceUID,
        lesions: [
          {
            centerMm: cube.centerMm,
            diameterMm: Number((((6 * cube.maskVoxels) / Math.PI) ** (1 / 3)).toFixed(3)),
            mask: {
              file: `${nameOf(cube)}/mask.bin`,
              sizeVoxels: [EDGE, EDGE, EDGE],
              originMm: [0, 0, 0],
              spacingMm: [1, 1, 1],
            },
          },
        ],
      })),
    },
  };
}
