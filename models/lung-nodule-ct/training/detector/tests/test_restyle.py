"""Another look of a patch, and lungs in another state: bounded, drawn from the seed alone, and without moving anything."""

import unittest

import numpy as np

from detector.restyle import Lungs, restyled


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


if __name__ == "__main__":
    unittest.main()
