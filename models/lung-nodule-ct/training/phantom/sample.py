"""Writes the sample series: `python -m phantom.sample --seed N --out FOLDER`."""

import argparse
import hashlib
import json
import os
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from . import VERSION
from .chest import Chest
from .dicom import CT_IMAGE_STORAGE, identifiers, instance_uid, write_series
from .floor import lung_mask, peaks, resample
from .nodules import Nodule
from .planting import Wish, plant
from .scanner import Scan, acquire

JPEG_LS_LOSSLESS = "1.2.840.10008.1.2.4.80"
# What must be found is solid and at least 8 mm; the three small ones may be missed.
WISHES = [
    Wish(17.0, "solid", "isolated", 3, spiculated=True),
    Wish(13.0, "solid", "isolated", 2),
    Wish(12.0, "solid", "isolated", 4),
    Wish(10.0, "solid", "pleural", 1),
    Wish(10.0, "solid", "vascular", 0),
    Wish(9.0, "solid", "isolated", 0),
    Wish(7.5, "ground-glass", "isolated", 3),
    Wish(7.0, "part-solid", "isolated", 2),
    Wish(5.0, "solid", "isolated", 4),
]


def make(seed: int, scan: Scan) -> Chest:
    chest = Chest(seed)
    plant(chest, WISHES, np.random.default_rng([seed, 11]))
    return chest


def ground_truth(seed: int, scan: Scan, nodules: list[Nodule]) -> dict:
    ids = identifiers(seed)
    return {
        "note": "Planted, so exact: centres in the patient coordinate system (LPS, mm), diameter of the sphere of equal volume.",
        "generator": {"name": "overread phantom", "version": VERSION, "seed": seed},
        "StudyInstanceUID": ids["study"],
        "SeriesInstanceUID": ids["series"],
        "FrameOfReferenceUID": ids["frame-of-reference"],
        "SOPClassUID": CT_IMAGE_STORAGE,
        "TransferSyntaxUID": JPEG_LS_LOSSLESS,
        "geometry": {
            "columns": scan.columns,
            "rows": scan.rows,
            "slices": scan.slices,
            "pixelSpacingMm": round(scan.pixel, 6),
            "sliceSpacingMm": scan.spacing,
            "sliceThicknessMm": scan.thickness,
            "firstVoxelLpsMm": [round(v, 6) for v in scan.position(0)],
            "sliceOrder": "sliceIndex 0 is the lowest (feet); InstanceNumber counts from the head",
        },
        "nodules": [_entry(seed, scan, number, nodule) for number, nodule in enumerate(nodules, 1)],
    }


def _entry(seed: int, scan: Scan, number: int, nodule: Nodule) -> dict:
    index = int(np.clip(round((nodule.center[2] - scan.bottom) / scan.spacing), 0, scan.slices - 1))
    x0, y0, _ = scan.position(index)
    return {
        "id": number,
        "centerMm": list(nodule.center),
        "diameterMm": nodule.diameter,
        "kind": nodule.kind,
        "site": nodule.site,
        "lobe": nodule.lobe,
        "laterality": nodule.lobe.split()[0],
        "spiculated": nodule.spiculated,
        "hu": nodule.hu,
        "mustBeFound": nodule.diameter >= 8,
        "sliceIndex": index,
        "InstanceNumber": scan.slices - index,
        "SOPInstanceUID": instance_uid(seed, index),
        "pixel": [round((nodule.center[0] - x0) / scan.pixel, 2), round((nodule.center[1] - y0) / scan.pixel, 2)],
    }


