"""Weights to ONNX: `python -m detector.export --run runs/a-cool-9000 --out ..` writes fp32, fp16 and the golden answers."""

import argparse
import json
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import helper, numpy_helper, TensorProto

from . import VERSION
from .network import NoduleNet

OPSET = 17
# What CUDA, TensorRT and WebGPU all take.
ALLOWED_OPS = {"Conv", "Relu", "Add", "Resize"}
MOST_BYTES = 12_000_000
# Golden input: lung with balls, normalised, as in models/blob-log-ct/golden.
GOLDEN_SHAPE = (48, 64, 48)
GOLDEN_BALLS = ((12, 14, 12, 5, 40), (14, 40, 16, 8, 40), (32, 18, 34, 12, -200), (30, 46, 30, 18, 60))
PARITY = 1e-4


def average_of(run: Path) -> tuple[NoduleNet, int]:
    """The averaged network of a run's last checkpoint, and its step."""
    network, state = NoduleNet(), torch.load(run / "last.pt", weights_only=False)
    network.load_state_dict(state["average"])
    return network.eval(), state["step"]


def to_onnx(network: NoduleNet, path: Path) -> onnx.ModelProto:
    """opset 17, any d, h, w that are multiples of 16, batch norm folded into the convolutions before it."""
    names = {0: "n", 2: "d", 3: "h", 4: "w"}
    cells = {0: "n", 2: "d4", 3: "h4", 4: "w4"}
    torch.onnx.export(
        network, (torch.zeros(1, 1, 64, 64, 64),), str(path), opset_version=OPSET, dynamo=False,
        input_names=["image"], output_names=["heat", "regression"],
        dynamic_axes={"image": names, "heat": cells, "regression": cells},
    )  # fmt: skip
    model = onnx.load(path)
    _constants_to_initializers(model.graph)
    for number, node in enumerate(model.graph.node):
        node.doc_string = ""
        node.name = f"{node.op_type.lower()}_{number}"
    model.producer_name, model.producer_version = "overread", ""
    helper.set_model_props(model, {"id": "lung-nodule-ct", "version": VERSION})
    onnx.checker.check_model(model, full_check=True)
    other = {node.op_type for node in model.graph.node} - ALLOWED_OPS
    if other:
        raise ValueError(f"the graph holds {sorted(other)}")
    _write(model, path)
    return model


def _constants_to_initializers(graph: onnx.GraphProto) -> None:
    for node in [n for n in graph.node if n.op_type == "Constant"]:
        value = numpy_helper.to_array(next(a.t for a in node.attribute if a.name == "value"))
        graph.initializer.append(numpy_helper.from_array(value, node.output[0]))
        graph.node.remove(node)


def to_fp16(model: onnx.ModelProto, path: Path) -> None:
    """Half precision inside, float32 at both ends: for CUDA and TensorRT. The scales of Resize are float32 by definition."""
    half = onnx.ModelProto()
    half.CopyFrom(model)
    graph = half.graph
    scales = {name for node in graph.node if node.op_type == "Resize" for name in node.input[1:]}
    for weight in graph.initializer:
        if weight.name not in scales:
            weight.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(weight).astype(np.float16), weight.name))
    ends = {end.name: f"{end.name}_half" for end in (*graph.input, *graph.output)}
    for node in graph.node:
        for names in (node.input, node.output):
            names[:] = [ends.get(name, name) for name in names]
    graph.node.insert(0, helper.make_node("Cast", ["image"], [ends["image"]], name="cast_in", to=TensorProto.FLOAT16))
    for end in graph.output:
        graph.node.append(
            helper.make_node("Cast", [ends[end.name]], [end.name], name=f"cast_{end.name}", to=TensorProto.FLOAT)
        )
    del graph.value_info[:]
    onnx.checker.check_model(half, full_check=True)
    _write(half, path)


def _write(model: onnx.ModelProto, path: Path) -> None:
    content = model.SerializeToString(deterministic=True)
    if len(content) > MOST_BYTES:
        raise ValueError(f"{len(content)} bytes are too many")
    path.write_bytes(content)


def parity(network: NoduleNet, path: Path) -> float:
    """Largest difference between PyTorch and ONNX Runtime on noise and on the golden input."""
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    worst = 0.0
    for image in (golden_image(), np.random.default_rng(0).random((64, 48, 80), np.float32)):
        with torch.inference_mode():
            wanted = network(torch.from_numpy(image)[None, None])
        given = session.run(None, {"image": image[None, None]})
        worst = max(worst, *(float(np.abs(a.numpy() - b).max()) for a, b in zip(wanted, given)))
    return worst


def golden_image() -> np.ndarray:
    z, y, x = np.meshgrid(*[np.arange(n, dtype=np.float64) for n in GOLDEN_SHAPE], indexing="ij")
    hu = np.full(GOLDEN_SHAPE, -850.0)
    for cz, cy, cx, d, value in GOLDEN_BALLS:
        part = np.clip(0.5 + d / 2 - np.sqrt((z - cz) ** 2 + (y - cy) ** 2 + (x - cx) ** 2), 0, 1)
        hu = np.maximum(hu, -850 + (value + 850) * part)
    return ((np.clip(hu, -1000, 400) + 1000) / 1400).astype(np.float32)


def golden(network: NoduleNet) -> dict:
    """What PyTorch answers with its batch norm not folded, in double precision."""
    with torch.inference_mode():
        heat, regression = network.double()(torch.from_numpy(golden_image()).double()[None, None])
    network.float()
    cells = [
        tuple(min(n // 4 - 1, round((c - 1.5) / 4)) for c, n in zip(ball[:3], GOLDEN_SHAPE)) for ball in GOLDEN_BALLS
    ]
    cells += [(0, 0, 0), (11, 15, 11), (6, 8, 6), (3, 12, 9)]
    return {
        "shape": GOLDEN_SHAPE,
        "backgroundHu": -850,
        "clipHu": [-1000, 400],
        "balls": [dict(zip(("z", "y", "x", "diameterMm", "hu"), ball)) for ball in GOLDEN_BALLS],
        "tolerance": {"fp32": PARITY * 10, "fp16": 0.05},
        "cells": [
            {
                "at": list(c),
                "heat": round(float(heat[0, 0][c]), 5),
                "regression": [round(float(regression[0, k][c]), 5) for k in range(4)],
            }
            for c in cells
        ],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=Path(".."))
    options = parser.parse_args()
    network, step = average_of(options.run)
    path = options.out / "model.fp32.onnx"
    model = to_onnx(network, path)
    difference = parity(network, path)
    if difference > PARITY:
        raise SystemExit(f"PyTorch and ONNX differ by {difference:.2e}")
    to_fp16(model, options.out / "model.fp16.onnx")
    (options.out / "golden").mkdir(exist_ok=True)
    (options.out / "golden" / "expected.json").write_text(json.dumps(golden(network), indent=1) + "\n")
    half = parity(network, options.out / "model.fp16.onnx")
    print(f"step {step}: {path.stat().st_size} bytes, PyTorch to ONNX {difference:.1e}, to fp16 {half:.1e}")


if __name__ == "__main__":
    main()
