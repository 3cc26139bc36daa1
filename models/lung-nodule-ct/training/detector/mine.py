"""Where the network is wrong in patients without nodules: `python -m detector.mine --run runs/a --out runs/hard.npz`.

The places go into training as centres of patches (`detector.train --hard runs/hard.npz`). Phantoms only: in a phantom
nothing is a nodule that was not planted, in real tissue nobody knows.
"""

import argparse
from pathlib import Path

import numpy as np
import torch

from .acquire import acquire, odd_protocol, protocol
from .infer import distance_to_lungs, graph_of, has_bf16, marks, Settings
from .network import NoduleNet
from .patches import normalised, Patient
from .restyle import Lungs, revesselled

LEAST_SCORE, MOST = 0.1, 80


def mine(
    patient: Patient, network: NoduleNet, rng: np.random.Generator, bf16: bool, lungs: Lungs | None = None
) -> np.ndarray:
    """
    Rows z, y, x of false marks, best first. `lungs`: the patient is looked at with these, other vessels and any scanner
    (no new branches: a patch draws its own).
    """
    hu = patient.hu.astype(np.float32)
    if lungs:
        lungs.change(rng, hu)
        revesselled(rng, hu, patient.spots, branches=0)
    hu = acquire(rng, hu, odd_protocol(rng) if lungs else protocol(rng))
    rows = marks(
        graph_of(network, bf16),
        normalised(hu),
        distance_to_lungs(hu),
        Settings(least_score=LEAST_SCORE, mask_tolerance=8),
    )
    return rows[:MOST, :3].astype(np.float32)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--bank", type=Path, default=Path("runs/bank"))
    parser.add_argument("--patients", type=int, default=48)
    parser.add_argument("--first", type=int, default=0, help="patients before it keep the places of --keep")
    parser.add_argument("--keep", type=Path, help="an earlier file, for the patients that are not looked at")
    parser.add_argument("--odd", action="store_true", help="in odd looks; the places of --keep stay beside the new ones")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--fp32", action="store_true", default=not has_bf16(), help="also where the processor has bfloat16")
    options = parser.parse_args()
    torch.set_num_threads(1)
    network, state = NoduleNet(), torch.load(options.run / "last.pt", weights_only=False)
    network.load_state_dict(state["average"])
    found = dict(np.load(options.keep)) if options.keep else {}
    for number in range(options.first, options.patients):
        stem = options.bank / f"train-{number:04d}"
        rng = np.random.default_rng([number, state["step"], 41])
        patient = Patient.load(stem)
        lungs = Lungs(number, kinds=1, size=max(patient.hu.shape)) if options.odd else None
        places = mine(patient, network, rng, not options.fp32, lungs)
        print(f"{stem.name}: {len(places)} false marks above {LEAST_SCORE}", flush=True)
        found[stem.name] = np.concatenate([found[stem.name], places]) if options.odd and stem.name in found else places
    np.savez_compressed(options.out, **found)


if __name__ == "__main__":
    main()
