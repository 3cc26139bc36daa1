"""What the network is to answer: a heat map with a peak in the cell of each centre, and there offset and ln diameter."""

from dataclasses import dataclass

import numpy as np

from .lesions import Lesion

STRIDE = 4
# Input voxel of the centre of cell 0.
ORIGIN = 1.5


@dataclass
class Target:
    """
    Axes z, y, x in cells. heat: 0..1, 1 in the cell of a centre. offset: (3, ...) cells from the cell's centre to the
    lesion's. size: ln mm. near: where offset and size count. weight: 0 where heat is not asked for. real: real tissue.
    """

    heat: np.ndarray
    offset: np.ndarray
    size: np.ndarray
    near: np.ndarray
    weight: np.ndarray
    real: np.ndarray

    @staticmethod
    def blank(cells: tuple[int, int, int]) -> "Target":
        empty = lambda: np.zeros(cells, np.float32)
        return Target(empty(), np.zeros((3, *cells), np.float32), empty(), empty(), np.ones(cells, np.float32), empty())

    def tensors(self) -> tuple[np.ndarray, np.ndarray]:
        """(1 + 3 + 1 ...) to learn, and (3, ...) where: heat's weight, near, real."""
        return np.concatenate([self.heat[None], self.offset, self.size[None]]), np.stack(
            [self.weight, self.near, self.real]
        )


def cell_centers(cells: tuple[int, int, int]) -> np.ndarray:
    return np.stack(np.meshgrid(*[np.arange(n, dtype=np.float32) * STRIDE + ORIGIN for n in cells], indexing="ij"), -1)


def encode(target: Target, lesions: list[Lesion], shape: tuple[int, int, int]) -> None:
    """Enters lesions into a target. One whose centre lies outside of the volume, or that is excluded, only silences its cells."""
    centers = cell_centers(target.heat.shape)
    # Large ones first: where two claim a cell, the small one, which is easier to lose, has it.
    for lesion in sorted(lesions, key=lambda item: -item.diameter):
        c, d = lesion.center, lesion.diameter
        distance = np.sqrt(((centers - c.astype(np.float32)) ** 2).sum(-1))
        inside = bool((c >= 0).all() and (c <= np.array(shape) - 1).all())
        if lesion.excluded or not inside:
            target.weight[distance < d / 2 + 3] = 0
            continue
        sigma = max(2.0, 0.275 * d)
        peak = tuple(np.clip(np.round((c - ORIGIN) / STRIDE).astype(int), 0, np.array(target.heat.shape) - 1))
        np.maximum(target.heat, np.exp(-(distance**2) / (2 * sigma**2)), out=target.heat)
        target.heat[peak] = 1
        near = distance < max(3.0, 0.3 * d)
        near[peak] = True
        for axis in range(3):
            target.offset[axis][near] = (c[axis] - centers[..., axis][near]) / STRIDE
        target.size[near] = np.log(d)
        target.near[near] = 1
        target.weight[peak] = 1


def flip(target: np.ndarray, where: np.ndarray, axis: int) -> tuple[np.ndarray, np.ndarray]:
    """Mirrors tensors (channels first) along a spatial axis; the offset along it changes its sign."""
    target, where = np.flip(target, axis + 1).copy(), np.flip(where, axis + 1)
    target[1 + axis] *= -1
    return target, where


def swap(target: np.ndarray, where: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Exchanges y and x."""
    target, where = target.swapaxes(2, 3)[[0, 1, 3, 2, 4]], where.swapaxes(2, 3)
    return target, where
