"""Every number of the model card: `python -m detector.evaluate --model ../model.fp32.onnx --cubes FOLDER`.

Calibration and operating points come from the validation sets; then each test set is read once. Writes metrics.json.
"""

import argparse
import hashlib
import json
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from . import floor
from .calibrate import applied, calibration_error, labelled, platt
from .cubes import read
from .froc import bootstrap, cpm, curve, match, Matched, paired_difference, RATES, Scan, sensitivity_at, threshold_at
from .infer import Graph, graph_from, Settings
from .measure import at_one_false_mark, by_series, CUBE_RATES, load_or_make, on_cubes, on_phantoms, size_errors
from .scans import PhantomScan

# Real scans hold what no phantom does: of the marks that a point allows on phantoms they have several times as many.
OPERATING_RATES = {"sensitive": 4.0, "default": 0.5, "specific": 0.125}


def phantoms(graph: Graph, items: list[PhantomScan], against: list[Scan] | None) -> tuple[dict, list[Scan]]:
    began = time.monotonic()
    scans = on_phantoms(graph, items)
    seconds = time.monotonic() - began
    matched = [match(scan) for scan in scans]
    band = bootstrap([[m] for m in matched])
    rates = sensitivity_at(matched)
    errors = size_errors(scans, matched)
    x, y = curve(matched)
    out = {
        "scans": len(items),
        "nodules": int(sum(len(m.best) for m in matched)),
        "CPM": round(cpm(matched), 4),
        "CPM95": [round(band.low, 4), round(band.high, 4)],
        "sensitivity": {str(rate): round(float(value), 4) for rate, value in zip(RATES, rates)},
        "atOneFalseMark": at_one_false_mark(matched, items),
        "diameterErrorMm": _errors(errors),
        "centerErrorMm": round(float(np.median(_center_errors(scans))), 3),
        "secondsPerScan": round(seconds / max(1, len(items)), 2),
        "curve": [[round(float(a), 4), round(float(b), 4)] for a, b in zip(x, y) if a <= 8],
    }
    if against is not None:
        other = [match(scan) for scan in against]
        difference, without = paired_difference(matched, other)
        out["floor"] = {
            "CPM": round(cpm(other), 4),
            "advantage": round(difference.mean, 4),
            "advantage95": [round(difference.low, 4), round(difference.high, 4)],
            "p": without,
        }
    return out, scans


def cubes(graph: Graph, folder: Path, name: str) -> tuple[dict, list[Scan]]:
    chosen = read(folder, name)
    scans = on_cubes(graph, chosen)
    matched = [match(scan) for scan in scans]
    groups = by_series(chosen, matched)
    sizes = np.array([cube.diameter for cube in chosen])
    limit = threshold_at(matched, 0.25)
    strata = {}
    for low, high in ((0, 6), (6, 8), (8, 15), (15, 99)):
        rows = [m.best[0] > limit for m, d in zip(matched, sizes) if low <= d < high]
        strata[f"{low}-{high}"] = [round(float(np.mean(rows)), 4), len(rows)]
    bands = {
        rate: bootstrap(groups, lambda drawn, rate=rate: float(sensitivity_at(drawn, (rate,))[0]))
        for rate in CUBE_RATES
    }
    rates = sensitivity_at(matched, CUBE_RATES)
    alone = sensitivity_at([match(replace(scan, excluded=np.empty((0, 4)))) for scan in scans], CUBE_RATES)
    return {
        "cubes": len(chosen),
        "series": len(groups),
        "sensitivityAtFalseMarksPerCube": {
            str(rate): [round(float(v), 4), round(bands[rate].low, 4), round(bands[rate].high, 4)]
            for rate, v in zip(CUBE_RATES, rates)
        },
        "neighbours": int(sum(len(cube.others) for cube in chosen)),
        "withNeighboursAsFalse": {str(rate): round(float(v), 4) for rate, v in zip(CUBE_RATES, alone)},
        "thresholds": {str(rate): round(threshold_at(matched, rate), 4) for rate in CUBE_RATES},
        "atAQuarter": strata,
        "diameterErrorMm": _errors(size_errors(scans, matched)),
    }, scans


def _errors(errors: np.ndarray) -> dict[str, float]:
    known = errors[np.isfinite(errors)]
    if len(known) == 0:
        return {}
    low, high = np.percentile(known, [2.5, 97.5])
    return {
        "medianAbsolute": round(float(np.median(np.abs(known))), 3),
        "bias": round(float(np.median(known)), 3),
        "low95": round(float(low), 2),
        "high95": round(float(high), 2),
    }


def _center_errors(scans: list[Scan]) -> np.ndarray:
    out = [0.0]
    for scan in scans:
        for lesion in scan.truth:
            away = np.sqrt(((scan.marks[:, :3] - lesion[:3]) ** 2).sum(1)) if len(scan.marks) else np.array([np.inf])
            if away.min() < lesion[3] / 2:
                out.append(float(away.min()))
    return np.array(out[1:] or out)


def calibrated(phantom: list[Scan], cube: list[Scan]) -> dict:
    """Platt's a and b on both validation sets, each with half of the weight."""
    parts = [labelled(scans) for scans in (phantom, cube) if scans]
    scores, truth = (np.concatenate(column) for column in zip(*parts))
    weight = np.concatenate([np.full(len(s), len(scores) / len(parts) / len(s)) for s, _ in parts])
    a, b = platt(scores, truth, weight)
    return {"a": round(a, 4), "b": round(b, 4)}


