"""Files are read back as they were meant, and twice the same."""

import dataclasses
import hashlib
import json
import tempfile
import unittest
from pathlib import Path

import numpy as np
import pydicom

from phantom.dicom import identifiers, instance_uid, write_series
from phantom.sample import register
from phantom.scanner import Scan

SCAN = dataclasses.replace(Scan(), rows=32, columns=40, slices=3)
HU = np.random.default_rng(1).integers(-1100, 3200, (3, 32, 40)).astype(np.int16)


class WriterTest(unittest.TestCase):
    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.folder = Path(holder.name) / "sample"
        self.paths = write_series(self.folder, HU, SCAN, 5)

    def test_pixels_survive_within_twelve_bits(self):
        for index, path in enumerate(self.paths):
            image = pydicom.dcmread(path)
            self.assertEqual(image.file_meta.TransferSyntaxUID, "1.2.840.10008.1.2.4.80")
            read = image.pixel_array.astype(int) * int(image.RescaleSlope) + int(image.RescaleIntercept)
            np.testing.assert_array_equal(read, np.clip(HU[index], -1024, 3071))

    def test_slices_are_numbered_from_the_head_and_placed_from_the_feet(self):
        images = [pydicom.dcmread(path) for path in self.paths]
        self.assertEqual([int(image.InstanceNumber) for image in images], [3, 2, 1])
        self.assertEqual([float(image.ImagePositionPatient[2]) for image in images], [-185.0, -182.5, -180.0])
        self.assertEqual(len({image.SOPInstanceUID for image in images}), 3)

    def test_the_patient_is_plainly_nobody(self):
        image = pydicom.dcmread(self.paths[0])
        self.assertEqual(str(image.PatientName), "Phantom^Chest=体模^胸部")
        self.assertEqual(image.SpecificCharacterSet, "ISO_IR 192")
        self.assertEqual(image.BurnedInAnnotation, "NO")

    def test_the_same_seed_writes_the_same_bytes_and_another_seed_other_uids(self):
        before = [hashlib.sha256(path.read_bytes()).hexdigest() for path in self.paths]
        again = write_series(self.folder, HU, SCAN, 5)
        self.assertEqual(before, [hashlib.sha256(path.read_bytes()).hexdigest() for path in again])
        self.assertFalse(set(identifiers(5).values()) & set(identifiers(6).values()))
        self.assertTrue(instance_uid(5, 0).is_valid and len(instance_uid(5, 0)) <= 64)

    def test_old_slices_do_not_stay_beside_new_ones(self):
        write_series(self.folder, HU[:2], dataclasses.replace(SCAN, slices=2), 5)
        self.assertEqual(len(list(self.folder.glob("*.dcm"))), 2)

    def test_the_list_of_samples_holds_one_entry_with_the_hash_of_each_file(self):
        manifest = self.folder.parent / "manifest.json"
        register(manifest, self.folder, 5)
        register(manifest, self.folder, 5)
        (sample,) = json.loads(manifest.read_text())["samples"]
        self.assertEqual(len(sample["files"]), 3)
        self.assertEqual(sample["files"][2]["sha256"], hashlib.sha256(self.paths[0].read_bytes()).hexdigest())
