"""The floor every detector must beat, in numpy: multi-scale Laplacian of Gaussian in a lung mask at 1 mm.

It tells whether a sample is fair: each nodule that must be found is a peak of this filter. The shipped graph is
`models/blob-log-ct`; the numbers here are close to its own, not equal.
"""

import numpy as np
from scipy import ndimage

SIZES_MM = (4, 6, 9, 13, 19)
# heat = sigmoid((response - MIDDLE) / SLOPE)
MIDDLE, SLOPE = 300.0, 150.0


def resample(hu: np.ndarray, spacing: tuple[float, float, float], low: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Volume (z, y, x) at 1 mm with the LPS place of its first voxel; `low` is that of the input."""
    smooth = ndimage.gaussian_filter(hu.astype(np.float32), [0.35 * max(0.0, 1 / s - 1) for s in spacing])
    size = [int((n - 1) * s) + 1 for n, s in zip(hu.shape, spacing)]
    # Linear interpolation axis by axis, voxel centres aligned at the first voxel.
    for axis, (n, s) in enumerate(zip(size, spacing)):
        place = np.arange(n) / s
        first = np.minimum(place.astype(int), smooth.shape[axis] - 2)
        part = (place - first).astype(np.float32).reshape([-1 if a == axis else 1 for a in range(3)])
        smooth = np.take(smooth, first, axis) * (1 - part) + np.take(smooth, first + 1, axis) * part
    return smooth, np.asarray(low, float)


def lung_mask(volume: np.ndarray) -> np.ndarray:
    """Air inside the body, in the two largest pieces, closed over vessels and nodules."""
    air = volume < -400
    outside = ndimage.label(air)[0]
    border = np.unique(
        np.concatenate(
            [outside[:, side].ravel() for side in (0, -1)] + [outside[:, :, side].ravel() for side in (0, -1)]
        )
    )
    inner = air & ~np.isin(outside, border[border > 0])
    inner = ndimage.binary_opening(inner, iterations=1)
    pieces, count = ndimage.label(inner)
    sizes = ndimage.sum_labels(inner, pieces, np.arange(1, count + 1))
    keep = np.flatnonzero(sizes > max(1e5, 0.1 * sizes.max())) + 1
    mask = np.isin(pieces, keep)
    box = around(mask, 12)
    inside = mask[box]
    closed = _shrunk(grown(inside, 7), 7)
    mask[box] = np.stack([ndimage.binary_fill_holes(level) for level in closed | inside])
    return mask


def grown(mask: np.ndarray, by: int) -> np.ndarray:
    """Dilated by a cube: a box filter is a hundred times faster than a distance and near enough here."""
    return ndimage.uniform_filter(mask.astype(np.float32), 2 * by + 1, mode="constant") > 1e-5


def _shrunk(mask: np.ndarray, by: int) -> np.ndarray:
    return ~grown(~mask, by)


def around(mask: np.ndarray, margin: int) -> tuple[slice, slice, slice]:
    """The box of a mask with a margin."""
    return tuple(
        slice(max(0, int(edge.start) - margin), min(n, int(edge.stop) + margin))
        for edge, n in zip(ndimage.find_objects(mask.astype(np.uint8))[0], mask.shape)
    )


def response(volume: np.ndarray, mask: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Greatest scale-normalised response to a bright ball, and the size that gave it."""
    clipped = np.clip(volume, -1000, 200).astype(np.float32)
    clipped[~grown(mask, 1)] = -850
    best, size = np.full(volume.shape, -np.inf, np.float32), np.zeros(volume.shape, np.float32)
    for d in SIZES_MM:
        sigma = d / (2 * np.sqrt(3))
        r = -(sigma**2) * ndimage.laplace(ndimage.gaussian_filter(clipped, sigma))
        better = r > best
        best[better], size[better] = r[better], d
    return best, size


def peaks(
    volume: np.ndarray, mask: np.ndarray, least_score: float = 0.12, limit: int = 100
) -> list[tuple[float, tuple, float]]:
    """(score, (z, y, x), size in mm), best first, after suppression by centre distance; in or within 3 mm of the mask."""
    box = around(mask, 20)
    volume, mask, corner = volume[box], mask[box], [edge.start for edge in box]
    r, size = response(volume, mask)
    heat = 1 / (1 + np.exp(-(r - MIDDLE) / SLOPE))
    top = (ndimage.maximum_filter(r, 5) == r) & (heat > least_score) & grown(mask, 2)
    found = sorted(
        (
            (float(heat[tuple(p)]), tuple(int(i) + c for i, c in zip(p, corner)), float(size[tuple(p)]))
            for p in np.argwhere(top)
        ),
        reverse=True,
    )
    kept: list[tuple[float, tuple, float]] = []
    for score, place, d in found:
        if all(np.linalg.norm(np.subtract(place, q)) >= 0.5 * max(d, e) for _, q, e in kept):
            kept.append((score, place, d))
        if len(kept) == limit:
            break
    return kept
