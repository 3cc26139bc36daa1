"""How strongly blob-log-ct answers to real nodules: the ground of its operating points.

    operating_points.py ../model.fp32.onnx /path/to/lung-nodules train|validation|test

Runs the graph over the public nodule cubes (LIDC-IDRI / LUNA16) of one split, without lung mask, and prints for each
threshold the part of the nodules with a response at least that strong inside half of their diameter, by size. The
operating points were read from the train split; nothing was fitted. Needs Pillow with AVIF and onnxruntime.
"""

import csv
import hashlib
import sys

import numpy as np
import onnxruntime
from PIL import Image

SIZES = ((0, 6), (6, 8), (8, 15), (15, 99), (6, 99), (8, 99))
THRESHOLDS = (0.3, 0.4, 0.5, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95)


def split_of(uid):
    tenth = int(hashlib.sha256(uid.encode()).hexdigest(), 16) % 10
    return "validation" if tenth == 8 else "test" if tenth == 9 else "train"


def main(model, folder, split):
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    rows = list(csv.DictReader(open(f"{folder}/index.csv")))
    bits = np.load(f"{folder}/masks.npz")["masks"]
    zyx = np.stack(np.meshgrid(*[np.arange(50)] * 3, indexing="ij"), -1)
    found = []
    for i, row in enumerate(rows):
        if split_of(row["SeriesInstanceUID"]) != split:
            continue
        grey = np.asarray(Image.open(f"{folder}/cubes/{row['file']}").convert("L"), np.float32)
        cube = (grey * 6 - 1000).reshape(10, 50, 5, 50).transpose(0, 2, 1, 3).reshape(50, 50, 50)
        heat, _ = session.run(None, {"image": np.clip(cube, -1000, 200)[None, None]})
        mask = np.unpackbits(bits[i])[:125000].reshape(50, 50, 50)
        diameter = (6 * mask.sum() / np.pi) ** (1 / 3)
        center = np.argwhere(mask).mean(0)
        near = ((zyx - center) ** 2).sum(-1) < (diameter / 2) ** 2
        found.append((diameter, 1 / (1 + np.exp(-heat[0, 0][near].max()))))
    found = np.array(found)
    print(f"{split}: {len(found)} nodules")
    for low, high in SIZES:
        scores = found[(found[:, 0] >= low) & (found[:, 0] < high), 1]
        parts = "  ".join(f"{t:.2f}:{(scores >= t).mean():.2f}" for t in THRESHOLDS)
        print(f"{low:2d} to {high} mm ({len(scores)}): {parts}   80 % reach {np.quantile(scores, 0.2):.3f}")


if __name__ == "__main__":
    main(*sys.argv[1:])
