"""What is in a chest and is no nodule: the false marks a detector must learn not to make."""

from dataclasses import dataclass, field

import numpy as np

from phantom.plane import Field, Plane
from phantom.shapes import occupancy, paint
from phantom.tubes import Tubes


def _near(plane: Plane, center: np.ndarray, reach: float) -> tuple | None:
    """The box of a plane within `reach` mm of a place, and the offsets from it; None when the plane is too far."""
    if abs(plane.z - center[2]) > reach:
        return None
    box = plane.box(center - reach, center + reach)
    if box is None:
        return None
    return box, plane.x[:, box[1]] - center[0], plane.y[box[0]] - center[1], plane.z - center[2]


@dataclass
class Lump:
    """An ellipsoid of one tissue over everything: osteophyte, spur of a rib, lymph node. Axes as rows."""

    center: np.ndarray
    semiaxes: np.ndarray
    axes: np.ndarray
    hu: float

    def paint(self, plane: Plane, hu: np.ndarray, edge: float) -> None:
        near = _near(plane, self.center, float(self.semiaxes.max()) + 2)
        if near is None:
            return
        box, dx, dy, dz = near
        f = (
            np.sqrt(sum(((dx * a[0] + dy * a[1] + dz * a[2]) / s) ** 2 for a, s in zip(self.axes, self.semiaxes)))
            + 1e-6
        )
        view = hu[box]
        paint(view, occupancy((1 - f) * float(self.semiaxes.min()), edge) * (view < self.hu), self.hu)


@dataclass
class Plaque:
    """A flat lens on the pleura."""

    center: np.ndarray
    radius: float
    thick: float
    hu: float

    def paint(self, plane: Plane, tissue: np.ndarray, depth: np.ndarray, edge: float) -> None:
        near = _near(plane, self.center, self.radius)
        if near is None:
            return
        box, dx, dy, dz = near
        height = self.thick * np.clip(1 - (dx * dx + dy * dy + dz * dz) / self.radius**2, 0, 1) ** 0.5
        paint(tissue[box], occupancy(height - depth[box], edge) * (height > 0.3), self.hu)


@dataclass
class Effusion:
    """Fluid behind the lung of one side (`sign` of x) of a patient who lies on his back, highest at the bottom."""

    sign: int
    level: float
    slope: float
    hu: float

    def paint(self, plane: Plane, tissue: np.ndarray, depth: np.ndarray, edge: float) -> None:
        # The fluid climbs at the wall: a meniscus.
        height = plane.y - self.level - self.slope * (plane.z + 100) + 6 * np.clip(1 - depth / 6, 0, 1)
        paint(tissue, np.clip(0.5 + height / (2 * edge), 0, 1) * (plane.x * self.sign > 0), self.hu)
        collapsed = np.clip(1 - np.abs(height + 4) / 6, 0, 1) * (plane.x * self.sign > 0)
        tissue += 260 * collapsed * (tissue < -400)


@dataclass
class Patch:
    """A hazy or consolidated area without the edge of a nodule, wider than a nodule may be."""

    center: np.ndarray
    radius: float
    gain: float
    texture: Field = field(repr=False)

    def paint(self, plane: Plane, tissue: np.ndarray, depth: np.ndarray, edge: float) -> None:
        near = _near(plane, self.center, self.radius * 1.8)
        if near is None:
            return
        box, dx, dy, dz = near
        r = np.sqrt(dx * dx + dy * dy + dz * dz) / self.radius
        share = np.clip(1.25 - r + 0.35 * self.texture.on(plane)[box], 0, 1)
        view = tissue[box]
        view += share * self.gain * (view < -300)


@dataclass
class Emphysema:
    """Holes in the parenchyma, mostly above."""

    texture: Field = field(repr=False)
    above: float
    drop: float

    def paint(self, plane: Plane, tissue: np.ndarray, depth: np.ndarray, edge: float) -> None:
        hole = np.clip((self.texture.on(plane) - self.above) / 0.4, 0, 1)
        tissue -= self.drop * hole * (tissue < -700)


@dataclass
class Filled:
    """Tubes of one tissue in the lungs: mucus in a bronchus, the bulge of a junction, a thick vessel."""

    tubes: Tubes
    hu: float

    def paint(self, plane: Plane, tissue: np.ndarray, depth: np.ndarray, edge: float) -> None:
        paint(tissue, self.tubes.draw(plane, 0.5, 0.6), self.hu)


@dataclass
class Enhanced:
    """Contrast medium in the great vessels."""

    tubes: Tubes
    hu: float

    def paint(self, plane: Plane, hu: np.ndarray, edge: float) -> None:
        paint(hu, occupancy(self.tubes.depth(plane, 3), edge) * (hu > -150), self.hu)
