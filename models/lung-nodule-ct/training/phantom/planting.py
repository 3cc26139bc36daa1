"""Where nodules are planted: a list of wishes becomes a list of places that keep their promises."""

from dataclasses import dataclass

import numpy as np

from .chest import Chest
from .lung import Lungs
from .nodules import Nodule
from .plane import axial_grid

LOBES = ("right upper lobe", "right middle lobe", "right lower lobe", "left upper lobe", "left lower lobe")
HU = {"solid": (30, 60), "part-solid": (0, 40), "ground-glass": (-640, -580), "calcified": (250, 500)}
# Nodules are at least so far apart.
APART_MM = 38.0


@dataclass(frozen=True)
class Wish:
    diameter: float
    kind: str
    site: str
    lobe: int
    spiculated: bool = False


def plant(chest: Chest, wishes: list[Wish], rng: np.random.Generator) -> list[Nodule]:
    """
    Finds a place for each wish, in order, and puts the nodules into the chest.

    isolated: away from pleura, fissures and vessels one can see; pleural: 2 to 4 mm of lung between it and the chest
    wall; vascular: a vessel of 1.4 mm or more touches it.
    """
    nodules: list[Nodule] = []
    for wish in wishes:
        center = _place(chest, wish, rng, nodules)
        hu = float(np.round(rng.uniform(*HU[wish.kind])))
        seed = int(rng.integers(2**31))
        nodules.append(Nodule(center, wish.diameter, wish.kind, wish.site, LOBES[wish.lobe], hu, seed, wish.spiculated))
    chest.nodules = nodules
    return nodules


def _place(chest: Chest, wish: Wish, rng: np.random.Generator, others: list[Nodule]) -> tuple[float, float, float]:
    lungs = chest.lungs
    r = wish.diameter / 2
    low, high = {"isolated": (r + 10, 60), "pleural": (r + 2, r + 4), "vascular": (r + 9, 60)}[wish.site]
    fits = (lungs.lobes == wish.lobe) & (lungs.depths > low - 2) & (lungs.depths < high + 2)
    candidates = rng.permutation(lungs.points[fits])
    for candidate in candidates:
        center = np.round(candidate + rng.uniform(-1.5, 1.5, 3), 1)
        if any(np.linalg.norm(center - other.center) < APART_MM for other in others):
            continue
        if _keeps(chest, center, wish, low, high):
            return tuple(float(c) for c in center)
    raise ValueError(f"no room for a {wish.diameter} mm {wish.site} nodule in the {LOBES[wish.lobe]}")


def _keeps(chest: Chest, center: np.ndarray, wish: Wish, low: float, high: float) -> bool:
    """The promises, measured at the place itself."""
    r, cavity, lungs = wish.diameter / 2, chest.cavity, chest.lungs
    point = axial_grid(1, 1, 1.0, (center[0], center[1])).at(center[2])
    depth, wall = float(cavity.lungs(point)[0, 0]), float(cavity.cage(point)[0, 0])
    if not low <= depth <= high or (wish.site == "pleural" and abs(wall - depth) > 1.5):
        return False
    left = center[0] > chest.mediastinum.septum(center[2])
    if abs(float(cavity.major_fissure(point, left)[0, 0])) < r + 3:
        return False
    if not left and abs(float(cavity.minor_fissure(point)[0, 0])) < r + 3:
        return False
    return _keeps_vessels(lungs, center, r, wish.site)


def _keeps_vessels(lungs: Lungs, center: np.ndarray, r: float, site: str) -> bool:
    if site == "vascular":
        touching = -1.5 < lungs.vessels.distance_to(center, 1.4) - r < 0.5
        return (
            touching and lungs.vessels.distance_to(center, 2.6) > r + 5 and lungs.lumen.distance_to(center, 1.5) > r + 5
        )
    return lungs.vessels.distance_to(center, 1.0) > r + 2.5 and lungs.lumen.distance_to(center, 0.5) > r + 3
