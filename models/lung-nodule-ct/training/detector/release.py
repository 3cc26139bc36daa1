"""Manifest, model card and pictures from what was measured: `python -m detector.release --run runs/a-cool-9000 --cubes FOLDER`.

Reads metrics.json, the run's history and curves; no number in the card is typed.
"""

import argparse
import csv
import hashlib
import json
import math
from collections import Counter
from pathlib import Path

from . import VERSION
from .cubes import split
from .infer import Settings, SIZE_MM
from .network import MULTIPLE, OUTPUT_STRIDE
from .patches import CLIP_HU
from .targets import ORIGIN

SOURCES = [{"name": "LIDC-IDRI", "license": "CC-BY-3.0"}, {"name": "LUNA16 annotations", "license": "CC-BY-4.0"}]
LIMITATIONS = [
    "Not validated on a patient cohort",
    "Real training data are nodule neighbourhoods only: false marks per scan are known from phantoms and a handful of CTs",
    "Ground-glass nodules score lower than solid ones of the same size and are found less often",
    "The diameter of a part-solid nodule may be that of its solid core",
    "Slices above 2.5 mm lower sensitivity for small nodules; above 5 mm a series is refused",
]


def label(index: Path) -> tuple[str, dict[str, int]]:
    """The honest label, word for word, with the counts of the split."""
    rows = list(csv.DictReader(index.open()))
    counts = Counter(split(row["SeriesInstanceUID"]) for row in rows)
    series = len({row["SeriesInstanceUID"] for row in rows if split(row["SeriesInstanceUID"]) == "train"})
    text = (
        f"Research and engineering demonstration. Trained on computer-generated chest CT phantoms and on {len(rows):,} public "
        f"LIDC/LUNA16 nodule crops ({counts['train']} for training, the rest for validation and testing). Evaluated on a handful of "
        "public CTs, not on a patient cohort. Comparable published systems lose about half of their benchmark score on other "
        "hospitals' scans. Not a medical device; research use only; do not use for diagnosis. Replace it with your own validated model."
    )
    return text, {"cubes": counts["train"], "series": series, "all": len(rows)}


def artifact(path: Path, precision: str, providers: list[str]) -> dict:
    content = path.read_bytes()
    return {
        "path": path.name,
        "sha256": hashlib.sha256(content).hexdigest(),
        "bytes": len(content),
        "precision": precision,
        "opset": 17,
        "providers": providers,
    }


def evaluation(metrics: dict) -> list[dict]:
    """What was measured, set by set; sets that were not read are not there."""
    rows = []
    for key, name in (
        ("phantomTest", "phantom-test"),
        ("phantomShifted", "phantom-shifted"),
        ("phantomValidation", "phantom-validation"),
        ("phantomOdd", "phantom-odd"),
    ):
        if key in metrics:
            part = metrics[key]
            rows.append(
                {
                    "dataset": name,
                    "kind": "synthetic",
                    "protocol": "luna16",
                    "scans": part["scans"],
                    "lesions": part["nodules"],
                    "cpm": part["CPM"],
                    "ci95": part["CPM95"],
                }
            )
    for key, name in (("cubeTest", "lung-nodules test"), ("cubeValidation", "lung-nodules validation")):
        if key in metrics:
            part = metrics[key]
            rates = part["sensitivityAtFalseMarksPerCube"]
            rows.append(
                {
                    "dataset": name,
                    "kind": "real-cubes",
                    "protocol": "cube-froc",
                    "cubes": part["cubes"],
                    "series": part["series"],
                    "sensAtFpPerCube": {rate: values[0] for rate, values in rates.items()},
                }
            )
    return rows


def calibration_step(a: float, b: float, by_size: float) -> dict:
    """sigmoid(a (logit p + by_size ln(d / SIZE_MM)) + b) in the words of the manifest."""
    size = a * by_size
    return {"op": "calibrate", "method": "platt", "a": a, "b": round(b - size * math.log(SIZE_MM), 4), "size": round(size, 4)}


