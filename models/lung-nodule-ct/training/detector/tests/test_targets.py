"""Heat maps, offsets and what they become when an image is mirrored; real cubes in phantom tissue."""

import unittest

import numpy as np

from detector import patches
from detector.cubes import Cube, split
from detector.infer import decode, Settings, suppressed, tile_spans, whole
from detector.lesions import insert, Lesion
from detector.targets import encode, flip, swap, Target

SHAPE = (64, 64, 64)


def lesion(z, y, x, d=8.0, excluded=False) -> Lesion:
    return Lesion(np.array([z, y, x], float), d, "solid", "isolated", excluded)


def encoded(*lesions: Lesion) -> Target:
    target = Target.blank((16, 16, 16))
    encode(target, list(lesions), SHAPE)
    return target


def answer(target: np.ndarray) -> np.ndarray:
    """What a perfect network says, decoded."""
    heat = np.clip(target[0], 1e-6, 1 - 1e-6)
    return decode(np.log(heat / (1 - heat)), target[1:], Settings(least_score=0.9))


class Encoding(unittest.TestCase):
    def test_is_undone_by_decoding(self):
        rng = np.random.default_rng(0)
        for _ in range(40):
            c, d = rng.uniform(6, 57, 3), rng.uniform(3.2, 30)
            (row,) = answer(encoded(lesion(*c, d)).tensors()[0])
            np.testing.assert_allclose(row[:3], c, atol=1e-3)
            self.assertAlmostEqual(row[4], d, delta=0.01)

    def test_mirrored_and_swapped_targets_decode_to_mirrored_places(self):
        c = np.array([13.2, 30.9, 47.4])
        target, where = encoded(lesion(*c)).tensors()
        for axis in range(3):
            wanted = c.copy()
            wanted[axis] = 63 - c[axis]
            (row,) = answer(flip(target, where, axis)[0])
            np.testing.assert_allclose(row[:3], wanted, atol=1e-3)
        (row,) = answer(swap(target, where)[0])
        np.testing.assert_allclose(row[:3], c[[0, 2, 1]], atol=1e-3)

    def test_excluded_and_cut_lesions_are_silent(self):
        for item in (lesion(20, 20, 20, excluded=True), lesion(-2, 20, 20, 12)):
            target = encoded(item)
            self.assertEqual(target.heat.max(), 0)
            self.assertEqual(target.near.max(), 0)
            self.assertGreater((target.weight == 0).sum(), 4)

    def test_small_lesion_keeps_its_cell_beside_a_large_one(self):
        target = encoded(lesion(20, 20, 32, 5), lesion(20, 20, 18, 20))
        rows = answer(target.tensors()[0])
        self.assertEqual(sorted(round(row[4]) for row in rows), [5, 20])


class Drawing(unittest.TestCase):
    def test_volume_is_that_of_the_sphere(self):
        rng = np.random.default_rng(3)
        for d in (6.0, 12.0, 20.0):
            ratios = []
            for _ in range(12):
                hu = np.full((56, 56, 56), -850, np.float32)
                insert(rng, hu, lesion(28, 28, 28, d))
                ratios.append(
                    ((hu + 850) / (np.percentile(hu[27:30, 27:30, 27:30], 50) + 850)).sum() / (np.pi / 6 * d**3)
                )
            self.assertAlmostEqual(float(np.mean(ratios)), 1.0, delta=0.12)

    def test_what_is_denser_stays(self):
        hu = np.full((40, 40, 40), 700, np.float32)
        insert(np.random.default_rng(0), hu, Lesion(np.full(3, 20.0), 10, "solid", "pleural"))
        np.testing.assert_array_equal(hu, 700)


