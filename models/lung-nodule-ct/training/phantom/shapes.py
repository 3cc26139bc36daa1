"""Shapes as depths: millimetres inside a surface, negative outside. Union is max, intersection is min."""

from dataclasses import dataclass

import numpy as np
from scipy.interpolate import PchipInterpolator

from .plane import Plane


class Profile:
    """Smooth columns of numbers along z, from rows (z, number, number, ...) in any order; constant outside."""

    def __init__(self, *rows: tuple[float, ...]):
        table = np.array(sorted(rows))
        self.low, self.high = table[0, 0], table[-1, 0]
        self.curve = PchipInterpolator(table[:, 0], table[:, 1:])

    def __call__(self, z: float) -> list[float]:
        # Plain numbers: numpy's own scalars would widen every float32 plane they touch.
        return self.curve(min(max(z, self.low), self.high)).tolist()


def superellipse(x: np.ndarray, y: np.ndarray, a: float, b: float, power: float) -> np.ndarray:
    """Depth in |x/a|^p + |y/b|^p <= 1, first order: exact on the surface, good near it."""
    u, v = np.abs(x) / a, np.abs(y) / b
    up, vp = u ** (power - 1), v ** (power - 1)
    s = up * u + vp * v + 1e-9
    f = s ** (1 / power)
    slope = np.sqrt((up / a) ** 2 + (vp / b) ** 2) * s ** (1 / power - 1) + 1e-9
    return (1 - f) / slope


def ellipse(x: np.ndarray, y: np.ndarray, a: float, b: float) -> np.ndarray:
    """Depth in an ellipse, first order."""
    u, v = x / a, y / b
    f = np.sqrt(u * u + v * v) + 1e-6
    return (1 - f) * f / (np.sqrt((u / a) ** 2 + (v / b) ** 2) + 1e-9)


@dataclass(frozen=True)
class Ellipsoid:
    """Centre, semi-axes in mm, and the directions of the axes as rows (default: x, y, z)."""

    center: tuple[float, float, float]
    semiaxes: tuple[float, float, float]
    axes: np.ndarray | None = None

    def depth(self, plane: Plane) -> np.ndarray:
        c = self.center
        axes = np.eye(3) if self.axes is None else self.axes
        dx, dy, dz = plane.x - c[0], plane.y - c[1], plane.z - c[2]
        total, slope = 0, 0
        for axis, semi in zip(axes.tolist(), self.semiaxes):
            u = (dx * axis[0] + dy * axis[1] + dz * axis[2]) / semi
            total = total + u * u
            slope = slope + (u / semi) ** 2
        f = np.sqrt(total) + 1e-6
        return (1 - f) * f / (np.sqrt(slope) + 1e-9)


def axes_along(long_axis: tuple[float, float, float]) -> np.ndarray:
    """A right-handed frame whose first row is the given direction."""
    a = np.asarray(long_axis, float) / np.linalg.norm(long_axis)
    b = np.cross(a, (0.0, 1.0, 0.0))
    b /= np.linalg.norm(b)
    return np.array([a, b, np.cross(a, b)])


def smooth_max(a: np.ndarray, b: np.ndarray, width: float) -> np.ndarray:
    """Union with a fillet of about `width` mm."""
    h = np.maximum(width - np.abs(a - b), 0) / width
    return np.maximum(a, b) + h * h * (width / 4)


def smooth_min(a: np.ndarray, b: np.ndarray, width: float) -> np.ndarray:
    """Intersection with a rounded edge."""
    return -smooth_max(-a, -b, width)


def occupancy(depth: np.ndarray, edge: float) -> np.ndarray:
    """Share of a voxel that is inside, for a voxel of about `edge` mm."""
    return np.clip(0.5 + depth / edge, 0, 1)


def bump(value, center: float, width: float):
    """A smooth hill of height 1."""
    hill = np.exp(-(((value - center) / width) ** 2))
    return hill if isinstance(value, np.ndarray) else float(hill)


def ramp(value, start: float, end: float):
    """0 before `start`, 1 after `end`, smooth between; `start` may be the larger one."""
    t = np.clip((value - start) / (end - start), 0, 1)
    rise = t * t * (3 - 2 * t)
    return rise if isinstance(value, np.ndarray) else float(rise)


def paint(hu: np.ndarray, share: np.ndarray, tissue) -> None:
    """Replaces a share of each voxel by a tissue, in place."""
    hu += share * (tissue - hu)
