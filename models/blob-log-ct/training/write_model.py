"""Writes the graph of blob-log-ct: a multi-scale Laplacian of Gaussian. Nothing is trained.

    python3 -m venv .venv && .venv/bin/pip install -r requirements.txt
    .venv/bin/python write_model.py ../model.fp32.onnx

For each diameter d the scale is sigma = d / (2 sqrt 3), where a sphere of diameter d answers strongest. The response is

    r = -sigma^2 (Ixx + Iyy + Izz),   by 1D Gaussians G and 1D second derivatives D:
    Gz (Gy Dx + Dy Gx) + Dz Gy Gx     (seven convolutions instead of nine)

heat = (max over scales of r - 300) / 150, whose sigmoid is the score; lnDiameter = ln d of the strongest scale.
The same bytes come out each time: no names, dates or orders that change.
"""

import hashlib
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

DIAMETERS_MM = (4.0, 6.0, 9.0, 13.0, 19.0)
BACKGROUND_HU = -850.0  # lung; becomes 0, so that the zeros a convolution adds at the border are lung too
HEAT_ZERO, HEAT_SCALE = 300.0, 150.0
AXES = {"z": 2, "y": 3, "x": 4}


def kernels(sigma):
    """Gaussian (sum 1) and its second derivative (sum 0, answers 1 to x^2 / 2), radius 4 sigma."""
    radius = int(np.ceil(4 * sigma))
    x = np.arange(-radius, radius + 1, dtype=np.float64)
    g = np.exp(-x * x / (2 * sigma * sigma))
    g /= g.sum()
    d = (x * x / sigma**4 - 1 / sigma**2) * g
    d -= d.mean()
    d *= 2 / (d * x * x).sum()
    return g, d


class Graph:
    def __init__(self):
        self.nodes, self.weights = [], []

    def constant(self, name, values, dtype=np.float32):
        self.weights.append(numpy_helper.from_array(np.asarray(values, dtype), name))
        return name

    def add(self, op, inputs, output, **attributes):
        self.nodes.append(helper.make_node(op, inputs, [output], name=output, **attributes))
        return output

    def convolve(self, source, output, weight, axis):
        length = [w for w in self.weights if w.name == weight][0].dims[0]
        shape, pads = [1, 1, 1, 1, 1], [0] * 6
        shape[axis] = length
        pads[axis - 2] = pads[axis + 1] = (length - 1) // 2
        shaped = f"{weight}.{'zyx'[axis - 2]}"
        if shaped not in [w.name for w in self.weights]:
            flat = numpy_helper.to_array([w for w in self.weights if w.name == weight][0])
            self.constant(shaped, flat.reshape(shape))
        return self.add("Conv", [source, shaped], output, kernel_shape=shape[2:], pads=pads)


def build():
    graph = Graph()
    image = graph.add("Sub", ["image", graph.constant("background", BACKGROUND_HU)], "lung")
    scales = []
    for d_mm in DIAMETERS_MM:
        s = f"s{int(d_mm)}"
        sigma = d_mm / (2 * np.sqrt(3))
        g, d = kernels(sigma)
        graph.constant(f"{s}.g", g)
        graph.constant(f"{s}.d", d)
        along = lambda source, name, kind, axis: graph.convolve(source, f"{s}.{name}", f"{s}.{kind}", AXES[axis])
        gx = along(image, "gx", "g", "x")
        dx = along(image, "dx", "d", "x")
        gygx = along(gx, "gygx", "g", "y")
        flat = graph.add("Add", [along(dx, "gydx", "g", "y"), along(gx, "dygx", "d", "y")], f"{s}.flat")
        total = graph.add("Add", [along(flat, "gzflat", "g", "z"), along(gygx, "dzgygx", "d", "z")], f"{s}.laplacian")
        scales.append(graph.add("Mul", [total, graph.constant(f"{s}.scale", -sigma * sigma)], f"{s}.response"))
    graph.weights = [w for w in graph.weights if len(w.dims) != 1]  # only the shaped kernels are used
    graph.add("Concat", scales, "responses", axis=1)
    graph.add("ReduceMax", ["responses"], "response", axes=[1], keepdims=1)
    graph.add("ArgMax", ["responses"], "scale", axis=1, keepdims=1)
    graph.constant("lnDiameters", np.log(DIAMETERS_MM))
    graph.add("Gather", ["lnDiameters", "scale"], "lnDiameter", axis=0)
    graph.add("Sub", ["response", graph.constant("heatZero", HEAT_ZERO)], "above")
    graph.add("Div", ["above", graph.constant("heatScale", HEAT_SCALE)], "heat")
    tensor = lambda name: helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 1, "d", "h", "w"])
    body = helper.make_graph(
        graph.nodes, "blob-log-ct", [tensor("image")], [tensor("heat"), tensor("lnDiameter")], graph.weights
    )
    model = helper.make_model(
        body, producer_name="overread", opset_imports=[helper.make_opsetid("", 17)], ir_version=8
    )
    helper.set_model_props(model, {"id": "blob-log-ct", "version": "1.0.0"})
    onnx.checker.check_model(model, full_check=True)
    return model


if __name__ == "__main__":
    content = build().SerializeToString(deterministic=True)
    with open(sys.argv[1], "wb") as out:
        out.write(content)
    print(f"{len(content)} bytes, sha256 {hashlib.sha256(content).hexdigest()}")
