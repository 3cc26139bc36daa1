"""Patients for training: chests whose style varies more than the sample's, with the findings that are no nodules."""

import numpy as np

from phantom.cavity import SPINE
from phantom.chest import Chest
from phantom.lung import ARTERY_ROOTS, _scars
from phantom.plane import Field, axial_grid
from phantom.skeleton import PITCH, RIB_TOP
from phantom.tubes import Tubes

from .findings import Effusion, Emphysema, Enhanced, Filled, Lump, Patch, Plaque

# A seed below each number belongs to the set; no seed is in two sets.
SETS = {"train": 100_000, "validation": 200_000, "test": 300_000, "shifted": 400_000}
# Scans of validation patients in looks of any kind: what a run is chosen by, beside the validation set.
ODD = 500_000


def patient(name: str, number: int) -> Chest:
    """Patient `number` of a set: "train", "validation", "test", or "shifted", whose style lies outside that of the others."""
    seed = SETS[name] + number
    rng = np.random.default_rng([seed, 23])
    shifted = name == "shifted"
    chest = Chest(seed, tips_per_litre=rng.uniform(1500, 1900) if shifted else rng.uniform(700, 1500))
    _restyle(chest, rng, shifted)
    _add_to_lungs(chest, rng)
    _add_to_wall(chest, rng)
    return chest


def _restyle(chest: Chest, rng: np.random.Generator, shifted: bool) -> None:
    lungs = chest.lungs
    lungs.base = rng.uniform(-800, -760) if shifted else rng.uniform(-905, -810)
    lungs.gradient = rng.uniform(60, 85) if shifted else rng.uniform(8, 60)
    rough = rng.uniform(2.0, 2.6, 3) if shifted else np.exp(rng.uniform(np.log(0.4), np.log(2.0), 3))
    lungs.roughness = tuple(float(a * b) for a, b in zip((9.0, 8.0, 7.0), rough))
    wider = rng.uniform(1.25, 1.4) if shifted else rng.uniform(0.85, 1.25)
    vessels = lungs.vessels
    lungs.vessels = Tubes(vessels.start, vessels.end, vessels.r0 * wider, vessels.r1 * wider)
    if rng.random() < (0.6 if shifted else 0.35):
        lungs.blood = float(rng.uniform(120, 350))
        m = chest.mediastinum
        chest.over.append(
            Enhanced(Tubes.join(m.pulmonary, m.superior, m.ascending, m.descending), lungs.blood + rng.uniform(-20, 60))
        )
    else:
        lungs.blood = float(rng.uniform(15, 70))


def _add_to_lungs(chest: Chest, rng: np.random.Generator) -> None:
    lungs = chest.lungs
    deep = lungs.points[lungs.depths > 6]
    rim = lungs.points[lungs.depths < 3]
    for _ in range(rng.integers(0, 3)):
        lungs.scars += _scars(rng, deep)
    within = chest.within
    if rng.random() < 0.35:
        within.append(Emphysema(Field(rng, rng.uniform(6, 14)), rng.uniform(0.4, 1.3), rng.uniform(30, 90)))
    for _ in range(rng.integers(0, 3)):
        gain = rng.uniform(80, 260) if rng.random() < 0.7 else rng.uniform(400, 800)
        within.append(Patch(_pick(rng, deep), rng.uniform(20, 34), gain, Field(rng, rng.uniform(7, 14))))
    within.append(Filled(_bulges(rng, lungs.vessels, int(rng.integers(4, 16))), lungs.blood))
    within.append(Filled(_plugs(rng, lungs.lumen, int(rng.integers(0, 8))), rng.uniform(-30, 30)))
    for _ in range(rng.integers(0, 7)):
        hu = rng.uniform(30, 80) if rng.random() < 0.5 else rng.uniform(150, 600)
        within.append(Plaque(_pick(rng, rim), rng.uniform(6, 24), rng.uniform(1.5, 4.5), hu))
    for sign in (-1, 1):
        if rng.random() < 0.2:
            within.append(Effusion(sign, rng.uniform(72, 88), rng.uniform(0, 0.12), rng.uniform(0, 25)))


