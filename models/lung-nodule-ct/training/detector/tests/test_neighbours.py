"""Labelled nodules that another cube of the same series shows, too: where they are, and what is made of them."""

import unittest

import numpy as np
import torch
from scipy import ndimage

from detector.cubes import Cube, SIDE, with_neighbours
from detector.froc import match
from detector.infer import Settings, SIZE_MM
from detector.measure import on_cubes
from detector.network import losses

NODULES = np.array([[40, 40, 40, 7.0], [52, 34, 46, 9.0], [90, 40, 40, 7.0]])


def scan(seed: int) -> np.ndarray:
    """Lung of 130 mm with texture and three nodules of texture of their own, as two nodules of a patient have."""
    rng = np.random.default_rng(seed)
    hu = -850 + 200 * ndimage.gaussian_filter(rng.standard_normal((130, 80, 80)), 1.5) / 0.07 * 0.3
    at = np.stack(np.meshgrid(*[np.arange(n) for n in hu.shape], indexing="ij"), -1)
    for row in NODULES:
        hu[((at - row[:3]) ** 2).sum(-1) < (row[3] / 2) ** 2] += 700
    return hu.astype(np.int16)


def cut(hu: np.ndarray, row: np.ndarray, series: str, noise: float = 0.0, seed: int = 0) -> Cube:
    corner = row[:3].astype(int) - SIDE // 2
    box = hu[tuple(slice(c, c + SIDE) for c in corner)].astype(float)
    box += noise * np.random.default_rng(seed).standard_normal(box.shape)
    middle = np.full(3, SIDE // 2, float)
    at = np.stack(np.meshgrid(*[np.arange(SIDE)] * 3, indexing="ij"), -1)
    mask = ((at - middle) ** 2).sum(-1) < (row[3] / 2) ** 2
    return Cube(f"{series}-{row[0]:.0f}", series, np.rint(box).astype(np.int16), mask, middle, row[3])


class Neighbours(unittest.TestCase):
    def test_are_found_where_they_are_and_only_in_their_series(self):
        hu = scan(0)
        mine = [cut(hu, row, "a", noise=13, seed=n) for n, row in enumerate(NODULES)]
        strange = [cut(scan(1), row, "b", noise=13) for row in NODULES[:1]]
        first, second, third, other = with_neighbours([*mine, *strange])
        np.testing.assert_array_equal(first.others, [[37, 19, 31, 9]])
        np.testing.assert_array_equal(second.others, [[13, 31, 19, 7]])
        self.assertEqual(len(third.others), 0)
        self.assertEqual(len(other.others), 0)

    def test_a_cube_of_another_scan_under_the_same_series_is_none(self):
        first, second = with_neighbours([cut(scan(0), NODULES[0], "a"), cut(scan(1), NODULES[1], "a")])
        self.assertEqual((len(first.others), len(second.others)), (0, 0))

    def test_a_mark_on_one_is_neither_hit_nor_false(self):
        (cube, _) = with_neighbours([cut(scan(0), row, "a") for row in NODULES[:2]])
        heat = np.full((16, 16, 16), -9.0, np.float32)
        # The cube lies 7 voxels inside of an input of 64; centres of cells at 1.5 + 4 n.
        for place, score in ((cube.others[0, :3], 3.0), ((8, 40, 8), 2.0)):
            heat[tuple(np.rint((np.array(place) + 7 - 1.5) / 4).astype(int))] = score
        regression = np.zeros((4, 16, 16, 16), np.float32)
        regression[3] = np.log(8)
        (result,) = [match(item) for item in on_cubes(lambda _: (heat, regression), [cube])]
        self.assertEqual(len(result.false), 1)
        # 8 mm wide.
        self.assertAlmostEqual(result.false[0], 1 / (1 + np.exp(-2.0 - Settings().by_size * np.log(8 / SIZE_MM))), places=5)


class Doubt(unittest.TestCase):
    def test_a_confident_answer_in_real_tissue_costs_nothing_until_doubt_is_one(self):
        heat, regression = torch.full((1, 1, 4, 4, 4), -9.0), torch.zeros(1, 4, 4, 4, 4)
        target, where = torch.zeros(1, 5, 4, 4, 4), torch.zeros(1, 3, 4, 4, 4)
        where[:, 0], where[:, 2] = 1, 1
        heat[0, 0, 1, 1, 1] = 3.0
        left_alone, _ = losses(heat, regression, target, where)
        punished, _ = losses(heat, regression, target, where, doubt=1.0)
        self.assertLess(left_alone.item(), 0.01)
        self.assertGreater(punished.item(), 1.0)


if __name__ == "__main__":
    unittest.main()
