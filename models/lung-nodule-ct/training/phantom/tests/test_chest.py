"""The whole chest: what a radiologist would miss if it were wrong. Building it takes a few seconds."""

import functools
import unittest

import numpy as np

from phantom.chest import Chest
from phantom.floor import lung_mask, peaks
from phantom.nodules import Nodule, Shape
from phantom.plane import axial_grid
from phantom.planting import Wish, plant
from phantom.sample import WISHES, ground_truth, make
from phantom.scanner import Scan, acquire

SCAN = Scan(rows=128, columns=128, pixel=350 / 128, slices=4, bottom=20.0)
GRID = axial_grid(176, 130, 2.0, (0.0, 5.0))


@functools.cache
def chest() -> Chest:
    return make(7, SCAN)


def at(hu: np.ndarray, x: float, y: float) -> float:
    return float(hu[round((y - float(GRID.y[0, 0])) / 2), round((x - float(GRID.x[0, 0])) / 2)])


class AnatomyTest(unittest.TestCase):
    def test_the_heart_lies_to_the_left_and_front(self):
        hu = chest().hu(GRID.at(-70))
        self.assertTrue(20 < at(hu, 50, -30) < 80)
        self.assertLess(at(hu, -60, -30), -700)

    def test_the_descending_aorta_is_left_of_the_spine(self):
        hu = chest().hu(GRID.at(-40))
        self.assertTrue(20 < at(hu, 22, 46) < 80)
        self.assertGreater(at(hu, 0, 66), 100)

    def test_the_liver_is_right_and_its_dome_is_higher_than_the_left_one(self):
        cavity = chest().cavity
        self.assertGreater(cavity.right_dome.top, cavity.left_dome.top)
        self.assertTrue(40 < at(chest().hu(GRID.at(-150)), -80, 0) < 75)

    def test_the_left_lung_is_the_smaller_one(self):
        left = (chest().lungs.lobes >= 3).sum()
        self.assertTrue(0.7 < left / (len(chest().lungs.lobes) - left) < 1.0)

    def test_the_lungs_hold_four_to_seven_litres(self):
        self.assertTrue(4.0 < len(chest().lungs.points) * 64e-6 < 7.0)

    def test_the_trachea_holds_air_and_outside_is_air(self):
        hu = chest().hu(GRID.at(60))
        self.assertLess(at(hu, 1, 10), -950)
        self.assertEqual(at(hu, 0, -120), -1000)

    def test_vessels_stay_in_their_lobe(self):
        lungs = chest().lungs
        tips = lungs.vessels.end[lungs.vessels.r1 < 0.42]
        off = [
            abs(float(chest().cavity.major_fissure(axial_grid(1, 1, 1.0, (x, y)).at(z), x > 5)[0, 0]))
            for x, y, z in tips[::97]
        ]
        self.assertGreater(np.mean(np.array(off) > 0.5), 0.95)

    def test_the_same_seed_paints_the_same_plane(self):
        np.testing.assert_array_equal(chest().hu(GRID.at(11)), make(7, SCAN).hu(GRID.at(11)))


class NoduleTest(unittest.TestCase):
    def test_every_shape_has_the_volume_of_its_sphere(self):
        axis = np.arange(-12, 12, 0.5) + 0.25
        offset = np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), -1)
        for seed, spiculated in ((1, False), (2, False), (3, True)):
            volume = (Shape(seed, spiculated, "solid").depth(offset, 12.0) > 0).sum() / 8
            self.assertAlmostEqual(volume / (np.pi / 6 * 12**3), 1.0, delta=0.03)

    def test_it_is_painted_where_it_says(self):
        hu = np.full(GRID.shape, -860, np.float32)
        Nodule((30.0, -20.0, 5.0), 14.0, "solid", "isolated", "left upper lobe", 40, 3).paint(GRID.at(5), hu, 2.0)
        self.assertGreater(at(hu, 30, -20), 0)
        self.assertEqual(at(hu, 60, -20), -860)

    def test_the_wishes_are_granted_and_keep_their_distance(self):
        nodules = chest().nodules
        self.assertEqual([n.diameter for n in nodules], [w.diameter for w in WISHES])
        self.assertGreaterEqual(sum(n.diameter >= 8 for n in nodules), 5)
        for nodule in nodules:
            near = axial_grid(1, 1, 1.0, nodule.center[:2]).at(nodule.center[2])
            self.assertGreater(float(chest().cavity.lungs(near)[0, 0]), nodule.diameter / 2)
            self.assertEqual(nodule.lobe.startswith("left"), nodule.center[0] > 0)

    def test_what_cannot_be_placed_is_said(self):
        with self.assertRaisesRegex(ValueError, "no room"):
            plant(Chest(7), [Wish(90.0, "solid", "isolated", 1)], np.random.default_rng(1))


class ScanTest(unittest.TestCase):
    def test_slices_do_not_depend_on_the_number_of_processes(self):
        np.testing.assert_array_equal(acquire(chest(), SCAN, 1), acquire(chest(), SCAN, 2))

    def test_noise_is_that_of_a_soft_kernel_and_air_outside_is_plain(self):
        hu = acquire(chest(), Scan(rows=256, columns=256, pixel=350 / 256, slices=1, bottom=-75.0), 1)[0]
        self.assertTrue((hu[:20] == -1000).all())
        grid = axial_grid(256, 256, 350 / 256, (0.0, 8.0))
        inside = np.hypot(grid.x - 40, grid.y + 25) < 12
        self.assertTrue(5 < hu[inside].std() < 15)

    def test_ground_truth_names_the_nearest_slice(self):
        scan = Scan()
        for entry in ground_truth(7, scan, chest().nodules)["nodules"]:
            self.assertLessEqual(abs(scan.z(entry["sliceIndex"]) - entry["centerMm"][2]), scan.spacing / 2)
            self.assertEqual(entry["mustBeFound"], entry["diameterMm"] >= 8)


class FloorTest(unittest.TestCase):
    def test_a_ball_in_a_lung_is_the_best_peak(self):
        z, y, x = np.ogrid[-40:41, -50:51, -60:61]
        body = np.where((y / 48.0) ** 2 + (x / 58.0) ** 2 < 1, 40, -1000) + 0 * z
        lungs = ((np.abs(x) - 28) / 24.0) ** 2 + (y / 36.0) ** 2 + (z / 38.0) ** 2 < 1
        volume = np.where(lungs, -850, body).astype(np.float32)
        volume[(z - 4) ** 2 + (y + 6) ** 2 + (x - 28) ** 2 <= 4.5**2] = 40
        mask = np.ones_like(lungs) & lungs
        mask[(z - 4) ** 2 + (y + 6) ** 2 + (x - 28) ** 2 <= 4.5**2] = True
        score, place, size = peaks(volume, mask)[0]
        self.assertEqual((place, size), ((44, 44, 88), 9.0))
        self.assertGreater(score, 0.9)

    def test_the_mask_leaves_out_the_air_around_the_body(self):
        volume = np.full((70, 110, 150), -1000, np.float32)
        volume[:, 10:100, 10:140] = 40
        volume[5:65, 20:90, 20:64] = -850
        volume[5:65, 20:90, 86:130] = -850
        mask = lung_mask(volume)
        self.assertTrue(mask[30, 50, 40] and mask[30, 50, 100])
        self.assertFalse(mask[30, 5, 5] or mask[30, 50, 75])
