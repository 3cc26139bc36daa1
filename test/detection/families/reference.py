"""What the runner must find, worked out a second time: the reference evaluator of ONNX on the whole image in one piece, and
decoders written as plainly as can be. Places are LPS mm of the patient, or SCOORD pixels of a frame."""

import itertools

import numpy as np
from onnx.reference import ReferenceEvaluator

sigmoid = lambda x: 1 / (1 + np.exp(-x))


def balls(shape, spacing, origin, spots):
    """A volume [z][y][x], 0 outside, 1000 inside, on an axial LPS grid."""
    z, y, x = np.meshgrid(*[np.arange(n) for n in shape[::-1]], indexing="ij")
    at = [origin[0] + x * spacing[0], origin[1] + y * spacing[1], origin[2] + z * spacing[2]]
    out = np.zeros(z.shape)
    for spot in spots:
        distance = np.sqrt(sum((at[a] - spot["center"][a]) ** 2 for a in range(3)))
        out = np.maximum(out, np.clip(0.5 + spot["diameter"] / 2 - distance, 0, 1))
    return (out * 1000).astype(np.float32)


def discs(columns, rows, spots, background):
    """A frame [row][column]; centres in SCOORD coordinates, where the middle of a pixel is at +0.5."""
    y, x = np.meshgrid(np.arange(rows) + 0.5, np.arange(columns) + 0.5, indexing="ij")
    out = np.full(y.shape, float(background))
    for spot in spots:
        distance = np.hypot(x - spot["center"][0], y - spot["center"][1])
        part = np.clip(0.5 + spot["diameter"] / 2 - distance, 0, 1)
        out = out + (spot["value"] - out) * part
    return out.astype(np.float32)


def run(model, image):
    name = model.graph.input[0].name
    return ReferenceEvaluator(model).run(None, {name: image.astype(np.float32)})


def padded(image, multiples, **how):
    widths = [(0, -n % m) for n, m in zip(image.shape, multiples)]
    return np.pad(image, widths, **how)


def peaks(heat, reach):
    """Of a plateau the first cell; `reach` cells along each axis."""
    found = []
    for at in np.ndindex(*heat.shape):
        window = tuple(slice(max(0, i - r), i + r + 1) for i, r in zip(at, reach))
        if heat[at] < heat[window].max():
            continue
        first = np.argwhere(heat[window] == heat[at])[0] + [s.start for s in window]
        if tuple(first) == at:
            found.append(at)
    return found


def best_first(marks):
    return sorted(marks, key=lambda mark: -mark["score"])


def suppressed(marks, same):
    kept = []
    for mark in best_first(marks):
        if not any(same(mark, better) for better in kept):
            kept.append(mark)
    return kept


def iou(a, b):
    common, one, other = 1.0, 1.0, 1.0
    for (a0, a1), (b0, b1) in zip(a["box"], b["box"]):
        common *= max(0.0, min(a1, b1) - max(a0, b0))
        one *= a1 - a0
        other *= b1 - b0
    return common / (one + other - common)


def overlapping(threshold):
    return lambda a, b: a["classId"] == b["classId"] and iou(a, b) > threshold


def heatmap_3d(model, volume, origin):
    image = padded(volume / 1000, [4, 4, 4], mode="edge")
    heat, reg = run(model, image[None, None])
    marks = []
    for cell in peaks(heat[0, 0], [1, 1, 1]):
        score = sigmoid(heat[0, 0][cell])
        if score <= 0.3:
            continue
        zyx = [1.5 + 4 * (cell[a] + reg[0, a][cell]) for a in range(3)]
        marks.append({"center": [origin[a] + zyx[2 - a] for a in range(3)], "diameter": np.exp(reg[0, 3][cell]), "score": score, "classId": 0})
    gap = lambda a, b: np.linalg.norm(np.subtract(a["center"], b["center"]))
    return suppressed(marks, lambda a, b: gap(a, b) < 0.5 * max(a["diameter"], b["diameter"]))


