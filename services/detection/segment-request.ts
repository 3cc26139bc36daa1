import { createHash } from 'node:crypto';
import type { ReadLesion } from '../domain/contract/reading.ts';
import { type PatientPoint, patientPoint } from '../domain/geometry.ts';
import type { SegmentationRequest } from '../domain/segmentation.ts';
import { dot, minus } from '../imaging/grid.ts';
import { type PlacedSeries, placeSeries, readSlab } from '../imaging/read-slab.ts';
import type { VolumeReader } from '../imaging/read-volume.ts';
import type { SeriesCriteria } from '../imaging/series-criteria.ts';
import { StageClock } from '../imaging/stage-clock.ts';
import { type Surroundings, segmentAt, surroundings } from './segment-at.ts';

/** Any CT that makes a volume: a reader may measure what no model reads. */
const CRITERIA: SeriesCriteria = {
  modality: ['CT'],
  sopClassUids: ['', '.1', '.2'].map((kind) => `1.2.840.10008.5.1.4.1.1.2${kind}`),
  imageTypeExclude: ['LOCALIZER'],
  orientation: { plane: 'any', toleranceDeg: 30 },
  minSlices: 3,
  sliceThicknessMm: { rejectAbove: 10 },
  spacingUniformityMm: 0.1,
  rank: ['mostSlices', 'thinnest'],
};

/** Slices so far from the point are decoded: enough for a mass and the wall beside it. */
const REACH_MM = 45;
/** The same slab serves points so near to its middle. */
const REUSED_MM = 15;

/** Keeps the last series and slab: a reader clicks, corrects and clicks again. */
export class Segmenter {
  readonly #threads: VolumeReader['threads'];
  #series: { readonly key: string; readonly placed: PlacedSeries } | undefined;
  #slab: { readonly key: string; readonly middle: PatientPoint; readonly around: Surroundings } | undefined;

  constructor(threads: VolumeReader['threads']) {
    this.#threads = threads;
  }

  /** @throws {AppError} NOT_ANALYSABLE with the reason why nothing can be measured there. */
  async segment({ inputs, point: [x, y, z], label, preparedDirectory }: SegmentationRequest): Promise<ReadLesion> {
    const reader = { threads: this.#threads, clock: new StageClock(), progress: () => {}, preparedDirectory };
    const key = createHash('sha256')
      .update(inputs.map(({ file, sha256 }) => `${file} ${sha256}`).join('\n'))
      .digest('hex');
    const point = patientPoint(x, y, z);
    const known = this.#series?.key === key ? this.#series.placed : undefined;
    const placed = known ?? (await placeSeries(inputs, CRITERIA, reader));
    this.#series = { key, placed };
    return segmentAt(await this.#around(key, placed, point, reader), point, label);
  }

  async #around(key: string, placed: PlacedSeries, point: PatientPoint, reader: VolumeReader): Promise<Surroundings> {
    const known = this.#slab;
    const normal = placed.slices.stack.axes[2];
    if (known?.key === key && Math.abs(dot(minus(point, known.middle), normal)) <= REUSED_MM) return known.around;
    this.#slab = undefined;
    const around = surroundings(await readSlab(placed, point, REACH_MM, reader), placed.series);
    this.#slab = { key, middle: point, around };
    return around;
  }
}
