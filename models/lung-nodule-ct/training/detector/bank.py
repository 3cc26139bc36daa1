"""Paints patients at 1 mm and keeps them on disk: `python -m detector.bank train 0 48 --out runs/bank`."""

import argparse
import time
from pathlib import Path

import numpy as np

from phantom.plane import axial_grid

from .patients import patient, places, SETS

SHAPE = (320, 208, 296)  # z, y, x at 1 mm: both lungs with a centimetre around them
MIDDLE = (-33.0, 3.0, 0.0)


def paint(name: str, number: int) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Ideal HU (z, y, x) int16 and the places for lesions: rows z, y, x (voxels), depth (mm), and for vessels the radius."""
    chest = patient(name, number)
    rng = np.random.default_rng([SETS[name] + number, 29])
    shift = rng.uniform(-0.5, 0.5, 3)
    grid = axial_grid(SHAPE[2], SHAPE[1], 1.0, (MIDDLE[2] + shift[2], MIDDLE[1] + shift[1]))
    low = MIDDLE[0] + shift[0] - (SHAPE[0] - 1) / 2
    hu = np.stack([np.rint(chest.hu(grid.at(low + k))).astype(np.int16) for k in range(SHAPE[0])])
    origin = np.array([grid.x[0, 0], grid.y[0, 0], low])
    spots = {}
    for kind, rows in places(chest, rng).items():
        voxel = (rows[:, :3] - origin)[:, ::-1]
        spots[kind] = np.column_stack([voxel, rows[:, 3:]]).astype(np.float32)
    return hu, spots


def write(folder: Path, name: str, number: int) -> None:
    stem = folder / f"{name}-{number:04d}"
    if stem.with_suffix(".npz").exists():
        return
    hu, spots = paint(name, number)
    np.save(stem.with_suffix(".npy"), hu)
    np.savez_compressed(stem.with_suffix(".npz"), **spots)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("set", choices=sorted(SETS))
    parser.add_argument("first", type=int)
    parser.add_argument("count", type=int)
    parser.add_argument("--out", type=Path, default=Path("runs/bank"))
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    for number in range(options.first, options.first + options.count):
        started = time.monotonic(), time.process_time()
        write(options.out, options.set, number)
        print(
            f"{options.set} {number}: {time.monotonic() - started[0]:.0f} s, {time.process_time() - started[1]:.0f} s of CPU",
            flush=True,
        )


if __name__ == "__main__":
    main()
