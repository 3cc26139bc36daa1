"""The training loop: `python -m detector.train --run runs/a`. Run again, it goes on from its last checkpoint.

The learning rate stays constant, so that a run may be stopped or go on at any time; `--cooldown N` branches off from the
last checkpoint into the run `<name>-cool-<step>` and lets it fall to zero over N steps, which gives the model to ship.
Batches depend on seed and step only, so a resumed run gives the weights of an uninterrupted one.
"""

import argparse
import csv
import json
import math
import multiprocessing
import os
import shutil
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from queue import Full

import numpy as np
import torch

from .cubes import read
from .infer import graph_of, has_bf16
from .measure import cube_numbers, load_or_make, on_cubes, on_phantoms, phantom_numbers
from .network import losses, NoduleNet
from .patches import Patient, Source

WARM_UP_STEPS = 60

# By itself glibc gives the large blocks of a step back to the system, which clears them anew for the next: 40 % of the time.
KEEP_MEMORY = {
    "MALLOC_MMAP_MAX_": "0",
    "MALLOC_TRIM_THRESHOLD_": str(16 * 2**30),
    "MALLOC_TOP_PAD_": str(64 * 2**20),
    "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1",
}


@dataclass(frozen=True)
class Recipe:
    """
    Everything that decides the weights, beside the code. `patients` of the bank; `restyle`: the share of patches; `doubt`:
    the score above which an unlabelled place in real tissue is left alone, 1: none is; `tissue`: the share of phantom
    patches whose lungs are in another state; `odd`: the share whose scanner is any, and that whose vessels are others.
    """

    seed: int = 0
    patients: int = 48
    batch: int = 8
    size: int = 64
    real_share: float = 0.5
    rate: float = 2e-3
    decay: float = 1e-4
    clip: float = 5.0
    average: float = 0.999
    bf16: bool = True
    hard: str = ""
    restyle: float = 0.5
    doubt: float = 0.8
    tissue: float = 0.5
    odd: float = 0.5


def keep_memory(module: str) -> None:
    """Starts the module again with KEEP_MEMORY, which a process reads when it starts; returns where that is in force."""
    if sys.platform == "linux" and not KEEP_MEMORY.keys() <= os.environ.keys():
        os.execve(sys.executable, [sys.executable, "-m", module, *sys.argv[1:]], {**KEEP_MEMORY, **os.environ})


def source_of(recipe: Recipe, bank: Path, cubes: Path | None) -> Source:
    stems = [bank / f"train-{number:04d}" for number in range(recipe.patients)]
    missing = [stem.name for stem in stems if not stem.with_suffix(".npz").exists()]
    if missing:
        raise SystemExit(
            f"{len(missing)} patients are not in {bank} (first: {missing[0]}): python -m detector.bank train 0 {recipe.patients}"
        )
    hard = np.load(recipe.hard) if recipe.hard else {}
    patients = [Patient.load(stem, hard[stem.name] if stem.name in hard else None) for stem in stems]
    real = read(cubes, "train") if cubes else []
    return Source(patients, real, recipe.seed, recipe.size, recipe.real_share, recipe.restyle, recipe.tissue, recipe.odd)


def _supply(recipe: Recipe, bank: Path, cubes: Path | None, steps: range, queue) -> None:
    """A process of its own: makes the batches of its steps."""
    torch.set_num_threads(1)
    source = source_of(recipe, bank, cubes)
    for step in steps:
        image, target, where = source.batch(step, recipe.batch)
        made = (step, image.astype(np.float16), target.astype(np.float16), where.astype(np.uint8))
        while multiprocessing.parent_process().is_alive():
            try:
                queue.put(made, timeout=5)
                break
            except Full:
                continue
        else:
            queue.cancel_join_thread()
            return


