import { readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toPatient, voxelPoint } from '../../services/domain/geometry.ts';
import type { AnalysisInput } from '../../services/domain/run.ts';
import { readVolume } from '../../services/imaging/read-volume.ts';
import { refusalReason } from '../../services/imaging/refusal.ts';
import type { Element } from '../support/dicom-bytes.ts';
import { syntheticObject, syntheticSeries } from '../support/synthetic-series.ts';
import { CRITERIA } from './slice-headers.ts';
import { stored, storedSeries } from './stored-series.ts';
import { volumeReader } from './volume-reader.ts';

const small = { slices: 12, rows: 40, columns: 48, spacingMm: 7, sliceSpacingMm: 2.5, noiseHu: 30 } as const;
const read = (inputs: readonly AnalysisInput[], progress: string[] = []) =>
  readVolume(
    inputs,
    CRITERIA,
    volumeReader({ progress: (stage, done, total) => void progress.push(`${stage} ${done}/${total}`) }),
  );

async function refused(inputs: readonly AnalysisInput[]) {
  const answer = await read(inputs).catch((error: unknown) => ({ error, SeriesInstanceUID: 'thrown' }));
  if (!('error' in answer)) throw new Error('a volume was read');
  return refusalReason(answer.error) ?? answer.error;
}

const never = () => {
  throw new Error('a series has instances');
};

