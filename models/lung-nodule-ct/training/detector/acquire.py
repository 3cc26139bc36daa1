"""The scanner on a volume of voxels: blur, kernel, slice profile, noise, and the way back to 1 mm. All axes separate."""

from dataclasses import dataclass

import numpy as np
from scipy import ndimage


@dataclass(frozen=True)
class Scanner:
    """
    One protocol. Lengths in mm, noise in HU.

    blur: deviation of the in-plane blur. edge: strength of the overshoot of a sharp kernel. grain: deviations of the
    noise's band, and the share of its low frequencies that is taken away. phase: place of the first slice.
    """

    blur: float
    edge: float
    thickness: float
    spacing: float
    phase: float
    noise: float
    grain: tuple[float, float, float]
    streaks: float
    offset: float


def protocol(rng: np.random.Generator, shifted: bool = False) -> Scanner:
    """A protocol of the training family; `shifted`: outside of it (thick, sharp or noisy)."""
    if shifted:
        thickness = rng.uniform(2.5, 4.0)
        return Scanner(
            blur=rng.uniform(0.25, 0.9), edge=rng.uniform(0.9, 1.5), thickness=thickness, spacing=thickness * rng.uniform(0.8, 1),
            phase=rng.uniform(0, thickness), noise=rng.uniform(35, 70), grain=(0.35, 0.9, 0.5), streaks=rng.uniform(0.5, 1), offset=rng.normal(0, 15),
        )  # fmt: skip
    u = rng.random()
    thickness = rng.uniform(0.6, 1.5) if u < 0.45 else rng.uniform(1.5, 2.7) if u < 0.85 else rng.uniform(2.7, 5.0)
    spacing = max(0.5, thickness * (1.0 if rng.random() < 0.6 else rng.uniform(0.5, 0.9)))
    sharp = rng.random() < 0.4
    return Scanner(
        blur=rng.uniform(0.3, 0.5) if sharp else rng.uniform(0.4, 0.75),
        edge=rng.uniform(0.2, 0.9) if sharp else 0.0,
        thickness=thickness,
        spacing=spacing,
        phase=rng.uniform(0, spacing),
        noise=float(np.exp(rng.uniform(np.log(6), np.log(60)))) / max(1.0, thickness / 2) ** 0.5,
        grain=(rng.uniform(0.3, 0.7), rng.uniform(1.0, 2.0), rng.uniform(0.3, 0.9)),
        streaks=rng.uniform(0.2, 0.8) if rng.random() < 0.12 else 0.0,
        offset=rng.normal(0, 10),
    )


def odd_protocol(rng: np.random.Generator) -> Scanner:
    """
    A protocol of any kind that scanners offer, combinations nobody would choose included: a low dose with a sharp kernel,
    thick slices that are noisy. For training, and for the validation set of such looks; no test set is drawn from it.
    """
    thickness = float(np.exp(rng.uniform(np.log(0.6), np.log(5.0))))
    spacing = max(0.5, thickness * rng.uniform(0.5, 1.0))
    return Scanner(
        blur=rng.uniform(0.25, 0.95),
        edge=rng.uniform(0.2, 1.8) if rng.random() < 0.6 else 0.0,
        thickness=thickness,
        spacing=spacing,
        phase=rng.uniform(0, spacing),
        noise=float(np.exp(rng.uniform(np.log(8), np.log(80)))),
        grain=(rng.uniform(0.3, 0.7), rng.uniform(0.8, 2.2), rng.uniform(0.2, 0.9)),
        streaks=rng.uniform(0.2, 1.0) if rng.random() < 0.3 else 0.0,
        offset=rng.normal(0, 15),
    )


def gaussian_matrix(n: int, sigma: float) -> np.ndarray:
    """Rows sum to 1, near the edge as well. Weights too small to matter are zero: denormal numbers are slow."""
    place = np.arange(n)
    weights = np.exp(-0.5 * ((place[:, None] - place) / max(sigma, 0.05)) ** 2)
    weights[weights < 1e-6] = 0
    return weights / weights.sum(1, keepdims=True)


def in_plane(n: int, scanner: Scanner) -> np.ndarray:
    """Blur and overshoot along one in-plane axis."""
    plain = gaussian_matrix(n, scanner.blur)
    if scanner.edge == 0:
        return plain.astype(np.float32)
    return (plain + 0.5 * scanner.edge * (plain - gaussian_matrix(n, 1.1) @ plain)).astype(np.float32)


