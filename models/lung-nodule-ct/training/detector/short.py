"""The whole way in miniature, within 15 minutes of one core that computes in bfloat16: `python -m detector.short --run runs/short`.

Paints four patients to train on and four to be measured on, trains 300 steps and lets the learning rate fall over 200
more, all in the looks of the validation set: other looks take more steps than these to pay. Ends with an error when the phantom CPM stays below LEAST_CPM. With --cubes it also trains on the real cubes.
"""

import argparse
import csv
from pathlib import Path

from .bank import write
from .infer import has_bf16
from .train import keep_memory, Recipe, train

STEPS, COOLDOWN, PATIENTS, SIZE = 300, 200, 3, 48
LEAST_CPM = 0.5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--bank", type=Path, default=Path("runs/bank"))
    parser.add_argument("--cubes", type=Path)
    parser.add_argument("--fp32", action="store_true", default=not has_bf16(), help="also where the processor has bfloat16")
    options = parser.parse_args()
    options.bank.mkdir(parents=True, exist_ok=True)
    for name in ("train", "validation"):
        for number in range(PATIENTS):
            write(options.bank, name, number)
    recipe = Recipe(patients=PATIENTS, size=SIZE, bf16=not options.fp32, restyle=0.0, tissue=0.0, odd=0.0)
    common = {
        "run": options.run,
        "bank": options.bank,
        "cubes": options.cubes,
        "fp32": options.fp32,
        "workers": 1,
        "threads": 1,
        "save_every": 100,
        "validate_every": 10_000,
    }
    train(recipe, argparse.Namespace(**common, steps=STEPS, cooldown=None, validation=0))
    train(recipe, argparse.Namespace(**common, steps=0, cooldown=COOLDOWN, validation=PATIENTS))
    cooled = options.run.with_name(f"{options.run.name}-cool-{STEPS}")
    last = list(csv.DictReader((cooled / "validation.csv").open()))[-1]
    print(f"CPM {last['CPM']} on validation phantoms; at least {LEAST_CPM} are wanted")
    if float(last["CPM"]) < LEAST_CPM:
        raise SystemExit(1)


if __name__ == "__main__":
    keep_memory("detector.short")
    main()
