"""Looks that no protocol of ours has: a network that has seen only one family of scanners trusts its grey values too much.

Each change is drawn by itself and applies to the whole patch, so it says nothing about where a nodule is. None of them
copies the shifted test set: its patients are painted by rules of their own. What is drawn here is wide enough, though, to hold
scanners like those of that set, and vessels and lung tissue that come near to its.
"""

import numpy as np
from scipy import ndimage


def restyled(rng: np.random.Generator, image: np.ndarray) -> np.ndarray:
    """A normalised image (0 to 1) in another look: tone, contrast, sharpness, grain and shading; 0 to 1 again."""
    out = np.asarray(image, np.float32)
    if rng.random() < 0.5:
        out = out ** np.float32(np.exp(rng.uniform(-0.4, 0.4)))
    if rng.random() < 0.5:
        middle = np.float32(rng.uniform(0.1, 0.6))
        out = middle + (out - middle) * np.float32(rng.uniform(0.8, 1.2)) + np.float32(rng.normal(0, 0.03))
    if rng.random() < 0.4:
        soft = ndimage.gaussian_filter(out, rng.uniform(0.6, 1.3), truncate=2.5)
        out = out + np.float32(rng.uniform(-0.9, 1.0)) * (out - soft)
    if rng.random() < 0.4:
        out = out + np.float32(np.exp(rng.uniform(np.log(0.006), np.log(0.045)))) * _grain(rng, out.shape)
    if rng.random() < 0.3:
        out = out + _shading(rng, out.shape)
    return np.clip(out, 0, 1)


class Lungs:
    """
    Lung tissue in other states: breathed out or overblown, denser toward one side, coarser. What is painted knows resting
    lungs of -905 to -810 HU; lungs of patients reach from -950 to -700. Vessels, walls and lesions are left alone.
    """

    def __init__(self, seed: int, kinds: int = 6, size: int = 144):
        rng = np.random.default_rng([seed, 53])
        self.textures = []
        for _ in range(kinds):
            texture = ndimage.gaussian_filter(rng.standard_normal((size,) * 3, np.float32), rng.uniform(1.0, 3.5))
            self.textures.append((texture / texture.std()).astype(np.float16))

    def change(self, rng: np.random.Generator, hu: np.ndarray) -> None:
        """In place; HU, before lesions are drawn and the scanner sees it."""
        tissue = np.clip((-500 - hu) * np.float32(1 / 200), 0, 1) * np.clip((hu + 985) * np.float32(1 / 60), 0, 1)
        level = np.float32(rng.uniform(-45, 125))
        toward = rng.normal(0, 1, 3)
        toward *= rng.uniform(0, 90) / np.abs(toward).sum()
        z, y, x = (np.linspace(-0.5, 0.5, n, dtype=np.float32) * np.float32(t) for n, t in zip(hu.shape, toward))
        texture = self.textures[rng.integers(len(self.textures))]
        corner = [rng.integers(0, texture.shape[0] - n + 1) for n in hu.shape]
        coarse = texture[tuple(slice(c, c + n) for c, n in zip(corner, hu.shape))].astype(np.float32)
        coarse *= np.float32(np.exp(rng.uniform(np.log(2), np.log(35))))
        coarse += level + z[:, None, None] + y[:, None] + x
        hu += tissue * coarse


def revesselled(
    rng: np.random.Generator, hu: np.ndarray, spots: dict[str, np.ndarray], branches: int | None = None
) -> None:
    """
    Vessels wider or thinner than painted, or more of them; in place, HU, before lesions are drawn. `spots` as of a patient:
    a new branch leaves a vessel and takes its density. `branches`: how many; by itself so many as a patch takes.
    """
    u = rng.random()
    if u < 0.5:
        wide = _spread(hu, np.maximum)
        hu += np.float32(rng.uniform(0.15, 0.85)) * (wide - hu) * (hu < -200)
    elif u < 0.65:
        narrow = _spread(hu, np.minimum)
        hu += np.float32(rng.uniform(0.1, 0.4)) * (narrow - hu) * (narrow < -500)
    rows = spots["vessel"]
    if branches is None:
        branches = int(rng.integers(2, 11)) if len(rows) and rng.random() < 0.6 else 0
    for row in rows[rng.integers(0, len(rows), branches)] if branches else []:
        _branch(rng, hu, row[:3], float(row[4]))