def manifest(
    model: Path, metrics: dict, history: list[dict], text: str, counts: dict[str, int], hours: float, commit: str, self_test: dict | None = None
) -> dict:
    settings = Settings()
    low, high = CLIP_HU
    test = metrics.get("phantomTest", metrics["phantomValidation"])
    dataset = "phantom test set" if "phantomTest" in metrics else "phantom validation set"
    points = [
        {
            "id": name,
            "threshold": point["threshold"],
            **({"default": True} if name == "default" else {}),
            "ground": f"at most {point['allowedFalseMarksPerScan']:g} false marks a scan on the validation phantoms",
            "measured": {
                "dataset": f"{dataset}, {test['scans']} scans, {test['nodules']} nodules (synthetic)",
                "sensitivity": point.get("phantomSensitivity"),
                "fpPerScan": point.get("phantomFalseMarks"),
            },
        }
        for name, point in metrics["operatingPoints"].items()
    ]
    return {
        "schemaVersion": "1.0",
        "id": "lung-nodule-ct",
        "version": VERSION,
        "title": "Lung nodule detector, chest CT (3D heatmap)",
        "license": "same as the repository",
        "kind": "detection",
        "dims": "3d",
        "artifacts": [
            artifact(model, "fp32", ["cpu", "cuda", "tensorrt", "webgpu", "coreml", "dml"]),
            artifact(model.with_name("model.fp16.onnx"), "fp16", ["cuda", "tensorrt"]),
        ],
        "accepts": {
            "modality": ["CT"],
            "sopClassUids": ["1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.1.2.1", "1.2.840.10008.5.1.4.1.1.2.2"],
            "bodyPart": ["CHEST", "THORAX", "LUNG", "BODY"],
            "imageTypeExclude": ["LOCALIZER", "DERIVED\\SECONDARY"],
            "orientation": {"plane": "axial", "toleranceDeg": 10},
            "minSlices": 40,
            "sliceThicknessMm": {"warnAbove": 2.5, "rejectAbove": 5},
            "spacingUniformityMm": 0.1,
            "patientAgeYears": {"min": 18},
            "rank": ["thinnest", "softKernel", "mostSlices"],
        },
        "preprocess": [
            {"op": "modalityLut", "to": "HU"},
            {"op": "reorient", "axes": "LPS"},
            {
                "op": "resample",
                "spacingMm": [1.0, 1.0, 1.0],
                "order": "zyx",
                "interpolation": "linear",
                "antialias": True,
                "align": "center",
            },
            {"op": "roi", "mask": "lung", "marginMm": 8, "fillOutside": None},
            {"op": "clip", "min": low, "max": high},
            {"op": "scale", "from": [low, high], "to": [0, 1]},
        ],
        "inputs": [
            {
                "name": "image",
                "layout": "NCDHW",
                "dtype": "float32",
                "shape": [1, 1, "d", "h", "w"],
                "multipleOf": [MULTIPLE] * 3,
                "pad": {"mode": "edge"},
            }
        ],
        "tiling": {
            "mode": "sliding",
            "roi": list(settings.roi),
            "overlap": [settings.overlap] * 3,
            "blend": "center",
            "batch": 1,
            "skipOutsideMask": True,
        },
        "outputs": [
            {"name": "heat", "role": "heatmap", "layout": "NCDHW", "activation": "sigmoid"},
            {"name": "regression", "role": "regression", "layout": "NCDHW", "activation": "none"},
        ],
        "decode": {
            "family": "heatmap",
            "stride": [OUTPUT_STRIDE] * 3,
            "cellOrigin": [ORIGIN] * 3,
            "peak": {"kernel": settings.kernel, "minScore": settings.least_score},
            "offset": {"channels": [0, 1, 2], "order": "zyx", "unit": "cells"},
            "size": {"channels": [3], "encoding": "ln", "unit": "mm", "shape": "sphere"},
        },
        "postprocess": [
            calibration_step(metrics["calibration"]["a"], metrics["calibration"]["b"], settings.by_size),
            {
                "op": "nms",
                "metric": "centerDistance",
                "threshold": settings.nms,
                "relativeTo": "maxDiameter",
                "classAgnostic": True,
            },
            {"op": "insideMask", "mask": "lung", "toleranceMm": settings.mask_tolerance},
            {"op": "sizeFilter", "minMm": settings.sizes[0], "maxMm": settings.sizes[1]},
            {"op": "limit", "max": settings.limit},
        ],
        "classes": [
            {
                "id": 0,
                "name": "nodule",
                "code": {"scheme": "SCT", "value": "27925004", "meaning": "Nodule"},
                "site": {"scheme": "SCT", "value": "39607008", "meaning": "Lung"},
            }
        ],
        "operatingPoints": points,
        "report": {
            "measurements": ["longAxisMm", "shortAxisMm", "meanDiameterMm", "volumeMm3", "meanHU", "density", "pleuraMm"],
            "sizes": "lungSegmentation",
            "structure": "TID1500",
            "geometry": "scoord3d-sphere",
            "algorithm": {"name": "lung-nodule-ct", "manufacturer": "Overread"},
            "banner": "RESEARCH USE ONLY - not a medical device",
        },
        "runtime": {
            "providers": ["tensorrt", "cuda", "cpu"],
            "precision": {"tensorrt": "fp16", "cuda": "fp16", "cpu": "fp32"},
            "intraOpThreads": 0,
            "warmupRuns": 1,
            "estimate": {"gflopPerStudy": 300, "cpuMemoryMb": 1200},
        },
        **({"selfTest": self_test} if self_test else {}),
        "evaluation": evaluation(metrics),
        "card": {
            "intendedUse": "Engineering and research demonstration only. Not a medical device.",
            "clinicalUse": False,
            "regulatory": "none",
            "population": "adult chest CT",
            "label": text,
            "limitations": LIMITATIONS,
            "trainingData": {
                "kind": "mixed",
                "summary": f"{max(h['patients'] for h in history)} procedural chest phantoms with drawn nodules, and public cubes of real nodules",
                "realSeries": counts["series"],
                "realCubes": counts["cubes"],
                "sources": SOURCES,
            },
            **({"codeCommit": commit} if commit else {}),
            "trainSeed": history[0]["seed"],
            "hardware": "2 shared CPU cores, no GPU",
            "hours": round(hours, 2),
        },
    }


