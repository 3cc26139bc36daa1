"""What is inside a lung: parenchyma, fissures, arteries with bronchi, veins, scars."""

import numpy as np

from .cavity import Cavity
from .plane import Field, Plane
from .shapes import paint
from .tree import as_tubes, companions, grow, reach_into
from .tubes import Tubes

BLOOD, AIR = 42, -990

# By lobe (0-4: right upper, middle, lower, left upper, lower): where artery and vein enter, and their first direction.
ARTERY_ROOTS = [
    ((-41, 8, -4), (-0.7, 0.0, 0.7)),
    ((-42, 6, -22), (-0.6, -0.7, -0.4)),
    ((-42, 16, -24), (-0.35, 0.3, -0.9)),
    ((43, 10, 0), (0.6, -0.4, 0.7)),
    ((43, 22, -18), (0.35, 0.3, -0.9)),
]
VEIN_ROOTS = [
    ((-41, -5, -20), (-0.6, -0.3, 0.7)),
    ((-42, -4, -26), (-0.8, -0.6, -0.2)),
    ((-44, 22, -52), (-0.5, 0.3, -0.8)),
    ((45, -7, -16), (0.6, -0.5, 0.6)),
    ((46, 26, -50), (0.5, 0.3, -0.8)),
]
BRONCHUS_ROOTS = [(-43, 12, -3), (-40, 6, -30), (-37, 17, -31), (48, 8, -9), (43, 21, -24)]
BRONCHUS_RADII = [4.0, 2.8, 4.2, 3.8, 4.2]


class Lungs:
    """Vessels are grown lobe by lobe, so none crosses a fissure."""

    def __init__(self, rng: np.random.Generator, cavity: Cavity, tips_per_litre: float = 1150):
        self.cavity = cavity
        self.points, self.depths, self.lobes = cavity.lattice()
        self.base = rng.uniform(-878, -858)
        self.gradient = rng.uniform(18, 30)
        # What another style of patient may change before the first plane is painted.
        self.blood, self.roughness = float(BLOOD), (9.0, 8.0, 7.0)
        self.coarse, self.lobules, self.fine = Field(rng, 26), Field(rng, 8), Field(rng, 3.2)
        arteries, veins, bronchi = [], [], []
        for lobe in range(5):
            room = self.points[(self.lobes == lobe) & (self.depths > 3)]
            tips = int(len(room) * 64e-6 * tips_per_litre)
            root, heading = ARTERY_ROOTS[lobe]
            artery = grow(rng, root, heading, reach_into(room, tips, rng, 2), rng.uniform(0.30, 0.33), 0.43)
            root, heading = VEIN_ROOTS[lobe]
            vein = grow(rng, root, heading, reach_into(room, int(tips * 0.9), rng, 2), rng.uniform(0.28, 0.31), 0.42)
            side = np.array([-np.sign(ARTERY_ROOTS[lobe][0][0]), 0.25, -0.15])
            side = side / np.linalg.norm(side)
            bronchus = companions(artery, side, 20, 0.85)
            arteries.append(as_tubes(artery))
            veins.append(as_tubes(vein))
            first = bronchus[0]
            link = Tubes.through(
                [BRONCHUS_ROOTS[lobe], first.start, first.control], [BRONCHUS_RADII[lobe], first.radius, first.radius]
            )
            bronchi.append(Tubes.join(link, as_tubes(bronchus)))
        self.vessels = Tubes.join(*arteries, *veins)
        self.lumen = Tubes.join(*bronchi)
        self.airway_wall = self.lumen.grown(np.maximum(0.5, 0.16 * self.lumen.r0))
        self.scars = _scars(rng, self.points[self.depths > 6])

    def parenchyma(self, plane: Plane) -> np.ndarray:
        """Denser towards the back, where the blood sinks; lobules of a centimetre differ a little."""
        coarse, lobules, fine = self.roughness
        texture = coarse * self.coarse.on(plane) + lobules * self.lobules.on(plane) + fine * self.fine.on(plane)
        return self.base + self.gradient * (plane.y / 80) + texture

    def tissue(self, plane: Plane, depth: np.ndarray, edge: float) -> np.ndarray:
        hu = self.parenchyma(plane).astype(np.float32)
        # A little collapse along the back wall of a patient who lies on it.
        hu += (
            70 * np.clip(1 - depth / 5, 0, 1) * np.clip((plane.y - 45) / 40, 0, 1) * (1 + 0.5 * self.lobules.on(plane))
        )
        self._paint_fissures(plane, hu, edge)
        for scar in self.scars:
            scar.paint(plane, hu)
        paint(hu, self.vessels.draw(plane, 0.5, 0.58), self.blood)
        paint(hu, self.airway_wall.draw(plane, 0.45, 0.7) * 0.9, -20)
        paint(hu, self.lumen.draw(plane, 0.4, 0.5), AIR)
        return hu

    def _paint_fissures(self, plane: Plane, hu: np.ndarray, edge: float) -> None:
        left = self.cavity.is_left(plane)
        major = np.where(left, self.cavity.major_fissure(plane, True), self.cavity.major_fissure(plane, False))
        minor = np.where(left | (major < 0), np.float32(99), self.cavity.minor_fissure(plane) * 0.9)
        for height, strength in ((major, 0.20), (minor, 0.14)):
            paint(hu, strength * np.clip(1.35 - np.abs(height) / 0.75, 0, 1), -40)


class _Band:
    """A flat scar."""

    def __init__(self, center, frame, size, hu):
        self.center, self.frame, self.size, self.hu = center, frame, size, hu

    def paint(self, plane: Plane, hu: np.ndarray) -> None:
        if abs(plane.z - self.center[2]) > 24:
            return
        box = plane.box(self.center - 24, self.center + 24)
        if box is None:
            return
        offset = [plane.x[:, box[1]] - self.center[0], plane.y[box[0]] - self.center[1], plane.z - self.center[2]]
        along = [sum(o * a for o, a in zip(offset, axis)) for axis in self.frame]
        share = np.clip(1.2 - np.abs(along[0] + 0.012 * along[1] ** 2) / self.size[0], 0, 1)
        for place, half in zip(along[1:], self.size[1:]):
            share = share * np.clip((half - np.abs(place)) / 2, 0, 1)
        paint(hu[box], 0.8 * share, self.hu)


def _scars(rng: np.random.Generator, places: np.ndarray) -> list[_Band]:
    """A few thin bands of scar, mostly low in the lung, as most adults have."""
    low = places[places[:, 2] < -40]
    out = []
    for _ in range(rng.integers(2, 5)):
        frame, _ = np.linalg.qr(rng.normal(0, 1, (3, 3)))
        size = (rng.uniform(0.6, 1.0), rng.uniform(6, 13), rng.uniform(4, 9))
        out.append(_Band(low[rng.integers(len(low))], frame.T, size, rng.uniform(-120, 20)))
    return out
