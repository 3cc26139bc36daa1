"""Ribs and their cartilage, sternum, vertebrae, shoulder blades, collar bones. Bone is a shell of cortex around marrow."""

import numpy as np

from .cavity import SPINE
from .plane import Field, Plane
from .shapes import bump, ellipse, occupancy, paint, Profile, ramp, smooth_max, smooth_min, superellipse
from .tubes import Tubes

CARTILAGE = 105
# Rib 1 leaves the spine at RIB_TOP, the next ones PITCH lower each; a rib falls by DROP + k * DROP_MORE to its front.
RIB_TOP, PITCH, DROP, DROP_MORE = 112.0, 25.5, 44.0, 10.5
# Where bone becomes cartilage (share of the way round from the spine), rib by rib; then where cartilage ends.
BONE_ENDS = np.array([0.80, 0.80, 0.80, 0.80, 0.79, 0.78, 0.76, 0.73, 0.70, 0.66, 0.52, 0.36], np.float32)
RIB_ENDS = np.array([0.95, 0.955, 0.96, 0.965, 0.965, 0.96, 0.955, 0.90, 0.86, 0.80, 0.56, 0.40], np.float32)
# z: distance in front of the cage, half width, half thickness of manubrium, body and xiphoid process.
STERNUM = Profile(
    (88, 6, 10, 4),
    (82, 6, 27, 6),
    (66, 6, 25, 6.5),
    (46, 6, 15, 5.5),
    (40, 6, 15, 5),
    (0, 6, 17, 5),
    (-52, 6, 19, 5),
    (-66, 5, 8, 3),
    (-84, 4, 4, 2),
)
STERNUM_SPAN = (-86.0, 90.0)