def slices(n: int, scanner: Scanner) -> tuple[np.ndarray, np.ndarray]:
    """(K, n) that averages n planes of 1 mm into K slices, and (n, K) that interpolates them back, as the product does."""
    count = max(2, int(np.ceil((n - 1 - scanner.phase) / scanner.spacing)) + 1)
    place = scanner.phase + scanner.spacing * np.arange(count)
    away = np.abs(np.arange(n)[None, :] - np.minimum(place, n - 1)[:, None])
    # A box as wide as the slice with soft shoulders; a plane is a millimetre wide itself.
    average = 1 / (1 + np.exp(np.minimum((away - max(scanner.thickness, 0.9) / 2) / 0.18, 12)))
    average[(away > 0.5) & (average < 1e-5)] = 0
    average /= average.sum(1, keepdims=True)
    tent = np.maximum(0, 1 - np.abs(np.arange(n)[:, None] - place[None, :]) / max(scanner.spacing, 1.0))
    tent[tent.sum(1) == 0, 0] = 1
    below, above = np.arange(n) < place[0], np.arange(n) > place[-1]
    tent[below], tent[above] = np.eye(count)[0], np.eye(count)[-1]
    return average.astype(np.float32), (tent / tent.sum(1, keepdims=True)).astype(np.float32)


def noise(rng: np.random.Generator, shape: tuple[int, int, int], grain: tuple[float, float, float]) -> np.ndarray:
    """Independent slices of band-limited noise, unit deviation."""
    white = rng.standard_normal(shape, np.float32)
    fine, coarse, share = grain
    out = ndimage.gaussian_filter(white, (0, fine, fine)) - share * ndimage.gaussian_filter(
        white, (0, coarse, coarse), truncate=3
    )
    return out / out.std()


class NoiseStock:
    """Noise made once and cut at random, because making it would take most of the time of a patch."""

    def __init__(self, seed: int, kinds: int = 12, depth: int = 140, width: int = 176):
        rng = np.random.default_rng([seed, 31])
        self.blocks = []
        for kind in range(kinds):
            if kind == 0:
                block = ndimage.gaussian_filter(rng.standard_normal((depth, width, width), np.float32), (0, 0.9, 14))
                block /= block.std()
            else:
                block = noise(
                    rng, (depth, width, width), (rng.uniform(0.3, 0.7), rng.uniform(1.0, 2.0), rng.uniform(0.3, 0.9))
                )
            self.blocks.append(block.astype(np.float16))

    def cut(self, rng: np.random.Generator, shape: tuple[int, int, int], streaks: bool = False) -> np.ndarray:
        block = self.blocks[0 if streaks else rng.integers(1, len(self.blocks))]
        y, x = (rng.integers(0, block.shape[1] - n + 1) for n in shape[1:])
        levels = rng.permutation(block.shape[0])
        levels = np.resize(levels, shape[0])
        return block[levels, y : y + shape[1], x : x + shape[2]].astype(np.float32)


def acquire(rng: np.random.Generator, hu: np.ndarray, scanner: Scanner, stock: NoiseStock | None = None) -> np.ndarray:
    """The volume as this scanner gives it, at 1 mm again. Within 4 mm (thick slices: one slice) of its ends z is not to be trusted."""
    depth, height, width = hu.shape
    average, back = slices(depth, scanner)
    seen = np.tensordot(average, hu, axes=1)
    seen = in_plane(height, scanner) @ seen
    seen = seen @ in_plane(width, scanner).T
    shape = seen.shape
    grain = stock.cut(rng, shape) if stock else noise(rng, shape, scanner.grain)
    overlap = scanner.thickness / scanner.spacing
    if overlap > 1.2:
        grain = ndimage.gaussian_filter1d(grain, 0.4 * (overlap - 0.5), axis=0)
        grain /= grain.std() + 1e-6
    seen += scanner.noise * grain
    if scanner.streaks:
        bars = stock.cut(rng, shape, streaks=True) if stock else _bars(rng, shape)
        seen += scanner.streaks * scanner.noise * bars
    return np.tensordot(back, seen, axes=1) + np.float32(scanner.offset)


def _bars(rng: np.random.Generator, shape: tuple[int, int, int]) -> np.ndarray:
    bars = ndimage.gaussian_filter(rng.standard_normal(shape, np.float32), (0, 0.9, 14))
    return bars / bars.std()


def compressed(rng: np.random.Generator, hu: np.ndarray, stock: NoiseStock) -> np.ndarray:
    """What the storage of the real cubes does: clipped, whole steps of 6 HU, some 13 HU of error; so that this is no cue."""
    error = stock.cut(rng, hu.shape) * rng.uniform(6, 14)
    return np.rint(np.clip(hu + error, -1000, 530) / 6) * 6
