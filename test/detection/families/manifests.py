"""The manifests of the fixtures: what differs between families, around what they share."""

CT = ["1.2.840.10008.5.1.4.1.1.2"]
DX = ["1.2.840.10008.5.1.4.1.1.1.1", "1.2.840.10008.5.1.4.1.1.1"]

VOLUME = {
    "modality": ["CT"],
    "sopClassUids": CT,
    "orientation": {"plane": "any", "toleranceDeg": 45},
    "minSlices": 2,
    "sliceThicknessMm": {"warnAbove": 5, "rejectAbove": 10},
    "spacingUniformityMm": 0.1,
    "rank": ["mostSlices"],
}
FRAME = {"modality": ["DX", "CR"], "sopClassUids": DX, "bodyPart": ["CHEST"], "viewPosition": ["PA", "AP"], "minPixels": [48, 48]}

MM = {"op": "scale", "from": [0, 1000], "to": [0, 1]}
LETTERBOX = [
    {"op": "modalityLut"},
    {"op": "monochrome", "to": "MONOCHROME2"},
    {"op": "scale", "from": [0, 1000], "to": [0, 255]},
    {"op": "letterbox", "size": [64, 64], "fill": 114, "interpolation": "linear", "align": "center"},
    {"op": "scale", "from": [0, 255], "to": [0, 1]},
    {"op": "channels", "repeat": 3, "order": "RGB"},
]
FRAME_INPUT = {"name": "images", "layout": "NCHW", "dtype": "float32", "shape": [1, 3, 64, 64]}
TWO = [("dim", 0), ("bright", 1)]
OVERLAP = {"op": "nms", "metric": "iou", "threshold": 0.45, "classAgnostic": False}
LIMIT = {"op": "limit", "max": 50}


def volume_steps(axes, spacing, order, align="center"):
    resample = {"op": "resample", "spacingMm": spacing, "order": order, "interpolation": "linear", "antialias": False, "align": align}
    return [{"op": "modalityLut", "to": "HU"}, {"op": "reorient", "axes": axes}, resample, MM]


