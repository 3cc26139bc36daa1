"""Graphs of the fixtures: detectors of bright spots that can be worked out by hand. Nothing is trained.

Each cell of a map looks at a window of the image and takes its moments: the sum of the values, and the sum weighted by
the distance from the cell along each axis. Their quotient is where the spot lies, their sum how large it is, exactly, as
long as the spot is alone in the window. So a planted spot comes back from any place, unless an axis is exchanged, half a
voxel is lost or a box is turned back the wrong way.
"""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

F, I64 = TensorProto.FLOAT, TensorProto.INT64
EPSILON = 1e-6


class Graph:
    def __init__(self, name):
        self.name, self.nodes, self.weights, self.count = name, [], [], 0

    def constant(self, values, dtype=np.float32):
        name = f"c{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(np.asarray(values, dtype), name))
        return name

    def add(self, op, inputs, output=None, **attributes):
        self.count += 1
        output = output or f"t{self.count}"
        self.nodes.append(helper.make_node(op, inputs, [output], name=output, **attributes))
        return output

    def scalar(self, op, a, value, output=None):
        return self.add(op, [a, self.constant(value)], output)

    def split(self, source, parts):
        self.count += 1
        names = [f"t{self.count}_{n}" for n in range(parts)]
        sizes = self.constant([1] * parts, np.int64)
        self.nodes.append(helper.make_node("Split", [source, sizes], names, name=names[0], axis=1))
        return names

    def total(self, names):
        out = names[0]
        for name in names[1:]:
            out = self.add("Add", [out, name])
        return out

    def moments(self, image, strides, window, references):
        """Sum, and sum times distance along each axis of the tensor, of what is in the window of each cell. The window of
        cell i is centred on the cell; distances are those from voxel `i * stride + reference`."""
        rank, current, channels = len(strides), image, 1
        for axis, (stride, size, reference) in enumerate(zip(strides, window, references)):
            pad = (size - stride) // 2
            taps = np.arange(size, dtype=np.float64) - pad - reference
            weight = np.zeros([channels + 1, channels] + [size if a == axis else 1 for a in range(rank)])
            line = [slice(None) if a == axis else 0 for a in range(rank)]
            for c in range(channels):
                weight[(c, c, *line)] = 1
            weight[(channels, 0, *line)] = taps
            steps = [stride if a == axis else 1 for a in range(rank)]
            pads = [pad if a == axis else 0 for a in range(rank)] * 2
            current = self.add("Conv", [current, self.constant(weight)], kernel_shape=list(weight.shape[2:]), strides=steps, pads=pads)
            channels += 1
        sums = self.split(current, channels)
        safe = self.scalar("Add", sums[0], EPSILON)
        offsets = [self.add("Div", [moment, safe]) for moment in sums[1:]]
        return sums[0], offsets

    def strength(self, mass, offsets, per_mass, far):
        """At most 3, below by the square of the distance from the cell; -3 where nothing is."""
        squared = self.total([self.add("Mul", [offset, offset]) for offset in offsets])
        answer = self.scalar("Sub", self.scalar("Min", self.scalar("Mul", mass, per_mass), 6.0), 3.0)
        return self.add("Sub", [answer, self.scalar("Mul", squared, far)])

    def ball_diameter(self, mass, voxel_mm3):
        safe = self.scalar("Add", self.scalar("Mul", mass, 6 / np.pi * voxel_mm3), EPSILON)
        return self.scalar("Pow", safe, 1 / 3)

    def disc_diameter(self, mass):
        return self.add("Sqrt", [self.scalar("Add", self.scalar("Mul", mass, 4 / np.pi), EPSILON)])

    def model(self, inputs, outputs):
        info = lambda name, kind, shape: helper.make_tensor_value_info(name, kind, shape)
        body = helper.make_graph(self.nodes, self.name, [info(*i) for i in inputs], [info(*o) for o in outputs], self.weights)
        model = helper.make_model(body, producer_name="overread", opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        onnx.checker.check_model(model, full_check=True)
        return model


def heatmap_3d():
    """NCDHW; stride 4, cells centred; regression: offset z, y, x in cells, ln of the diameter."""
    g = Graph("heatmap-3d")
    mass, offsets = g.moments("image", [4, 4, 4], [12, 12, 12], [1.5, 1.5, 1.5])
    g.add("Identity", [g.strength(mass, offsets, 0.1, 0.05)], "heat")
    diameter = g.add("Log", [g.ball_diameter(mass, 1.0)])
    g.add("Concat", [*[g.scalar("Mul", o, 0.25) for o in offsets], diameter], "reg", axis=1)
    return g.model([("image", F, [1, 1, "d", "h", "w"])], [("heat", F, [1, 1, "a", "b", "c"]), ("reg", F, [1, 4, "a", "b", "c"])])


def heatmap_25d():
    """NCHW of three slices, the last of which is meant; `wh` and `off` in cells, x before y. What the first slice, two
    below, shows too counts less, so up and down are not the same."""
    g = Graph("heatmap-25d")
    below, _, own = g.split("slab", 3)
    mass, (dy, dx) = g.moments(own, [4, 4], [12, 12], [1.5, 1.5])
    earlier, _ = g.moments(below, [4, 4], [12, 12], [1.5, 1.5])
    less = g.scalar("Mul", g.scalar("Min", g.scalar("Mul", earlier, 0.15), 6.0), 0.2)
    g.add("Sub", [g.strength(mass, [dy, dx], 0.15, 0.05), less], "hm")
    side = g.scalar("Mul", g.disc_diameter(mass), 0.25)
    g.add("Concat", [side, side], "wh", axis=1)
    g.add("Concat", [g.scalar("Mul", dx, 0.25), g.scalar("Mul", dy, 0.25)], "off", axis=1)
    maps = lambda name, channels: (name, F, ["n", channels, "a", "b"])
    return g.model([("slab", F, ["n", 3, "h", "w"])], [maps("hm", 1), maps("wh", 2), maps("off", 2)])


def spots_2d(g, size=64, stride=8):
    """Places of bright spots on a frame: centre and side in pixels from the edge, strength and a class; (1, 1, N) each.
    What is not above half, as the grey around a letterboxed image, counts as nothing. Class 1 is the brighter one."""
    image = g.split("images", 3)[0]
    above = g.add("Relu", [g.scalar("Sub", image, 0.5)])
    flat = g.scalar("Min", g.scalar("Mul", above, 1000.0), 1.0)
    middle = (stride - 1) / 2
    mass, (dy, dx) = g.moments(flat, [stride, stride], [20, 20], [middle, middle])
    light, _ = g.moments(above, [stride, stride], [20, 20], [middle, middle])
    cells = size // stride
    row = (np.arange(cells) + 0.5) * stride
    cx = g.add("Add", [dx, g.constant(np.tile(row, (cells, 1))[None, None])])
    cy = g.add("Add", [dy, g.constant(np.tile(row[:, None], (1, cells))[None, None])])
    side = g.disc_diameter(mass)
    strength = g.strength(mass, [dy, dx], 0.1, 0.02)
    brightness = g.add("Div", [light, g.scalar("Add", mass, EPSILON)])
    bright = g.add("Cast", [g.add("Greater", [brightness, g.constant(0.3)])], to=F)
    shape = g.constant([1, 1, cells * cells], np.int64)
    return [g.add("Reshape", [each, shape]) for each in (cx, cy, side, strength, bright)]


def class_logits(g, strength, bright):
    """Of the two classes: the strength for the one that it is, far below for the other."""
    first = g.add("Sub", [strength, g.scalar("Mul", bright, 10.0)])
    other = g.add("Add", [g.scalar("Sub", strength, 10.0), g.scalar("Mul", bright, 10.0)])
    return first, other


def yolo_v8():
    g = Graph("yolo-v8")
    cx, cy, side, strength, bright = spots_2d(g)
    scores = [g.add("Sigmoid", [each]) for each in class_logits(g, strength, bright)]
    g.add("Concat", [cx, cy, side, side, *scores], "output0", axis=1)
    return g.model([("images", F, [1, 3, 64, 64])], [("output0", F, [1, 6, 64])])


def yolo_v5():
    """(1, N, 7), all scores before their sigmoid, boxes as parts of the input."""
    g = Graph("yolo-v5")
    cx, cy, side, strength, bright = spots_2d(g)
    scores = class_logits(g, g.scalar("Add", g.scalar("Mul", strength, 0.0), 5.0), bright)
    parts = [g.scalar("Mul", each, 1 / 64) for each in (cx, cy, side, side)]
    g.add("Transpose", [g.add("Concat", [*parts, strength, *scores], axis=1)], "output0", perm=[0, 2, 1])
    return g.model([("images", F, [1, 3, 64, 64])], [("output0", F, [1, 64, 7])])


def chosen(g, count):
    """The strongest places: corners (1, 4, count), scores and classes (1, 1, count)."""
    cx, cy, side, strength, bright = spots_2d(g)
    half = g.scalar("Mul", side, 0.5)
    corners = [g.add("Sub", [cx, half]), g.add("Sub", [cy, half]), g.add("Add", [cx, half]), g.add("Add", [cy, half])]
    score = g.add("Sigmoid", [strength])
    g.nodes.append(helper.make_node("TopK", [score, g.constant([count], np.int64)], ["best", "place"], name="topk", axis=2))
    flat = g.add("Reshape", ["place", g.constant([count], np.int64)])
    pick = lambda each: g.add("Gather", [each, flat], axis=2)
    return [pick(each) for each in corners], "best", pick(bright)


def boxes_bn6():
    g = Graph("boxes-bn6")
    corners, score, bright = chosen(g, 20)
    g.add("Transpose", [g.add("Concat", [*corners, score, bright], axis=1)], "output0", perm=[0, 2, 1])
    return g.model([("images", F, [1, 3, 64, 64])], [("output0", F, [1, 20, 6])])


def boxes_torchvision():
    """boxes (N, 4), labels (N) from 1 as whole numbers, scores (N)."""
    g = Graph("boxes-torchvision")
    corners, score, bright = chosen(g, 20)
    rows = g.add("Transpose", [g.add("Concat", corners, axis=1)], perm=[0, 2, 1])
    g.add("Reshape", [rows, g.constant([20, 4], np.int64)], "boxes")
    flat = g.constant([20], np.int64)
    label = g.add("Cast", [g.scalar("Add", bright, 1.0)], to=I64)
    g.add("Reshape", [label, flat], "labels")
    g.add("Reshape", [score, flat], "scores")
    return g.model([("images", F, [1, 3, 64, 64])], [("boxes", F, [20, 4]), ("labels", I64, [20]), ("scores", F, [20])])


# Levels of the 3D pyramid: stride, window and anchors along x, y, z in voxels of 0.8 x 0.8 x 1.2 mm.
LEVELS_3D = [
    {"stride": [4, 4, 2], "window": [16, 16, 12], "far": 0.2, "anchors": [[6, 6, 4], [8, 8, 6]]},
    {"stride": [8, 8, 4], "window": [24, 24, 16], "far": 0.05, "anchors": [[14, 14, 9], [18, 18, 12]]},
]
SPACING_3D = [0.8, 0.8, 1.2]
# Its boxes lie so far along x of the tensor: seen the other way round they would lie on the other side.
SKEW_VOXELS = 1.0


def anchor_heads(g, image, stride, window, references, anchors, sides_of, squared_per):
    """cls and box of one level: how well each anchor fits in size, and the deltas from it to the spot."""
    mass, offsets = g.moments(image, stride, window, references)
    sides = sides_of(mass)
    strength = g.strength(mass, offsets, 0.1, squared_per)
    cls, box = [], []
    offsets = [g.scalar("Add", offsets[0], SKEW_VOXELS), *offsets[1:]]
    for anchor in anchors:
        misfit = g.add("Abs", [g.add("Log", [g.scalar("Mul", sides[0], 1 / anchor[0])])])
        cls.append(g.add("Sub", [strength, g.scalar("Mul", misfit, 2.0)]))
        box += [g.scalar("Mul", offset, 1 / side) for offset, side in zip(offsets, anchor)]
        box += [g.add("Log", [g.scalar("Mul", own, 1 / side)]) for own, side in zip(sides, anchor)]
    return cls, box


def anchors_3d():
    """NCWHD: every list runs x, y, z."""
    g = Graph("anchors-3d")
    voxel = float(np.prod(SPACING_3D))
    outputs = []

    def sides_of(mass):
        diameter = g.ball_diameter(mass, voxel)
        return [g.scalar("Mul", diameter, 1 / mm) for mm in SPACING_3D]

    for n, level in enumerate(LEVELS_3D):
        cls, box = anchor_heads(g, "image", level["stride"], level["window"], [0, 0, 0], level["anchors"], sides_of, level["far"])
        g.add("Concat", cls, f"cls{n}", axis=1)
        g.add("Concat", box, f"box{n}", axis=1)
        outputs += [(f"cls{n}", F, [1, 2, *[f"{a}{n}" for a in "whd"]]), (f"box{n}", F, [1, 12, *[f"{a}{n}" for a in "whd"]])]
    return g.model([("image", F, [1, 1, "w", "h", "d"])], outputs)


ANCHORS_2D = [[8, 8], [14, 14]]


def anchors_2d():
    """NCHW; the axes of the tensor are y, x, but boxes run x, y."""
    g = Graph("anchors-2d")
    above = g.add("Relu", [g.scalar("Sub", "images", 0.5)])
    flat = g.scalar("Min", g.scalar("Mul", above, 1000.0), 1.0)
    mass, (dy, dx) = g.moments(flat, [8, 8], [20, 20], [3.5, 3.5])
    side = g.disc_diameter(mass)
    strength = g.strength(mass, [dy, dx], 0.1, 0.02)
    cls, box = [], []
    for anchor in ANCHORS_2D:
        misfit = g.add("Abs", [g.add("Log", [g.scalar("Mul", side, 1 / anchor[0])])])
        cls.append(g.add("Sub", [strength, g.scalar("Mul", misfit, 2.0)]))
        box += [g.scalar("Mul", dx, 1 / anchor[0]), g.scalar("Mul", dy, 1 / anchor[1])]
        box += [g.add("Log", [g.scalar("Mul", side, 1 / length)]) for length in anchor]
    g.add("Concat", cls, "cls", axis=1)
    g.add("Concat", box, "box", axis=1)
    return g.model([("images", F, [1, 1, "h", "w"])], [("cls", F, [1, 2, "a", "b"]), ("box", F, [1, 8, "a", "b"])])


def segmentation_3d():
    """Background, organ and lesion; each voxel answers what lies one voxel further along x, so only the mean of a pass and
    its mirror image along x is where the lesion is."""
    g = Graph("segmentation-3d")
    shift = np.zeros([1, 1, 1, 1, 3])
    shift[..., 2] = 1
    value = g.add("Conv", ["input", g.constant(shift)], kernel_shape=[1, 1, 3], pads=[0, 0, 1, 0, 0, 1])
    lesion = g.scalar("Mul", g.scalar("Sub", value, 0.5), 20.0)
    background = g.add("Neg", [lesion])
    organ = g.scalar("Sub", g.scalar("Mul", value, 0.0), 30.0)
    g.add("Concat", [background, organ, lesion], "output", axis=1)
    return g.model([("input", F, [1, 1, 24, 24, 24])], [("output", F, [1, 3, 24, 24, 24])])


def cam_2d():
    """Two features, light and dark, averaged over cells of 8 pixels; class 0 weighs light, class 1 dark."""
    g = Graph("cam-2d")
    image = g.split("input", 3)[1]
    light = g.add("Relu", [g.scalar("Sub", image, 0.6)])
    dark = g.add("Relu", [g.add("Sub", [g.constant(0.4), image])])
    both = g.add("Concat", [light, dark], axis=1)
    g.add("AveragePool", [both], "features", kernel_shape=[8, 8], strides=[8, 8])
    mean = g.add("Flatten", [g.add("GlobalAveragePool", ["features"])])
    g.weights.append(numpy_helper.from_array(np.asarray([[4, -1], [-1, 4]], np.float32), "classifier"))
    g.add("Identity", ["classifier"], "weights")
    score = g.add("Gemm", [mean, "classifier"], transB=1)
    g.scalar("Sub", g.scalar("Mul", score, 100.0), 2.0, "logits")
    return g.model([("input", F, ["n", 3, 64, 64])], [("logits", F, ["n", 2]), ("features", F, ["n", 2, 8, 8]), ("weights", F, [2, 2])])


GRAPHS = {
    "heatmap-3d": heatmap_3d,
    "heatmap-25d": heatmap_25d,
    "yolo-v8": yolo_v8,
    "yolo-v5": yolo_v5,
    "boxes-bn6": boxes_bn6,
    "boxes-torchvision": boxes_torchvision,
    "anchors-3d": anchors_3d,
    "anchors-2d": anchors_2d,
    "segmentation-3d": segmentation_3d,
    "cam-2d": cam_2d,
}
