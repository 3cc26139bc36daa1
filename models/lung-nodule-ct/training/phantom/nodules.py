"""Lesions of known place, size and kind, and the things that only look like one."""

from dataclasses import dataclass, field

import numpy as np

from .plane import Field, Plane
from .shapes import paint


@dataclass(frozen=True)
class Nodule:
    """
    A lesion; its diameter is that of the sphere of equal volume.

    kind: solid, part-solid, ground-glass or calcified. site: isolated, pleural or vascular.
    """

    center: tuple[float, float, float]
    diameter: float
    kind: str
    site: str
    lobe: str
    hu: float
    seed: int
    spiculated: bool = False
    shape: "Shape" = field(init=False, repr=False, compare=False)

    def __post_init__(self):
        object.__setattr__(self, "shape", Shape(self.seed, self.spiculated, self.kind))

    def paint(self, plane: Plane, hu: np.ndarray, edge: float) -> None:
        """Into lung only: the caller limits it to the lung by painting what is outside afterwards."""
        c, reach = np.asarray(self.center), self.diameter * 0.95 + 4
        if abs(plane.z - c[2]) > reach:
            return
        box = plane.box(c - reach, c + reach)
        if box is None:
            return
        near = Plane(plane.x[:, box[1]] - c[0], plane.y[box[0]] - c[1], plane.z - c[2], plane.pixel)
        offset = np.stack(np.broadcast_arrays(near.x, near.y, np.float32(near.z)), -1)
        depth = self.shape.depth(offset, self.diameter)
        view = hu[box]
        texture = self.shape.texture.on(near)
        soft = 2.6 if self.kind in ("ground-glass", "part-solid") else max(1.0, edge)
        share = np.clip(0.5 + depth / soft, 0, 1)
        if self.kind in ("ground-glass", "part-solid"):
            # Lung shows through: what is denser than the lesion stays.
            rim = self.hu if self.kind == "ground-glass" else -560
            paint(view, share, np.maximum(rim + 45 * texture, view))
        else:
            paint(view, share, self.hu + 8 * texture)
        if self.kind == "part-solid":
            core = self.diameter * 0.24 - np.sqrt((offset**2).sum(-1))
            paint(view, np.clip(0.5 + core / 1.2, 0, 1), self.hu)


class Shape:
    """An ellipsoid with lobes and, sometimes, spicules; scaled so that its volume is that of the nominal sphere."""

    def __init__(self, seed: int, spiculated: bool, kind: str):
        rng = np.random.default_rng(seed)
        self.frame, _ = np.linalg.qr(rng.normal(0, 1, (3, 3)))
        scale = np.exp(np.clip(rng.normal(0, 0.09, 3), -0.15, 0.15))
        self.scale = scale / scale.prod() ** (1 / 3)
        lobes = rng.integers(3, 7)
        self.bumps = [(_unit(rng), rng.normal(0, 0.07), rng.uniform(2, 7)) for _ in range(lobes)]
        if spiculated:
            self.bumps += [
                (_unit(rng), rng.uniform(0.25, 0.6), rng.uniform(60, 140)) for _ in range(rng.integers(7, 13))
            ]
        self.texture = Field(rng, 2.2 if kind == "ground-glass" else 3.0, (-36.0,) * 3, (36.0,) * 3)
        ball = rng.normal(0, 1, (4000, 3))
        ball /= np.linalg.norm(ball, axis=1, keepdims=True)
        self.factor = 1.0
        # Volume of a star-shaped body is the mean of the cubed radius.
        self.factor = 1 / np.mean(self._radius(ball) ** 3) ** (1 / 3)

    def _radius(self, direction: np.ndarray) -> np.ndarray:
        """Distance to the surface of the unit shape along unit vectors (..., 3)."""
        local = direction @ self.frame
        ellipsoid = 1 / np.sqrt(((local / self.scale) ** 2).sum(-1))
        swell = 1.0
        for toward, height, sharp in self.bumps:
            swell = swell + height * np.exp((direction @ toward - 1) * sharp)
        return self.factor * ellipsoid * swell

    def depth(self, offset: np.ndarray, diameter: float) -> np.ndarray:
        r = np.sqrt((offset**2).sum(-1)) + 1e-6
        return diameter / 2 * self._radius(offset / r[..., None]) - r


def _unit(rng: np.random.Generator) -> np.ndarray:
    v = rng.normal(0, 1, 3)
    return v / np.linalg.norm(v)