FAMILIES = {
    "heatmap-3d": {
        "kind": "detection",
        "dims": "3d",
        "accepts": VOLUME,
        "preprocess": volume_steps("LPS", [1, 1, 1], "zyx"),
        "inputs": [{"name": "image", "layout": "NCDHW", "dtype": "float32", "shape": [1, 1, "d", "h", "w"], "multipleOf": [4, 4, 4], "pad": {"mode": "edge"}}],
        "tiling": {"mode": "sliding", "roi": [32, 32, 32], "overlap": [16, 16, 16], "blend": "center"},
        "outputs": [
            {"name": "heat", "role": "heatmap", "activation": "sigmoid"},
            {"name": "reg", "role": "regression"},
        ],
        "decode": {
            "family": "heatmap",
            "stride": [4, 4, 4],
            "cellOrigin": [1.5, 1.5, 1.5],
            "peak": {"kernel": 3, "minScore": 0.3},
            "offset": {"channels": [0, 1, 2], "order": "zyx", "unit": "cells"},
            "size": {"channels": [3], "encoding": "ln", "unit": "mm", "shape": "sphere"},
        },
        "postprocess": [
            {"op": "nms", "metric": "centerDistance", "threshold": 0.5, "relativeTo": "maxDiameter", "classAgnostic": True},
            LIMIT,
        ],
    },
    "heatmap-25d": {
        "kind": "detection",
        "dims": "2.5d",
        "accepts": VOLUME,
        "preprocess": [
            *volume_steps("LPS", [1, 1, 1], "zyx"),
            {"op": "stack", "slices": 3, "strideMm": 1, "center": 2, "pad": "edge"},
        ],
        "inputs": [{"name": "slab", "layout": "NCHW", "dtype": "float32", "shape": ["n", 3, "h", "w"], "multipleOf": [4, 4]}],
        "tiling": {"mode": "slices", "step": 1, "batch": 4},
        "outputs": [
            {"name": "hm", "role": "heatmap", "activation": "sigmoid"},
            {"name": "wh", "role": "size"},
            {"name": "off", "role": "offset"},
        ],
        "decode": {
            "family": "heatmap",
            "stride": [4, 4],
            "cellOrigin": [1.5, 1.5],
            "peak": {"kernel": 3, "minScore": 0.3},
            "offset": {"channels": [0, 1], "order": "xy", "unit": "cells"},
            "size": {"channels": [0, 1], "order": "xy", "encoding": "linear", "unit": "cells", "shape": "box"},
        },
        "postprocess": [
            {"op": "nms", "metric": "iou", "threshold": 0.2, "classAgnostic": False},
            {"op": "linkSlices", "metric": "iou", "threshold": 0.2, "maxGapMm": 2, "minSlices": 3, "score": "max", "z": "scoreWeighted"},
            LIMIT,
        ],
    },
    "yolo-v8": {
        "kind": "detection",
        "dims": "2d",
        "accepts": FRAME,
        "preprocess": LETTERBOX,
        "inputs": [FRAME_INPUT],
        "outputs": [{"name": "output0", "role": "predictions"}],
        "decode": {"family": "yolo", "variant": "v8", "layout": "B(4+C)N", "boxFormat": "cxcywh", "unit": "inputPixels", "objectness": False, "scoresActivated": True},
        "postprocess": [{"op": "scoreFilter", "min": 0.3}, {**OVERLAP, "preTopK": 300}, LIMIT],
        "classes": TWO,
    },
    "yolo-v5": {
        "kind": "detection",
        "dims": "2d",
        "accepts": FRAME,
        "preprocess": LETTERBOX,
        "inputs": [FRAME_INPUT],
        "outputs": [{"name": "output0", "role": "predictions"}],
        "decode": {"family": "yolo", "variant": "v5", "layout": "BN(5+C)", "boxFormat": "cxcywh", "unit": "normalized", "objectness": True, "scoresActivated": False},
        "postprocess": [{"op": "scoreFilter", "min": 0.3}, OVERLAP, LIMIT],
        "classes": TWO,
    },
    "boxes-bn6": {
        "kind": "detection",
        "dims": "2d",
        "accepts": FRAME,
        "preprocess": LETTERBOX,
        "inputs": [FRAME_INPUT],
        "outputs": [{"name": "output0", "role": "predictions"}],
        "decode": {"family": "boxes", "layout": "BN6", "boxFormat": "xyxy", "unit": "inputPixels"},
        "postprocess": [{"op": "scoreFilter", "min": 0.3}, {"op": "clipToImage"}, OVERLAP, LIMIT],
        "classes": TWO,
    },
    "boxes-torchvision": {
        "kind": "detection",
        "dims": "2d",
        "accepts": {**FRAME, "modality": ["MG"], "sopClassUids": ["1.2.840.10008.5.1.4.1.1.1.2"], "bodyPart": ["BREAST"], "viewPosition": ["CC", "MLO"]},
        "preprocess": [*LETTERBOX[:2], {"op": "flip", "axis": "x", "when": {"laterality": "R"}}, *LETTERBOX[2:]],
        "inputs": [FRAME_INPUT],
        "outputs": [{"name": "boxes", "role": "boxes"}, {"name": "labels", "role": "labels"}, {"name": "scores", "role": "scores"}],
        "decode": {"family": "boxes", "layout": "boxes-labels-scores", "boxFormat": "xyxy", "unit": "inputPixels", "labelOffset": -1},
        "postprocess": [{"op": "scoreFilter", "min": 0.3}, OVERLAP, LIMIT],
        "classes": TWO,
    },
    "anchors-3d": {
        "kind": "detection",
        "dims": "3d",
        "accepts": VOLUME,
        "preprocess": volume_steps("RAS", [0.8, 0.8, 1.2], "xyz"),
        "inputs": [{"name": "image", "layout": "NCWHD", "dtype": "float32", "shape": [1, 1, "w", "h", "d"], "multipleOf": [8, 8, 4], "pad": {"mode": "constant", "value": 0}}],
        "tiling": {"mode": "sliding", "roi": [64, 64, 40], "overlap": [32, 32, 20], "blend": "center", "stage": "heads"},
        "outputs": [
            {"name": "cls0", "role": "cls", "level": 0},
            {"name": "box0", "role": "box", "level": 0},
            {"name": "cls1", "role": "cls", "level": 1},
            {"name": "box1", "role": "box", "level": 1},
        ],
        "decode": {
            "family": "anchors",
            "boxOrder": "xyz",
            "anchorCenter": "index*stride",
            "anchorUnit": "voxel",
            "origin": "voxelCenter",
            "channelOrder": "anchor-major",
            "coder": {"type": "delta", "weights": [1, 1, 1, 1, 1, 1], "clip": 4.135},
            "scoreActivation": "sigmoid",
            "topKPerLevel": 1000,
            "minScore": 0.3,
        },
        "postprocess": [{"op": "clipToImage"}, {"op": "nms", "metric": "iou", "threshold": 0.22, "classAgnostic": False}, LIMIT],
    },
    "anchors-2d": {
        "kind": "detection",
        "dims": "2d",
        "accepts": FRAME,
        "preprocess": [{"op": "modalityLut"}, {"op": "monochrome", "to": "MONOCHROME2"}, {"op": "scale", "from": [0, 1000], "to": [0, 1]}],
        "inputs": [{"name": "images", "layout": "NCHW", "dtype": "float32", "shape": [1, 1, "h", "w"], "multipleOf": [8, 8]}],
        "outputs": [{"name": "cls", "role": "cls", "level": 0}, {"name": "box", "role": "box", "level": 0}],
        "decode": {
            "family": "anchors",
            "levels": [{"stride": [8, 8], "anchors": [[8, 8], [14, 14]]}],
            "boxOrder": "xy",
            "anchorCenter": "(index+0.5)*stride",
            "anchorUnit": "voxel",
            "origin": "voxelEdge",
            "channelOrder": "anchor-major",
            "coder": {"type": "delta", "weights": [1, 1, 1, 1], "clip": 4.135},
            "scoreActivation": "sigmoid",
            "topKPerLevel": 1000,
            "minScore": 0.3,
        },
        "postprocess": [{"op": "clipToImage"}, {"op": "nms", "metric": "iou", "threshold": 0.22, "classAgnostic": False}, LIMIT],
    },
    "segmentation-3d": {
        "kind": "segmentation",
        "dims": "3d",
        "accepts": VOLUME,
        "preprocess": volume_steps("source", [1.25, 1, 0.9], "zyx", "corner"),
        "inputs": [{"name": "input", "layout": "NCDHW", "dtype": "float32", "shape": [1, 1, 24, 24, 24]}],
        "tiling": {"mode": "sliding", "roi": [24, 24, 24], "overlap": 0.5, "blend": "gaussian", "sigmaScale": 0.125},
        "tta": {"flips": ["x"], "merge": "meanProbability"},
        "outputs": [{"name": "output", "role": "segLogits", "activation": "softmax", "channels": ["background", "organ", "lesion"]}],
        "decode": {
            "family": "segmentation",
            "foreground": [2],
            "threshold": 0.4,
            "hysteresis": {"seed": 0.9},
            "connectivity": 26,
            "minVolumeMm3": 30,
            "score": "p95",
            "diameter": "sphere",
        },
        "postprocess": [LIMIT],
    },
    "cam-2d": {
        "kind": "classification",
        "dims": "2d",
        "accepts": FRAME,
        "preprocess": [
            {"op": "modalityLut"},
            {"op": "monochrome", "to": "MONOCHROME2"},
            {"op": "scale", "from": [0, 1000], "to": [0, 1]},
            {"op": "resize", "size": [64, 64], "keepAspect": False, "interpolation": "area"},
            {"op": "channels", "repeat": 3, "order": "RGB"},
        ],
        "inputs": [{"name": "input", "layout": "NCHW", "dtype": "float32", "shape": ["n", 3, 64, 64]}],
        "outputs": [{"name": "logits", "role": "classLogits", "activation": "sigmoid"}, {"name": "features", "role": "features"}, {"name": "weights", "role": "camWeights"}],
        "decode": {"family": "classificationCam", "relu": True, "normalize": "max", "regionThreshold": 0.5, "maxRegions": 3, "boxConfidence": "classScore", "localization": "approximate", "minScore": 0.3},
        "postprocess": [{"op": "calibrate", "method": "temperature", "t": 1.4}, LIMIT],
        "classes": [("light", 0), ("dark", 1)],
    },
}


