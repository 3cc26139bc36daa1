"""Scanner matrices, Platt scaling, and the graph that is written."""

import tempfile
import unittest
from pathlib import Path

import numpy as np
import torch

from detector.acquire import acquire, protocol, slices
from detector.calibrate import applied, calibration_error, labelled, logit, platt
from detector.export import golden, parity, PARITY, to_fp16, to_onnx
from detector.froc import Scan
from detector.infer import suppressed, weighted
from detector.network import NoduleNet
from detector.release import calibration_step


class Scanner(unittest.TestCase):
    def test_slices_and_back_keep_a_constant_and_a_ramp(self):
        rng = np.random.default_rng(0)
        for n in range(200):
            average, back = slices(80, protocol(rng, shifted=n % 4 == 0))
            np.testing.assert_allclose((back @ average).sum(1), 1, atol=1e-4)
            ramp = (back @ average) @ np.arange(80)
            self.assertLess(np.abs(ramp - np.arange(80))[8:-8].max(), 1.0)

    def test_a_lesion_keeps_its_place(self):
        rng = np.random.default_rng(1)
        z, y, x = np.ogrid[:64, :64, :64]
        ball = np.where((z - 30) ** 2 + (y - 33) ** 2 + (x - 28) ** 2 < 36, 0, -1000).astype(np.float32)
        for _ in range(10):
            seen = acquire(rng, ball, protocol(rng))
            core = np.clip(seen[15:46, 18:49, 13:44] + 650, 0, None)
            place = [np.average(np.indices(core.shape)[a], weights=core) for a in range(3)]
            np.testing.assert_allclose(place, 15, atol=1.2)


class Calibration(unittest.TestCase):
    def test_finds_the_scaling_that_was_applied(self):
        rng = np.random.default_rng(0)
        scores = rng.uniform(0.02, 0.98, 40_000)
        truth = (rng.random(40_000) < applied(scores, 1.7, -0.6)).astype(float)
        a, b = platt(scores, truth)
        self.assertAlmostEqual(a, 1.7, delta=0.08)
        self.assertAlmostEqual(b, -0.6, delta=0.06)
        self.assertLess(calibration_error(applied(scores, a, b), truth), 0.015)
        self.assertGreater(calibration_error(scores, truth), 0.05)

    def test_only_the_best_mark_on_a_nodule_is_true_and_none_of_them_false(self):
        marks = np.array([[0, 0, 10, 0.9, 6], [0, 0, 11, 0.5, 6], [0, 0, 90, 0.4, 6], [0, 0, 50, 0.3, 6]], float)
        scan = Scan("a", np.array([[0, 0, 10, 8.0]]), np.array([[0, 0, 50, 4.0]]), marks)
        scores, truth = labelled([scan])
        self.assertEqual(sorted(zip(scores, truth)), [(0.4, 0.0), (0.9, 1.0)])

    def test_size_is_a_part_of_the_score_before_neighbours_are_left_out(self):
        rows = np.array([[0, 0, 10, 0.6, 4.0], [0, 0, 14, 0.55, 9.0], [0, 0, 40, 0.5, 6.0]])
        kept = suppressed(weighted(rows, 0.5), 0.5)
        np.testing.assert_allclose(kept[:, 2], [14, 40])
        self.assertAlmostEqual(kept[1, 3], 0.5)

    def test_the_manifest_says_the_same_of_score_and_size(self):
        rows = np.array([[0, 0, 0, 0.3, 4.0], [0, 0, 0, 0.7, 20.0]])
        step = calibration_step(3.1, -0.9, 0.5)
        said = 1 / (1 + np.exp(-(step["a"] * logit(rows[:, 3]) + step["b"] + step["size"] * np.log(rows[:, 4]))))
        np.testing.assert_allclose(said[::-1], applied(weighted(rows, 0.5)[:, 3], 3.1, -0.9), atol=1e-4)


class Export(unittest.TestCase):
    def test_graph_answers_as_the_network_and_half_precision_nearly(self):
        torch.manual_seed(1)
        network = NoduleNet()
        with torch.no_grad():
            network.train()(torch.rand(2, 1, 32, 32, 32))
        network.eval()
        with tempfile.TemporaryDirectory() as folder:
            full, half = Path(folder, "a.onnx"), Path(folder, "b.onnx")
            model = to_onnx(network, full)
            self.assertNotIn("BatchNormalization", {node.op_type for node in model.graph.node})
            self.assertLess(parity(network, full), PARITY)
            to_fp16(model, half)
            self.assertLess(parity(network, half), 0.05)
            self.assertLess(half.stat().st_size, 0.55 * full.stat().st_size)
        cells = golden(network)["cells"]
        self.assertEqual(len(cells), 8)
        self.assertTrue(all(np.isfinite(cell["heat"]) for cell in cells))


if __name__ == "__main__":
    unittest.main()
