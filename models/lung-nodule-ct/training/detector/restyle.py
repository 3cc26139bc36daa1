"""Looks that no protocol of ours has: a network that has seen only one family of scanners trusts its grey values too much.

Each change is drawn by itself and applies to the whole patch, so it says nothing about where a nodule is. None of them
copies the shifted test set, whose patients and scanners stay outside of what is painted and acquired for training.
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
