"""Test scans as DICOM series, for `overread bench`: `python -m detector.series test 0 50 --out runs/series/test`.

Each scan becomes a folder of CT images (1 mm, uncompressed) with its ground-truth.json. With --look the same patients
and nodules are seen by one given scanner: the cells of the robustness grid.
"""

import argparse
import json
from dataclasses import replace
from pathlib import Path

import numpy as np

from phantom.dicom import ct_image, identifiers
from phantom.scanner import Scan

from .acquire import Scanner
from .patches import CLIP_HU
from .scans import make, PhantomScan

# A thin, smooth and quiet scan; each look differs from it in one thing.
PLAIN = Scanner(
    blur=0.5, edge=0.0, thickness=1.0, spacing=1.0, phase=0.0, noise=15.0, grain=(0.5, 1.5, 0.6), streaks=0.0, offset=0.0
)  # fmt: skip
LOOKS: dict[str, tuple[str, str, Scanner]] = {
    "plain": ("thickness", "1 mm", PLAIN),
    "thick-2.5": ("thickness", "2.5 mm", replace(PLAIN, thickness=2.5, spacing=2.5)),
    "thick-5": ("thickness", "5 mm", replace(PLAIN, thickness=5.0, spacing=5.0)),
    "noise-30": ("dose", "30 HU of noise", replace(PLAIN, noise=30.0)),
    "noise-60": ("dose", "60 HU of noise", replace(PLAIN, noise=60.0)),
    "sharp": ("kernel", "sharp", replace(PLAIN, blur=0.35, edge=0.9)),
    "missing": ("missing slice", "every 40th is absent", PLAIN),
}
# One slice of so many is left out of `missing`, never the first or the last.
MISSING_EVERY = 40


def geometry(shape: tuple[int, ...], kernel: str) -> Scan:
    depth, rows, columns = shape
    return Scan(
        rows=rows, columns=columns, pixel=1.0, slices=depth, spacing=1.0, thickness=1.0, bottom=-depth / 2, kernel=kernel
    )  # fmt: skip


def truth(item: PhantomScan, grid: Scan, patient: str) -> dict:
    x, y, z = grid.position(0)
    return {
        "note": "Drawn, so exact: centres in the patient coordinate system (LPS, mm), diameter of the sphere of equal volume.",
        "patient": patient,
        "StudyInstanceUID": identifiers(item.name)["study"],
        "SeriesInstanceUID": identifiers(item.name)["series"],
        "nodules": [
            {
                "id": number,
                "centerMm": [round(float(c + o), 4) for c, o in zip(lesion.center[::-1], (x, y, z))],
                "diameterMm": round(lesion.diameter, 4),
                "kind": lesion.kind,
                "site": lesion.site,
                "included": not lesion.excluded,
            }
            for number, lesion in enumerate(item.lesions, 1)
        ],
    }


def write(folder: Path, item: PhantomScan, patient: str, missing: bool) -> None:
    """Values as the network was measured on: HU between the ends of its window, whole numbers."""
    if (folder / "ground-truth.json").exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    low, high = CLIP_HU
    hu = np.rint(item.image.astype(np.float32) * (high - low) + low).astype(np.int16)
    grid = geometry(hu.shape, "OVERREAD-1MM")
    for index in range(grid.slices):
        if missing and index % MISSING_EVERY == MISSING_EVERY // 2:
            continue
        number = grid.slices - index
        ct_image(hu[index], grid, item.name, index, number).save_as(folder / f"{number:04d}.dcm", enforce_file_format=True)
    (folder / "ground-truth.json").write_text(json.dumps(truth(item, grid, patient), indent=1) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("set", choices=("validation", "test", "shifted"))
    parser.add_argument("first", type=int)
    parser.add_argument("count", type=int)
    parser.add_argument("--bank", type=Path, default=Path("runs/bank"))
    parser.add_argument("--repeats", type=int, default=2, help="scans of each patient")
    parser.add_argument("--look", choices=sorted(LOOKS))
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    scanner = LOOKS[options.look][2] if options.look else None
    for number in range(options.first, options.first + options.count):
        for repeat in range(options.repeats):
            item = make(options.bank, options.set, number, repeat, scanner)
            write(options.out / item.name, item, f"{options.set}-{number:04d}", options.look == "missing")
            print(item.name, flush=True)


if __name__ == "__main__":
    main()
