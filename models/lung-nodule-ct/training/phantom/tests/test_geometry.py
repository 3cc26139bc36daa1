"""Fields, shapes, tubes, trees: pure geometry."""

import unittest

import numpy as np

from phantom.plane import Field, axial_grid
from phantom.shapes import Ellipsoid, Profile, axes_along, bump, ellipse, occupancy, ramp, smooth_max, superellipse
from phantom.tree import as_tubes, companions, grow
from phantom.tubes import Tubes

GRID = axial_grid(120, 100, 1.0)


class FieldTest(unittest.TestCase):
    def test_has_zero_mean_and_unit_variance(self):
        field = Field(np.random.default_rng(1), 6)
        values = np.stack([field.on(GRID.at(z)) for z in range(-60, 60, 4)])
        self.assertLess(abs(values.mean()), 0.1)
        self.assertAlmostEqual(float(values.std()), 1.0, delta=0.1)

    def test_is_smooth_and_the_same_on_every_grid(self):
        field = Field(np.random.default_rng(1), 12)
        coarse, fine = field.on(GRID.at(3.3)), field.on(axial_grid(240, 200, 0.5).at(3.3))
        np.testing.assert_allclose(coarse[50, 60], fine[100:102, 120:122].mean(), atol=0.02)
        self.assertLess(np.abs(np.diff(fine, axis=1)).max(), 0.3)

    def test_a_band_of_rows_reads_what_the_plane_reads(self):
        field = Field(np.random.default_rng(2), 9)
        # But for the last bit: how a product of matrices is summed depends on their shape and the processor.
        band, plane = field.on(GRID.at(1).band(slice(20, 60))), field.on(GRID.at(1))
        np.testing.assert_allclose(band, plane[20:60], atol=1e-6)


class ShapeTest(unittest.TestCase):
    def test_depth_is_zero_on_the_surface_and_grows_inwards(self):
        for shape in (lambda x: ellipse(x, 0 * x, 30.0, 20.0), lambda x: superellipse(x, 0 * x, 30.0, 20.0, 2.4)):
            depth = shape(np.array([29.0, 30.0, 31.0], np.float32))
            np.testing.assert_allclose(depth, [1, 0, -1], atol=0.06)

    def test_an_ellipsoid_follows_its_axes(self):
        body = Ellipsoid((0, 0, 0), (40, 10, 10), axes_along((1, 1, 0)))
        depth = body.depth(axial_grid(101, 101, 1.0))
        self.assertGreater(depth[50 + 25, 50 + 25], 0)
        self.assertLess(depth[50 - 25, 50 + 25], 0)

    def test_a_smooth_union_contains_both_and_adds_at_most_a_fillet(self):
        a, b = np.float32([0, 5, -3]), np.float32([0, 1, -3])
        out = smooth_max(a, b, 4)
        self.assertTrue((out >= np.maximum(a, b)).all() and (out <= np.maximum(a, b) + 1).all())

    def test_profiles_and_hills_answer_plain_numbers_that_keep_planes_narrow(self):
        width, depth = Profile((0, 1, 2), (10, 3, 4))(25)
        self.assertEqual((width, depth), (3.0, 4.0))
        plane = GRID.x * width * bump(2.0, 0.0, 3.0) * ramp(1.0, 0.0, 2.0)
        self.assertEqual(plane.dtype, np.float32)
        self.assertEqual(float(occupancy(np.float32(0.0), 0.7)), 0.5)


class TubeTest(unittest.TestCase):
    def test_depth_is_the_distance_to_the_wall(self):
        tube = Tubes([[-20, 0, 0]], [[20, 0, 0]], [5], [5])
        depth = tube.depth(axial_grid(41, 41, 1.0), 3)
        self.assertAlmostEqual(float(depth[20, 20]), 5, places=3)
        self.assertAlmostEqual(float(depth[20 + 5, 20]), 0, places=3)
        self.assertEqual(float(depth[0, 20]), -4)

    def test_a_thin_vessel_is_drawn_wider_and_fainter_with_its_own_volume(self):
        grid = axial_grid(81, 81, 0.5)
        for radius in (0.3, 0.5):
            vessel = Tubes([[0, 0, -30]], [[0, 0, 30]], [radius], [radius])
            area = vessel.draw(grid.at(0), 0.5, 0.58).sum() * 0.25
            self.assertAlmostEqual(area / (np.pi * radius**2), 1.0, delta=0.35)

    def test_a_curve_passes_through_its_points(self):
        points = [(0, 0, 0), (10, 5, 0), (20, 0, 8)]
        tube = Tubes.through(points, [2, 3, 2])
        for point in points:
            self.assertLess(np.linalg.norm(np.vstack([tube.start, tube.end]) - point, axis=1).min(), 1e-4)
        self.assertLess(tube.distance_to(np.array([10, 5, 0]), 1.0), -1.9)


class TreeTest(unittest.TestCase):
    def setUp(self):
        self.points = np.random.default_rng(4).uniform(-30, 30, (64, 3))
        self.branches = grow(np.random.default_rng(5), (0, 0, 60), (0, 0, -1), self.points, 0.5)

    def test_every_point_is_the_end_of_a_branch(self):
        tips = np.array([b.end for b in self.branches if b.leaves == 1])
        self.assertEqual(len(tips), 64)
        for point in self.points:
            self.assertLess(np.linalg.norm(tips - point, axis=1).min(), 1e-9)

    def test_branches_start_where_their_parent_ends_and_are_thinner(self):
        ends = {tuple(b.end): b for b in self.branches}
        for b in self.branches[1:]:
            parent = ends[tuple(b.start)]
            self.assertLess(b.leaves, parent.leaves)
            self.assertLess(b.radius, parent.radius * 1.15)

    def test_airways_run_beside_arteries_without_a_gap(self):
        side = np.array([1.0, 0, 0])
        airways = companions(self.branches, side, 8, 0.7)
        self.assertEqual(len(airways), sum(b.leaves >= 8 for b in self.branches))
        self.assertTrue(all(a.radius < 5 for a in airways))
        self.assertEqual(len(as_tubes(airways).r0), len(as_tubes(airways).r1))
