"""Nodules drawn into a volume of voxels while training: every kind and site of which the held-out sets ask."""

from dataclasses import dataclass, replace

import numpy as np
from scipy import ndimage

# Diameters of LUNA16 are log-normal (median 6.4 mm). Small ones and ground-glass are drawn about twice as often, see `draw_list`.
LN_MEAN, LN_DEVIATION = 1.97, 0.50
SMALLEST_MM, LARGEST_MM = 3.2, 32.0
KINDS = ("solid", "part-solid", "ground-glass", "calcified", "cavitated")
# Shares while training, and in a test set (LUNA16's own are near the latter).
TRAINING_SHARES = (0.58, 0.12, 0.20, 0.05, 0.05)
TEST_SHARES = (0.73, 0.09, 0.11, 0.04, 0.03)


@dataclass(frozen=True)
class Lesion:
    """Centre in voxels (z, y, x); diameter of the sphere of equal volume in mm. `excluded`: neither hit nor false mark."""

    center: np.ndarray
    diameter: float
    kind: str
    site: str
    excluded: bool = False

    def moved(self, by: np.ndarray) -> "Lesion":
        return replace(self, center=self.center + by)


def diameter(rng: np.random.Generator, small_share: float = 0.0) -> float:
    """From the prior of LUNA16; a share of `small_share` is drawn evenly from 3.2 to 6 mm instead."""
    if rng.random() < small_share:
        return float(rng.uniform(SMALLEST_MM, 6))
    return float(np.clip(np.exp(rng.normal(LN_MEAN, LN_DEVIATION)), SMALLEST_MM, LARGEST_MM))


def _unit(rng: np.random.Generator) -> np.ndarray:
    v = rng.normal(0, 1, 3)
    return v / np.linalg.norm(v)


class Outline:
    """A star-shaped body: an ellipsoid with lobes, for some also spicules; its volume is that of the unit sphere."""

    def __init__(self, rng: np.random.Generator, diameter_mm: float):
        irregular = rng.random() < (0.45 if diameter_mm > 12 else 0.15)
        stretch = np.exp(rng.normal(0, 0.2 if irregular else 0.11, 3))
        # Directions of the axes as columns, divided by their lengths.
        self.frame = np.linalg.qr(rng.normal(0, 1, (3, 3)))[0] / (stretch / stretch.prod() ** (1 / 3))
        height = 0.26 if irregular else 0.11
        self.bumps = [
            (_unit(rng), rng.normal(0, height), rng.uniform(2, 9))
            for _ in range(rng.integers(2, 10 if irregular else 7))
        ]
        if diameter_mm > 6 and rng.random() < 0.28:
            self.bumps += [
                (_unit(rng), rng.uniform(0.3, 0.9), rng.uniform(60, 150)) for _ in range(rng.integers(4, 12))
            ]
        self.factor = 1.0
        ball = rng.normal(0, 1, (700, 3)).astype(np.float32)
        ball /= np.linalg.norm(ball, axis=1, keepdims=True)
        self.factor = float(1 / np.mean(self.radius(ball) ** 3) ** (1 / 3))

    def radius(self, direction: np.ndarray) -> np.ndarray:
        """Distance from the centre to the surface along unit vectors (..., 3)."""
        swell = np.ones(direction.shape[:-1], np.float32)
        for toward, height, sharp in self.bumps:
            swell += np.float32(height) * np.exp((direction @ toward.astype(np.float32) - 1) * np.float32(sharp))
        ellipsoid = 1 / np.sqrt(((direction @ self.frame.astype(np.float32)) ** 2).sum(-1))
        return self.factor * np.maximum(swell, 0.3) * ellipsoid


