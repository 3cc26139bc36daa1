import { AppError } from '../domain/errors.ts';
import { refusal } from '../imaging/refusal.ts';
import type { Output } from './manifest/tensors.ts';
import type { ModelManifest } from './model-manifest.ts';
import { type AxisWeights, addWeighted, type Tile, writeCore } from './sliding-window.ts';
import type { Block, Zyx } from './tensor-layout.ts';

/** One output over the whole image: a map for each channel, x fastest, of cells z, y, x. */
export interface HeadMap {
  readonly shape: Zyx;
  /** Those that nobody reads are empty. */
  readonly channels: readonly Float32Array[];
}

/** How answers of tiles that overlap become one. */
interface Blend {
  readonly mode: 'center' | 'constant' | 'gaussian';
  /** Of the Gaussian, in sizes of a tile. */
  readonly sigmaScale: number;
}

const MAX_MAP_BYTES = 2048 * 1024 * 1024;
/** Of the weight in the middle of a tile: what a Gaussian leaves to its corners, so that they are not divided by nothing. */
const LEAST_WEIGHT = 1e-3;

export function blendOf({ tiling }: Pick<ModelManifest, 'tiling'>): Blend {
  if (tiling.mode !== 'sliding') return { mode: 'center', sigmaScale: 1 };
  return { mode: tiling.blend ?? 'center', sigmaScale: tiling.sigmaScale ?? 0.125 };
}

/** Puts the answers of tiles together to one map per channel, before their activation. */
export class HeadCollector {
  readonly #output: Pick<Output, 'name'>;
  readonly #shape: Zyx;
  readonly #stride: Zyx;
  readonly #blend: Blend;
  readonly #wanted: ((channel: number) => boolean) | undefined;
  readonly #untouched: (channel: number) => number;
  #maps: Float32Array[] | undefined;
  #weights: Float32Array | undefined;

  /**
   * @param shape of the image in voxels.
   * @param stride voxels of a cell.
   * @param untouched what stands in a channel where no tile was read.
   * @param wanted the channels to keep; default all.
   */
  constructor(
    output: Pick<Output, 'name'>,
    shape: Zyx,
    stride: Zyx,
    blend: Blend,
    untouched: (channel: number) => number,
    wanted?: (channel: number) => boolean,
  ) {
    this.#output = output;
    this.#shape = [Math.ceil(shape[0] / stride[0]), Math.ceil(shape[1] / stride[1]), Math.ceil(shape[2] / stride[2])];
    this.#stride = stride;
    this.#blend = blend;
    this.#untouched = untouched;
    this.#wanted = wanted;
  }

  /** @throws {AppError} MODEL_INVALID when the answer has another shape than the tile; NOT_ANALYSABLE, TOO_LARGE. */
  add(tile: Tile, block: Block): void {
    const cells = tile.map(({ size }, a) => size / (this.#stride[a] ?? 1));
    if (cells.some((count, a) => count !== block.shape[a])) throw this.#wrong(block, cells);
    this.#maps ??= this.#allocate(block.channels);
    if (this.#maps.length !== block.channels) throw this.#wrong(block, cells);
    if (this.#blend.mode === 'center') this.#write(tile, block, this.#maps);
    else this.#average(tile, block, this.#maps);
  }

  finish(): HeadMap {
    const channels = this.#maps ?? [];
    const weights = this.#weights;
    if (weights) {
      for (const [c, map] of channels.entries()) {
        const untouched = this.#untouched(c);
        for (let i = 0; i < map.length; i++) {
          const weight = weights[i] as number;
          map[i] = weight > 0 ? (map[i] as number) / weight : untouched;
        }
      }
    }
    return { shape: this.#shape, channels };
  }

  #write(tile: Tile, { data, channels }: Block, maps: readonly Float32Array[]): void {
    for (let c = 0; c < channels; c++) {
      const map = maps[c];
      if (map && map.length > 0) writeCore(map, this.#shape, data, c, tile, this.#stride);
    }
  }

  #average(tile: Tile, { data, channels }: Block, maps: readonly Float32Array[]): void {
    const weights = tile.map(({ size }, a) => this.#alongAxis(size / (this.#stride[a] ?? 1)));
    const [z, y, x] = [weights[0] ?? EMPTY, weights[1] ?? EMPTY, weights[2] ?? EMPTY];
    const length = z.length * y.length * x.length;
    const at = (a: 0 | 1 | 2) => tile[a].start / this.#stride[a];
    const start: Zyx = [at(0), at(1), at(2)];
    const axes: AxisWeights = [z, y, x];
    const add = (map: Float32Array, values: Float32Array) => addWeighted(map, this.#shape, values, start, axes);
    for (let c = 0; c < channels; c++) {
      const map = maps[c];
      if (map && map.length > 0) add(map, data.subarray(c * length, (c + 1) * length));
    }
    this.#weights ??= new Float32Array(this.#cells);
    add(this.#weights, new Float32Array(length).fill(1));
  }

  #alongAxis(cells: number): Float32Array {
    if (this.#blend.mode === 'constant') return new Float32Array(cells).fill(1);
    const sigma = this.#blend.sigmaScale * cells;
    const middle = (cells - 1) / 2;
    return Float32Array.from({ length: cells }, (_, i) =>
      Math.max(LEAST_WEIGHT, Math.exp(-((i - middle) ** 2) / (2 * sigma * sigma))),
    );
  }

  get #cells(): number {
    return this.#shape[0] * this.#shape[1] * this.#shape[2];
  }

  #allocate(count: number): Float32Array[] {
    const isWanted = (channel: number) => this.#wanted?.(channel) ?? true;
    const kept = Array.from({ length: count }, (_, c) => c).filter(isWanted).length;
    const bytes = this.#cells * 4 * kept;
    if (bytes > MAX_MAP_BYTES) {
      const [megabytes, limit] = [Math.round(bytes / 1024 / 1024), MAX_MAP_BYTES / 1024 / 1024];
      throw refusal('TOO_LARGE', { what: `output ${this.#output.name}`, megabytes, limit });
    }
    const start = (c: number) => (this.#blend.mode === 'center' ? this.#untouched(c) : 0);
    return Array.from({ length: count }, (_, c) => new Float32Array(isWanted(c) ? this.#cells : 0).fill(start(c)));
  }

  #wrong(block: Block, cells: readonly number[]): AppError {
    const said = `${block.channels} channels of ${block.shape.join(' x ')}`;
    return new AppError('MODEL_INVALID', `output ${this.#output.name} is ${said} for ${cells.join(' x ')} cells`, {
      detail: this.#output.name,
    });
  }
}

const EMPTY = new Float32Array();
