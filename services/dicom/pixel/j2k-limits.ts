import { damaged } from './damaged.ts';

/** The grid of a codestream and of its tiles: what SIZ says (ISO/IEC 15444-1 §A.5.1). */
export interface J2kGrid {
  readonly width: number;
  readonly height: number;
  readonly tileWidth: number;
  readonly tileHeight: number;
  readonly components: number;
}

/** The most that the coding styles of all headers ask for: layers, and precincts of a component. */
export interface Claims {
  readonly layers: number;
  readonly precincts: number;
}

/** Powers of two, of the height and of the width of a precinct that is nowhere given. */
const WHOLE = 0xff;
/** So many packets cost nothing to walk through; each takes a byte at least, and a short codestream has few. */
const FREE_PACKETS = 65_536;
const MAX_TILES = 65_535;

/**
 * A few bytes of header can claim more tiles than memory holds, or packets by the billion: precincts of one pixel, in as
 * many layers. Each tile needs a tile-part and each packet a byte, so a codestream that claims more of them than it can
 * hold is none.
 *
 * @throws {AppError} DATASET_UNREADABLE with the number that it claims.
 */
export function checkClaims(
  grid: J2kGrid,
  { layers, precincts }: Claims,
  has: { readonly bytes: number; readonly tileParts: number },
): void {
  const { across, down } = tilesOf(grid);
  const tiles = across * down;
  if (tiles > MAX_TILES || tiles > has.tileParts) {
    throw damaged(`the JPEG 2000 header claims ${tiles} tiles, there are parts of ${has.tileParts}`);
  }
  const packets = precincts * layers * grid.components;
  if (packets > FREE_PACKETS + 4 * has.bytes) {
    throw damaged(`the JPEG 2000 header claims ${packets} packets, the frame has ${has.bytes} bytes`);
  }
}

const tilesOf = ({ width, height, tileWidth, tileHeight }: J2kGrid) => ({
  across: Math.ceil(width / tileWidth),
  down: Math.ceil(height / tileHeight),
});

/**
 * Precincts of one component, all resolutions and tiles together, by a coding style (§A.6.1, §A.6.2); a few too many, for
 * each tile may begin another. `at` is where the decomposition levels stand in the marker segment that ends at `end`.
 */
export function precinctsOf(grid: J2kGrid, view: DataView, at: number, end: number, areGiven: boolean): number {
  if (at + 5 > end) throw damaged('a JPEG 2000 coding style is cut');
  const levels = view.getUint8(at);
  if (areGiven && at + 5 + levels + 1 > end) throw damaged('a JPEG 2000 coding style is cut');
  const { across, down } = tilesOf(grid);
  let sum = 0;
  for (let resolution = 0; resolution <= levels; resolution++) {
    const sizes = areGiven ? view.getUint8(at + 5 + resolution) : WHOLE;
    const scale = 2 ** (levels - resolution);
    const [width, height] = [scale * 2 ** (sizes & 15), scale * 2 ** (sizes >> 4)];
    sum += (grid.width / width + across) * (grid.height / height + down);
  }
  return Math.ceil(sum);
}
