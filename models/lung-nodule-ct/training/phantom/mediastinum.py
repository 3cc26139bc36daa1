"""Heart, great vessels, trachea and main bronchi, oesophagus, and the fat around them."""

import numpy as np

from .plane import Field, Plane
from .shapes import Ellipsoid, axes_along, bump, ellipse, occupancy, paint, Profile, smooth_max
from .tubes import Tubes

AIR, FAT, BLOOD, MUSCLE = -995, -98, 42, 52

# z: half width, middle (y), half depth of the column of fat that carries the vessels.
COLUMN = Profile(
    (135, 46, 0, 44),
    (118, 36, 2, 44),
    (100, 27, 4, 46),
    (70, 23, 2, 48),
    (40, 22, 0, 50),
    (10, 20, -2, 52),
    (-30, 18, 4, 52),
    (-80, 20, 8, 52),
    (-130, 26, 20, 50),
    (-195, 40, 20, 52),
)


# z: half width of the fat behind the sternum, and how much wider it is at the sternum itself.
FRONT = Profile(
    (135, 30, 0),
    (96, 24, 4),
    (70, 20, 2),
    (40, 14, -5),
    (12, 9, -8),
    (-20, 8, -6),
    (-60, 14, 6),
    (-110, 22, 16),
    (-195, 30, 20),
)