class Batches:
    """Batches in the order of their steps, made ahead by `workers` processes (0: here, when asked for)."""

    def __init__(self, recipe: Recipe, bank: Path, cubes: Path | None, first: int, last: int, workers: int):
        self.queues, self.processes, self.first, self.recipe = [], [], first, recipe
        self.source = source_of(recipe, bank, cubes) if workers == 0 else None
        context = multiprocessing.get_context("spawn")
        for n in range(workers):
            queue = context.Queue(6)
            work = (recipe, bank, cubes, range(first + n, last, workers), queue)
            process = context.Process(target=_supply, args=work, daemon=True)
            process.start()
            self.queues.append(queue)
            self.processes.append(process)

    def __call__(self, step: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        if self.source:
            image, target, where = self.source.batch(step, self.recipe.batch)
            made = (image.astype(np.float16), target.astype(np.float16), where.astype(np.uint8))
        else:
            number, *made = self.queues[(step - self.first) % len(self.queues)].get(timeout=900)
            assert number == step
        return tuple(torch.from_numpy(part).float() for part in made)

    def close(self) -> None:
        for process in self.processes:
            process.terminate()


class Run:
    """Network, its average, optimiser and history; `step` is the number of steps done."""

    def __init__(self, recipe: Recipe):
        torch.manual_seed(recipe.seed)
        self.recipe, self.step, self.seconds, self.history = recipe, 0, 0.0, []
        self.network = NoduleNet().to(memory_format=torch.channels_last_3d)
        self.average = NoduleNet()
        self.average.load_state_dict(self.network.state_dict())
        self.optimiser = torch.optim.AdamW(self.network.parameters(), recipe.rate, weight_decay=recipe.decay)

    def state(self) -> dict:
        return {
            "network": self.network.state_dict(),
            "average": self.average.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "random": torch.get_rng_state(),
            "step": self.step,
            "seconds": self.seconds,
            "history": self.history,
        }

    def restore(self, state: dict) -> None:
        self.network.load_state_dict(state["network"])
        self.average.load_state_dict(state["average"])
        self.optimiser.load_state_dict(state["optimiser"])
        torch.set_rng_state(state["random"])
        self.step, self.seconds, self.history = state["step"], state["seconds"], state["history"]

    def save(self, path: Path) -> None:
        """Whole or not at all."""
        part = path.with_suffix(".part")
        torch.save(self.state(), part)
        os.replace(part, path)

    def advance(self, batch: tuple[torch.Tensor, torch.Tensor, torch.Tensor], rate: float) -> tuple[float, float]:
        """One step at a learning rate; answers the two parts of the loss."""
        image, target, where = batch
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        self.network.train()
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=self.recipe.bf16):
            heat, regression = self.network(image.contiguous(memory_format=torch.channels_last_3d))
        of_heat, of_size = losses(heat, regression, target, where, self.recipe.doubt)
        self.optimiser.zero_grad()
        (of_heat + of_size).backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), self.recipe.clip)
        self.optimiser.step()
        self.step += 1
        self._follow()
        return of_heat.item(), of_size.item()

    def _follow(self) -> None:
        keep = min(self.recipe.average, (1 + self.step) / (10 + self.step))
        for slow, fast in zip(self.average.state_dict().values(), self.network.state_dict().values()):
            if slow.dtype.is_floating_point:
                slow.lerp_(fast, 1 - keep)
            else:
                slow.copy_(fast)


def rate_at(recipe: Recipe, step: int, cooldown: tuple[int, int] | None) -> float:
    """`cooldown`: the step at which it begins, and its length."""
    warm = min(1.0, (step + 1) / WARM_UP_STEPS)
    if cooldown is None:
        return recipe.rate * warm
    done = min(1.0, (step - cooldown[0]) / cooldown[1])
    return recipe.rate * warm * (0.5 * (1 + math.cos(math.pi * done)) * 0.99 + 0.01)


