"""What shows below the diaphragm: liver, stomach, spleen, fat; plain, as far as the last slices reach."""

import numpy as np

from .plane import Field, Plane
from .shapes import Ellipsoid, ellipse, occupancy, paint, smooth_max, smooth_min
from .tree import as_tubes, grow

FAT, LIVER, SPLEEN, GUT, WATER = -102, 58, 48, 42, 18


class Abdomen:
    def __init__(self, rng: np.random.Generator):
        self.texture, self.wave, self.strands, self.food = Field(rng, 9), Field(rng, 30), Field(rng, 14), Field(rng, 7)
        self.liver = Ellipsoid((-62, -10, -168), (86, 88, 82))
        self.left_lobe = Ellipsoid((18, -48, -150), (62, 34, 40))
        self.spleen = Ellipsoid((92, 48, -158), (38, 42, 58))
        self.stomach = Ellipsoid((62, 0, -150), (50, 56, 42))
        self.gas_level = rng.uniform(-30, -24)
        points = rng.uniform((-125, -70, -205), (-5, 60, -115), (160, 3))
        self.hepatic = as_tubes(grow(rng, (-20, 6, -118), (-0.5, -0.2, -0.8), points, 0.95))
        self.portal = as_tubes(
            grow(rng, (-8, -8, -190), (-0.9, -0.2, 0.4), rng.uniform((-120, -60, -200), (0, 50, -125), (120, 3)), 0.95)
        )

    def paint(self, plane: Plane, hu: np.ndarray, below: np.ndarray, cage: np.ndarray, edge: float) -> None:
        """`below` is the depth below the diaphragm, `cage` the depth inside the rib cage."""
        if plane.z > -60:
            return
        texture, wave = self.texture.on(plane), self.wave.on(plane)
        inside = occupancy(np.minimum(below, cage), edge)
        paint(hu, inside, FAT + 6 * texture + 70 * np.maximum(0, 1 - np.abs(self.strands.on(plane)) / 0.06))
        # The diaphragm itself lines the dome.
        paint(hu, inside * occupancy(2.6 - np.minimum(below, cage + 0.5), edge), 48)
        room = np.minimum(below - 2.6, cage - 3.0)
        spleen = smooth_min(self.spleen.depth(plane) + 1.5 * wave, room, 5)
        paint(hu, occupancy(spleen, edge), SPLEEN + 2 * texture)
        self._paint_stomach(plane, hu, room, spleen, wave, edge)
        liver = smooth_max(self.liver.depth(plane), self.left_lobe.depth(plane), 14) + 2.0 * wave
        # The back of the liver keeps clear of the spine and the great vessels.
        liver = smooth_min(liver, -ellipse(plane.x - 4, plane.y - 56, 40, 44), 10)
        liver = smooth_min(liver, room, 5)
        share = occupancy(liver, edge)
        paint(hu, share, LIVER + 3 * texture)
        for vessels in (self.hepatic, self.portal):
            paint(hu, share * occupancy(vessels.depth(plane, 2), 2 * edge) * (liver > 4), 40)

    def _paint_stomach(self, plane, hu, room, spleen, wave, edge) -> None:
        depth = smooth_min(smooth_min(self.stomach.depth(plane) + 2 * wave, room, 5), -spleen - 3, 6)
        paint(hu, occupancy(depth, edge), GUT)
        # Gas rises to the front in a patient who lies on the back; below it fluid and food.
        inner = occupancy(depth - 3.8, edge)
        paint(hu, inner, WATER + 14 * self.food.on(plane))
        paint(hu, inner * occupancy(self.gas_level - plane.y, edge), -990)
