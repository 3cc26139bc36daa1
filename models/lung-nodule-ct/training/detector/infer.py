"""A volume in, marks out: the steps and rules of the product's runner (`services/detection`), in Python."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import onnxruntime
import torch
from scipy import ndimage

from .calibrate import applied
from .network import MULTIPLE, NoduleNet, OUTPUT_STRIDE

SIZE_MM = 6.0

# image (d, h, w) to heat (d/4, h/4, w/4) before its sigmoid and regression (4, ...)
Graph = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]


@dataclass(frozen=True)
class Settings:
    """What the manifest says; lengths in mm or voxels of 1 mm."""

    roi: tuple[int, int, int] = (176, 256, 352)
    overlap: int = 32
    kernel: int = 3
    least_score: float = 0.01
    # Training draws small nodules more often than they are, so the score of a small mark is too high. Its logit grows by
    # `by_size` for each unit of ln(diameter / SIZE_MM): the share of the logit that fits both validation sets best, rounded.
    by_size: float = 0.5
    nms: float = 0.5
    mask_tolerance: float = 5.0
    sizes: tuple[float, float] = (2.5, 80.0)
    limit: int = 100


def has_bf16() -> bool:
    """Whether the processor computes in bfloat16. Where it does not, PyTorch emulates it: forty times slower than float32."""
    return any(value is True and "bf16" in name for name, value in torch.cpu.get_capabilities().items())


def graph_of(network: NoduleNet, bf16: bool = False) -> Graph:
    """`bf16`: three times as fast where the processor has it, good enough to watch a training run."""
    network.eval()

    def run(image: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        with torch.inference_mode(), torch.autocast("cpu", dtype=torch.bfloat16, enabled=bf16):
            tensor = torch.from_numpy(np.ascontiguousarray(image, np.float32))[None, None]
            heat, regression = network(tensor.contiguous(memory_format=torch.channels_last_3d))
        return heat[0, 0].float().numpy(), regression[0].float().numpy()

    return run


def graph_from(path: str, threads: int = 1) -> Graph:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])

    def run(image: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        heat, regression = session.run(None, {"image": np.ascontiguousarray(image, np.float32)[None, None]})
        return heat[0, 0], regression[0]

    return run


def tile_spans(length: int, roi: int, overlap: int, multiple: int = MULTIPLE) -> list[tuple[int, int, int, int]]:
    """start, size, from, to of each tile of an axis; see services/detection/sliding-window.ts."""
    up = lambda n: -(-n // multiple) * multiple
    padded = up(length)
    if padded <= roi:
        return [(0, padded, 0, padded)]
    count = -(-(padded - overlap) // (roi - overlap))
    size = min(roi, up(-(-(padded + (count - 1) * overlap) // count)))
    starts = [int((padded - size) * t / (count - 1) // multiple) * multiple for t in range(count)]
    # JavaScript rounds halves up.
    cuts = [int(np.floor((a + size + b) / 2 / multiple + 0.5)) * multiple for a, b in zip(starts, starts[1:])]
    return [(s, size, a, b) for s, a, b in zip(starts, [0, *cuts], [*cuts, padded])]


def whole(graph: Graph, image: np.ndarray, settings: Settings) -> tuple[np.ndarray, np.ndarray]:
    """Heat and regression over the image, cells that begin in it; tiles meet in the middle of their overlap."""
    cells = tuple(-(-n // OUTPUT_STRIDE) for n in image.shape)
    heat = np.full(cells, -np.inf, np.float32)
    regression = np.zeros((4, *cells), np.float32)
    spans = [tile_spans(n, roi, settings.overlap) for n, roi in zip(image.shape, settings.roi)]
    for z in spans[0]:
        for y in spans[1]:
            for x in spans[2]:
                tile = image[tuple(slice(s, s + size) for s, size, _, _ in (z, y, x))]
                missing = [(0, size - n) for (_, size, _, _), n in zip((z, y, x), tile.shape)]
                answer, sizes = graph(np.pad(tile, missing, mode="edge"))
                to = tuple(
                    slice(a // OUTPUT_STRIDE, min(b // OUTPUT_STRIDE, n)) for (_, _, a, b), n in zip((z, y, x), cells)
                )
                core = tuple(
                    slice(t.start - s // OUTPUT_STRIDE, t.stop - s // OUTPUT_STRIDE)
                    for t, (s, _, _, _) in zip(to, (z, y, x))
                )
                heat[to], regression[(slice(None), *to)] = answer[core], sizes[(slice(None), *core)]
    return heat, regression


def decode(heat: np.ndarray, regression: np.ndarray, settings: Settings) -> np.ndarray:
    """Peaks as rows z, y, x (voxels), score, diameter (mm), by falling score."""
    least = np.log(settings.least_score / (1 - settings.least_score))
    top = (ndimage.maximum_filter(heat, settings.kernel, mode="constant", cval=-np.inf) == heat) & (heat > least)
    at = np.argwhere(top)
    if len(at) == 0:
        return np.empty((0, 5))
    offset = regression[(slice(0, 3), *at.T)].T
    place = 1.5 + OUTPUT_STRIDE * (at + offset.astype(np.float64))
    score = 1 / (1 + np.exp(-heat[tuple(at.T)].astype(np.float64)))
    size = np.clip(np.exp(regression[(3, *at.T)].astype(np.float64)), 0.1, 500)
    rows = np.column_stack([place, score, size])
    return rows[np.argsort(-score, kind="stable")]


def weighted(rows: np.ndarray, by_size: float) -> np.ndarray:
    """The rows with scores that their size is part of, by falling score."""
    rows = rows.copy()
    rows[:, 3] = applied(rows[:, 3], 1, by_size * np.log(rows[:, 4] / SIZE_MM))
    return rows[np.argsort(-rows[:, 3], kind="stable")]


def suppressed(rows: np.ndarray, threshold: float) -> np.ndarray:
    """Keeps the best of marks nearer to each other than `threshold` times the larger diameter."""
    kept, left = [], np.ones(len(rows), bool)
    for n, row in enumerate(rows):
        if left[n]:
            kept.append(n)
            reach = threshold * np.maximum(rows[:, 4], row[4])
            left &= ((rows[:, :3] - row[:3]) ** 2).sum(1) >= reach**2
    return rows[kept]


def marks(graph: Graph, image: np.ndarray, distance: np.ndarray | None, settings: Settings) -> np.ndarray:
    """
    Marks in a normalised image at 1 mm: rows z, y, x, score, diameter. `distance`: mm to the lungs on a grid of 2 mm.
    """
    rows = suppressed(weighted(decode(*whole(graph, image, settings), settings), settings.by_size), settings.nms)
    if distance is not None and len(rows):
        place = np.clip(np.rint((rows[:, :3] - 0.5) / 2).astype(int), 0, np.array(distance.shape) - 1)
        rows = rows[distance[tuple(place.T)] <= settings.mask_tolerance]
    rows = rows[(rows[:, 4] >= settings.sizes[0]) & (rows[:, 4] <= settings.sizes[1])]
    return rows[: settings.limit]


def distance_to_lungs(hu: np.ndarray) -> np.ndarray:
    """Distance in mm to the lungs, 0 inside, on a grid of 2 mm; after services/imaging/lung-mask.ts, sides cut at the midline."""
    even = tuple(n // 2 * 2 for n in hu.shape)
    small = (
        hu[: even[0], : even[1], : even[2]].reshape(even[0] // 2, 2, even[1] // 2, 2, even[2] // 2, 2).mean((1, 3, 5))
    )
    tissue = small >= -400
    body = ndimage.binary_dilation(_largest(ndimage.binary_erosion(tissue)), iterations=1, mask=tissue)
    body = np.stack([ndimage.binary_fill_holes(level) for level in body])
    air = (small < -400) & body
    labels, count = ndimage.label(air)
    index = np.arange(1, count + 1)
    sizes, means = ndimage.sum_labels(air, labels, index), ndimage.mean(small, labels, index)
    lungs = np.isin(labels, index[(sizes >= 0.1 * 125_000) & (means > -970)])
    closed = np.zeros_like(lungs)
    middle = int(np.rint(np.argwhere(body)[:, 2].mean()))
    for side in (slice(None, middle), slice(middle, None)):
        own = np.zeros_like(lungs)
        own[..., side] = lungs[..., side]
        wide = ndimage.distance_transform_edt(~own, 2.0) <= 8
        shut = (ndimage.distance_transform_edt(wide, 2.0) > 8) | own
        closed |= np.stack([ndimage.binary_fill_holes(level) for level in shut])
    return ndimage.distance_transform_edt(~closed, 2.0).astype(np.float32)


def _largest(mask: np.ndarray) -> np.ndarray:
    labels, count = ndimage.label(mask)
    return labels == 1 + ndimage.sum_labels(mask, labels, np.arange(1, count + 1)).argmax() if count else mask