describe('a series on disk', () => {
  it.each(['implicit', 'explicit', 'big-endian', 'deflated', 'rle'] as const)(
    'becomes the same HU and the same place in %s',
    async (transferSyntax) => {
      const { inputs, instances, SeriesInstanceUID } = storedSeries({ ...small, transferSyntax });
      const progress: string[] = [];
      const answer = await read(inputs.toReversed(), progress);
      if ('error' in answer) throw answer.error;
      const { volume, series } = answer;
      expect(volume.geometry.shape).toEqual([48, 40, 12]);
      expect(series.SeriesInstanceUID).toBe(SeriesInstanceUID);
      expect(series.images.map(({ SOPInstanceUID }) => SOPInstanceUID)).toEqual(
        instances.map(({ SOPInstanceUID }) => SOPInstanceUID),
      );
      const [x, y, z] = toPatient(volume.geometry, voxelPoint(0, 0, 0));
      expect([x, y, z]).toEqual([-164.5, -136.5, -13.75]);
      const plain = storedSeries(small).instances.flatMap(({ elements }) => {
        const pixels = elements.find(([tag]) => tag === 0x7fe00010)?.[2];
        return [...(pixels as unknown as Int16Array)].map((value) => Math.max(-1024, value - 1024));
      });
      expect([...volume.voxels]).toEqual(plain);
      expect(progress).toContain('read 12/12');
      expect(progress.filter((line) => line.startsWith('decode'))).toHaveLength(12);
    },
  );

  it('is refused for a missing slice', async () => {
    expect(await refused(storedSeries({ ...small, missingSlice: 5 }).inputs)).toMatchObject({ code: 'MISSING_SLICES' });
  });

  it('is read without an image that came twice, but not when the two differ', async () => {
    const { inputs } = storedSeries({ ...small, duplicateSlice: 5 });
    const answer = await read(inputs);
    if ('error' in answer) throw answer.error;
    expect(answer.series).toMatchObject({
      shape: [48, 40, 12],
      warnings: [{ code: 'COPIES_DROPPED', params: { count: 1 } }],
    });
    const other = stored(
      [syntheticSeries({ ...small, pixelOffsetHu: 1 }).instances[5] ?? never()],
      inputs[0]?.SeriesInstanceUID ?? '',
    );
    const changed = other.map((input) => ({ ...input, SOPInstanceUID: '1.2.3.4' }));
    expect(await refused([...inputs.slice(0, 12), ...changed])).toEqual({
      code: 'DUPLICATE_POSITION',
      params: { first: 6, second: 6, count: 1 },
    });
  });

  it('whose unit is unspecified is read as HU with a warning where its values lie so, else refused', async () => {
    const unspecified: Element = [0x00281054, 'LO', 'US'];
    const [said, assumed] = await Promise.all([
      read(storedSeries(small).inputs),
      read(storedSeries({ ...small, elements: () => [unspecified] }).inputs),
    ]);
    if ('error' in said) throw said.error;
    if ('error' in assumed) throw assumed.error;
    expect(assumed.volume).toEqual(said.volume);
    expect(said.series.warnings).toEqual([]);
    expect(assumed.series).toMatchObject({
      unit: 'HU',
      warnings: [{ code: 'UNIT_ASSUMED', params: { count: 12, unit: 'HU' } }],
    });
    const { inputs } = storedSeries({ ...small, elements: () => [unspecified, [0x00281053, 'DS', '2']] });
    expect(await refused(inputs)).toEqual({ code: 'NOT_HU', params: { detail: 'RescaleType is US' } });
  });

  it('is refused as changed when one bit of a file changed, or the file is gone', async () => {
    const { inputs } = storedSeries(small);
    const { file = '', SOPInstanceUID } = inputs[7] ?? {};
    const bytes = readFileSync(file);
    const changed = Buffer.from(bytes);
    changed.writeUInt8((changed.at(-99) ?? 0) ^ 1, changed.length - 99);
    const reason = { code: 'INTEGRITY', params: { slice: SOPInstanceUID } };
    writeFileSync(file, changed);
    expect(await refused(inputs)).toEqual(reason);
    writeFileSync(file, bytes);
    truncateSync(file, bytes.length - 2);
    expect(await refused(inputs)).toEqual(reason);
    rmSync(file);
    expect(await refused(inputs)).toEqual(reason);
  });

  it('is refused as damaged when it was received with too few pixels', async () => {
    const cut = storedSeries({
      ...small,
      elements: (slice) => (slice === 4 ? [[0x7fe00010, 'OW', new Int16Array(100)]] : []),
    });
    expect(await refused(cut.inputs)).toMatchObject({ code: 'DAMAGED_IMAGE', params: { slice: 5 } });
  });

  it('is refused as unreadable when an instance was received cut short', async () => {
    const { inputs, instances, SeriesInstanceUID } = storedSeries(small);
    const [whole] = instances;
    if (!whole) throw new Error('a series has instances');
    const meta = whole.file.subarray(0, whole.file.length - whole.dataset.length);
    const dataset = whole.dataset.subarray(0, 333);
    const cut = stored([{ ...whole, dataset, file: Buffer.concat([meta, dataset]) }], SeriesInstanceUID);
    expect(await refused([...cut, ...inputs.slice(1)])).toMatchObject({
      code: 'UNREADABLE',
      params: { slice: whole.SOPInstanceUID },
    });
  });

  it('is read beside a localizer, a report and a document of its study', async () => {
    const { inputs, SeriesInstanceUID } = storedSeries(small);
    const others = (['localizer', 'sr', 'pdf'] as const).flatMap((kind, i) =>
      stored([syntheticObject(kind, small)], `1.2.3.${i}`),
    );
    const answer = await read([...others, ...inputs]);
    if ('error' in answer) throw answer.error;
    expect(answer.series.SeriesInstanceUID).toBe(SeriesInstanceUID);
    expect(await refused(others.slice(0, 1))).toMatchObject({ code: 'ONLY_LOCALIZER' });
    expect(await refused(others.slice(1))).toMatchObject({ code: 'NOT_AN_IMAGE' });
  });

  it('is a volume or a reason, never an error without a name, however its bytes were damaged', async () => {
    const { inputs, instances, SeriesInstanceUID } = storedSeries({
      ...small,
      rows: 16,
      columns: 16,
      transferSyntax: 'rle',
    });
    const [victim] = instances;
    if (!victim) throw new Error('a series has instances');
    const meta = victim.file.subarray(0, victim.file.length - victim.dataset.length);
    const change = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(change, fc.double({ min: 0, max: 1, noNaN: true }), async (changes, cut) => {
        const dataset = Buffer.from(victim.dataset);
        for (const [at, byte] of changes) dataset.writeUInt8(byte, at % dataset.length);
        const kept = cut < 0.2 ? dataset.subarray(0, Math.floor(dataset.length * cut * 5)) : dataset;
        fc.pre(kept.length > 16); // fewer, and group 0002 has no visible end
        const [damaged] = stored([{ ...victim, dataset: kept, file: Buffer.concat([meta, kept]) }], SeriesInstanceUID);
        const answer = await read([...(damaged ? [damaged] : []), ...inputs.slice(1)]);
        if ('error' in answer) expect(refusalReason(answer.error)).toBeDefined();
      }),
      { numRuns: 150 },
    );
  });
});
