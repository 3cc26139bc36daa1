"""The plane that is being painted, and smooth random fields that can be read on it.

The phantom is painted plane by plane: a plane fits the cache of a processor, needs no volume in memory, and lets
several processes share the work. Everything that is random is drawn before the first plane, so the order of the
planes does not matter.
"""

from dataclasses import dataclass, field

import numpy as np

# Mean over the phase of the sum of squared weights of a cubic B-spline.
_SPLINE_POWER = 151 / 315


@dataclass
class Plane:
    """An axial plane: pixel centres `x` (1, columns) and `y` (rows, 1), height `z`, pixel size in mm."""

    x: np.ndarray
    y: np.ndarray
    z: float
    pixel: float
    # Spline weights by axis and field step, and those of bands of rows; planes of one grid share them.
    weights: dict = field(default_factory=dict, repr=False)
    bands: dict = field(default_factory=dict, repr=False)

    def at(self, z: float) -> "Plane":
        """The same grid at another height."""
        return Plane(self.x, self.y, float(z), self.pixel, self.weights, self.bands)

    def band(self, rows: slice) -> "Plane":
        """Some of its rows."""
        return Plane(self.x, self.y[rows], self.z, self.pixel, self.bands.setdefault((rows.start, rows.stop), {}))

    @property
    def shape(self) -> tuple[int, int]:
        return self.y.shape[0], self.x.shape[1]

    def box(self, low: np.ndarray, high: np.ndarray) -> tuple[slice, slice] | None:
        """Rows and columns between two corners (x, y, ...), or None when nothing of the plane lies there."""
        return self.boxes(low[None], high[None])[0]

    def boxes(self, low: np.ndarray, high: np.ndarray) -> list[tuple[slice, slice] | None]:
        """`box` of each pair of corners (N, 2 or more)."""
        ends = []
        for axis, origin, count in ((1, self.y[0, 0], self.shape[0]), (0, self.x[0, 0], self.shape[1])):
            first = np.floor((low[:, axis] - origin) / self.pixel).astype(int)
            last = np.ceil((high[:, axis] - origin) / self.pixel).astype(int) + 1
            ends += [np.maximum(first, 0).tolist(), np.minimum(last, count).tolist()]
        return [
            None if top >= bottom or left >= right else (slice(top, bottom), slice(left, right))
            for top, bottom, left, right in zip(*ends)
        ]


def axial_grid(columns: int, rows: int, pixel: float, center: tuple[float, float] = (0.0, 0.0)) -> Plane:
    """A grid centred on `center`, at z = 0."""
    x = (np.arange(columns, dtype=np.float32) - (columns - 1) / 2) * pixel + center[0]
    y = (np.arange(rows, dtype=np.float32) - (rows - 1) / 2) * pixel + center[1]
    return Plane(x[None, :].astype(np.float32), y[:, None].astype(np.float32), 0.0, pixel)


class Field:
    """A smooth random field of zero mean and unit variance with structure of about `step` mm."""

    def __init__(self, rng: np.random.Generator, step: float, low=(-200.0, -200.0, -220.0), high=(200.0, 200.0, 160.0)):
        self.step, self.low = step, np.asarray(low)
        count = np.ceil((np.asarray(high) - self.low) / step).astype(int) + 4
        # Axis order z, y, x; the deviation of the spline's sum is divided out.
        self.knots = (rng.standard_normal(count[::-1]) / _SPLINE_POWER**1.5).astype(np.float32)

    def on(self, plane: Plane) -> np.ndarray:
        wz = _spline_weights(np.array([plane.z]), self.low[2], self.step, self.knots.shape[0])[0]
        first = max(int(np.flatnonzero(wz)[0]), 0)
        level = np.tensordot(wz[first : first + 4], self.knots[first : first + 4], axes=1)
        wx = self._weights(plane, "x", plane.x.ravel(), self.low[0], self.knots.shape[2])
        wy = self._weights(plane, "y", plane.y.ravel(), self.low[1], self.knots.shape[1])
        return wy @ level @ wx.T

    def _weights(self, plane: Plane, axis: str, places: np.ndarray, low: float, count: int) -> np.ndarray:
        key = (axis, self.step, low, count)
        if key not in plane.weights:
            plane.weights[key] = _spline_weights(places, low, self.step, count)
        return plane.weights[key]


def _spline_weights(places: np.ndarray, low: float, step: float, count: int) -> np.ndarray:
    """Row i holds the weights of the knots at place i: four neighbours, cubic B-spline."""
    p = np.clip((places.astype(np.float64) - low) / step + 1, 1, count - 3 - 1e-6)
    i = p.astype(int)
    t = p - i
    out = np.zeros((len(places), count), np.float32)
    rows = np.arange(len(places))
    out[rows, i - 1] = (1 - t) ** 3 / 6
    out[rows, i] = (3 * t**3 - 6 * t**2 + 4) / 6
    out[rows, i + 1] = (-3 * t**3 + 3 * t**2 + 3 * t + 1) / 6
    out[rows, i + 2] = t**3 / 6
    return out