def _add_to_wall(chest: Chest, rng: np.random.Generator) -> None:
    for _ in range(rng.integers(0, 8)):
        disc = RIB_TOP - PITCH * rng.integers(1, 11)
        (middle,) = SPINE(float(disc))
        center = np.array(
            [rng.choice([-1, 1]) * rng.uniform(17, 25), middle + rng.uniform(-8, 12), disc + rng.normal(0, 3)]
        )
        chest.over.append(_lump(rng, center, rng.uniform(2.5, 6.5, 3), rng.uniform(250, 700)))
    rim = chest.lungs.points[chest.lungs.depths < 2]
    for _ in range(rng.integers(0, 5)):
        chest.over.append(
            _lump(
                rng,
                _pick(rng, rim[np.abs(rim[:, 0]) > 50]) * (1.035, 1.035, 1),
                rng.uniform(3, 7, 3),
                rng.uniform(200, 700),
            )
        )
    for _ in range(rng.integers(0, 9)):
        root = np.array(ARTERY_ROOTS[rng.integers(5)][0], float)
        calcified = rng.random() < 0.4
        size = rng.uniform(1.5, 4.5, 3) if calcified else rng.uniform(3, 6.5, 3)
        center = root * (rng.uniform(0.6, 1.0), 1, 1) + rng.normal(0, 6, 3)
        chest.over.append(_lump(rng, center, size, rng.uniform(200, 900) if calcified else rng.uniform(20, 60)))


def _pick(rng: np.random.Generator, points: np.ndarray) -> np.ndarray:
    return points[rng.integers(len(points))] + rng.uniform(-2, 2, 3)


def _lump(rng: np.random.Generator, center: np.ndarray, semiaxes: np.ndarray, hu: float) -> Lump:
    axes, _ = np.linalg.qr(rng.normal(0, 1, (3, 3)))
    return Lump(np.asarray(center, float), semiaxes, axes, float(hu))


def _bulges(rng: np.random.Generator, vessels: Tubes, count: int) -> Tubes:
    """Where vessels meet they are a little thicker than either."""
    thick = np.flatnonzero(vessels.r0 > 0.9)
    chosen = thick[rng.integers(0, len(thick), count)]
    along = vessels.end[chosen] - vessels.start[chosen]
    along = along / (np.linalg.norm(along, axis=1, keepdims=True) + 1e-6)
    radius = vessels.r0[chosen] * rng.uniform(1.1, 1.35, count)
    reach = along * (radius * rng.uniform(0.3, 1.5, count))[:, None]
    return Tubes(vessels.start[chosen] - reach, vessels.start[chosen] + reach, radius, radius * 0.9)


def _plugs(rng: np.random.Generator, lumen: Tubes, count: int) -> Tubes:
    """Pieces of bronchus full of mucus."""
    first = rng.integers(0, len(lumen) - 4, count)
    chosen = (
        np.unique(np.concatenate([f + np.arange(rng.integers(2, 5)) for f in first])) if count else np.array([], int)
    )
    chosen = chosen[lumen.r0[chosen] < 2.5]
    return Tubes(lumen.start[chosen], lumen.end[chosen], lumen.r0[chosen] + 0.2, lumen.r1[chosen] + 0.2)


def places(chest: Chest, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Where lesions may be planted, as rows x, y, z, depth below the pleura: anywhere in the lungs, and on vessels."""
    lungs, cavity = chest.lungs, chest.cavity
    lattice = np.column_stack([lungs.points, lungs.depths])
    vessels = lungs.vessels
    lengths = np.linalg.norm(vessels.end - vessels.start, axis=1)
    wanted = np.flatnonzero((vessels.r0 > 0.6) & (lengths > 0.5))
    chosen = wanted[rng.integers(0, len(wanted), 3000)]
    t = rng.random((3000, 1))
    on = vessels.start[chosen] * (1 - t) + vessels.end[chosen] * t
    depth = np.array([cavity.lungs(axial_grid(1, 1, 1.0, (p[0], p[1])).at(p[2]))[0, 0] for p in on])
    vessel = np.column_stack([on, depth, vessels.r0[chosen]])
    return {"lattice": lattice.astype(np.float32), "vessel": vessel[depth > 1].astype(np.float32)}
