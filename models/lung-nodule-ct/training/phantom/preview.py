"""Pictures to look at: `python -m phantom.preview FOLDER OUT` writes axial slices, reformats and every nodule as PNG."""

import argparse
import json
from pathlib import Path

import numpy as np
import pydicom
from PIL import Image
from scipy import ndimage

WINDOWS = {"lung": (-600, 1500), "soft": (40, 400)}


def grey(hu: np.ndarray, window: str) -> np.ndarray:
    center, width = WINDOWS[window]
    return np.clip((hu - (center - width / 2)) / width * 255, 0, 255).astype(np.uint8)


def tiled(pictures: list[np.ndarray], across: int = 3) -> np.ndarray:
    blank = np.zeros_like(pictures[0])
    rows = [pictures[i : i + across] for i in range(0, len(pictures), across)]
    return np.vstack([np.hstack(row + [blank] * (across - len(row))) for row in rows])


def ringed(hu: np.ndarray, pixel: list[float], radius: float) -> np.ndarray:
    """A slice with a ring around a place (column, row), in colour."""
    picture = np.repeat(grey(hu, "lung")[..., None], 3, axis=2)
    turn = np.linspace(0, 2 * np.pi, 400)
    rows = np.clip(pixel[1] + radius * np.sin(turn), 0, hu.shape[0] - 1).astype(int)
    columns = np.clip(pixel[0] + radius * np.cos(turn), 0, hu.shape[1] - 1).astype(int)
    picture[rows, columns] = (255, 200, 0)
    return picture


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("out", type=Path)
    options = parser.parse_args()
    images = sorted(
        (pydicom.dcmread(path) for path in options.folder.glob("*.dcm")), key=lambda i: float(i.ImagePositionPatient[2])
    )
    volume = np.stack([image.pixel_array.astype(np.int16) + np.int16(image.RescaleIntercept) for image in images])
    truth = json.loads((options.folder / "ground-truth.json").read_text(encoding="utf-8"))
    geometry = truth["geometry"]
    stretch = geometry["sliceSpacingMm"] / geometry["pixelSpacingMm"]
    options.out.mkdir(parents=True, exist_ok=True)
    for window in WINDOWS:
        axial = [grey(volume[k], window) for k in np.linspace(len(volume) - 8, 8, 9).astype(int)]
        Image.fromarray(tiled(axial)).save(options.out / f"axial-{window}.png")
        rows = (np.array([-30, 15, 60]) - geometry["firstVoxelLpsMm"][1]) / geometry["pixelSpacingMm"]
        coronal = [
            grey(ndimage.zoom(volume[::-1, int(row)].astype(np.float32), (stretch, 1), order=1), window) for row in rows
        ]
        Image.fromarray(tiled(coronal)).save(options.out / f"coronal-{window}.png")
    rings = [
        ringed(volume[n["sliceIndex"]], n["pixel"], n["diameterMm"] / geometry["pixelSpacingMm"] / 2 + 6)
        for n in truth["nodules"]
    ]
    Image.fromarray(tiled(rings)).save(options.out / "nodules.png")


if __name__ == "__main__":
    main()
