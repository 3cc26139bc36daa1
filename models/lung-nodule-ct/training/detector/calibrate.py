"""Platt scaling of scores and the expected calibration error, on marks whose truth is known."""

import numpy as np

from .froc import MOST_MARKS, _on, Scan

BINS = 15


def labelled(scans: list[Scan]) -> tuple[np.ndarray, np.ndarray]:
    """Score and truth of every mark that is either the best on a nodule or false; the others say nothing."""
    scores, truth = [], []
    for scan in scans:
        marks = scan.marks[:MOST_MARKS]
        false = np.ones(len(marks), bool)
        for n, lesion in enumerate(scan.truth):
            on = _on(marks, lesion)
            if scan.masks:
                place = np.clip(np.rint(marks[:, :3]).astype(int), 0, np.array(scan.masks[n].shape) - 1)
                on = on | scan.masks[n][tuple(place.T)]
            false &= ~on
            if on.any():
                scores.append(marks[on, 3].max())
                truth.append(1.0)
        for finding in scan.excluded:
            false &= ~_on(marks, finding)
        scores += marks[false, 3].tolist()
        truth += [0.0] * int(false.sum())
    return np.array(scores), np.array(truth)


def logit(p: np.ndarray) -> np.ndarray:
    p = np.clip(p, 1e-7, 1 - 1e-7)
    return np.log(p / (1 - p))


def applied(scores: np.ndarray, a: float, b: float | np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-(a * logit(scores) + b)))


def platt(scores: np.ndarray, truth: np.ndarray, weight: np.ndarray | None = None) -> tuple[float, float]:
    """a, b of sigmoid(a logit(score) + b) with the greatest likelihood, by Newton's method; targets smoothed as Platt does."""
    x = np.column_stack([logit(scores), np.ones(len(scores))])
    w = np.ones(len(scores)) if weight is None else weight
    positives, negatives = truth.sum(), (1 - truth).sum()
    wanted = np.where(truth == 1, (positives + 1) / (positives + 2), 1 / (negatives + 2))
    theta = np.array([1.0, 0.0])
    for _ in range(100):
        p = 1 / (1 + np.exp(-x @ theta))
        slope = x.T @ (w * (p - wanted))
        curvature = (x * (w * p * (1 - p))[:, None]).T @ x + 1e-9 * np.eye(2)
        step = np.linalg.solve(curvature, slope)
        theta -= step
        if np.abs(step).max() < 1e-10:
            break
    return float(theta[0]), float(theta[1])


def calibration_error(scores: np.ndarray, truth: np.ndarray) -> float:
    """Mean gap between score and share of truth over 15 bins of equal mass."""
    order = np.argsort(scores, kind="stable")
    parts = [part for part in np.array_split(order, BINS) if len(part)]
    return float(sum(len(part) * abs(scores[part].mean() - truth[part].mean()) for part in parts) / max(1, len(scores)))
