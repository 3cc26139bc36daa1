import { patientPoint, type VolumeGeometry } from '../domain/geometry.ts';
import { cross, dot, minus, norm, type Triple } from './grid.ts';
import type { ImageStack } from './image-stack.ts';
import type { Shear } from './slice-shear.ts';
import type { Spacing } from './slice-spacing.ts';

type Axes = readonly [Triple, Triple, Triple];

/** The grid whose planes are the slices of an even, straight stack. */
export function gridOfSlices({ axes, columns, rows, spacingMm, positions }: ImageStack, step: number): VolumeGeometry {
  return {
    shape: [columns, rows, positions.length],
    origin: positions[0] ?? patientPoint(0, 0, 0),
    axes,
    spacingMm: [spacingMm[0], spacingMm[1], step],
  };
}

/** A right-angled grid over a stack, its planes parallel to the slices: what a shear moves is moved back in plane. */
export function gridAlongSlices(stack: ImageStack, { spacingMm, count }: Spacing): VolumeGeometry {
  const grid = gridAround(stack, stack.axes, [stack.spacingMm[0], stack.spacingMm[1], spacingMm]);
  return { ...grid, shape: [grid.shape[0], grid.shape[1], count] };
}

/**
 * A right-angled grid over a sheared stack, its third axis along the table instead of along the normal of the slices:
 * what a tilted gantry saw becomes axial. Rows and columns of the images lie on its lattice, so that only values of
 * neighbouring slices are mixed.
 */
export function gridAlongTable(stack: ImageStack, { spacingMm }: Spacing, { slope }: Shear): VolumeGeometry {
  const [row, column, normal] = stack.axes;
  const step: Triple = [normal[0] + slope[0], normal[1] + slope[1], normal[2] + slope[2]];
  const table = unit(step);
  const across = unit(without(row, table));
  const down = cross(table, across);
  return gridAround(
    stack,
    [across, down, table],
    [
      stack.spacingMm[0] * Math.abs(dot(row, across)),
      stack.spacingMm[1] * Math.abs(dot(column, down)),
      spacingMm * norm(step),
    ],
  );
}

/** The smallest grid on the lattice of the first pixel that reaches every pixel centre. */
function gridAround(stack: ImageStack, axes: Axes, spacingMm: Triple): VolumeGeometry {
  const { positions, columns, rows } = stack;
  const start = positions[0] ?? patientPoint(0, 0, 0);
  const [row, column] = stack.axes;
  const corners = positions.flatMap((position) =>
    [0, columns - 1].flatMap((i) =>
      [0, rows - 1].map((j): Triple => {
        const [u, v] = [i * stack.spacingMm[0], j * stack.spacingMm[1]];
        const at = (a: 0 | 1 | 2) => position[a] - start[a] + row[a] * u + column[a] * v;
        return [at(0), at(1), at(2)];
      }),
    ),
  );
  const ranges = ([0, 1, 2] as const).map((a) => {
    const along = corners.map((corner) => dot(corner, axes[a]) / spacingMm[a]);
    const low = along.reduce((least, value) => Math.min(least, value), 0);
    const high = along.reduce((most, value) => Math.max(most, value), 0);
    return { from: Math.floor(low + NEARLY), to: Math.ceil(high - NEARLY) };
  });
  const from = (a: 0 | 1 | 2) => (ranges[a]?.from ?? 0) * spacingMm[a];
  const count = (a: 0 | 1 | 2) => (ranges[a]?.to ?? 0) - (ranges[a]?.from ?? 0) + 1;
  const origin = (a: 0 | 1 | 2) => start[a] + axes[0][a] * from(0) + axes[1][a] * from(1) + axes[2][a] * from(2);
  return {
    shape: [count(0), count(1), count(2)],
    origin: patientPoint(origin(0), origin(1), origin(2)),
    axes: [patientPoint(...axes[0]), patientPoint(...axes[1]), patientPoint(...axes[2])],
    spacingMm: [spacingMm[0], spacingMm[1], spacingMm[2]],
  };
}

/** Of a voxel: a corner that misses the lattice by less adds no plane. */
const NEARLY = 1e-3;

const unit = (v: Triple): Triple => [v[0] / norm(v), v[1] / norm(v), v[2] / norm(v)];
const without = (v: Triple, axis: Triple): Triple => {
  const along = dot(v, axis);
  return minus(v, [axis[0] * along, axis[1] * along, axis[2] * along]);
};