def heatmap_25d(model, volume, origin):
    depth = len(volume)
    chains = []
    for k in range(depth):
        slab = np.stack([volume[max(0, k - 2)], volume[max(0, k - 1)], volume[k]]) / 1000
        slab = padded(slab, [1, 4, 4], mode="edge")
        hm, wh, off = run(model, slab[None])
        marks = []
        for cell in peaks(hm[0, 0], [1, 1]):
            score = sigmoid(hm[0, 0][cell])
            if score <= 0.3:
                continue
            x = 1.5 + 4 * (cell[1] + off[0, 0][cell])
            y = 1.5 + 4 * (cell[0] + off[0, 1][cell])
            w, h = 4 * wh[0, 0][cell], 4 * wh[0, 1][cell]
            box = [(x - w / 2, x + w / 2), (y - h / 2, y + h / 2)]
            marks.append({"k": k, "score": score, "classId": 0, "box": box})
        marks = suppressed(marks, overlapping(0.2))
        for mark in marks:
            open_chains = [c for c in chains if c[-1]["k"] < k <= c[-1]["k"] + 2 and iou(c[-1], mark) > 0.2]
            if open_chains:
                max(open_chains, key=lambda c: iou(c[-1], mark)).append(mark)
            else:
                chains.append([mark])
    found = []
    for chain in chains:
        if len(chain) < 3:
            continue
        best = best_first(chain)[0]
        weights = [mark["score"] for mark in chain]
        z = np.dot(weights, [mark["k"] for mark in chain]) / sum(weights)
        (x0, x1), (y0, y1) = best["box"]
        center = [origin[0] + (x0 + x1) / 2, origin[1] + (y0 + y1) / 2, origin[2] + z]
        found.append({"center": center, "diameter": (x1 - x0 + y1 - y0) / 2, "score": best["score"], "classId": 0})
    return best_first(found)


def anchors_3d(model, volume, origin, spacing, levels):
    """The graph sees x to the right, y to the front: both axes of the LPS grid turned over."""
    turned = (volume / 1000)[:, ::-1, ::-1].transpose(2, 1, 0)
    image = padded(turned, [8, 8, 4], mode="constant")
    outputs = run(model, image[None, None])
    marks = []
    for n, level in enumerate(levels):
        cls, box = outputs[2 * n][0], outputs[2 * n + 1][0]
        for a, anchor in enumerate(level["anchors"]):
            for cell in np.argwhere(sigmoid(cls[a]) > 0.3):
                deltas = [box[6 * a + f][tuple(cell)] for f in range(6)]
                middle = [cell[i] * level["stride"][i] + deltas[i] * anchor[i] for i in range(3)]
                sides = [anchor[i] * np.exp(min(4.135, deltas[3 + i])) for i in range(3)]
                limits = [(-0.5, n - 0.5) for n in turned.shape]
                ends = [(max(lo, m - s / 2), min(hi, m + s / 2)) for m, s, (lo, hi) in zip(middle, sides, limits)]
                mm = [(e0 * d, e1 * d) for (e0, e1), d in zip(ends, spacing)]
                marks.append({"box": mm, "score": sigmoid(cls[a][tuple(cell)]), "classId": 0})
    last = [origin[a] + (turned.shape[a] - 1) * spacing[a] for a in range(3)]
    found = []
    for mark in suppressed(marks, overlapping(0.22)):
        x, y, z = [(e0 + e1) / 2 for e0, e1 in mark["box"]]
        diameter = np.mean([e1 - e0 for e0, e1 in mark["box"]])
        found.append({"center": [last[0] - x, last[1] - y, origin[2] + z], "diameter": diameter, "score": mark["score"], "classId": 0})
    return found


def segmentation_3d(model, volume, origin, spacing):
    """One pass over the volume and one mirrored along x, in one piece: what is cut off at its edges is nothing."""
    image = volume / 1000
    soft = lambda logits: np.exp(logits - logits.max(0)) / np.exp(logits - logits.max(0)).sum(0)
    evaluate = lambda array: soft(run(model, array[None, None])[0][0])[2]
    probability = (evaluate(image) + evaluate(image[:, :, ::-1])[:, :, ::-1]) / 2
    left = {tuple(at) for at in np.argwhere(probability >= 0.4)}
    found = []
    while left:
        piece, wave = [], [left.pop()]
        while wave:
            at = wave.pop()
            piece.append(at)
            for step in itertools.product([-1, 0, 1], repeat=3):
                to = tuple(np.add(at, step))
                if to in left:
                    left.remove(to)
                    wave.append(to)
        scores = sorted(probability[at] for at in piece)
        mm3 = len(piece) * np.prod(spacing)
        if scores[-1] < 0.9 or mm3 < 30:
            continue
        z, y, x = np.mean(piece, axis=0)
        center = [origin[0] + x * spacing[0], origin[1] + y * spacing[1], origin[2] + z * spacing[2]]
        score = scores[int(np.floor((len(scores) - 1) * 0.95 + 0.5))]
        found.append({"center": center, "diameter": np.cbrt(6 * mm3 / np.pi), "score": score, "classId": 0})
    return best_first(found)


def linear_at(length, count):
    """Rows of weights of `count` pixels between the edges of `length`, linearly interpolated."""
    place = np.clip((np.arange(count) + 0.5) * length / count - 0.5, 0, length - 1)
    low = np.minimum(place.astype(int), max(0, length - 2))
    weights = np.zeros([count, length])
    for row, (at, first) in enumerate(zip(place, low)):
        weights[row, first] = 1 - (at - first)
        weights[row, min(first + 1, length - 1)] += at - first
    return weights


