"""The floor of every detector, `blob-log-ct`, on the same scans and by the same rules."""

from pathlib import Path

import numpy as np
import onnxruntime
from scipy import ndimage

from .froc import Scan
from .infer import suppressed
from .scans import PhantomScan

MARGIN_MM, FILL_HU, HIGHEST_HU = 1.0, -850.0, 200.0
TOLERANCE_MM, LEAST_SCORE, KERNEL = 3.0, 0.12, 5
ROI = (96, 128, 160)
OVERLAP = 24


def scan_of(item: PhantomScan, session: onnxruntime.InferenceSession, limit: int = 100) -> Scan:
    hu = np.minimum(item.image.astype(np.float32) * 1400 - 1000, HIGHEST_HU)
    distance = np.repeat(np.repeat(np.repeat(item.distance, 2, 0), 2, 1), 2, 2)
    hu = hu[tuple(slice(0, n) for n in distance.shape)]
    hu[distance > MARGIN_MM] = FILL_HU
    heat, size = np.full(hu.shape, -np.inf, np.float32), np.zeros(hu.shape, np.float32)
    for corner in np.ndindex(*(-(-n // r) for n, r in zip(hu.shape, ROI))):
        core = tuple(slice(c * r, min((c + 1) * r, n)) for c, r, n in zip(corner, ROI, hu.shape))
        if not (distance[core] == 0).any():
            continue
        around = tuple(slice(max(0, s.start - OVERLAP), min(n, s.stop + OVERLAP)) for s, n in zip(core, hu.shape))
        answer, ln_d = session.run(None, {"image": np.ascontiguousarray(hu[around])[None, None]})
        inner = tuple(slice(s.start - a.start, s.stop - a.start) for s, a in zip(core, around))
        heat[core], size[core] = answer[0, 0][inner], ln_d[0, 0][inner]
    top = (ndimage.maximum_filter(heat, KERNEL, mode="constant", cval=-np.inf) == heat) & (
        heat > np.log(LEAST_SCORE / (1 - LEAST_SCORE))
    )
    at = np.argwhere(top & (distance <= TOLERANCE_MM))
    rows = np.column_stack([at, 1 / (1 + np.exp(-heat[tuple(at.T)])), np.exp(size[tuple(at.T)])]).reshape(-1, 5)
    return item.scan(suppressed(rows[np.argsort(-rows[:, 3], kind="stable")][:1500], 0.5)[:limit])


def on_phantoms(model: Path, scans: list[PhantomScan]) -> list[Scan]:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
    return [scan_of(item, session) for item in scans]
