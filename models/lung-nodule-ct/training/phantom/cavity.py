"""The inside of the rib cage: its wall, the diaphragm, the mediastinum's outline, and the two lungs that are left."""

from dataclasses import dataclass

import numpy as np

from .mediastinum import Mediastinum
from .plane import Field, Plane, axial_grid
from .shapes import bump, ellipse, Profile, ramp, smooth_max, smooth_min, superellipse

# z: half width, half depth, middle (y) of the inner surface of the rib cage.
CAGE = Profile(
    (132, 30, 20, 20),
    (122, 43, 28, 19),
    (108, 64, 40, 16),
    (88, 87, 55, 12),
    (60, 108, 69, 9),
    (20, 123, 81, 6),
    (-30, 132, 87, 4),
    (-80, 136, 90, 3),
    (-130, 136, 91, 3),
    (-195, 130, 87, 4),
)
APEX = 121.0
# z: front of the vertebral bodies' middle (y). The thoracic curve is hollow towards the front.
SPINE = Profile((135, 36), (100, 47), (60, 57), (10, 64), (-60, 67), (-130, 65), (-195, 58))


@dataclass(frozen=True)
class Dome:
    """One half of the diaphragm: the top of its dome, how wide it is, how far it falls to the wall."""

    x: float
    y: float
    top: float

    def height(self, plane: Plane) -> np.ndarray:
        """Height of the diaphragm; it falls slowly over the dome, steeply at the wall, deepest behind and at the side."""
        across = (plane.x - self.x) * (1 if self.x > 0 else -1)
        # Towards the midline it stays high: the central tendon carries the heart.
        u = across / np.where(across > 0, np.float32(66), np.float32(165))
        v = (plane.y - self.y) / np.where(plane.y > self.y, np.float32(98), np.float32(92))
        rho = np.sqrt(u * u + v * v)
        drop = 48 * rho**2 + 190 * np.maximum(rho - 0.62, 0) ** 2
        return self.top - drop - 20 * np.maximum(v, 0) ** 2 + 22 * np.maximum(-v, 0) ** 2


@dataclass
class Cavity:
    """Depth functions of the thorax. `wave` roughens surfaces so that no edge is a drawn ellipse."""

    mediastinum: Mediastinum
    wave: Field
    ripple: Field
    right_dome: Dome
    left_dome: Dome
    fissure_wave: Field

    @staticmethod
    def make(rng: np.random.Generator, mediastinum: Mediastinum) -> "Cavity":
        top = -98 + rng.uniform(-5, 5)
        return Cavity(
            mediastinum,
            Field(rng, 45),
            Field(rng, 16),
            Dome(-72, -8, top),
            Dome(74, -6, top - rng.uniform(10, 15)),
            Field(rng, 40),
        )

    def cage(self, plane: Plane) -> np.ndarray:
        """Depth inside the rib cage; negative in the chest wall and beyond."""
        width, depth, middle = CAGE(plane.z)
        out = superellipse(plane.x, plane.y - middle, width, depth, 2.2) + 1.4 * self.wave.on(plane)
        # Behind, a gutter on each side of the spine; in front, flat under the sternum.
        side, behind = np.abs(plane.x) / width, ramp(plane.y - middle, 0, depth)
        return out + 4.5 * bump(side, 0.45, 0.28) * behind - 4 * bump(side, 0, 0.3) * (1 - behind) * (plane.y < middle)

    def below_diaphragm(self, plane: Plane) -> np.ndarray:
        """Millimetres below the diaphragm, measured roughly across it."""
        right, left = (dome.height(plane) for dome in (self.right_dome, self.left_dome))
        height = np.where(plane.x < 0, right, left)
        blend = np.clip((plane.x + 22) / 44, 0, 1)
        height = np.where(np.abs(plane.x) < 22, right * (1 - blend) + left * blend, height)
        return (height - plane.z) * 0.8 + 1.5 * self.wave.on(plane)

    def lungs(self, plane: Plane, cage: np.ndarray | None = None) -> np.ndarray:
        """Depth in either lung; which one is told by `is_left`."""
        cage = self.cage(plane) if cage is None else cage
        outside = smooth_max(self.mediastinum.outline(plane), self._spine(plane), 9)
        outside = smooth_max(outside, self.below_diaphragm(plane), 3)
        # The top of each lung is round and ends within the scan.
        apex = plane.z - APEX + 0.012 * ((np.abs(plane.x) - 34) ** 2 + (plane.y - 20) ** 2)
        outside = smooth_max(outside, 0.8 * apex, 6)
        return smooth_min(cage - 0.6, -outside - 0.5 * self.ripple.on(plane), 4)

    def is_left(self, plane: Plane) -> np.ndarray:
        return np.broadcast_to(plane.x > self.mediastinum.septum(plane.z), plane.shape)

    def _spine(self, plane: Plane) -> np.ndarray:
        """What the vertebral column and the tissue beside it take from the lungs."""
        (middle,) = SPINE(plane.z)
        body = ellipse(plane.x, plane.y - middle - 2, 24, 22)
        # Behind the body the border runs out along the transverse process to the neck of the rib.
        behind = np.maximum(plane.y - middle - 2, 0)
        arch = np.minimum((20 + 0.26 * behind**1.5 - np.abs(plane.x)) * 0.8, plane.y - middle + 2)
        return smooth_max(body, arch, 8)

    def major_fissure(self, plane: Plane, left: bool) -> np.ndarray:
        """Height above the oblique fissure: the lower lobe is below (behind) it."""
        tilt = 1.08 if left else 1.0
        base = -22 + (6 if left else 0)
        bowed = 0.0012 * (np.abs(plane.x) - 70) ** 2
        return (plane.z - (base + tilt * plane.y + bowed)) * 0.68 + 3.2 * self.fissure_wave.on(plane)

    def minor_fissure(self, plane: Plane) -> np.ndarray:
        """Height above the horizontal fissure of the right lung, which falls a little to front and side."""
        fall = 0.10 * (plane.y + 20) - 0.0022 * (plane.x + 75) ** 2
        return plane.z - (-6 + fall) + 2.2 * self.fissure_wave.on(plane)

    def lobe(self, plane: Plane) -> np.ndarray:
        """0 right upper, 1 right middle, 2 right lower, 3 left upper, 4 left lower."""
        right = np.where(self.major_fissure(plane, False) < 0, 2, np.where(self.minor_fissure(plane) < 0, 1, 0))
        left = np.where(self.major_fissure(plane, True) < 0, 4, 3)
        return np.where(self.is_left(plane), left, right)

    def lattice(self, step: float = 4.0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Places of a coarse lattice in the lungs: points (N, 3) as x, y, z; their depth; their lobe."""
        grid = axial_grid(int(300 / step), int(230 / step), step)
        points, depths, lobes = [], [], []
        for z in np.arange(-190, 135, step):
            plane = grid.at(z)
            depth, lobe = self.lungs(plane), self.lobe(plane)
            rows, columns = np.nonzero(depth > 0)
            points.append(np.column_stack([grid.x[0, columns], grid.y[rows, 0], np.full(len(rows), z)]))
            depths.append(depth[rows, columns])
            lobes.append(lobe[rows, columns])
        return np.concatenate(points), np.concatenate(depths), np.concatenate(lobes)
