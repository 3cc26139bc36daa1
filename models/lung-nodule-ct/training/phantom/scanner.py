"""The scanner: slice profile, in-plane blur and kernel, noise; and the grid of the sample's images."""

from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from .chest import Chest
from .plane import Plane, axial_grid
from .shapes import ramp


@dataclass(frozen=True)
class Scan:
    """Geometry and quality of a reconstructed series. Slice 0 is the lowest."""

    rows: int = 512
    columns: int = 512
    pixel: float = 350 / 512
    slices: int = 126
    spacing: float = 2.5
    thickness: float = 2.5
    bottom: float = -185.0
    center: tuple[float, float] = (0.0, 8.0)
    noise: float = 8.0
    blur: float = 0.42
    kernel: str = "OVERREAD-B40"
    # Planes averaged into a slice, as offsets in slice thicknesses, with their weights.
    profile: tuple[tuple[float, float], ...] = ((-0.5, 0.25), (0.0, 0.5), (0.5, 0.25))

    def z(self, index: int) -> float:
        return self.bottom + index * self.spacing

    def position(self, index: int) -> tuple[float, float, float]:
        """Centre of the first pixel of a slice, LPS mm (ImagePositionPatient)."""
        grid = self.grid()
        return float(grid.x[0, 0]), float(grid.y[0, 0]), self.z(index)

    def grid(self) -> Plane:
        return axial_grid(self.columns, self.rows, self.pixel, self.center)


def acquire(chest: Chest, scan: Scan, workers: int = 2) -> np.ndarray:
    """All slices as rounded HU (slice, row, column), int16, from the feet up. The same for any number of workers."""
    blocks = np.array_split(np.arange(scan.slices), min(scan.slices, max(1, workers) * 3))
    if workers <= 1:
        return np.concatenate([_block(chest, scan, block) for block in blocks])
    with ProcessPoolExecutor(workers) as pool:
        return np.concatenate(list(pool.map(_block, [chest] * len(blocks), [scan] * len(blocks), blocks)))


def _block(chest: Chest, scan: Scan, indexes: np.ndarray) -> np.ndarray:
    """Neighbouring slices share the planes between them."""
    grid, painted = scan.grid(), {}

    def plane(z: float) -> np.ndarray:
        key = round(z * 1000)
        if key not in painted:
            painted[key] = chest.hu(grid.at(z))
        return painted[key]

    out = []
    for index in indexes:
        z = scan.z(int(index))
        ideal = sum(weight * plane(z + offset * scan.thickness) for offset, weight in scan.profile)
        for key in [k for k in painted if k < (z - 0.01) * 1000]:
            del painted[key]
        out.append(look(ideal, scan, np.random.default_rng([chest.seed, 7, int(index)]), z))
    return np.stack(out)


def look(ideal: np.ndarray, scan: Scan, rng: np.random.Generator, z: float) -> np.ndarray:
    """One slice as the scanner gives it: blurred, noisy inside the body, plain air outside, integers."""
    sigma = scan.blur / scan.pixel
    seen = ndimage.gaussian_filter(ideal, sigma)
    body = ndimage.binary_fill_holes(ndimage.binary_opening(seen > -700, iterations=3))
    near = ndimage.gaussian_filter(body.astype(np.float32), 3)
    noisy = seen + noise(seen.shape, scan, rng, z) * near
    # The few counts of air outside are cut at the end of the scale by real scanners too.
    return np.clip(np.rint(np.where(near > 0.01, noisy, seen)), -1024, 3071).astype(np.int16)


def noise(shape: tuple[int, int], scan: Scan, rng: np.random.Generator, z: float) -> np.ndarray:
    """
    Noise of a soft kernel: a band of frequencies, strongest in the middle of the body, streaked across the shoulders.
    """
    white = rng.standard_normal(shape).astype(np.float32)
    soft = ndimage.gaussian_filter(white, 1.0) - 0.6 * ndimage.gaussian_filter(white, 2.4)
    soft /= soft.std()
    grid = scan.grid()
    middle = np.exp(-((grid.x / 130) ** 2 + ((grid.y) / 100) ** 2))
    shoulders = float(ramp(z, 62, 115))
    level = scan.noise * (0.62 + 0.5 * middle) * (1 + 0.25 * shoulders)
    if shoulders == 0:
        return soft * level
    streaks = ndimage.gaussian_filter(rng.standard_normal(shape).astype(np.float32), (0.9, 22))
    streaks *= np.exp(-(((grid.y - 10) / 45) ** 2)) / streaks.std()
    return soft * level + streaks * scan.noise * 0.9 * shoulders