class Mediastinum:
    """One arrangement of the organs between the lungs; small things vary with the generator."""

    def __init__(self, rng: np.random.Generator):

        def wander(points, by):
            return np.asarray(points, float) + rng.normal(0, by, (len(points), 3))

        lean = rng.uniform(-2, 2)
        # Heart: its long axis runs to the left, the front and down. LPS: left +x, front -y, head +z.
        self.heart = Ellipsoid((23 + lean, -24, -68), (66, 48, 47), axes_along((0.70, -0.42, -0.55)))
        self.atria = Ellipsoid((-11, -12, -50), (33, 33, 33))
        self.left_atrium = Ellipsoid((6, 20, -40), (32, 19, 21))
        self.cavity = Ellipsoid((37 + lean, -30, -78), (42, 22, 22), axes_along((0.70, -0.42, -0.55)))
        self.ascending = Tubes.through(
            wander(
                [
                    (2, -24, -40),
                    (-10, -32, -18),
                    (-13, -34, 8),
                    (-9, -27, 28),
                    (1, -9, 39),
                    (13, 14, 40),
                    (21, 34, 30),
                    (23, 43, 12),
                ],
                0.8,
            ),
            [14, 15.5, 16, 15.5, 14.5, 13.5, 12.5, 12],
        )
        self.descending = Tubes.through(
            wander(
                [
                    (23, 43, 12),
                    (23, 46, -20),
                    (22, 46, -60),
                    (19, 45, -100),
                    (12, 42, -140),
                    (6, 36, -170),
                    (3, 30, -205),
                ],
                0.8,
            ),
            [12, 12, 11.8, 11.5, 11.2, 11, 10.5],
        )
        self.pulmonary = Tubes.join(
            Tubes.through(wander([(14, -52, -36), (19, -46, -16), (18, -28, -4), (10, -9, -6)], 0.6), [14, 14, 14, 11]),
            Tubes.through(wander([(12, -18, -5), (-6, -5, -7), (-24, 2, -9), (-42, 8, -12)], 0.6), [11, 11, 10.5, 8]),
            Tubes.through(wander([(18, -26, -3), (27, -6, 3), (36, 12, 4), (43, 18, -6)], 0.6), [12, 11, 10, 8]),
        )
        # Veins of the lungs into the left atrium.
        self.veins = Tubes.join(
            Tubes.through([(-42, -4, -20), (-28, 8, -32), (-12, 18, -38)], [5, 6.5, 7]),
            Tubes.through([(-44, 20, -52), (-28, 22, -46), (-10, 22, -42)], [5, 6.5, 7]),
            Tubes.through([(46, -6, -16), (34, 6, -28), (18, 16, -36)], [5, 6.5, 7]),
            Tubes.through([(46, 24, -50), (34, 26, -44), (18, 22, -40)], [5, 6.5, 7]),
        )
        self.superior = Tubes.join(
            Tubes.through(
                wander([(-23, -16, 62), (-25, -19, 30), (-26, -17, 0), (-22, -14, -30)], 0.8), [8, 9, 9.5, 10]
            ),
            Tubes.through([(-44, -30, 108), (-34, -28, 84), (-24, -18, 60)], [6, 7, 8]),
            Tubes.through([(48, -34, 100), (28, -36, 76), (-2, -34, 60), (-22, -20, 50)], [6, 6.5, 6.5, 7]),
            # Azygos: up beside the spine, over the right main bronchus.
            Tubes.through(
                [(-5, 46, -190), (-6, 46, -60), (-8, 44, 0), (-15, 32, 16), (-22, 8, 18), (-25, -12, 15)],
                [3, 3.2, 3.6, 4.2, 4.5, 4.5],
            ),
        )
        self.arch_branches = Tubes.join(
            Tubes.through(wander([(-8, -20, 34), (-10, -14, 56), (-20, -4, 84), (-24, 2, 136)], 0.6), [6.5, 6.2, 6, 4]),
            Tubes.through([(-20, -4, 84), (-38, -8, 104), (-62, -10, 112)], [5, 5, 4.6]),
            Tubes.through(wander([(5, -8, 40), (14, -4, 70), (20, 4, 136)], 0.6), [4.2, 4, 3.8]),
            Tubes.through(wander([(15, 14, 42), (22, 14, 72), (32, 10, 98), (56, 0, 110)], 0.6), [5, 5, 5, 4.6]),
        )
        self.inferior = Tubes.through(
            [(-20, -2, -60), (-22, 2, -92), (-22, 10, -130), (-20, 18, -205)], [11, 11, 12, 11]
        )
        self.airway = Tubes.join(
            Tubes.through(
                wander([(0, -2, 140), (1, 4, 100), (1, 10, 60), (0, 14, 25), (0, 15, 4)], 0.5),
                [8.6, 8.6, 8.4, 8.6, 8.4],
            ),
            Tubes.through([(-1, 15, 6), (-13, 16, -8), (-26, 17, -20), (-36, 17, -30)], [7.6, 6.8, 6.2, 5.2]),
            Tubes.through([(-22, 16, -14), (-32, 14, -9), (-43, 12, -3)], [5, 4.6, 4]),
            Tubes.through([(1, 15, 6), (16, 18, -6), (31, 21, -16), (43, 21, -24)], [7.2, 6.0, 5.8, 4.8]),
            Tubes.through([(33, 21, -17), (41, 15, -13), (48, 8, -9)], [4.6, 4.2, 3.8]),
        )
        self.crura = Tubes.join(
            Tubes.through([(-8, 14, -112), (-8, 26, -140), (-10, 42, -170), (-10, 46, -205)], [2.5, 4.5, 5, 5]),
            Tubes.through([(26, 14, -116), (24, 28, -140), (20, 42, -170), (18, 44, -205)], [2, 4, 4.5, 4.5]),
        )
        self.oesophagus = Tubes.through(
            wander(
                [
                    (5, 18, 140),
                    (6, 24, 90),
                    (6, 29, 50),
                    (3, 33, 10),
                    (4, 36, -30),
                    (8, 34, -80),
                    (16, 22, -125),
                    (30, 6, -150),
                ],
                0.8,
            ),
            [6, 6.5, 6.5, 6.5, 7, 7.5, 8, 9],
        )
        self.gullet_air = Tubes.through([(6, 22, 90), (6.5, 27, 60), (4, 31, 20), (4.5, 34, -10)], [0.4, 2.0, 1.6, 0.3])
        self.nodes = Tubes(*_nodes(rng))
        self._texture, self._strands, self._wave = Field(rng, 9), Field(rng, 13), Field(rng, 30)
        self._septum = Profile((135, 0), (40, 2 + lean), (-10, 5 + lean), (-120, 14), (-195, 6))

    def septum(self, z: float) -> float:
        """Where the lungs would touch: the middle between left and right."""
        return self._septum(z)[0]

    def outline(self, plane: Plane) -> np.ndarray:
        """Depth in everything that is between the lungs, with the fat around it."""
        width, middle, depth = COLUMN(plane.z)
        column = ellipse(plane.x - 0.3 * self.septum(plane.z), plane.y - middle, width, depth)
        # Fat between aorta and sternum, widest above and below; where the lungs nearly touch it is a thin line.
        reach, fan = FRONT(plane.z)
        beside = np.abs(plane.x - self.septum(plane.z))
        front = np.where(plane.y < -20, reach - beside + fan * (-20 - plane.y) / 60, np.float32(-99))
        out = smooth_max(column, np.maximum(front, 1.8 - beside), 5)
        heart = smooth_max(self.heart.depth(plane) + 3.5, self.atria.depth(plane) + 2.5, 14)
        heart = smooth_max(heart, self.left_atrium.depth(plane) + 2, 8)
        out = smooth_max(out, heart, 12)
        pads = [
            (self.ascending, 4),
            (self.descending, 3),
            (self.pulmonary, 2.0),
            (self.superior, 3),
            (self.arch_branches, 5),
            (self.airway, 3),
            (self.oesophagus, 3),
        ]
        for tubes, fat in pads:
            out = smooth_max(out, tubes.depth(plane, 24) + fat, 7)
        return out + 1.0 * self._wave.on(plane)

    def paint(self, plane: Plane, hu: np.ndarray, inside: np.ndarray, edge: float) -> None:
        """Fat and organs wherever `inside` (occupancy of the cage above the diaphragm) says so."""
        texture, strands = self._texture.on(plane), self._strands.on(plane)
        fat = FAT + 7 * texture + 60 * np.maximum(0, 1 - np.abs(strands) / 0.07)
        paint(hu, inside, fat)
        self._paint_heart(plane, hu, inside, texture, edge)
        wall = [
            (self.nodes, 0.0, 38),
            (self.oesophagus, 0.0, 36),
            (self.superior, 0.0, BLOOD),
            (self.pulmonary, 0.0, BLOOD),
            (self.ascending, 0.0, BLOOD + 2),
            (self.descending, 0.0, BLOOD + 2),
            (self.arch_branches, 0.0, BLOOD + 2),
            (self.inferior, 0.0, BLOOD),
        ]
        for tubes, grow, tissue in wall:
            paint(hu, inside * occupancy(tubes.depth(plane, 3) + grow, edge), tissue + 2 * texture)
        paint(hu, inside * occupancy(self.gullet_air.depth(plane, 3), edge), -700)

    def paint_airway(self, plane: Plane, hu: np.ndarray, edge: float) -> None:
        """Wall and lumen of trachea and main bronchi; painted last, over lungs and fat. Cartilage stiffens the wall."""
        depth = self.airway.depth(plane, 5)
        paint(hu, occupancy(depth + 1.15, edge), 15 + 25 * bump((plane.z / 5.0) % 1.0, 0.5, 0.3))
        paint(hu, occupancy(depth, edge), AIR)

    def _paint_heart(self, plane: Plane, hu: np.ndarray, inside: np.ndarray, texture: np.ndarray, edge: float) -> None:
        heart = smooth_max(self.heart.depth(plane), self.atria.depth(plane), 10)
        shell = smooth_max(heart, self.left_atrium.depth(plane), 6)
        # Pericardium: a thin line in the fat around the heart.
        paint(hu, 0.7 * inside * np.clip(1 - np.abs(shell + 2.6) / 0.9, 0, 1), 20)
        paint(hu, inside * occupancy(shell, edge), BLOOD + 4 + 2 * texture)
        cavity = self.cavity.depth(plane)
        paint(hu, inside * occupancy(np.minimum(cavity + 10, heart), edge), MUSCLE - 2 + 2 * texture)
        paint(hu, inside * occupancy(cavity, 6 * edge), BLOOD)
        # Fat in the groove between atria and ventricles, with a coronary artery in it.
        axis = self.heart.axes[0]
        along = sum((c - m) * a for c, m, a in zip((plane.x, plane.y, plane.z), self.heart.center, axis.tolist()))
        groove = 5.0 * bump(along, -17, 6) + 2.0 * bump(along, 22, 4)
        rim = np.clip((groove - shell) / 1.5, 0, 1) * (shell > 0) * np.clip(groove, 0, 1)
        paint(hu, inside * rim, FAT + 15)
        artery = np.clip(1.6 - np.hypot(along + 17, shell - 2.6), 0, 1)
        paint(hu, inside * artery, 60)


def _nodes(rng: np.random.Generator):
    """Normal lymph nodes, 3-7 mm: beside the trachea, below the carina, in the window under the arch."""
    places = np.array(
        [
            (-13, 8, 34),
            (-15, 4, 22),
            (12, 10, 26),
            (4, 20, -14),
            (-5, 22, -20),
            (24, 2, 22),
            (-6, -34, 34),
            (8, -40, 20),
            (-3, -38, 52),
            (30, -26, 30),
            (14, 4, 84),
            (-14, 2, 74),
        ],
        float,
    )
    places = places + rng.normal(0, 2.0, places.shape)
    along = rng.normal(0, 1, places.shape)
    along = along / np.linalg.norm(along, axis=1, keepdims=True) * rng.uniform(1, 3, (len(places), 1))
    radius = rng.uniform(1.4, 3.2, len(places))
    return places - along, places + along, radius, radius * 0.85
