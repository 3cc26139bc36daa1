"""A run that was stopped gives the weights of one that was not; a cool-down lets the rate fall."""

import unittest

import numpy as np
import torch

from detector.network import losses, NoduleNet
from detector.train import rate_at, Recipe, Run

RECIPE = Recipe(batch=1, size=32, bf16=False)


def batch(step: int):
    rng = np.random.default_rng(step)
    image = torch.from_numpy(rng.random((2, 1, 32, 32, 32), np.float32))
    target = torch.zeros(2, 5, 8, 8, 8)
    target[:, 0, 4, 4, 4] = 1
    where = torch.ones(2, 3, 8, 8, 8)
    return image, target, where


def advanced(run: Run, until: int) -> Run:
    while run.step < until:
        run.advance(batch(run.step), rate_at(RECIPE, run.step, None))
    return run


class Resume(unittest.TestCase):
    def test_stopped_run_equals_unstopped(self):
        torch.set_num_threads(1)
        straight = advanced(Run(RECIPE), 5)
        stopped = advanced(Run(RECIPE), 2)
        other = Run(Recipe(seed=9, batch=1, size=32, bf16=False))
        other.restore(stopped.state())
        resumed = advanced(other, 5)
        for part in ("network", "average"):
            for (name, one), two in zip(straight.state()[part].items(), resumed.state()[part].values()):
                self.assertTrue(torch.equal(one, two), name)

    def test_rate(self):
        self.assertLess(rate_at(RECIPE, 0, None), 1e-4)
        self.assertEqual(rate_at(RECIPE, 5000, None), RECIPE.rate)
        self.assertEqual(rate_at(RECIPE, 5000, (5000, 100)), RECIPE.rate)
        self.assertAlmostEqual(rate_at(RECIPE, 5100, (5000, 100)), RECIPE.rate * 0.01)


class Loss(unittest.TestCase):
    def test_confident_answer_in_real_tissue_is_left_alone(self):
        heat, regression = torch.full((1, 1, 4, 4, 4), -9.0), torch.zeros(1, 4, 4, 4, 4)
        heat[0, 0, 1, 1, 1] = 4
        target, where = torch.zeros(1, 5, 4, 4, 4), torch.zeros(1, 3, 4, 4, 4)
        where[:, 0] = 1
        punished, _ = losses(heat, regression, target, where)
        where[:, 2] = 1
        spared, _ = losses(heat, regression, target, where)
        self.assertGreater(punished.item(), 1)
        self.assertLess(spared.item(), 0.01)

    def test_network_sizes(self):
        heat, regression = NoduleNet().eval()(torch.zeros(1, 1, 32, 48, 16))
        self.assertEqual(heat.shape, (1, 1, 8, 12, 4))
        self.assertEqual(regression.shape, (1, 4, 8, 12, 4))


if __name__ == "__main__":
    unittest.main()
