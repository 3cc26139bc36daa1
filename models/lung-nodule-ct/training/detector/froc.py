"""FROC by the rules of the LUNA16 challenge, and the variant for cubes. Numbers made otherwise are no CPM."""

from dataclasses import dataclass, field

import numpy as np

RATES = (0.125, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0)
MOST_MARKS = 100
DEFAULT_DIAMETER = 10.0


@dataclass
class Scan:
    """
    One scan. truth and excluded: rows z, y, x, diameter; marks: rows z, y, x, score, diameter. `masks`: optionally one
    bool volume per lesion of `truth`, inside of which a mark hits as well (cubes only).
    """

    name: str
    truth: np.ndarray
    excluded: np.ndarray
    marks: np.ndarray
    masks: list[np.ndarray] = field(default_factory=list)


@dataclass
class Matched:
    """best: score of the best mark on each lesion of the truth, -inf when missed; diameter: that of this mark; false: scores."""

    best: np.ndarray
    diameter: np.ndarray
    false: np.ndarray


def _kept(marks: np.ndarray) -> np.ndarray:
    """At most 100 marks: of more, those strictly above the 101st."""
    if len(marks) <= MOST_MARKS:
        return marks
    limit = np.sort(marks[:, 3])[::-1][MOST_MARKS]
    return marks[marks[:, 3] > limit]


def _on(marks: np.ndarray, lesion: np.ndarray) -> np.ndarray:
    d = lesion[3] if lesion[3] >= 0 else DEFAULT_DIAMETER
    return ((marks[:, :3] - lesion[:3]) ** 2).sum(1) < (d / 2) ** 2


def match(scan: Scan) -> Matched:
    """The best mark on a nodule counts, its other marks are dropped; a mark on an excluded finding is dropped."""
    marks = _kept(scan.marks)
    false = np.ones(len(marks), bool)
    best, size = np.full(len(scan.truth), -np.inf), np.full(len(scan.truth), np.nan)
    for n, lesion in enumerate(scan.truth):
        on = _on(marks, lesion)
        if scan.masks:
            place = np.clip(np.rint(marks[:, :3]).astype(int), 0, np.array(scan.masks[n].shape) - 1)
            on = on | scan.masks[n][tuple(place.T)]
        if on.any():
            first = np.flatnonzero(on)[marks[on, 3].argmax()]
            best[n], size[n] = marks[first, 3], marks[first, 4]
        false &= ~on
    for finding in scan.excluded:
        false &= ~_on(marks, finding)
    return Matched(best, size, marks[false, 3])


def curve(matched: list[Matched]) -> tuple[np.ndarray, np.ndarray]:
    """False marks per scan and sensitivity at each distinct score, from (0, 0). All scans count."""
    best = np.concatenate([m.best for m in matched]) if matched else np.empty(0)
    false = np.concatenate([m.false for m in matched]) if matched else np.empty(0)
    found = best[np.isfinite(best)]
    steps = np.unique(np.concatenate([found, false]))[::-1]
    above = lambda scores: np.searchsorted(np.sort(-scores), -steps, side="right")
    rate, sensitivity = above(false) / max(1, len(matched)), above(found) / max(1, len(best))
    return np.concatenate([[0.0], rate]), np.concatenate([[0.0], sensitivity])


def sensitivity_at(matched: list[Matched], rates=RATES) -> np.ndarray:
    """Linear between the points of the curve; beyond its end, the last."""
    x, y = curve(matched)
    # Where several points share a rate the highest counts: np.interp takes the last of equal ones from the right.
    return np.array([y[x <= rate][-1] if rate in x or rate >= x[-1] else np.interp(rate, x, y) for rate in rates])


def cpm(matched: list[Matched]) -> float:
    return float(sensitivity_at(matched).mean())


def threshold_at(matched: list[Matched], rate: float) -> float:
    """The lowest score at which there are at most `rate` false marks a scan: marks strictly above it are shown."""
    false = np.sort(np.concatenate([m.false for m in matched]))[::-1]
    allowed = int(np.floor(rate * len(matched)))
    return float(false[allowed]) if allowed < len(false) else 0.0


@dataclass
class Interval:
    mean: float
    low: float
    high: float


def bootstrap(groups: list[list[Matched]], statistic=cpm, times: int = 1000, seed: int = 0) -> Interval:
    """Groups (scans, or all cubes of a series) are drawn with replacement; mean and the band of 95 %."""
    rng = np.random.default_rng(seed)
    values = []
    for _ in range(times):
        drawn = rng.integers(0, len(groups), len(groups))
        values.append(statistic([m for n in drawn for m in groups[n]]))
    return Interval(float(np.mean(values)), *(float(v) for v in np.percentile(values, [2.5, 97.5])))


def paired_difference(
    one: list[Matched], other: list[Matched], times: int = 1000, seed: int = 0
) -> tuple[Interval, float]:
    """CPM of `one` minus that of `other` on the same draws of scans, and the share of draws without an advantage."""
    rng = np.random.default_rng(seed)
    values = []
    for _ in range(times):
        drawn = rng.integers(0, len(one), len(one))
        values.append(cpm([one[n] for n in drawn]) - cpm([other[n] for n in drawn]))
    low, high = np.percentile(values, [2.5, 97.5])
    return Interval(float(np.mean(values)), float(low), float(high)), float(np.mean(np.array(values) <= 0))
