"""Other looks, lungs, vessels and scanners of a patch: bounded, drawn from the seed alone, and without moving anything."""

import unittest

import numpy as np

from detector.acquire import acquire, odd_protocol
from detector.restyle import Lungs, restyled, revesselled


class Restyled(unittest.TestCase):
    def test_stays_between_0_and_1_and_follows_its_seed(self):
        image = np.random.default_rng(1).random((24, 24, 24)).astype(np.float32)
        for seed in range(30):
            first, again = (restyled(np.random.default_rng(seed), image) for _ in range(2))
            self.assertEqual(first.dtype, np.float32)
            self.assertTrue(0 <= first.min() and first.max() <= 1)
            np.testing.assert_array_equal(first, again)

    def test_changes_most_patches(self):
        image = np.random.default_rng(1).random((24, 24, 24)).astype(np.float32)
        changed = [np.abs(restyled(np.random.default_rng(seed), image) - image).max() > 0.01 for seed in range(60)]
        self.assertGreater(np.mean(changed), 0.8)

    def test_a_nodule_stays_the_brightest_place_where_it_was(self):
        image = np.full((24, 24, 24), 0.1, np.float32)
        image[10:14, 9:13, 11:15] = 0.8
        for seed in range(30):
            seen = restyled(np.random.default_rng(seed), image)
            inside = seen[10:14, 9:13, 11:15].mean()
            image_mean = (seen.sum() - seen[10:14, 9:13, 11:15].sum()) / (seen.size - 64)
            self.assertGreater(inside, image_mean + 0.2)


class OtherLungs(unittest.TestCase):
    lungs = Lungs(3, kinds=2, size=40)

    def changed(self, hu, seed):
        out = hu.copy()
        self.lungs.change(np.random.default_rng(seed), out)
        return out

    def test_tissue_gets_the_levels_of_patients_and_more_texture(self):
        hu = np.full((32, 32, 32), -850, np.float32)
        means, grain = zip(*[(out.mean(), out.std()) for out in (self.changed(hu, seed) for seed in range(40))])
        self.assertLess(min(means), -870)
        self.assertGreater(max(means), -760)
        self.assertTrue(-960 < min(means) and max(means) < -650)
        self.assertGreater(max(grain), 20)

    def test_what_is_no_lung_tissue_stays(self):
        for level in (-1000, -500, -100, 40, 300, 1200):
            hu = np.full((32, 32, 32), level, np.float32)
            np.testing.assert_array_equal(self.changed(hu, 5), hu)

    def test_follows_its_seed(self):
        hu = np.random.default_rng(1).uniform(-950, 50, (32, 32, 32)).astype(np.float32)
        np.testing.assert_array_equal(self.changed(hu, 7), self.changed(hu, 7))


class OtherVessels(unittest.TestCase):
    def setUp(self):
        self.hu = np.full((48, 48, 48), -850, np.float32)
        self.hu[:, 22:25, 22:25] = 40
        self.hu[:, :6] = 60
        rows = [[z, 23, 23, 12, 1.5] for z in range(4, 44)]
        self.spots = {"vessel": np.array(rows, np.float32)}

    def changed(self, seed):
        out = self.hu.copy()
        revesselled(np.random.default_rng(seed), out, self.spots)
        return out

    def test_follows_its_seed(self):
        np.testing.assert_array_equal(self.changed(4), self.changed(4))

    def test_lungs_get_more_or_less_of_them(self):
        dense = [(self.changed(seed) > -500).sum() - (self.hu > -500).sum() for seed in range(40)]
        self.assertGreater(np.mean(np.array(dense) > 60), 0.4)
        self.assertLessEqual(min(dense), 0)

    def test_nothing_is_denser_than_what_it_grew_from(self):
        for seed in range(40):
            out = self.changed(seed)
            self.assertLessEqual(out.max(), 61)
            self.assertGreaterEqual(out.min(), -851)

    def test_the_wall_stays_a_wall(self):
        for seed in range(40):
            np.testing.assert_array_equal(self.changed(seed)[:, :5], self.hu[:, :5])

    def test_a_patch_without_vessels_gets_none(self):
        lung = np.full((32, 32, 32), -850, np.float32)
        for seed in range(20):
            out = lung.copy()
            revesselled(np.random.default_rng(seed), out, {"vessel": np.empty((0, 5), np.float32)})
            np.testing.assert_array_equal(out, lung)


class OddProtocols(unittest.TestCase):
    def test_reach_what_no_protocol_of_a_test_set_has_and_keep_the_mean(self):
        rng = np.random.default_rng(2)
        drawn = [odd_protocol(rng) for _ in range(300)]
        self.assertTrue(any(p.thickness > 3.5 and p.noise > 45 and p.edge > 1 for p in drawn))
        self.assertTrue(all(0.6 <= p.thickness <= 5 and 0.5 <= p.spacing <= p.thickness + 0.5 for p in drawn))
        for protocol in drawn[:12]:
            seen = acquire(rng, np.full((40, 40, 40), -800, np.float32), protocol)
            self.assertLess(abs(seen.mean() + 800 - protocol.offset), 8)


if __name__ == "__main__":
    unittest.main()
