"""The whole chest: organs in the order in which they cover each other."""

import numpy as np

from .abdomen import Abdomen
from .cavity import Cavity
from .lung import Lungs
from .mediastinum import Mediastinum
from .nodules import Nodule
from .plane import Plane
from .shapes import occupancy, paint
from .skeleton import Skeleton
from .wall import TABLE_TOP, Wall, paint_table


class Chest:
    """One patient who does not exist. `hu(plane)` paints any axial plane of him, without noise."""

    def __init__(self, seed: int, tips_per_litre: float = 1150):
        streams = np.random.default_rng(seed).spawn(6)
        self.seed = seed
        self.mediastinum = Mediastinum(streams[0])
        self.cavity = Cavity.make(streams[1], self.mediastinum)
        self.lungs = Lungs(streams[2], self.cavity, tips_per_litre)
        self.wall = Wall(streams[3])
        self.skeleton = Skeleton(streams[4])
        self.abdomen = Abdomen(streams[5])
        self.nodules: list[Nodule] = []
        # Findings that are no nodules: `paint(plane, tissue, depth, edge)` within the lungs, `paint(plane, hu, edge)` over all.
        self.within: list = []
        self.over: list = []

    def hu(self, plane: Plane) -> np.ndarray:
        """Hounsfield units of an infinitely thin plane, edges softened by a voxel."""
        hu = np.full(plane.shape, -1000, np.float32)
        rows = np.flatnonzero((plane.y[:, 0] > -122) & (plane.y[:, 0] < TABLE_TOP + 2))
        if len(rows):
            band = slice(int(rows[0]), int(rows[-1]) + 1)
            hu[band] = self._body(plane.band(band))
        paint_table(plane, hu, plane.pixel)
        return hu

    def _body(self, plane: Plane) -> np.ndarray:
        """Everything but the table."""
        edge = plane.pixel
        cage = self.cavity.cage(plane)
        below = self.cavity.below_diaphragm(plane)
        lung = self.cavity.lungs(plane, cage)
        around = self.wall.around(plane)
        hu = np.full(plane.shape, -1000, np.float32)
        self.wall.paint(plane, hu, -cage, around, edge)
        inside = occupancy(cage, edge)
        above = occupancy(np.minimum(cage, -below), edge)
        self.mediastinum.paint(plane, hu, above, edge)
        self.abdomen.paint(plane, hu, below, cage, edge)
        self._paint_great_vessels_below(plane, hu, inside * (1 - above), edge)
        self.skeleton.paint(plane, hu, -cage, around, edge)
        tissue = self.lungs.tissue(plane, lung, edge)
        for finding in self.within:
            finding.paint(plane, tissue, lung, edge)
        for nodule in self.nodules:
            nodule.paint(plane, tissue, edge)
        paint(hu, occupancy(lung, edge), tissue)
        for finding in self.over:
            finding.paint(plane, hu, edge)
        self.mediastinum.paint_airway(plane, hu, edge)
        return hu

    def _paint_great_vessels_below(self, plane: Plane, hu: np.ndarray, inside: np.ndarray, edge: float) -> None:
        """Aorta and inferior vena cava go on behind and below the diaphragm, the crura beside the aorta."""
        if plane.z > -90:
            return
        paint(hu, inside * occupancy(self.mediastinum.crura.depth(plane, 3), edge), 50)
        paint(hu, inside * occupancy(self.mediastinum.descending.depth(plane, 3), edge), 44)
        paint(hu, inside * occupancy(self.mediastinum.inferior.depth(plane, 3), edge), 42)