def _spread(hu: np.ndarray, of) -> np.ndarray:
    """The greatest (or least) of each voxel and its six neighbours."""
    out = hu.copy()
    for axis in range(3):
        a, b = (slice(None),) * axis + (slice(1, None),), (slice(None),) * axis + (slice(None, -1),)
        out[a] = of(out[a], hu[b])
        out[b] = of(out[b], hu[a])
    return out


def _branch(rng: np.random.Generator, hu: np.ndarray, at: np.ndarray, radius: float) -> None:
    """A crooked tapering tube of a few pieces, forked once or not."""
    at = np.clip(at, 2, np.array(hu.shape) - 3)
    level = float(np.clip(hu[tuple(np.round(at).astype(int))], 0, 350))
    ends = [(at, rng.normal(0, 1, 3), min(radius, 1.8) * rng.uniform(0.5, 0.95), int(rng.integers(2, 7)))]
    while ends:
        at, toward, r, pieces = ends.pop()
        for piece in range(pieces):
            toward = toward / np.linalg.norm(toward) + rng.normal(0, 0.25, 3)
            to = at + toward / np.linalg.norm(toward) * rng.uniform(3, 6)
            _tube(hu, at, to, r, level)
            at, r = to, r * rng.uniform(0.75, 0.95)
            if r < 0.35 or (at < 1).any() or (at > np.array(hu.shape) - 2).any():
                return
            if piece == pieces // 2 and len(ends) < 2 and rng.random() < 0.4:
                ends.append((at, toward + rng.normal(0, 0.7, 3), r * 0.8, 2))


def _tube(hu: np.ndarray, start: np.ndarray, end: np.ndarray, r: float, level: float) -> None:
    low = np.maximum(np.floor(np.minimum(start, end) - r - 1), 0).astype(int)
    high = np.minimum(np.ceil(np.maximum(start, end) + r + 2), hu.shape).astype(int)
    if (low >= high).any():
        return
    view = hu[tuple(slice(a, b) for a, b in zip(low, high))]
    z, y, x = (np.arange(a, b, dtype=np.float32) - np.float32(s) for a, b, s in zip(low, high, start))
    along = (end - start).astype(np.float32)
    z, y, x = z[:, None, None], y[:, None], x
    t = np.clip((z * along[0] + y * along[1] + x * along[2]) / (along @ along), 0, 1)
    distance = np.sqrt((z - t * along[0]) ** 2 + (y - t * along[1]) ** 2 + (x - t * along[2]) ** 2)
    shown = max(r, 0.5)
    share = np.clip(0.5 + shown - distance, 0, 1) * np.float32((r / shown) ** 2)
    view += share * np.maximum(np.float32(level) - view, 0)


def _grain(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Noise of unit deviation whose grain is as wide in one direction as in another, or flat as in a slice."""
    grain = rng.standard_normal(shape, np.float32)
    width = rng.uniform(0.0, 1.6)
    if width > 0.3:
        grain = ndimage.gaussian_filter(grain, (width if rng.random() < 0.5 else 0, width, width), truncate=2.5)
    return grain / grain.std()


def _shading(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """A ramp through the patch, at most 0.06 from one end to the other."""
    toward = rng.normal(0, 1, 3)
    toward *= rng.uniform(0.0, 0.06) / np.abs(toward).sum()
    z, y, x = (np.linspace(-0.5, 0.5, n, dtype=np.float32) * np.float32(t) for n, t in zip(shape, toward))
    return z[:, None, None] + y[:, None] + x
