"""Writes golden/expected.json: what the graph must answer, from two implementations that are not ONNX Runtime.

    write_golden.py ../model.fp32.onnx ../golden/expected.json

`heat` and `lnDiameter` come from the reference evaluator of the onnx package; `response` from SciPy's gaussian_laplace, which shares no line
with the graph. The input is given by its formula: lung of -850 HU with balls, each with a rim one voxel wide.
"""

import json
import sys

import numpy as np
import onnx
from onnx.reference import ReferenceEvaluator
from scipy import ndimage

SHAPE = (40, 44, 48)  # z, y, x
BALLS = [  # z, y, x, diameter, HU
    (12, 12, 12, 4, 40),
    (14, 30, 14, 6, 40),
    (26, 14, 34, 9, 40),
    (22, 30, 32, 13, -200),
]
DIAMETERS = (4, 6, 9, 13, 19)


def volume():
    z, y, x = np.meshgrid(*[np.arange(n, dtype=np.float64) for n in SHAPE], indexing="ij")
    hu = np.full(SHAPE, -850.0)
    for cz, cy, cx, d, value in BALLS:
        part = np.clip(0.5 + d / 2 - np.sqrt((z - cz) ** 2 + (y - cy) ** 2 + (x - cx) ** 2), 0, 1)
        hu = np.maximum(hu, -850 + (value + 850) * part)
    return hu


def main(model, out):
    hu = volume()
    heat, ln_d = ReferenceEvaluator(onnx.load(model)).run(None, {"image": hu[None, None].astype(np.float32)})
    scipy = np.max(
        [
            -(s**2) * ndimage.gaussian_laplace(hu + 850, s, mode="constant")
            for s in (d / (2 * np.sqrt(3)) for d in DIAMETERS)
        ],
        axis=0,
    )
    at = [ball[:3] for ball in BALLS] + [(5, 22, 24), (20, 22, 23), (22, 30, 39), (0, 0, 0), (39, 43, 47)]
    points = [
        {
            "at": list(p),
            "heat": round(float(heat[0, 0][p]), 5),
            "diameterMm": round(float(np.exp(ln_d[0, 0][p])), 3),
            "response": round(float(scipy[p]), 2),
        }
        for p in map(tuple, at)
    ]
    golden = {
        "shape": SHAPE,
        "backgroundHu": -850,
        "balls": [dict(zip(("z", "y", "x", "diameterMm", "hu"), ball)) for ball in BALLS],
        "tolerance": {"heat": 0.002, "response": 12},
        "points": points,
    }
    with open(out, "w") as file:
        json.dump(golden, file, indent=1)
        file.write("\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
