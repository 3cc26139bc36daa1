"""Graphs held against scans and cubes: matched marks, and the numbers that follow from them."""

from collections import defaultdict
from pathlib import Path

import numpy as np

from .cubes import Cube, SIDE
from .froc import cpm, match, Matched, Scan, sensitivity_at, threshold_at
from .infer import Graph, marks, Settings
from .patches import normalised
from .scans import PhantomScan

CUBE_RATES = (0.1, 0.25, 0.5, 1.0)
# A cube is laid into the middle of the smallest input the network takes, its faces repeated.
CUBE_INPUT = 64
SIZE_STRATA = ((0, 4), (4, 6), (6, 8), (8, 15), (15, 99))


def on_phantoms(graph: Graph, scans: list[PhantomScan], settings: Settings = Settings()) -> list[Scan]:
    return [item.scan(marks(graph, item.image.astype(np.float32), item.distance, settings)) for item in scans]


def on_cubes(graph: Graph, cubes: list[Cube], settings: Settings = Settings()) -> list[Scan]:
    """
    The rules of `cube-froc`: no lung mask, marks within a voxel of a face are ignored, a mark inside the mask hits. A mark
    on another labelled nodule of the series is neither a hit nor false.
    """
    before = (CUBE_INPUT - SIDE) // 2
    out = []
    for cube in cubes:
        image = np.pad(normalised(cube.hu.astype(np.float32)), (before, CUBE_INPUT - SIDE - before), mode="edge")
        rows = marks(graph, image, None, settings)
        rows[:, :3] -= before
        rows = rows[((rows[:, :3] >= 1) & (rows[:, :3] <= SIDE - 2)).all(1)]
        truth = np.array([[*cube.center, cube.diameter]])
        out.append(Scan(cube.file, truth, cube.others, rows, [cube.mask]))
    return out


def by_series(cubes: list[Cube], matched: list[Matched]) -> list[list[Matched]]:
    groups = defaultdict(list)
    for cube, item in zip(cubes, matched):
        groups[cube.series].append(item)
    return list(groups.values())


def cube_numbers(scans: list[Scan]) -> dict[str, float]:
    matched = [match(scan) for scan in scans]
    rates = sensitivity_at(matched, CUBE_RATES)
    errors = size_errors(scans, matched)
    small = [m for s, m in zip(scans, matched) if s.truth[0, 3] < 6]
    limit = threshold_at(matched, 0.25)
    return {
        **{f"cubes@{rate}": round(float(value), 3) for rate, value in zip(CUBE_RATES, rates)},
        "cubes<6mm@0.25": round(float(np.mean([m.best[0] > limit for m in small])), 3),
        "diameter bias": round(float(np.nanmedian(errors)), 2),
        "diameter error": round(float(np.nanmedian(np.abs(errors))), 2),
    }


def size_errors(scans: list[Scan], matched: list[Matched]) -> np.ndarray:
    """Millimetres by which the best mark on each found lesion is too large."""
    return np.concatenate([m.diameter - s.truth[:, 3] for s, m in zip(scans, matched)] or [np.empty(0)])


def phantom_numbers(scans: list[Scan], items: list[PhantomScan]) -> dict[str, float]:
    matched = [match(scan) for scan in scans]
    rates = sensitivity_at(matched)
    strata = at_one_false_mark(matched, items)
    return {
        "CPM": round(cpm(matched), 3),
        "@1/8": round(float(rates[0]), 3),
        "@1": round(float(rates[3]), 3),
        "@8": round(float(rates[6]), 3),
        "4-6 mm@1": strata["size"].get("4-6", (0, 0))[0],
        "ground-glass@1": strata["kind"].get("ground-glass", (0, 0))[0],
    }


def at_one_false_mark(matched: list[Matched], items: list[PhantomScan]) -> dict[str, dict[str, tuple[float, int]]]:
    """Sensitivity at one false mark a scan and count, by size, kind and site."""
    limit = threshold_at(matched, 1.0)
    found: dict[str, dict[str, list[bool]]] = {
        "size": defaultdict(list),
        "kind": defaultdict(list),
        "site": defaultdict(list),
    }
    for item, result in zip(items, matched):
        for lesion, best in zip([one for one in item.lesions if not one.excluded], result.best):
            low, high = next(s for s in SIZE_STRATA if s[0] <= lesion.diameter < s[1])
            found["size"][f"{low}-{high}"].append(best > limit)
            found["kind"][lesion.kind].append(best > limit)
            found["site"][lesion.site].append(best > limit)
    return {
        part: {name: (round(float(np.mean(v)), 3), len(v)) for name, v in sorted(strata.items())}
        for part, strata in found.items()
    }


def load_or_make(folder: Path, bank: Path, name: str, count: int, repeats: int) -> list[PhantomScan]:
    """Scans made once and kept beside the bank; their images stay on disk until they are read."""
    from .scans import make

    folder.mkdir(parents=True, exist_ok=True)
    out = []
    for number in range(count):
        for repeat in range(repeats):
            path = folder / f"{name}-{number:04d}-{repeat}"
            if not path.with_suffix(".pkl").exists():
                _keep(path, make(bank, name, number, repeat))
            out.append(_kept(path))
    return out


def _keep(path: Path, item: PhantomScan) -> None:
    import pickle

    np.save(path.with_suffix(".npy"), item.image)
    path.with_suffix(".pkl").write_bytes(pickle.dumps((item.name, item.distance, item.lesions, item.scanner)))


def _kept(path: Path) -> PhantomScan:
    import pickle

    name, distance, lesions, scanner = pickle.loads(path.with_suffix(".pkl").read_bytes())
    return PhantomScan(name, np.load(path.with_suffix(".npy"), mmap_mode="r"), distance, lesions, scanner)