def area_at(length, count):
    weights = np.zeros([count, length])
    for row in range(count):
        start, end = row * length / count, (row + 1) * length / count
        for pixel in range(length):
            weights[row, pixel] = max(0, min(end, pixel + 1) - max(start, pixel))
    return weights / weights.sum(1, keepdims=True)


def letterboxed(frame):
    rows, columns = frame.shape
    factor = min(64 / columns, 64 / rows)
    width, height = int(columns * factor + 0.5), int(rows * factor + 0.5)
    inner = linear_at(rows, height) @ (frame * 255 / 1000) @ linear_at(columns, width).T
    left, top = (64 - width) // 2, (64 - height) // 2
    out = np.full([64, 64], 114.0)
    out[top : top + height, left : left + width] = inner
    back = lambda x, y: ((x - left) * columns / width, (y - top) * rows / height)
    return np.repeat(out[None, None] / 255, 3, axis=1), back


def on_frame(marks, back):
    found = []
    for mark in marks:
        (x0, x1), (y0, y1) = mark["box"]
        (left, top), (right, bottom) = back(x0, y0), back(x1, y1)
        found.append({"region": [left, top, right, bottom], "score": mark["score"], "classId": mark["classId"]})
    return found


def square(cx, cy, w, h):
    return [(cx - w / 2, cx + w / 2), (cy - h / 2, cy + h / 2)]


def listed(model, frame, rows_of):
    image, back = letterboxed(frame)
    marks = [mark for mark in rows_of(run(model, image)) if mark["score"] >= 0.3]
    return on_frame(suppressed(marks, overlapping(0.45)), back)


def yolo_v8(model, frame):
    def rows(outputs):
        for column in outputs[0][0].T:
            best = int(np.argmax(column[4:]))
            yield {"box": square(*column[:4]), "score": column[4 + best], "classId": best}

    return listed(model, frame, rows)


def yolo_v5(model, frame):
    def rows(outputs):
        for row in outputs[0][0]:
            best = int(np.argmax(row[5:]))
            yield {"box": square(*(row[:4] * 64)), "score": sigmoid(row[4]) * sigmoid(row[5 + best]), "classId": best}

    return listed(model, frame, rows)


def boxes_bn6(model, frame):
    def rows(outputs):
        for x0, y0, x1, y1, score, label in outputs[0][0]:
            clip = lambda v: min(64, max(0, v))
            yield {"box": [(clip(x0), clip(x1)), (clip(y0), clip(y1))], "score": score, "classId": int(label)}

    return listed(model, frame, rows)


def boxes_torchvision(model, frame):
    """Of a right breast: mirrored before and after."""
    columns = frame.shape[1]

    def rows(outputs):
        boxes, labels, scores = outputs
        for (x0, y0, x1, y1), label, score in zip(boxes, labels, scores):
            yield {"box": [(x0, x1), (y0, y1)], "score": score, "classId": int(label) - 1}

    found = listed(model, frame[:, ::-1], rows)
    return [{**f, "region": [columns - f["region"][2], f["region"][1], columns - f["region"][0], f["region"][3]]} for f in found]


def anchors_2d(model, frame, anchors):
    rows, columns = frame.shape
    cls, box = run(model, padded(frame / 1000, [8, 8], mode="edge")[None, None])
    marks = []
    for a, (w, h) in enumerate(anchors):
        for j, i in np.argwhere(sigmoid(cls[0, a]) > 0.3):
            dx, dy, dw, dh = [box[0, 4 * a + f][j, i] for f in range(4)]
            ends = square((i + 0.5) * 8 + dx * w, (j + 0.5) * 8 + dy * h, w * np.exp(dw), h * np.exp(dh))
            clipped = [(max(0, lo), min(n, hi)) for (lo, hi), n in zip(ends, (columns, rows))]
            marks.append({"box": clipped, "score": sigmoid(cls[0, a][j, i]), "classId": 0})
    return on_frame(suppressed(marks, overlapping(0.22)), lambda x, y: (x, y))


def cam_2d(model, frame):
    rows, columns = frame.shape
    image = area_at(rows, 64) @ (frame / 1000) @ area_at(columns, 64).T
    logits, features, weights = run(model, np.repeat(image[None, None], 3, axis=1))
    found = []
    for c in range(2):
        score = sigmoid(logits[0, c])
        if score < 0.3:
            continue
        cam = np.maximum(0, np.tensordot(weights[c], features[0], 1))
        hot = np.argwhere(cam >= 0.5 * cam.max())
        (y0, x0), (y1, x1) = hot.min(0), hot.max(0) + 1
        region = [x0 * columns / 8, y0 * rows / 8, x1 * columns / 8, y1 * rows / 8]
        found.append({"region": region, "score": sigmoid(np.log(score / (1 - score)) / 1.4), "classId": c})
    return best_first(found)