def insert(rng: np.random.Generator, hu: np.ndarray, lesion: Lesion) -> None:
    """Draws a lesion in place. What is already denser than it stays: bone, calcium, contrast medium."""
    d, kind, c = lesion.diameter, lesion.kind, lesion.center
    outline = Outline(rng, d)
    reach = int(np.ceil(d * 0.95)) + 3
    low = np.maximum(np.round(c).astype(int) - reach, 0)
    high = np.minimum(np.round(c).astype(int) + reach + 1, hu.shape)
    if (low >= high).any():
        return
    offset = np.stack(np.meshgrid(*[np.arange(a, b) for a, b in zip(low, high)], indexing="ij"), -1) - c
    offset = offset.astype(np.float32)
    r = np.sqrt((offset**2).sum(-1)) + 1e-6
    hazy = kind in ("ground-glass", "part-solid")
    soft = rng.uniform(1.2, 3.5) if hazy else rng.uniform(0.8, 1.5)
    depth = d / 2 * outline.radius(offset / r[..., None]) - r
    share = np.clip(0.5 + depth / soft, 0, 1)
    view = hu[tuple(slice(a, b) for a, b in zip(low, high))]
    texture = ndimage.gaussian_filter(rng.standard_normal(view.shape, np.float32), 1.2)
    texture *= rng.uniform(0.5, 1.2) / (texture.std() + 1e-6)
    if hazy:
        level = rng.uniform(-700, -430) + rng.uniform(15, 70) * texture
        _densify(view, share, level)
        if kind == "part-solid":
            core = d / 2 * rng.uniform(0.3, 0.65) - np.sqrt(((offset - rng.normal(0, d * 0.1, 3)) ** 2).sum(-1))
            _densify(view, np.clip(0.5 + core, 0, 1), rng.uniform(-70, 60) + 10 * texture)
        return
    level = rng.uniform(180, 900) if kind == "calcified" else rng.uniform(-70, 90)
    _densify(view, share, level + 12 * texture)
    if kind == "cavitated":
        hole = depth - d * rng.uniform(0.12, 0.28) + 0.8 * texture
        view += np.clip(0.5 + hole, 0, 1) * (rng.uniform(-970, -700) - view)


def _densify(view: np.ndarray, share: np.ndarray, level) -> None:
    view += share * np.maximum(level - view, 0)


def draw_list(
    rng: np.random.Generator,
    spots: dict[str, np.ndarray],
    count: int,
    training: bool,
    low: np.ndarray,
    high: np.ndarray,
) -> list[Lesion]:
    """
    Lesions at `count` places of `spots` (rows z, y, x, depth[, radius]) whose centres lie between two corners.

    Half lie in the lung, a quarter on vessels, a quarter at the pleura or the mediastinum; none touches another.
    """
    lattice, vessel = (
        rows[((rows[:, :3] >= low) & (rows[:, :3] < high)).all(1)] for rows in (spots["lattice"], spots["vessel"])
    )
    out: list[Lesion] = []
    for _ in range(8 * count):
        if len(out) == count:
            break
        d = diameter(rng, 0.3 if training else 0.0)
        kind = str(rng.choice(KINDS, p=TRAINING_SHARES if training else TEST_SHARES))
        if kind == "cavitated":
            d = max(d, float(rng.uniform(7, 16)))
        site = str(rng.choice(("isolated", "vascular", "pleural"), p=(0.5, 0.25, 0.25)))
        center = _spot(rng, lattice, vessel, site, d)
        if center is None or any(np.linalg.norm(center - o.center) < (d + o.diameter) / 2 + 5 for o in out):
            continue
        out.append(Lesion(center, d, kind, site))
    return out


def _spot(rng: np.random.Generator, lattice: np.ndarray, vessel: np.ndarray, site: str, d: float) -> np.ndarray | None:
    if site == "vascular":
        if len(vessel) == 0:
            return None
        row = vessel[rng.integers(len(vessel))]
        side = _unit(rng) * (row[4] + d * rng.uniform(0.1, 0.5))
        return row[:3] + side if row[3] > d / 2 else None
    low, high = (d / 2 + 3, 99.0) if site == "isolated" else (max(1.0, 0.25 * d), 0.5 * d + 1.5)
    fits = lattice[(lattice[:, 3] > low) & (lattice[:, 3] < high)]
    if len(fits) == 0:
        return None
    return fits[rng.integers(len(fits)), :3] + rng.uniform(-0.8, 0.8, 3)


def micronodules(
    rng: np.random.Generator, spots: dict[str, np.ndarray], count: int, low: np.ndarray, high: np.ndarray
) -> list[Lesion]:
    """Below 3 mm: left out of the count, as in LUNA16."""
    lattice = spots["lattice"]
    lattice = lattice[((lattice[:, :3] >= low) & (lattice[:, :3] < high)).all(1) & (lattice[:, 3] > 2)]
    if len(lattice) == 0:
        return []
    chosen = lattice[rng.integers(0, len(lattice), count), :3] + rng.uniform(-2, 2, (count, 3))
    return [Lesion(c, float(rng.uniform(1.6, 2.9)), "solid", "isolated", excluded=True) for c in chosen]