def manifest(name, sha256, size, levels):
    own = FAMILIES[name]
    decode = {**own["decode"], **({"levels": [{k: level[k] for k in ("stride", "anchors")} for level in levels]} if name == "anchors-3d" else {})}
    code = {"scheme": "SCT", "value": "52988006", "meaning": "Lesion"}
    return {
        "schemaVersion": "1.0",
        "id": name,
        "version": "1.0.0",
        "title": f"Fixture of the family {decode['family']}",
        "license": "same as the repository",
        **{k: own[k] for k in ("kind", "dims")},
        "artifacts": [{"path": "model.fp32.onnx", "sha256": sha256, "bytes": size, "precision": "fp32", "opset": 17}],
        **{k: own[k] for k in ("accepts", "preprocess", "inputs", "tiling", "tta", "outputs") if k in own},
        "decode": decode,
        "postprocess": own["postprocess"],
        "classes": [{"id": n, "name": word, "code": code} for word, n in own.get("classes", [("spot", 0)])],
        "operatingPoints": [{"id": "default", "threshold": 0.5, "default": True}],
        "report": {
            "measurements": [],
            "structure": "TID1500",
            "geometry": "scoord3d-sphere" if own["dims"] != "2d" else "box",
            "algorithm": {"name": name, "manufacturer": "Overread"},
            "banner": "TEST ONLY",
        },
        "runtime": {"providers": ["cpu"], "intraOpThreads": 1, "warmupRuns": 0, "estimate": {"gflopPerStudy": 0, "cpuMemoryMb": 50}},
        "card": {
            "intendedUse": "A test of the runner.",
            "clinicalUse": False,
            "regulatory": "none",
            "population": "none",
            "label": "A graph that can be worked out by hand.",
            "limitations": [],
            "trainingData": {"kind": "none"},
        },
    }
