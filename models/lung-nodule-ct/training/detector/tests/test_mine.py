"""Mining looks at a patient as training shows it."""

import unittest

import numpy as np
import torch

from detector.mine import mine
from detector.network import NoduleNet
from detector.patches import Patient
from detector.restyle import Lungs


class Mining(unittest.TestCase):
    def setUp(self):
        rng = np.random.default_rng(5)
        # Lung in a body, and dots: something to be wrong about.
        hu = np.full((64, 96, 96), 40, np.float32)
        hu[:, 8:88, 8:88] = rng.normal(-850, 30, (64, 80, 80))
        for z, y, x in rng.integers(12, 56, (30, 3)):
            hu[z : z + 3, y : y + 3, x : x + 3] = 60
        spots = {"lattice": np.empty((0, 4), np.float32), "vessel": np.array([[30, 30, 30, 9, 1.5]], np.float32)}
        self.patient = Patient(hu, spots, np.empty((0, 3), np.float32))
        torch.manual_seed(2)
        self.network = NoduleNet().eval()
        torch.nn.init.constant_(self.network.heat.bias, 0.5)

    def places(self, lungs=None, seed=1):
        return mine(self.patient, self.network, np.random.default_rng(seed), False, lungs)

    def test_odd_looks_give_other_places_and_leave_the_patient_as_it_was(self):
        before = self.patient.hu.copy()
        plain, odd = self.places(), self.places(Lungs(1, kinds=1, size=96))
        self.assertTrue(len(plain) and len(odd))
        self.assertFalse(plain.shape == odd.shape and np.allclose(plain, odd))
        np.testing.assert_array_equal(self.patient.hu, before)
        np.testing.assert_array_equal(odd, self.places(Lungs(1, kinds=1, size=96)))


if __name__ == "__main__":
    unittest.main()