def _percent(value: float) -> str:
    return f"{100 * value:.0f} %"


def card(metrics: dict, history: list[dict], text: str, counts: dict[str, int], steps: int, hours: float) -> str:
    lines = [f"# lung-nodule-ct {VERSION}", "", f"> {text}", ""]
    lines += [
        "**What it is.** A small 3D network (2.2 million parameters) that answers a heat map at a quarter of the resolution, and in each",
        "cell the offset to the centre of a nodule and the logarithm of its diameter. Input: 1 mm, -1000..400 HU, both lungs.",
        "",
        f"**Training.** {steps} steps of {history[-1]['batch']} patches of {history[-1]['size']} mm, {hours:.1f} hours of two shared cores, seed {history[0]['seed']}:",
        f"{max(h['patients'] for h in history)} phantoms (`training/phantom`, with scars, plaques, osteophytes, nodes, effusion, haze, mucus, bulging vessel",
        f"junctions) with drawn nodules, and {counts['cubes']} cubes of real nodules from {counts['series']} series, set into phantom tissue at random places. The scores",
        "are calibrated (Platt, with a term for the diameter) on both validation sets. How each part of the run was started stands in `history.json`.",
        "",
    ]
    for key, title in (
        ("phantomTest", "Phantom test set (seeds that no other set has)"),
        ("phantomShifted", "Phantoms of another style"),
        ("phantomValidation", "Phantom validation set (the run was watched on it)"),
        ("phantomOdd", "Validation phantoms with other vessels, seen by any scanner (the run was chosen by a set drawn like it)"),
    ):
        if key in metrics:
            lines += _phantom_section(metrics[key], title)
        if key == "phantomShifted" and key in metrics:
            lines += [*SHIFTED_NOTE, ""]
    for key, title in (
        ("cubeTest", "Real cubes, test split (never trained on)"),
        ("cubeValidation", "Real cubes, validation split"),
    ):
        if key in metrics:
            lines += _cube_section(metrics[key], title)
    lines += _calibration_section(metrics)
    if "fp16" in metrics:
        lost = metrics["fp16"]
        cubes = ", ".join(f"{value:+.3f} at {rate}" for rate, value in lost["cubeLoss"].items())
        lines += [
            f"**fp16** against fp32 on the validation sets: phantom CPM {-lost['CPMLoss']:+.4f}; sensitivity on cubes lost: {cubes}.",
            "",
        ]
    lines += ["**Limits.**", "", *[f"- {item}." for item in LIMITATIONS], ""]
    lines += [
        "**Attribution.** LIDC-IDRI (CC BY 3.0, doi:10.7937/K9/TCIA.2015.LO9QL9SX; Armato et al., Med Phys 38(2):915-931, 2011); LUNA16",
        "annotations (CC BY 4.0, doi:10.1016/j.media.2017.06.015). The authors acknowledge the National Cancer Institute and the Foundation",
        "for the National Institutes of Health, and their critical role in the creation of the free publicly available LIDC/IDRI Database.",
        "No image of theirs is part of this repository.",
        "",
        "![FROC and training curves](curves.svg)",
    ]
    return "\n".join(lines) + "\n"


