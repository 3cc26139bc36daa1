"""The rules of LUNA16, each by a case small enough to reckon by hand."""

import unittest

import numpy as np

from detector.froc import bootstrap, cpm, curve, match, paired_difference, RATES, Scan, sensitivity_at


def scan(truth=(), marks=(), excluded=(), name="a") -> Scan:
    """truth and excluded: (x, diameter) on a line; marks: (x, score)."""
    rows = lambda items: np.array([[0, 0, x, d] for x, d in items], float).reshape(-1, 4)
    shown = np.array([[0, 0, x, p, 5] for x, p in marks], float).reshape(-1, 5)
    return Scan(name, rows(truth), rows(excluded), shown)


class Matching(unittest.TestCase):
    def test_perfect_score(self):
        found = [match(scan([(10, 6), (50, 8)], [(10, 0.9), (51, 0.8)]))]
        self.assertEqual(cpm(found), 1.0)

    def test_radius_is_exclusive(self):
        self.assertTrue(np.isinf(match(scan([(10, 6)], [(13, 0.9)])).best[0]))
        self.assertEqual(match(scan([(10, 6)], [(12.99, 0.9)])).best[0], 0.9)

    def test_negative_diameter_means_ten(self):
        self.assertEqual(match(scan([(10, -1)], [(14.9, 0.9)])).best[0], 0.9)
        self.assertTrue(np.isinf(match(scan([(10, -1)], [(15, 0.9)])).best[0]))

    def test_second_mark_on_a_nodule_is_dropped(self):
        result = match(scan([(10, 8)], [(10, 0.4), (11, 0.7), (90, 0.2)]))
        self.assertEqual(result.best.tolist(), [0.7])
        self.assertEqual(result.false.tolist(), [0.2])

    def test_mark_in_two_nodules_counts_for_both(self):
        result = match(scan([(10, 8), (13, 8)], [(11.5, 0.6)]))
        self.assertEqual(result.best.tolist(), [0.6, 0.6])
        self.assertEqual(len(result.false), 0)

    def test_mark_on_an_excluded_finding_is_neither(self):
        result = match(scan([(10, 6)], [(40, 0.9), (80, 0.5)], excluded=[(41, 6)]))
        self.assertEqual(result.false.tolist(), [0.5])
        self.assertTrue(np.isinf(result.best[0]))

    def test_hundred_marks_at_most(self):
        many = [(100 + 10 * n, 1 - n / 200) for n in range(101)]
        self.assertEqual(len(match(scan([], many)).false), 100)
        # Of a tie across the border none is kept: those strictly above the 101st.
        tied = [(100 + 10 * n, 0.9) for n in range(60)] + [(2000 + 10 * n, 0.5) for n in range(60)]
        self.assertEqual(len(match(scan([], tied)).false), 60)
        exactly = [(100 + 10 * n, 0.5) for n in range(100)]
        self.assertEqual(len(match(scan([], exactly)).false), 100)


class Curve(unittest.TestCase):
    def test_scan_without_marks_counts(self):
        found = [match(scan([(10, 6)], [(10, 0.9), (50, 0.95)])), match(scan([(10, 6)])), match(scan()), match(scan())]
        rate, sensitivity = curve(found)
        self.assertEqual(rate.tolist(), [0.0, 0.25, 0.25])
        self.assertEqual(sensitivity.tolist(), [0.0, 0.0, 0.5])

    def test_missed_nodule_stays_in_the_denominator(self):
        found = [match(scan([(10, 6), (30, 6), (50, 6), (70, 6)], [(10, 0.9)]))]
        self.assertEqual(cpm(found), 0.25)

    def test_no_false_marks(self):
        self.assertEqual(sensitivity_at([match(scan([(10, 6), (50, 6)], [(10, 0.9)]))]).tolist(), [0.5] * 7)

    def test_linear_between_points(self):
        # One hit above one false mark above one hit in one scan: the tie-free curve goes (0,0) (0,.5) (1,.5) (1,1).
        found = [match(scan([(10, 6), (30, 6)], [(10, 0.9), (50, 0.8), (30, 0.7)]))]
        self.assertEqual(sensitivity_at(found).tolist(), [0.5, 0.5, 0.5, 1.0, 1.0, 1.0, 1.0])

    def test_equal_scores_are_one_step(self):
        # Hit and false mark share a score: straight line from (0, 0) to (1, 1).
        found = [match(scan([(10, 6)], [(10, 0.5), (50, 0.5)]))]
        np.testing.assert_allclose(sensitivity_at(found), [0.125, 0.25, 0.5, 1, 1, 1, 1])

    def test_equals_another_way_to_reckon_it(self):
        rng = np.random.default_rng(5)
        for _ in range(20):
            found = []
            for n in range(12):
                truth = [(100 * k, 8) for k in range(rng.integers(0, 4))]
                marks = [(x + rng.uniform(-3, 3), round(rng.random(), 2)) for x, _ in truth if rng.random() < 0.8]
                marks += [(5000 + 50 * k, round(rng.random() * 0.9, 2)) for k in range(rng.integers(0, 12))]
                found.append(match(scan(truth, marks)))
            if not sum(len(m.best) for m in found) or not sum(len(m.false) for m in found):
                continue
            np.testing.assert_allclose(sensitivity_at(found), _by_thresholds(found), atol=1e-9)

    def test_interval_holds_the_value(self):
        rng = np.random.default_rng(1)
        found = [match(scan([(10, 6)], [(10, 0.8)] if rng.random() < 0.7 else [(60, 0.5)])) for _ in range(60)]
        band = bootstrap([[m] for m in found], times=200)
        self.assertLess(band.low, cpm(found))
        self.assertGreater(band.high, cpm(found))
        nothing = [match(scan([(10, 6)])) for _ in range(60)]
        difference, without = paired_difference(found, nothing, times=200)
        self.assertGreater(difference.low, 0.3)
        self.assertEqual(without, 0)


def _by_thresholds(found) -> list[float]:
    """Sweeps every threshold and interpolates by hand."""
    best = np.concatenate([m.best for m in found])
    false = np.concatenate([m.false for m in found])
    points = [(0.0, 0.0)]
    for t in sorted(set(best[np.isfinite(best)]) | set(false), reverse=True):
        points.append(((false >= t).sum() / len(found), (best >= t).mean()))
    out = []
    for rate in RATES:
        below = [p for p in points if p[0] <= rate][-1]
        after = [p for p in points if p[0] > rate]
        if not after or below[0] == rate:
            out.append(below[1])
        else:
            (x0, y0), (x1, y1) = below, after[0]
            out.append(y0 + (y1 - y0) * (rate - x0) / (x1 - x0))
    return out


if __name__ == "__main__":
    unittest.main()