def _append(path: Path, row: dict) -> None:
    new = not path.exists()
    with path.open("a", newline="") as file:
        writer = csv.DictWriter(file, row)
        if new:
            writer.writeheader()
        writer.writerow(row)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--bank", type=Path, default=Path("runs/bank"))
    parser.add_argument("--cubes", type=Path, help="folder of the real cubes; without it phantoms only")
    parser.add_argument("--steps", type=int, default=1_000_000, help="the step at which to stop")
    parser.add_argument("--cooldown", type=int, help="branch off and let the learning rate fall over so many steps")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1, help="of torch; on a busy machine more are slower")
    parser.add_argument("--save-every", type=int, default=200)
    parser.add_argument("--validate-every", type=int, default=1000)
    parser.add_argument(
        "--validation", type=int, default=4, help="patients of the validation set, two scans each; 0: none"
    )
    for name, kind, value in (
        ("seed", int, 0),
        ("patients", int, 48),
        ("batch", int, 8),
        ("size", int, 64),
        ("real-share", float, 0.5),
        ("rate", float, 2e-3),
        ("hard", str, ""),
        ("restyle", float, 0.5),
        ("doubt", float, 0.8),
        ("tissue", float, 0.5),
        ("odd", float, 0.5),
    ):
        parser.add_argument(f"--{name}", type=kind, default=value)
    parser.add_argument("--fp32", action="store_true", default=not has_bf16(), help="also where the processor has bfloat16")
    options = parser.parse_args()
    recipe = Recipe(
        options.seed,
        options.patients,
        options.batch,
        options.size,
        options.real_share,
        options.rate,
        bf16=not options.fp32,
        hard=options.hard,
        restyle=options.restyle,
        doubt=options.doubt,
        tissue=options.tissue,
        odd=options.odd,
    )
    train(recipe, options)


def train(recipe: Recipe, options: argparse.Namespace) -> Run:
    torch.set_num_threads(options.threads)
    run, folder, cooldown = Run(recipe), options.run, None
    last = folder / "last.pt"
    if last.exists():
        run.restore(torch.load(last, weights_only=False))
    stop = options.steps
    if options.cooldown:
        cooldown, stop = (run.step, options.cooldown), run.step + options.cooldown
        folder = folder.with_name(f"{folder.name}-cool-{run.step}")
    folder.mkdir(parents=True, exist_ok=True)
    if options.cooldown:
        for name in ("curve.csv", "validation.csv"):
            if (options.run / name).exists():
                shutil.copy(options.run / name, folder / name)
    run.history = [*run.history, {"from": run.step, "cooldown": options.cooldown, **asdict(recipe)}]
    (folder / "history.json").write_text(json.dumps(run.history, indent=1) + "\n")
    validate = _validator(options)
    batches = Batches(recipe, options.bank, options.cubes, run.step, stop, options.workers)
    began, before, recent = time.monotonic(), run.seconds, []
    while run.step < stop:
        rate = rate_at(recipe, run.step, cooldown)
        recent.append(run.advance(batches(run.step), rate))
        run.seconds = before + time.monotonic() - began
        if run.step % 50 == 0 or run.step == stop:
            heat, size = np.mean(recent, 0)
            _append(
                folder / "curve.csv",
                {
                    "step": run.step,
                    "seconds": round(run.seconds),
                    "rate": f"{rate:.2e}",
                    "heat": f"{heat:.4f}",
                    "size": f"{size:.4f}",
                },
            )
            print(f"step {run.step}  {run.seconds:.0f} s  heat {heat:.3f}  size {size:.3f}", flush=True)
            recent = []
        if run.step % options.save_every == 0 or run.step == stop:
            run.save(folder / "last.pt")
        if validate and (run.step % options.validate_every == 0 or run.step == stop):
            row = {"step": run.step, "seconds": round(run.seconds), **validate(run.average)}
            _append(folder / "validation.csv", row)
            print("  " + "  ".join(f"{key} {value}" for key, value in row.items()), flush=True)
            torch.save(run.average.state_dict(), folder / f"average-{run.step:06d}.pt")
    batches.close()
    return run


def _validator(options: argparse.Namespace):
    """A function of the averaged network to the numbers of the validation sets; None when there are none."""
    if options.validation == 0:
        return None
    scans = load_or_make(options.bank.with_name("scans"), options.bank, "validation", options.validation, 2)
    cubes = read(options.cubes, "validation") if options.cubes else []

    def validate(network: NoduleNet) -> dict[str, float]:
        graph = graph_of(network, bf16=not options.fp32)
        numbers = phantom_numbers(on_phantoms(graph, scans), scans)
        return {**numbers, **(cube_numbers(on_cubes(graph, cubes)) if cubes else {})}

    return validate


if __name__ == "__main__":
    keep_memory("detector.train")
    main()
