"""The chest wall outside the cage: muscle, fat, skin, and the table the patient lies on."""

import numpy as np

from .plane import Field, Plane
from .shapes import bump, ellipse, occupancy, paint, Profile, ramp, smooth_max, smooth_min, superellipse
from .cavity import CAGE, SPINE

AIR, FAT, MUSCLE, SKIN = -1000, -104, 54, 15
# z: half width, half depth, middle (y) of the body. The shoulders leave the field of view above.
BODY = Profile(
    (140, 190, 86, 20),
    (112, 181, 92, 18),
    (88, 171, 99, 15),
    (60, 166, 106, 12),
    (20, 164, 113, 9),
    (-40, 162, 116, 7),
    (-100, 161, 117, 7),
    (-195, 157, 115, 8),
)
TABLE_TOP = 125.0


class Wall:
    """Soft tissues of the trunk, and the table."""

    def __init__(self, rng: np.random.Generator):
        self.texture, self.marbling, self.wave, self.bulk = (
            Field(rng, 8),
            Field(rng, 15),
            Field(rng, 38),
            Field(rng, 60),
        )
        self.fat_texture, self.septa = Field(rng, 6), Field(rng, 24)
        self.plump = rng.uniform(-1, 2)

    def body(self, plane: Plane) -> np.ndarray:
        """Depth below the skin."""
        width, depth, middle = BODY(plane.z)
        out = superellipse(
            plane.x, plane.y - middle, width, depth, 2.25 + 0.3 * ramp(plane.z, 50, 110)
        ) + 1.2 * self.bulk.on(plane)
        # Pectoral bulges left and right of a hollow, a groove along the spine.
        side = np.abs(plane.x)
        out = (
            out + 7 * bump(side, 72, 40) * bump(plane.z, 0, 75) * (plane.y < 0) - 5 * bump(side, 0, 16) * (plane.y < 0)
        )
        out = out - 7 * bump(side, 0, 13) * (plane.y > 0)
        # The back lies flat on the table.
        return smooth_min(out, TABLE_TOP - 1.5 - plane.y, 12)

    def around(self, plane: Plane) -> np.ndarray:
        """Share of the way round the cage: 0 behind at the spine, 1 in front at the sternum."""
        width, depth, middle = CAGE(plane.z)
        return np.arctan2(np.abs(plane.x) / width, (plane.y - middle) / depth) / np.pi

    def paint(self, plane: Plane, hu: np.ndarray, wall: np.ndarray, t: np.ndarray, edge: float) -> None:
        body = self.body(plane)
        texture, marbling = self.texture.on(plane), self.marbling.on(plane)
        # Fibrous septa: thin sheets where a smooth field crosses zero.
        septa = np.maximum(0, 1 - np.abs(self.septa.on(plane)) / 0.035)
        fat = FAT + 5 * self.fat_texture.on(plane) + 45 * septa
        paint(hu, occupancy(body, edge), fat)
        self._paint_muscles(plane, hu, wall, t, body, texture, marbling, edge)
        paint(hu, occupancy(body, edge) * occupancy(1.7 - body, 1.2), SKIN)

    def _paint_muscles(self, plane, hu, wall, t, body, texture, marbling, edge) -> None:
        z, wave = plane.z, self.wave.on(plane)
        meat = MUSCLE + 5 * texture - 70 * np.maximum(0, 1 - np.abs(marbling) / 0.09)
        under_skin = body - (4.5 + self.plump + 2.0 * wave)
        # Between the ribs: a thin line of fat under the pleura, then muscle.
        thin = 1.1 + 0.5 * wave
        between = np.minimum(wall - np.maximum(thin, 0.3), 8.6 + 0.8 * marbling - wall)
        paint(hu, occupancy(np.minimum(between, body), edge), meat - 6)
        sheets = [
            # (thickness, distance from the cage, fascia beneath)
            (self._serratus(t, z), 9.6),
            (self._pectoral_minor(t, z), 10.2),
        ]
        outer = self._outer_muscles(t, z) * (1 + 0.12 * wave)
        above = 9.4
        for thickness, start in sheets:
            paint(hu, occupancy(np.minimum(np.minimum(wall - start, start + thickness - wall), under_skin), edge), meat)
            above = np.maximum(above, start + thickness * (thickness > 1))
        gap = np.maximum(1.2 + 1.0 * marbling, 0.2)
        layer = np.minimum(wall - above - gap, above + 1.4 + outer - wall)
        paint(hu, occupancy(np.minimum(layer, under_skin), edge) * (outer > 1), meat)
        # The long muscles beside the spine, and trapezius over them.
        (middle,) = SPINE(z)
        side = np.abs(plane.x)
        erector = superellipse(side - 29, plane.y - middle - 39, 27, 16 + 3 * ramp(z, 20, -150), 2.6)
        paint(hu, occupancy(np.minimum(erector, np.minimum(under_skin + 3, wall - 8)), edge), meat + 2)
        reach = np.maximum(30.0, 74 + 0.45 * z)
        trapezius = np.minimum(
            np.minimum(under_skin + 1, 4.5 + 6.5 * (1 - side / reach) + 2.5 - body + self.plump), side - 2
        )
        paint(hu, occupancy(np.where((plane.y > 40) & (z > -110), trapezius, -9), edge), meat)
        # Shoulders and neck.
        if z > 48:
            self._paint_shoulder(plane, hu, wall, body, meat, edge)

    def _paint_shoulder(self, plane, hu, wall, body, meat, edge) -> None:
        grown = ramp(plane.z, 48, 116)
        side = np.abs(plane.x)
        deltoid = ellipse(side - 128 - 22 * grown, plane.y - 26 + 12 * grown, 22 + 32 * grown, 22 + 44 * grown)
        back = superellipse(side - 92, plane.y - 62, 34 + 46 * grown, 14 + 14 * grown, 2.6)
        neck = ellipse(side - 26, plane.y - 44, 40 * grown + 1, 38 * grown + 1)
        breast = ellipse(side - 78, plane.y + 56, 58 * grown + 1, 19 * grown + 1)
        cuff = ellipse(side - 110, plane.y - 28, 24 + 12 * grown, 22 + 8 * grown)
        depth = smooth_max(smooth_max(deltoid, back, 6), smooth_max(neck, smooth_max(breast, cuff, 6), 6), 6)
        # The hollow of the armpit stays fat.
        depth = smooth_min(depth, -ellipse(side - 112, plane.y + 14, 15, 17), 6)
        depth = np.minimum(depth + 1.5 * self.wave.on(plane), np.minimum(body - 5.5 - self.plump, wall - 3))
        paint(hu, occupancy(depth, edge), meat)

    def _serratus(self, t, z):
        return 7 * bump(t, 0.50, 0.16) * ramp(z, 110, 70) * ramp(z, -130, -60) + 9 * bump(t, 0.34, 0.10) * ramp(
            z, -30, 30
        )

    def _pectoral_minor(self, t, z):
        return 8 * bump(t, 0.74, 0.07) * bump(z, 62, 34)

    def _outer_muscles(self, t, z):
        pectoral = 17 * bump(t, 0.77, 0.13) * ramp(z, -45, 30) * ramp(t, 0.98, 0.90)
        latissimus = 15 * bump(t, 0.36, 0.13) * ramp(z, 75, 10)
        blade = 22 * bump(t, 0.34, 0.15) * ramp(z, -40, 40)
        oblique = 8 * bump(t, 0.62, 0.20) * ramp(z, -40, -110)
        rectus = 8 * bump(t, 0.92, 0.06) * ramp(z, -70, -110)
        return np.maximum(np.maximum(pectoral, latissimus), np.maximum(np.maximum(blade, oblique), rectus))


def paint_table(plane: Plane, hu: np.ndarray, edge: float) -> None:
    """A shallow trough of foam in a thin carbon shell, on a thin pad. Nothing of it depends on z."""
    hollow = TABLE_TOP + 14 - 14 * np.sqrt(np.maximum(0, 1 - (plane.x / 230) ** 2))
    bottom = hollow + 30 - 0.0016 * plane.x**2
    half_width = 205.0
    pad = np.minimum(np.minimum(plane.y - hollow, hollow + 5 - plane.y), half_width - np.abs(plane.x))
    shell = np.minimum(np.minimum(plane.y - hollow - 5, bottom - plane.y), half_width - np.abs(plane.x))
    empty = np.where(hu < -900, 1.0, 0.0)
    paint(hu, empty * occupancy(pad, edge), -945)
    paint(hu, empty * occupancy(shell, edge), -350)
    paint(hu, empty * occupancy(shell - 1.6, edge), -940)