# What of the other style is new to the network.
SHIFTED_NOTE = (
    "These patients are painted by rules of their own: lungs, vessels and contrast medium outside of what is painted for training, and scanned",
    "with sharp kernels in thick noisy slices. They are less strange to the network than they were: training changes lung tissue and vessels,",
    "and half of its patches are acquired by scanners of any kind, theirs included (`training/detector/restyle.py`, `acquire.py`).",
)


def _phantom_section(part: dict, title: str) -> list[str]:
    rates = part["sensitivity"]
    low, high = part["CPM95"]
    lines = [
        f"**{title}**, {part['scans']} scans, {part['nodules']} nodules, LUNA16 rules: CPM **{part['CPM']:.3f}** (95 %: {low:.3f} to {high:.3f}). Synthetic: a regression gate, no claim.",
        "",
    ]
    lines += [
        "| false marks a scan | " + " | ".join(rates) + " |",
        "|---|" + "--:|" * len(rates),
        "| sensitivity | " + " | ".join(f"{v:.2f}" for v in rates.values()) + " |",
        "",
    ]
    for name, strata in part["atOneFalseMark"].items():
        lines.append(
            f"- at one false mark, by {name}: "
            + ", ".join(f"{key} {_percent(v)} of {n}" for key, (v, n) in strata.items())
        )
    if "floor" in part:
        floor = part["floor"]
        lines.append(
            f"- the floor `blob-log-ct` on the same scans: CPM {floor['CPM']:.3f}; advantage {floor['advantage']:+.3f} (95 %: {floor['advantage95'][0]:+.3f} to {floor['advantage95'][1]:+.3f})"
        )
    return [
        *lines,
        f"- diameter: median error {part['diameterErrorMm'].get('medianAbsolute', 0):.2f} mm, bias {part['diameterErrorMm'].get('bias', 0):+.2f} mm; centre: {part['centerErrorMm']:.2f} mm",
        "",
    ]


def _cube_section(part: dict, title: str) -> list[str]:
    rates = part["sensitivityAtFalseMarksPerCube"]
    lines = [
        f"**{title}**, {part['cubes']} cubes of {part['series']} series, `cube-froc` (false marks per cube of 125 ml; this is no CPM):",
        "",
    ]
    lines += ["| false marks a cube | " + " | ".join(rates) + " |", "|---|" + "--:|" * len(rates)]
    lines += [
        "| sensitivity (95 %) | "
        + " | ".join(f"{v:.2f} ({low:.2f}-{high:.2f})" for v, low, high in rates.values())
        + " |",
        "",
    ]
    lines.append(
        "- at 0.25, by diameter in mm: "
        + ", ".join(f"{key} {_percent(v)} of {n}" for key, (v, n) in part["atAQuarter"].items())
    )
    strict = ", ".join(f"{value:.2f} at {rate}" for rate, value in part["withNeighboursAsFalse"].items())
    lines.append(
        f"- a mark on one of {part['neighbours']} labelled nodules of the same series that a cube shows beside its own is neither hit "
        f"nor false; were it false: {strict}"
    )
    errors = part["diameterErrorMm"]
    return [*lines, f"- diameter: median error {errors['medianAbsolute']:.2f} mm, bias {errors['bias']:+.2f} mm", ""]


