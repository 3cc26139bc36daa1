"""Whole scans of patients with nodules of known place: what validation and tests are measured on."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .acquire import acquire, odd_protocol, protocol, Scanner
from .froc import Scan
from .infer import distance_to_lungs
from .lesions import draw_list, insert, Lesion, micronodules
from .patches import normalised, Patient
from .patients import ODD, SETS
from .restyle import revesselled

# One scan in ten has no nodule.
COUNTS = (0, 3, 4, 5, 6, 6, 7, 8, 9, 10)
EDGE = 10


@dataclass
class PhantomScan:
    name: str
    image: np.ndarray
    distance: np.ndarray
    lesions: list[Lesion]
    scanner: Scanner

    def scan(self, marks: np.ndarray) -> Scan:
        rows = lambda wanted: np.array(
            [[*item.center, item.diameter] for item in self.lesions if item.excluded == wanted]
        ).reshape(-1, 4)
        return Scan(self.name, rows(False), rows(True), marks)


def make(bank: Path, name: str, number: int, repeat: int = 0, scanner: Scanner | None = None) -> PhantomScan:
    """
    Scan `repeat` of a patient; the same arguments give the same scan. The image is normalised, float16. The set "odd" is of
    validation patients with other and more vessels, seen by any scanner.
    """
    odd = name == "odd"
    rng = np.random.default_rng([(ODD if odd else SETS[name]) + number, 37, repeat])
    patient = Patient.load(bank / f"{'validation' if odd else name}-{number:04d}")
    hu = patient.hu.astype(np.float32)
    if odd:
        revesselled(rng, hu, patient.spots, branches=int(rng.integers(0, 120)))
    low, high = np.full(3, float(EDGE)), np.array(hu.shape) - float(EDGE)
    lesions = draw_list(rng, patient.spots, COUNTS[(number + 3 * repeat) % len(COUNTS)], False, low, high)
    lesions += micronodules(rng, patient.spots, int(rng.integers(0, 4)), low, high)
    for lesion in lesions:
        insert(rng, hu, lesion)
    scanner = scanner or (odd_protocol(rng) if odd else protocol(rng, name == "shifted"))
    hu = acquire(rng, hu, scanner)
    return PhantomScan(
        f"{name}-{number:04d}-{repeat}", normalised(hu).astype(np.float16), distance_to_lungs(hu), lesions, scanner
    )
