"""Writes the fixtures of the families: for each a graph, a manifest and a golden answer. Nothing is trained.

    python3 -m venv .venv && .venv/bin/pip install -r requirements.txt
    .venv/bin/python write_fixtures.py

The same bytes come out each time.
"""

import hashlib
import json
import os

import graphs
import manifests
import reference

HERE = os.path.dirname(os.path.abspath(__file__))

ORIGIN = [-21.3, -17.9, 104.6]
VOLUMES = {
    # Shapes are columns, rows, slices; none is a multiple of what the graph takes.
    "heatmap-3d": {"shape": [70, 59, 50], "spacing": [1.0, 1.0, 1.0]},
    "heatmap-25d": {"shape": [58, 45, 38], "spacing": [1.0, 1.0, 1.0]},
    "anchors-3d": {"shape": [90, 75, 45], "spacing": [0.8, 0.8, 1.2]},
    "segmentation-3d": {"shape": [60, 50, 40], "spacing": [0.9, 1.0, 1.25]},
}
# Parts of the extent along x, y, z, and a diameter in mm.
PLACES = {
    "heatmap-3d": [((0.2, 0.3, 0.25), 6), ((0.52, 0.47, 0.51), 7), ((0.81, 0.72, 0.77), 5)],
    "heatmap-25d": [((0.25, 0.3, 0.35), 8), ((0.7, 0.62, 0.6), 6)],
    "anchors-3d": [((0.2, 0.3, 0.3), 5), ((0.53, 0.49, 0.48), 6), ((0.82, 0.71, 0.7), 12)],
    "segmentation-3d": [((0.2, 0.3, 0.3), 7), ((0.5, 0.48, 0.53), 9), ((0.83, 0.74, 0.72), 4)],
}
FRAMES = {
    "yolo-v8": {"columns": 120, "rows": 83},
    "yolo-v5": {"columns": 83, "rows": 120},
    "boxes-bn6": {"columns": 120, "rows": 83},
    "boxes-torchvision": {"columns": 83, "rows": 120},
    "anchors-2d": {"columns": 93, "rows": 70},
    "cam-2d": {"columns": 120, "rows": 84},
}
DISCS = [((0.25, 0.3), 14, 700), ((0.7, 0.62), 20, 1000)]


def spots(name):
    if name in VOLUMES:
        shape, spacing = VOLUMES[name]["shape"], VOLUMES[name]["spacing"]
        place = lambda parts: [ORIGIN[a] + parts[a] * (shape[a] - 1) * spacing[a] for a in range(3)]
        return [{"center": place(parts), "diameter": d} for parts, d in PLACES[name]]
    frame = FRAMES[name]
    size = [frame["columns"], frame["rows"]]
    values = [(DISCS[0][0], 34, 0), (DISCS[1][0], 26, 1000)] if name == "cam-2d" else DISCS
    return [{"center": [parts[0] * size[0], parts[1] * size[1]], "diameter": d, "value": v} for parts, d, v in values]


def golden(name, model):
    own = spots(name)
    if name in VOLUMES:
        image = {**VOLUMES[name], "origin": ORIGIN, "spots": own}
        volume = reference.balls(image["shape"], image["spacing"], ORIGIN, own)
        more = {"anchors-3d": [image["spacing"], graphs.LEVELS_3D], "segmentation-3d": [image["spacing"]]}
        found = DECODERS[name](model, volume, ORIGIN, *more.get(name, []))
        return {"volume": image, "findings": [rounded(mark) for mark in found]}
    image = {**FRAMES[name], "background": 500 if name == "cam-2d" else 100, "spots": own}
    frame = reference.discs(image["columns"], image["rows"], own, image["background"])
    found = DECODERS[name](model, frame, *([graphs.ANCHORS_2D] if name == "anchors-2d" else []))
    return {"frame": image, "findings": [rounded(mark) for mark in found]}


DECODERS = {name: getattr(reference, name.replace("-", "_")) for name in graphs.GRAPHS}


def rounded(mark):
    number = lambda value: round(float(value), 5)
    out = {"classId": mark["classId"], "score": number(mark["score"])}
    if "region" in mark:
        return {**out, "region": [number(v) for v in mark["region"]]}
    return {**out, "center": [number(v) for v in mark["center"]], "diameterMm": number(mark["diameter"])}


def write(folder, file, text):
    with open(os.path.join(folder, file), "w") as out:
        out.write(text)


for name, build in graphs.GRAPHS.items():
    folder = os.path.join(HERE, name)
    os.makedirs(folder, exist_ok=True)
    model = build()
    content = model.SerializeToString(deterministic=True)
    with open(os.path.join(folder, "model.fp32.onnx"), "wb") as out:
        out.write(content)
    sha256 = hashlib.sha256(content).hexdigest()
    described = manifests.manifest(name, sha256, len(content), graphs.LEVELS_3D)
    write(folder, "manifest.json", json.dumps(described, indent=1) + "\n")
    answer = golden(name, model)
    write(folder, "golden.json", json.dumps(answer, indent=1) + "\n")
    print(f"{name}: {len(content)} bytes, {len(answer['findings'])} findings")
