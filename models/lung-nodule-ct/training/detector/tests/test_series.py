"""A scan as DICOM files: its values, its places and its truth are those it was measured with."""

import json
import tempfile
import unittest
from pathlib import Path

import numpy as np
import pydicom

from detector.lesions import Lesion
from detector.scans import PhantomScan
from detector.series import LOOKS, PLAIN, write


def scan() -> PhantomScan:
    image = np.full((48, 20, 30), 0.1, np.float16)
    image[10, 5, 7] = 0.9
    lesions = [
        Lesion(np.array([10.0, 5.0, 7.0]), 6.0, "solid", "isolated"),
        Lesion(np.array([30.0, 9.0, 9.0]), 2.0, "solid", "isolated", excluded=True),
    ]
    return PhantomScan("test-0000-0", image, np.zeros(image.shape), lesions, PLAIN)


class Series(unittest.TestCase):
    def test_the_brightest_voxel_lies_where_the_truth_says(self):
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place) / "test-0000-0"
            write(folder, scan(), "test-0000", missing=False)
            images = [pydicom.dcmread(path) for path in sorted(folder.glob("*.dcm"))]
            self.assertEqual(len(images), 48)
            (bright,) = [image for image in images if image.pixel_array.max() > 1200]
            self.assertAlmostEqual(bright.pixel_array.max() - 1024, 0.9 * 1400 - 1000, delta=1)
            row, column = np.unravel_index(bright.pixel_array.argmax(), bright.pixel_array.shape)
            x, y, z = map(float, bright.ImagePositionPatient)
            truth = json.loads((folder / "ground-truth.json").read_text())
            np.testing.assert_allclose(truth["nodules"][0]["centerMm"], [x + column, y + row, z], atol=1e-3)
            self.assertEqual([nodule["included"] for nodule in truth["nodules"]], [True, False])
            self.assertEqual(len({image.SOPInstanceUID for image in images}), 48)

    def test_a_missing_slice_is_no_file_and_moves_nothing(self):
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place) / "test-0000-0"
            write(folder, scan(), "test-0000", missing=True)
            heights = sorted(float(pydicom.dcmread(path).ImagePositionPatient[2]) for path in folder.glob("*.dcm"))
            self.assertEqual(len(heights), 47)
            self.assertEqual(sorted(set(np.diff(heights))), [1.0, 2.0])

    def test_each_look_differs_from_the_plain_one_in_its_axis_only(self):
        for axis, _, scanner in LOOKS.values():
            changed = {name for name in vars(PLAIN) if getattr(scanner, name) != getattr(PLAIN, name)}
            self.assertLessEqual(
                changed,
                {"thickness": {"thickness", "spacing"}, "dose": {"noise"}, "kernel": {"blur", "edge"}}.get(axis, set()),
            )


if __name__ == "__main__":
    unittest.main()