def register(manifest: Path, folder: Path, seed: int) -> None:
    """Puts the sample into the list of samples, in place of its last entry."""
    known = json.loads(manifest.read_text(encoding="utf-8")) if manifest.exists() else {"samples": []}
    entry = {
        "id": folder.name,
        "path": folder.name,
        "title": "Chest phantom 1.0: computer-generated two-lung chest CT with nine planted nodules",
        "proves": "receiving, JPEG-LS decoding, volume, detection and report end to end; orientation (the heart is left)",
        "provenance": f"models/lung-nodule-ct/training: python -m phantom.sample --seed {seed} (generator {VERSION}); no patient, no real image",
        "licence": "same as this repository",
        "SOPClassUID": CT_IMAGE_STORAGE,
        "TransferSyntaxUID": JPEG_LS_LOSSLESS,
        "groundTruth": f"{folder.name}/ground-truth.json",
        "files": [
            {
                "path": f"{folder.name}/{path.name}",
                "bytes": path.stat().st_size,
                "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
            }
            for path in sorted(folder.iterdir())
            if path.suffix in (".dcm", ".json")
        ],
    }
    others = [sample for sample in known["samples"] if sample["id"] != folder.name]
    known["samples"] = sorted([*others, entry], key=lambda sample: sample["id"])
    manifest.write_text(json.dumps(known, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def check(hu: np.ndarray, scan: Scan, nodules: list[Nodule]) -> tuple[list[tuple[Nodule, float]], int, float]:
    """The floor's best score on each nodule, its false peaks at 0.5, and the volume of the lungs in litres."""
    volume, low = resample(hu, (scan.spacing, scan.pixel, scan.pixel), np.array(scan.position(0)))
    mask = lung_mask(volume)
    found = [(score, low + np.array(place[::-1])) for score, place, _ in peaks(volume, mask)]
    scores: list[tuple[Nodule, float]] = []
    used: set[int] = set()
    for nodule in nodules:
        hits = [n for n, (_, place) in enumerate(found) if np.linalg.norm(place - nodule.center) < nodule.diameter / 2]
        used.update(hits)
        scores.append((nodule, max((found[n][0] for n in hits), default=0.0)))
    false = sum(1 for n, (score, _) in enumerate(found) if score >= 0.5 and n not in used)
    return scores, false, float(mask.sum()) / 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=20240601)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument(
        "--manifest", type=Path, help="list of samples to enter it in, e.g. ../../../dicom-samples/manifest.json"
    )
    parser.add_argument("--workers", type=int, default=min(4, os.cpu_count() or 1))
    parser.add_argument(
        "--no-check", action="store_true", help="skip the comparison with the Laplacian-of-Gaussian floor"
    )
    parser.add_argument("--spacing", type=float, default=2.5, help="of slices as thick as that, over the same length; mm")
    options = parser.parse_args()
    whole = Scan()
    slices = round(whole.slices * whole.spacing / options.spacing)
    scan = replace(whole, slices=slices, spacing=options.spacing, thickness=options.spacing)
    started = time.monotonic()

    def stage(text: str) -> None:
        print(f"{time.monotonic() - started:6.1f} s  {text}", flush=True)

    chest = make(options.seed, scan)
    stage(f"anatomy: {len(chest.lungs.vessels)} vessel pieces, {len(chest.nodules)} nodules")
    hu = acquire(chest, scan, options.workers)
    stage(f"{scan.slices} slices of {scan.columns} x {scan.rows}")
    paths = write_series(options.out, hu, scan, options.seed)
    truth = json.dumps(ground_truth(options.seed, scan, chest.nodules), indent=1, ensure_ascii=False)
    (options.out / "ground-truth.json").write_text(truth + "\n", encoding="utf-8")
    if options.manifest:
        register(options.manifest, options.out.resolve(), options.seed)
    stage(f"written: {sum(path.stat().st_size for path in paths) / 1e6:.2f} MB in {len(paths)} files")
    if options.no_check:
        return
    scores, false, litres = check(hu, scan, chest.nodules)
    for nodule, score in scores:
        place = ", ".join(f"{c:.1f}" for c in nodule.center)
        print(
            f"  {nodule.diameter:4.1f} mm {nodule.kind:12s} {nodule.site:9s} {nodule.lobe:18s} ({place})  floor {score:.2f}"
        )
    stage(f"floor: {false} false peaks at 0.5; lungs {litres:.2f} l")
    missed = [nodule for nodule, score in scores if nodule.diameter >= 8 and score < 0.5]
    if missed:
        raise SystemExit(f"{len(missed)} nodules of 8 mm or more are no peak of the floor: choose another seed")


if __name__ == "__main__":
    main()