class Skeleton:
    """Bones of one phantom. `t` runs round the chest wall from 0 at the spine to 1 at the sternum."""

    def __init__(self, rng: np.random.Generator):
        self.cortex, self.marrow = rng.uniform(680, 880), rng.uniform(150, 210)
        self.spongiosa, self.wave = Field(rng, 3.0), Field(rng, 22)
        self.rib_shift = rng.normal(0, 1.2, 12).astype(np.float32)
        self.calcified = rng.uniform(0.2, 0.6)
        self.collar = Tubes.join(
            *(
                Tubes.through(
                    [(s * 20, -66, 88), (s * 45, -70, 97), (s * 80, -52, 106), (s * 118, -28, 116)], [9, 6.5, 5.5, 6.5]
                )
                for s in (-1, 1)
            )
        )
        self.arm = Tubes.join(
            *(Tubes.through([(s * 150, 14, 126), (s * 160, 8, 150), (s * 165, 0, 190)], [23, 22, 14]) for s in (-1, 1))
        )

    def paint(self, plane: Plane, hu: np.ndarray, wall: np.ndarray, t: np.ndarray, edge: float) -> None:
        """`wall` is the depth in the chest wall: millimetres outside the inner surface of the cage."""
        texture = self.spongiosa.on(plane)
        self._paint_ribs(plane, hu, wall, t, texture, edge)
        self._paint_sternum(plane, hu, wall, texture, edge)
        self._paint_blades(plane, hu, wall, t, texture, edge)
        self._paint_bone(hu, self.collar.depth(plane, 3), 1.7, texture, edge)
        self._paint_bone(hu, self.arm.depth(plane, 3), 2.2, texture, edge)
        self._paint_spine(plane, hu, texture, edge)

    def _paint_bone(self, hu, depth, cortex_mm, texture, edge, cortex=None, marrow=None) -> None:
        paint(hu, occupancy(depth, edge), cortex or self.cortex)
        paint(hu, occupancy(depth - cortex_mm, 1.5 * edge), (marrow or self.marrow) + 24 * texture)

    def _paint_ribs(self, plane, hu, wall, t, texture, edge) -> None:
        fall = ramp(t, 0.06, 0.80) - 0.42 * ramp(t, 0.80, 1.0)
        # Height of rib k at t is RIB_TOP - PITCH k - fall (DROP + DROP_MORE k): linear in k, so solve for k.
        gap = PITCH + DROP_MORE * fall
        k = (RIB_TOP - plane.z - DROP * fall + 1.5 * self.wave.on(plane)) / gap
        nearest = np.clip(np.rint(k), 0, 11).astype(int)
        beside = (k - nearest) * gap + self.rib_shift[nearest]
        # The neck of a rib bends forward to the spine; near its head it is thinner.
        height = np.where(nearest == 0, np.float32(4.4), np.float32(5.9)) * (0.82 + 0.18 * ramp(t, 0.03, 0.2))
        thick = np.where(nearest == 0, np.float32(3.5), np.float32(3.9))
        across = wall - 5.0
        bone_end, rib_end = BONE_ENDS[nearest], RIB_ENDS[nearest]
        depth = ellipse(beside, across, height, thick)
        reach = 110.0
        bone = np.minimum(depth, np.minimum(bone_end - t, t - 0.045) * reach)
        soft = np.minimum(depth + 0.4, np.minimum(rib_end - t, t - bone_end + 0.004) * reach)
        paint(hu, occupancy(soft, edge), CARTILAGE + 6 * texture)
        rim = (
            occupancy(soft, edge)
            * np.clip(1 - np.abs(soft - 1.0) / 0.8, 0, 1)
            * (self.wave.on(plane) > 1 - self.calcified)
        )
        paint(hu, rim, 300)
        self._paint_bone(hu, bone, 1.4, texture, edge)

    def _paint_sternum(self, plane, hu, wall, texture, edge) -> None:
        if not STERNUM_SPAN[0] < plane.z < STERNUM_SPAN[1]:
            return
        front, half, thick = STERNUM(plane.z)
        sheet = np.where(plane.y < 0, wall - front, np.float32(-99))
        depth = superellipse(plane.x, sheet, half, thick, 2.6)
        # The joint between manubrium and body.
        joint = 1 - 0.75 * bump(plane.z, 43, 1.6)
        self._paint_bone(
            hu,
            depth,
            1.2,
            texture,
            edge,
            cortex=CARTILAGE + (520 - CARTILAGE) * joint,
            marrow=CARTILAGE + (self.marrow - CARTILAGE) * joint,
        )

    def _paint_blades(self, plane, hu, wall, t, texture, edge) -> None:
        """Shoulder blades, turned to the side because the arms are up."""
        z = plane.z
        if z < -40:
            return
        inner, outer = 0.22 + 0.05 * ramp(z, 60, -40), 0.46 - 0.13 * ramp(z, 40, -40) + 0.05 * ramp(z, 70, 110)
        along = np.minimum(t - inner, outer - t) * 300
        middle = 19 + 4 * ramp(z, 20, 110) + 2.5 * np.sin(18 * t)
        thick = 1.7 + 2.6 * bump(t, outer, 0.025) + 1.2 * bump(t, inner, 0.02)
        blade = smooth_min(thick - np.abs(wall - middle), np.minimum(along, (z + 40) * 0.8), 2)
        # The spine of the blade: a ridge that rises outwards.
        ridge_t = inner + (outer - inner) * ramp(z, 40, 92)
        ridge = np.minimum(2.4 - np.abs(t - ridge_t) * 160, np.minimum(wall - middle, middle + 24 - wall)) - 40 * (
            z < 42
        )
        socket = ellipse((t - outer) * 330, wall - middle - 4, 14, 13) - max(0.0, 96 - z) * 0.7
        depth = smooth_max(blade, np.maximum(ridge, socket), 2)
        self._paint_bone(hu, depth, 1.1, texture, edge)

    def _paint_spine(self, plane, hu, texture, edge) -> None:
        (middle,) = SPINE(plane.z)
        phase = ((RIB_TOP - plane.z) / PITCH + 0.5) % 1.0
        size = 1.0 + 0.22 * ramp(plane.z, 110, -190)
        from_disc = min(phase, 1 - phase) * PITCH
        y = plane.y - middle
        waist = 1.0 + 0.10 * bump(from_disc, 0, 4.5)
        body = superellipse(plane.x, y, 16.5 * size * waist, 13.5 * size * waist, 2.5)
        # The back of the body is hollow towards the canal.
        body = smooth_min(body, -ellipse(plane.x, y - 24 * size, 11, 11.5), 2)
        canal = ellipse(plane.x, y - 22 * size, 9.5, 8.5)
        self._paint_arch(plane, hu, y, size, phase, canal, texture, edge)
        paint(hu, occupancy(canal, edge), 12)
        paint(hu, occupancy(ellipse(plane.x, y - 22 * size, 5.2, 4.2), edge), 38)
        if from_disc < 2.4:
            paint(hu, occupancy(body, edge), 85 + 8 * texture)
            return
        end_plate = bump(from_disc, 2.9, 0.9)
        self._paint_bone(hu, body, 1.0, texture, edge, cortex=430, marrow=150 + 260 * end_plate)
        # The vein that leaves the middle of the body.
        vein = np.minimum(1.3 - np.abs(plane.x), y - 2) * bump(from_disc, PITCH / 2, 3)
        paint(hu, 0.6 * np.clip(vein, 0, 1) * occupancy(body, edge), 60)

    def _paint_arch(self, plane, hu, y, size, phase, canal, texture, edge) -> None:
        """Pedicles, laminae, transverse and spinous processes; between two pedicles a nerve leaves."""
        ring = np.minimum(canal + 5.5, -canal + 0.5)
        open_side = (0.10 < phase < 0.42) * 1.0
        ring = ring - 9 * open_side * ((y < 24 * size) & (y > 8 * size))
        # A spinous process points down and back: the further back, the lower the vertebra it belongs to.
        slope = (phase + 0.3 + (y - 29 * size) / 36) % 1.0
        gap = (np.abs(slope - 0.5) - 0.38) * PITCH * 0.7
        spinous = smooth_min(3.4 - np.abs(plane.x), np.minimum(np.minimum(y - 29 * size, 29 * size + 19 - y), -gap), 3)
        wing_z = bump(phase, 0.62, 0.20)
        lift = 24 * size + 0.25 * np.abs(plane.x)
        wing = smooth_min(4.8 - np.abs(y - lift), np.minimum(np.abs(plane.x) - 6, 33 * wing_z - np.abs(plane.x)), 3)
        depth = smooth_max(smooth_max(ring, spinous, 3), wing, 3)
        self._paint_bone(hu, depth, 1.5, texture, edge, cortex=560, marrow=230)
