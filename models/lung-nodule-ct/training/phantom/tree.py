"""Branching trees that supply a cloud of points: pulmonary arteries, veins, bronchi, the veins of the liver."""

from dataclasses import dataclass

import numpy as np

from .tubes import Tubes


@dataclass(frozen=True)
class Branch:
    """A curve from `start` by `control` to `end` (quadratic Bezier), its radius, and how many tips it supplies."""

    start: np.ndarray
    control: np.ndarray
    end: np.ndarray
    radius: float
    leaves: int


def grow(rng: np.random.Generator, root, heading, points: np.ndarray, share: float, tip: float = 0.0) -> list[Branch]:
    """
    Supplies every point from `root`, which is left in the direction `heading`.

    A branch runs part of the way to the middle of its points, then the points are split in two across their longest
    direction. The radius follows Murray's law: r^3 is shared among the children, so r = share * leaves^(1/3); no branch
    is thinner than `tip`.
    """
    branches: list[Branch] = []
    waiting = [(np.asarray(root, float), np.asarray(heading, float), points)]
    while waiting:
        start, heading, supplied = waiting.pop()
        middle = supplied.mean(0)
        end = start + (middle - start) * (rng.uniform(0.2, 0.4) if len(supplied) > 1 else 1.0)
        length = np.linalg.norm(end - start)
        wobble = rng.normal(0, 0.035, 3) * length
        control = start + (end - start) * 0.5 + (heading * length - (end - start)) * 0.17 + wobble
        radius = max(tip, share * len(supplied) ** (1 / 3)) * rng.uniform(0.93, 1.07)
        branches.append(Branch(start, control, end, radius, len(supplied)))
        if len(supplied) == 1:
            continue
        onward = end - control
        onward = onward / (np.linalg.norm(onward) + 1e-9)
        waiting += [(end, onward, part) for part in _split(rng, supplied, middle)]
    return branches


def _split(rng: np.random.Generator, points: np.ndarray, middle: np.ndarray) -> list[np.ndarray]:
    _, _, directions = np.linalg.svd(points - middle, full_matrices=False)
    along = (points - middle) @ (directions[0] + rng.normal(0, 0.3, 3))
    order = np.argsort(along, kind="stable")
    cut = int(np.clip(round(len(points) * rng.uniform(0.22, 0.78)), 1, len(points) - 1))
    return [points[order[:cut]], points[order[cut:]]]


def as_tubes(branches: list[Branch]) -> Tubes:
    """Each curve as a few capsules that taper by a tenth."""
    start, end, r0, r1 = [], [], [], []
    for b in branches:
        pieces = 2 if np.linalg.norm(b.end - b.start) < 8 else 4
        t = np.linspace(0, 1, pieces + 1)[:, None]
        line = (1 - t) ** 2 * b.start + 2 * t * (1 - t) * b.control + t**2 * b.end
        radius = b.radius * np.linspace(1, 0.9, pieces + 1)
        start.append(line[:-1])
        end.append(line[1:])
        r0.append(radius[:-1])
        r1.append(radius[1:])
    return Tubes(*(np.concatenate(part) for part in (start, end, r0, r1)))


def companions(branches: list[Branch], side: np.ndarray, least_leaves: int, scale: float) -> list[Branch]:
    """
    Bronchi: beside each artery that is thick enough runs an airway of `scale` times its radius.

    Each node is moved by the same direction and by its own radius, so neighbouring pieces still meet. The radius is
    that of the lumen.
    """
    out = []
    for b in branches:
        if b.leaves < least_leaves:
            continue
        beside = side * (b.radius * (1 + scale) + 0.9)
        after = side * (b.radius * 0.9 * (1 + scale) + 0.9)
        out.append(
            Branch(b.start + beside, b.control + (beside + after) / 2, b.end + after, b.radius * scale, b.leaves)
        )
    return out


def reach_into(points: np.ndarray, count: int, rng: np.random.Generator, jitter: float) -> np.ndarray:
    """`count` places drawn from a lattice and moved off it."""
    chosen = points[rng.integers(0, len(points), count)]
    return chosen + rng.uniform(-jitter, jitter, chosen.shape)
