"""Tapered capsules: vessels, airways, ribs' cartilage, everything that is a tube. Kept as arrays, read plane by plane."""

import numpy as np

from .plane import Plane


class Tubes:
    """Capsules from `start` to `end` (N, 3) with radii `r0`, `r1` (N), in mm."""

    def __init__(self, start, end, r0, r1):
        self.start, self.end = (np.asarray(p, np.float32).reshape(-1, 3) for p in (start, end))
        self.r0, self.r1 = (np.asarray(r, np.float32).ravel() for r in (r0, r1))

    def __len__(self) -> int:
        return len(self.r0)

    @staticmethod
    def through(points, radii, step: float = 3.0) -> "Tubes":
        """A tube along a smooth curve (Catmull-Rom) through points (N, 3) with a radius at each."""
        nodes = np.column_stack([np.asarray(points, float), np.broadcast_to(radii, len(points))])
        padded = np.vstack([2 * nodes[0] - nodes[1], nodes, 2 * nodes[-1] - nodes[-2]])
        line = [nodes[0]]
        for a, b, c, d in zip(padded, padded[1:], padded[2:], padded[3:]):
            for t in np.linspace(0, 1, max(2, int(np.linalg.norm((c - b)[:3]) / step) + 1))[1:]:
                line.append(
                    0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * (b - c) + d - a) * t**3)
                )
        line = np.array(line)
        return Tubes(line[:-1, :3], line[1:, :3], line[:-1, 3], line[1:, 3])

    @staticmethod
    def join(*sets: "Tubes") -> "Tubes":
        parts = [(t.start, t.end, t.r0, t.r1) for t in sets]
        return Tubes(*(np.concatenate(column) for column in zip(*parts)))

    def grown(self, by) -> "Tubes":
        """The same tubes with other radii: `by` is added (number or one per capsule)."""
        return Tubes(self.start, self.end, self.r0 + by, self.r1 + by)

    def depth(self, plane: Plane, reach: float) -> np.ndarray:
        """Depth in the union; exact down to -`reach`, -`reach` - 1 beyond."""
        out = np.full(plane.shape, -reach - 1, np.float32)
        for box, r, distance in self._near(plane, reach):
            np.maximum(out[box], r - distance, out=out[box])
        return out

    def draw(self, plane: Plane, soft: float, thinnest: float) -> np.ndarray:
        """Occupancy of the union. A tube thinner than `thinnest` is drawn that thick and fainter by its area."""
        out = np.zeros(plane.shape, np.float32)
        for box, r, distance in self._near(plane, max(thinnest, 0) + soft):
            shown = np.maximum(r, thinnest)
            share = np.subtract(shown, distance, out=distance)
            share /= 2 * soft
            share += 0.5
            np.minimum(np.maximum(share, 0, out=share), 1, out=share)
            share *= np.square(np.divide(r, shown, out=shown), out=shown)
            np.maximum(out[box], share, out=out[box])
        return out

    def _near(self, plane: Plane, margin: float):
        """Boxes of the plane near each capsule, with the radius beside and the distance from its axis."""
        m = np.maximum(self.r0, self.r1) + margin
        low, high = np.minimum(self.start, self.end) - m[:, None], np.maximum(self.start, self.end) + m[:, None]
        hit = np.flatnonzero((low[:, 2] <= plane.z) & (high[:, 2] >= plane.z))
        for n, box in zip(hit.tolist(), plane.boxes(low[hit], high[hit])):
            if box is None:
                continue
            p, d = self.start[n], self.end[n] - self.start[n]
            gx, gy, gz = plane.x[:, box[1]] - p[0], plane.y[box[0]] - p[1], plane.z - p[2]
            # In place, and without np.clip: a thousand capsules of a few pixels lie in a plane, and calls are what takes time.
            t = gx * d[0] + gy * d[1]
            t += gz * d[2]
            t /= d @ d + 1e-9
            np.minimum(np.maximum(t, 0, out=t), 1, out=t)
            distance, part = t * d[0], t * d[1]
            np.square(np.subtract(gx, distance, out=distance), out=distance)
            np.square(np.subtract(gy, part, out=part), out=part)
            distance += part
            np.square(np.subtract(gz, np.multiply(t, d[2], out=part), out=part), out=part)
            distance += part
            np.sqrt(distance, out=distance)
            t *= self.r1[n] - self.r0[n]
            t += self.r0[n]
            yield box, t, distance

    def distance_to(self, point: np.ndarray, least_radius: float) -> float:
        """From a point to the surface of the nearest capsule that is at least so thick; infinite if there is none."""
        thick = np.maximum(self.r0, self.r1) >= least_radius
        p, d = self.start[thick], self.end[thick] - self.start[thick]
        if len(p) == 0:
            return float("inf")
        t = np.clip(((point - p) * d).sum(1) / ((d * d).sum(1) + 1e-9), 0, 1)
        return float((np.linalg.norm(point - p - t[:, None] * d, axis=1) - self.r0[thick]).min())
