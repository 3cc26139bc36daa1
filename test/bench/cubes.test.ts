import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readNpzBytes } from '../../benchmarks/cubes/read-npz.ts';
import { writeCubes } from '../../benchmarks/cubes/write-cubes.ts';
import { loadDataset } from '../../services/bench/load-dataset.ts';
import { readScanFiles } from '../../services/bench/scan-files.ts';
import { checkTruth, seriesGrid } from '../../services/bench/series-grid.ts';
import { openImage } from '../../services/dicom/dataset/read-file.ts';
import { hasSharedData, SHARED_DATA } from '../support/programs.ts';
import { benchFolder } from './bench-folder.ts';

const CUBES = join(SHARED_DATA, 'lung-nodules');

describe.skipIf(!hasSharedData)('nodule cubes as series (needs ../shared/data)', () => {
  it('keep their voxels, masks and places, and the split of their README', async () => {
    const { path } = benchFolder();
    await writeCubes(CUBES, path('cubes'), 'test', '3');
    const { about, scans } = await loadDataset(path('cubes/cubes.yaml'));
    expect(about).toMatchObject({ hitRule: 'cubeFroc', unit: 'cube', lungMask: false, faceMarginVoxels: 1 });
    expect(scans).toHaveLength(3);
    for (const scan of scans) {
      const { headers } = await readScanFiles(scan);
      const grid = seriesGrid(headers);
      if (!grid) throw new Error('no grid');
      checkTruth(grid, scan.truth);
      const [lesion] = scan.truth.lesions;
      if (!lesion) throw new Error('no lesion');
      expect(headers).toHaveLength(50);
      // The sphere of equal volume holds as many voxels as the mask, which holds its own centre.
      expect(lesion.mask?.contains(lesion.center)).toBe(true);
      expect(lesion.mask?.contains([2, 2, 2])).toBe(false);
      const at = lesion.center.map(Math.round);
      expect(
        await voxel(headers.find(({ InstanceNumber }) => InstanceNumber === (at[2] ?? 0) + 1)?.input.file ?? '', at),
      ).toBeGreaterThan(-700);
    }
  });

  it('the archive of masks is read as NumPy wrote it', () => {
    const { shape, bytes } = readNpzBytes(join(CUBES, 'masks.npz'), 'masks');
    expect(shape).toEqual([1172, 15_625]);
    // Row 0 of index.csv: 134 voxels.
    const [, row = ''] = readFileSync(join(CUBES, 'index.csv'), 'utf8').split('\n');
    const bits = bytes.subarray(0, 15_625).reduce((sum, byte) => sum + byte.toString(2).replaceAll('0', '').length, 0);
    expect(bits).toBe(Number(row.split(',').at(-1)));
    expect(() => readNpzBytes(join(CUBES, 'masks.npz'), 'cubes')).toThrow('no array cubes');
  });
});

/** HU of a voxel: stored as they are, 16 bits, intercept 0. */
async function voxel(file: string, [column = 0, row = 0]: readonly number[]): Promise<number> {
  const image = await openImage(file);
  const bytes = await image.read((image.pixelData?.offset ?? 0) + (row * 50 + column) * 2, 2);
  await image.close();
  return new DataView(bytes.buffer, bytes.byteOffset).getInt16(0, true);
}
