"""The public cubes of real nodules (LIDC-IDRI / LUNA16): reading, split by series, labelled nodules that are neighbours."""

import csv
import hashlib
from collections import defaultdict
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from PIL import Image
from scipy.signal import fftconvolve

SIDE = 50
# Half the side of what is looked for in another cube, and how alike the place and all that two cubes share must be.
REACH = 3
ALIKE_NEAR, ALIKE_WHOLE = 0.9, 0.95


@dataclass(frozen=True)
class Cube:
    """
    HU (z, y, x), mask of the nodule, centre of the mask in voxels, diameter of the sphere of equal volume in mm.
    `others`: rows z, y, x, diameter of labelled nodules of the same series that are seen in this cube, too.
    """

    file: str
    series: str
    hu: np.ndarray
    mask: np.ndarray
    center: np.ndarray
    diameter: float
    others: np.ndarray = field(default_factory=lambda: np.empty((0, 4)))


def split(series: str) -> str:
    """A series is in one set, whole: 0-7 train, 8 validation, 9 test."""
    tenth = int(hashlib.sha256(series.encode()).hexdigest(), 16) % 10
    return "validation" if tenth == 8 else "test" if tenth == 9 else "train"


def read(folder: Path, wanted: str) -> list[Cube]:
    """The cubes of one set, in the order of the index. HU as int16: 906 cubes take 226 MB."""
    rows = list(csv.DictReader((folder / "index.csv").open()))
    packed = np.load(folder / "masks.npz")["masks"]
    out = []
    for row, bits in zip(rows, packed):
        if split(row["SeriesInstanceUID"]) != wanted:
            continue
        grey = np.asarray(Image.open(folder / "cubes" / row["file"]).convert("L"), np.int16)
        hu = (grey * 6 - 1000).reshape(10, SIDE, 5, SIDE).transpose(0, 2, 1, 3).reshape(SIDE, SIDE, SIDE)
        mask = np.unpackbits(bits)[: SIDE**3].reshape(SIDE, SIDE, SIDE).astype(bool)
        place = np.argwhere(mask).mean(0)
        out.append(
            Cube(row["file"], row["SeriesInstanceUID"], hu, mask, place, float((6 * mask.sum() / np.pi) ** (1 / 3)))
        )
    return with_neighbours(out)


def with_neighbours(cubes: list[Cube]) -> list[Cube]:
    """
    The same cubes with their `others`. The index does not say where a cube lies, so two of a series are laid over each
    other where the nodule of one is found in the other; they belong there when everything they then share is the same.
    """
    series = defaultdict(list)
    for cube in cubes:
        series[cube.series].append(cube)
    out = []
    for cube in cubes:
        places = [(other, _shift(cube, other)) for other in series[cube.series] if other is not cube]
        rows = [[*(other.center + shift), other.diameter] for other, shift in places if shift is not None]
        out.append(replace(cube, others=np.array(rows).reshape(-1, 4)))
    return out


def _shift(cube: Cube, other: Cube) -> np.ndarray | None:
    """What to add to a place in `other` to have it in `cube`; None when the nodule of `other` is not seen in it."""
    middle = np.rint(other.center).astype(int)
    sought = other.hu[tuple(slice(m - REACH, m + REACH + 1) for m in middle)].astype(np.float32)
    likeness = _likeness(cube.hu.astype(np.float32), sought)
    best = np.unravel_index(likeness.argmax(), likeness.shape)
    shift = np.array(best) + REACH - middle
    # Two cubes of one place hold the same nodule, which is no neighbour.
    if likeness[best] < ALIKE_NEAR or np.abs(shift).max() < 3:
        return None
    low, high = np.maximum(shift, 0), np.minimum(SIDE + shift, SIDE)
    here = cube.hu[tuple(slice(a, b) for a, b in zip(low, high))]
    there = other.hu[tuple(slice(a, b) for a, b in zip(low - shift, high - shift))]
    alike = np.corrcoef(here.ravel(), there.ravel())[0, 1]
    return shift if alike >= ALIKE_WHOLE else None


def _likeness(image: np.ndarray, sought: np.ndarray) -> np.ndarray:
    """Correlation coefficient of `sought` with every box of its size in `image`."""
    wanted = sought - sought.mean()
    wanted /= max(np.sqrt((wanted**2).sum()), 1e-6)
    ones = np.ones(sought.shape, np.float32)
    total, squares = fftconvolve(image, ones, "valid"), fftconvolve(image**2, ones, "valid")
    spread = np.sqrt(np.maximum(squares - total**2 / sought.size, 1))
    return fftconvolve(image, wanted[::-1, ::-1, ::-1], "valid") / spread
