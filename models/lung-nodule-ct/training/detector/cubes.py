"""The public cubes of real nodules (LIDC-IDRI / LUNA16): reading, split by series."""

import csv
import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

SIDE = 50


@dataclass(frozen=True)
class Cube:
    """HU (z, y, x), mask of the nodule, centre of the mask in voxels, diameter of the sphere of equal volume in mm."""

    file: str
    series: str
    hu: np.ndarray
    mask: np.ndarray
    center: np.ndarray
    diameter: float


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
    return out