class RealCubes(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        # A patient of plain lung, so that what is not -850 HU comes from the cube.
        grid = np.stack(np.meshgrid(*[np.arange(4, 150, 4.0)] * 3, indexing="ij"), -1).reshape(-1, 3)
        spots = {
            "lattice": np.column_stack([grid, np.arange(len(grid)) % 40]),
            "vessel": np.column_stack([grid[:50], np.full((50, 2), 2.0)]),
        }
        patient = patches.Patient(np.full((150, 150, 150), -850, np.int16), spots, np.empty((0, 3)))
        z, y, x = np.ogrid[:50, :50, :50]
        mask = (z - 25) ** 2 + (y - 25) ** 2 + (x - 25) ** 2 < 4.6**2
        cube = Cube(
            "a",
            "1.2.3",
            np.where(mask, 60, -820).astype(np.int16),
            mask,
            np.full(3, 25.0),
            float((6 * mask.sum() / np.pi) ** (1 / 3)),
        )
        cls.source = patches.Source([patient], [cube], seed=1)

    def test_nodule_is_anywhere_and_where_the_target_says(self):
        places = []
        for n in range(40):
            image, target = self.source.real(np.random.default_rng(n), with_nodule=True)
            peaks = np.argwhere((target.heat == 1) & (target.real == 1))
            for peak in peaks:
                c = 1.5 + 4 * (peak + target.offset[(slice(None), *peak)])
                near = tuple(slice(max(0, int(v) - 1), int(v) + 2) for v in c)
                self.assertGreater(image[near].mean(), -650)
                places.append(c)
        self.assertGreater(len(places), 30)
        self.assertGreater(np.std(places, 0).min(), 7)

    def test_seams_do_not_count(self):
        image, target = self.source.real(np.random.default_rng(3), with_nodule=True)
        inside = target.real == 1
        self.assertGreater(inside.sum(), 8)
        self.assertGreater((target.weight == 0).sum(), 8)
        self.assertTrue((target.weight[inside] == 1).all())

    def test_negative_box_has_no_peak_of_the_cube(self):
        for n in range(30):
            _, target = self.source.real(np.random.default_rng(n), with_nodule=False)
            real = (target.heat == 1) & (target.real == 1)
            sizes = np.exp(target.size[real])
            self.assertFalse((np.abs(sizes - self.source.cubes[0].diameter) < 0.01).any())

    def test_same_seed_and_number_give_the_same_patch(self):
        first, again, other = self.source.batch(7, 2), self.source.batch(7, 2), self.source.batch(8, 2)
        np.testing.assert_array_equal(first[0], again[0])
        np.testing.assert_array_equal(first[1], again[1])
        self.assertGreater(np.abs(first[0] - other[0]).max(), 0.1)
        self.assertTrue(all(np.isfinite(part).all() for part in first))


class Splits(unittest.TestCase):
    def test_by_series(self):
        # Remainders by sha256sum and bc: 7, 8, 0, 9.
        self.assertEqual(
            [split(uid) for uid in ("1.2.2", "1.2.8", "1.2.9", "1.2.16")], ["train", "validation", "train", "test"]
        )
        names = [split(f"1.2.{n}") for n in range(4000)]
        for name, share in (("train", 0.8), ("validation", 0.1), ("test", 0.1)):
            self.assertAlmostEqual(names.count(name) / 4000, share, delta=0.02)


class Tiles(unittest.TestCase):
    def test_spans_are_those_of_the_product(self):
        self.assertEqual(tile_spans(100, 128, 32), [(0, 112, 0, 112)])
        self.assertEqual(tile_spans(320, 176, 32), [(0, 176, 0, 160), (144, 176, 160, 320)])
        self.assertEqual(tile_spans(300, 128, 32), [(0, 128, 0, 112), (80, 128, 112, 192), (176, 128, 192, 304)])

    def test_every_cell_is_answered_once_from_its_own_place(self):
        rng = np.random.default_rng(2)
        image = rng.random((70, 50, 90)).astype(np.float32)

        def graph(tile):
            cells = tile.reshape(*(v for n in tile.shape for v in (n // 4, 4))).mean((1, 3, 5))
            return cells, np.stack([cells] * 4)

        padded = np.pad(image, [(0, -n % 16) for n in image.shape], mode="edge")
        wanted = graph(padded)[0][:18, :13, :23]
        for roi in ((176, 256, 352), (48, 48, 64)):
            heat, regression = whole(graph, image, Settings(roi=roi, overlap=16))
            np.testing.assert_allclose(heat, wanted, atol=1e-6)
            np.testing.assert_allclose(regression[3], wanted, atol=1e-6)

    def test_suppression(self):
        rows = np.array([[0, 0, 0, 0.9, 10], [0, 0, 4, 0.8, 4], [0, 0, 6, 0.7, 4]], float)
        self.assertEqual(suppressed(rows, 0.5)[:, 3].tolist(), [0.9, 0.7])


if __name__ == "__main__":
    unittest.main()