def _calibration_section(metrics: dict) -> list[str]:
    lines = ["**Calibration and operating points** (from the validation sets; 15 bins of equal mass):", ""]
    lines += [
        f"- {name}: calibration error {e['before']:.3f} before, {e['after']:.3f} after ({e['marks']} marks)"
        for name, e in metrics["calibration"]["error"].items()
    ]
    lines += [
        "",
        "| point | score | phantoms: sensitivity, false marks a scan | test cubes: sensitivity, false marks a cube |",
        "|---|--:|--:|--:|",
    ]
    for name, p in metrics["operatingPoints"].items():
        on_phantoms = (
            f"{p['phantomSensitivity']:.2f}, {p['phantomFalseMarks']:.2f}"
            if "phantomSensitivity" in p
            else "not measured yet"
        )
        on_cubes = (
            f"{p['cubeSensitivity']:.2f}, {p['cubeFalseMarks']:.2f}" if "cubeSensitivity" in p else "not measured yet"
        )
        lines.append(f"| {name} | {p['threshold']:.3f} | {on_phantoms} | {on_cubes} |")
    return [*lines, ""]


def curves(metrics: dict, run: Path) -> str:
    """FROC on the left, losses and validation on the right, as SVG."""
    parts = []
    for key, colour, name in (
        ("phantomTest", "#0b62a4", "phantom test"),
        ("phantomShifted", "#c1440e", "other style"),
        ("phantomValidation", "#777", "phantom validation"),
    ):
        if key in metrics:
            line = [(min(a, 8) / 8, b) for a, b in metrics[key]["curve"]]
            parts.append((0, line, colour, name))
    rows = list(csv.DictReader((run / "curve.csv").open()))
    last = max(int(r["step"]) for r in rows)
    parts.append(
        (1, [(int(r["step"]) / last, min(1, float(r["heat"]) / 3)) for r in rows], "#777", "loss of the heat map / 3")
    )
    checks = list(csv.DictReader((run / "validation.csv").open())) if (run / "validation.csv").exists() else []
    for key, colour in (("CPM", "#0b62a4"), ("cubes@0.25", "#2a7d2e")):
        parts.append((1, [(int(r["step"]) / last, float(r[key])) for r in checks], colour, f"validation: {key}"))
    out = [
        '<svg xmlns="http://www.w3.org/2000/svg" width="900" height="360" font-family="sans-serif" font-size="12">',
        '<rect width="900" height="360" fill="white"/>',
    ]
    for panel, title in ((0, "sensitivity by false marks a scan (0 to 8)"), (1, f"training, step 0 to {last}")):
        left = 40 + 440 * panel
        out.append(
            f'<rect x="{left}" y="30" width="400" height="290" fill="none" stroke="#ccc"/><text x="{left}" y="20">{title}</text>'
        )
        out += [f'<text x="{left - 24}" y="{324 - 290 * t / 4:.0f}">{t / 4:g}</text>' for t in range(5)]
    seen = Counter()
    for panel, line, colour, name in parts:
        left = 40 + 440 * panel
        points = " ".join(f"{left + 400 * x:.1f},{320 - 290 * y:.1f}" for x, y in line)
        out.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1.5"/>')
        out.append(f'<text x="{left + 200}" y="{300 - 16 * seen[panel]}" fill="{colour}">{name}</text>')
        seen[panel] += 1
    return "\n".join([*out, "</svg>"]) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--cubes", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=Path(".."))
    parser.add_argument("--self-test", type=Path, help="the known answer, as the manifest is to hold it")
    parser.add_argument("--commit", default="", help="of the code that trained")
    options = parser.parse_args()
    metrics = json.loads((options.out / "metrics.json").read_text())
    model = options.out / "model.fp32.onnx"
    if metrics["model"] != hashlib.sha256(model.read_bytes()).hexdigest():
        raise SystemExit("metrics.json was measured on another model: python -m detector.evaluate")
    history = json.loads((options.run / "history.json").read_text())
    rows = list(csv.DictReader((options.run / "curve.csv").open()))
    steps, hours = int(rows[-1]["step"]), float(rows[-1]["seconds"]) / 3600
    text, counts = label(options.cubes / "index.csv")
    known = json.loads(options.self_test.read_text()) if options.self_test else None
    described = manifest(model, metrics, history, text, counts, hours, options.commit, known)
    (options.out / "manifest.json").write_text(json.dumps(described, indent=2, ensure_ascii=False) + "\n")
    (options.out / "README.md").write_text(card(metrics, history, text, counts, steps, hours))
    (options.out / "history.json").write_text(json.dumps(history, indent=1) + "\n")
    (options.out / "curves.svg").write_text(curves(metrics, options.run))


if __name__ == "__main__":
    main()