def errors_of(scans: list[Scan], a: float, b: float) -> dict[str, float]:
    scores, truth = labelled(scans)
    return {
        "marks": len(scores),
        "before": round(calibration_error(scores, truth), 4),
        "after": round(calibration_error(applied(scores, a, b), truth), 4),
    }


def operating_points(validation: list[Scan], test: list[Scan], cube: list[Scan], a: float, b: float) -> dict:
    """Thresholds (after calibration) that allow so many false marks on validation phantoms; what they give on the tests."""
    kept, tested, cubed = ([match(scan) for scan in scans] for scans in (validation, test, cube))
    out = {}
    for name, rate in OPERATING_RATES.items():
        raw = threshold_at(kept, rate)
        out[name] = {
            "threshold": round(float(applied(np.array([raw]), a, b)[0]), 3),
            "raw": round(raw, 4),
            "allowedFalseMarksPerScan": rate,
            **{
                f"{part}{key}": value
                for part, found in (("phantom", tested), ("cube", cubed))
                if found
                for key, value in _at(found, raw).items()
            },
        }
    return out


def _at(found: list[Matched], raw: float) -> dict[str, float]:
    best = np.concatenate([m.best for m in found])
    return {
        "Sensitivity": round(float((best > raw).mean()), 4),
        "FalseMarks": round(sum(int((m.false > raw).sum()) for m in found) / len(found), 4),
    }


def half_precision(path: Path, threads: int, items: list[PhantomScan], folder: Path, full: dict) -> dict:
    """What the fp16 weights lose on the validation sets against the fp32 numbers of `full`."""
    graph = graph_from(str(path), threads)
    scans = [match(scan) for scan in on_phantoms(graph, items)]
    found, _ = cubes(graph, folder, "validation")
    key = "sensitivityAtFalseMarksPerCube"
    return {
        "CPM": round(cpm(scans), 4),
        "CPMLoss": round(full["phantomValidation"]["CPM"] - cpm(scans), 4),
        "cubeLoss": {rate: round(row[0] - found[key][rate][0], 4) for rate, row in full["cubeValidation"][key].items()},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, default=Path("../model.fp32.onnx"))
    parser.add_argument("--floor", type=Path, default=Path("../../blob-log-ct/model.fp32.onnx"))
    parser.add_argument("--bank", type=Path, default=Path("runs/bank"))
    parser.add_argument("--cubes", type=Path, required=True)
    parser.add_argument("--validation", type=int, default=8, help="patients; two scans each")
    parser.add_argument("--odd", type=int, help="validation patients in odd looks, one scan each; else as many as --validation")
    parser.add_argument("--test", type=int, default=50, help="patients; two scans each")
    parser.add_argument("--shifted", type=int, default=10, help="patients; two scans each")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--validation-only", action="store_true", help="leaves the test sets unread")
    parser.add_argument("--out", type=Path, default=Path("../metrics.json"))
    options = parser.parse_args()
    graph = graph_from(str(options.model), options.threads)
    kept = options.bank.with_name("scans")
    out: dict = {
        "model": hashlib.sha256(options.model.read_bytes()).hexdigest(),
        "protocol": "luna16 rules on phantoms; cube-froc on cubes",
    }

    def stage(name: str, value: dict) -> None:
        out[name] = value
        options.out.write_text(json.dumps(out, indent=1) + "\n")
        print(name, {key: v for key, v in value.items() if key != "curve"}, flush=True)

    names = ("validation",) if options.validation_only else ("validation", "test", "shifted")
    sets = {"test": [], "shifted": []} | {
        name: load_or_make(kept, options.bank, name, getattr(options, name), 2) for name in names
    }
    value, validation = phantoms(graph, sets["validation"], None)
    stage("phantomValidation", value)
    odd = options.validation if options.odd is None else options.odd
    if odd:
        value, _ = phantoms(graph, load_or_make(kept, options.bank, "odd", odd, 1), None)
        stage("phantomOdd", value)
    value, cube_validation = cubes(graph, options.cubes, "validation")
    stage("cubeValidation", value)
    platt_scaling = calibrated(validation, cube_validation)
    cube_test: list[Scan] = []
    if not options.validation_only:
        value, cube_test = cubes(graph, options.cubes, "test")
        stage("cubeTest", value)
    test: list[Scan] = []
    for name in ("test", "shifted"):
        if sets[name]:
            value, scans = phantoms(graph, sets[name], floor.on_phantoms(options.floor, sets[name]))
            stage("phantomTest" if name == "test" else "phantomShifted", value)
            test = scans if name == "test" else test
    marked = {
        "phantomValidation": validation,
        "cubeValidation": cube_validation,
        "phantomTest": test,
        "cubeTest": cube_test,
    }
    # `before` and `raw` are scores that the size is part of already (infer.py).
    errors = {name: errors_of(scans, **platt_scaling) for name, scans in marked.items() if scans}
    stage("calibration", {**platt_scaling, "bySize": Settings().by_size, "error": errors})
    stage("operatingPoints", operating_points(validation, test, cube_test, **platt_scaling))
    half = options.model.with_name("model.fp16.onnx")
    if half.exists():
        stage("fp16", half_precision(half, options.threads, sets["validation"], options.cubes, out))


if __name__ == "__main__":
    main()
