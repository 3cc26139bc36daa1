"""One training patch from a seed: phantom tissue with drawn lesions, or a real cube set into phantom tissue."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy import ndimage

from . import acquire
from .cubes import Cube
from .restyle import Lungs, restyled, revesselled
from .lesions import Lesion, draw_list, insert, micronodules
from .targets import STRIDE, Target, encode, flip, swap

MARGIN = 8
CLIP_HU = (-1000.0, 400.0)
# Cells nearer to the seam of a pasted box than this do not count.
SEAM = 4
LARGEST_ROTATION_DEG = 10


def normalised(hu: np.ndarray) -> np.ndarray:
    low, high = CLIP_HU
    return (np.clip(hu, low, high) - low) / (high - low)


@dataclass
class Patient:
    """HU on disk, spots for lesions, and the places where an earlier network was wrong (rows z, y, x)."""

    hu: np.ndarray
    spots: dict[str, np.ndarray]
    hard: np.ndarray

    @staticmethod
    def load(stem: Path, hard: np.ndarray | None = None) -> "Patient":
        with np.load(stem.with_suffix(".npz")) as kept:
            spots = {name: kept[name] for name in kept.files}
        return Patient(
            np.load(stem.with_suffix(".npy"), mmap_mode="r"),
            spots,
            np.empty((0, 3), np.float32) if hard is None else hard,
        )


class Source:
    """Where patches come from. The same seed and number give the same patch, whichever process makes it."""

    def __init__(
        self,
        patients: list[Patient],
        cubes: list[Cube],
        seed: int,
        size: int = 64,
        real_share: float = 0.5,
        restyle: float = 0.0,
        tissue: float = 0.0,
        odd: float = 0.0,
    ):
        self.patients, self.cubes, self.seed, self.size, self.restyle = patients, cubes, seed, size, restyle
        self.tissue, self.lungs, self.odd = tissue, Lungs(seed) if tissue > 0 else None, odd
        self.real_share = real_share if cubes else 0.0
        self.stock = acquire.NoiseStock(seed)

    def batch(self, step: int, count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """image (count, 1, s, s, s), target (count, 5, s/4, ...), where (count, 3, s/4, ...); float32."""
        made = [self.patch(np.random.default_rng([self.seed, step, n])) for n in range(count)]
        image, target, where = (np.stack(part) for part in zip(*made))
        return image[:, None], target, where

    def patch(self, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        u = rng.random()
        if u >= self.real_share:
            image, target = self.phantom(rng)
        else:
            image, target = self.real(rng, with_nodule=u < self.real_share * 2 / 3)
        if rng.random() < 0.15:
            _end(rng, image, target)
        seen = normalised(image)
        if rng.random() < self.restyle:
            seen = restyled(rng, seen)
        return augmented(rng, seen, *target.tensors())

    def phantom(self, rng: np.random.Generator, lesions: bool = True) -> tuple[np.ndarray, Target]:
        size, wide = self.size, self.size + 2 * MARGIN
        hu, spots = self._window(rng, wide)
        if self.lungs and rng.random() < self.tissue:
            self.lungs.change(rng, hu)
        if self.odd and rng.random() < self.odd:
            revesselled(rng, hu, spots)
        low, high = np.full(3, 0.0), np.full(3, float(wide))
        planted: list[Lesion] = []
        if lesions:
            planted = draw_list(rng, spots, int(rng.choice(5, p=(0.2, 0.3, 0.25, 0.15, 0.1))), True, low, high)
            if rng.random() < 0.15:
                planted += micronodules(rng, spots, int(rng.integers(1, 4)), low, high)
        for lesion in planted:
            insert(rng, hu, lesion)
        hu = acquire.acquire(rng, hu, self._protocol(rng), self.stock)[(slice(MARGIN, -MARGIN),) * 3]
        if rng.random() < 0.5:
            hu = acquire.compressed(rng, hu, self.stock)
        target = Target.blank((size // STRIDE,) * 3)
        encode(target, [lesion.moved(np.float32(-MARGIN)) for lesion in planted], hu.shape)
        return hu, target

    def _protocol(self, rng: np.random.Generator) -> acquire.Scanner:
        return acquire.odd_protocol(rng) if self.odd and rng.random() < self.odd else acquire.protocol(rng)

    def _window(self, rng: np.random.Generator, wide: int) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        """A cut of a patient around a place of interest, some of them turned and scaled."""
        patient = self.patients[rng.integers(len(self.patients))]
        focus = self._focus(rng, patient) + rng.uniform(-0.35, 0.35, 3) * self.size
        turned = rng.random() < 0.25
        reach = int(wide * 1.42) if turned else wide
        corner = np.clip(np.round(focus - reach / 2), 0, np.array(patient.hu.shape) - reach).astype(int)
        hu = patient.hu[tuple(slice(c, c + reach) for c in corner)].astype(np.float32)
        shift = lambda rows, to: np.column_stack([to(rows[:, :3] - corner), rows[:, 3:]]).astype(np.float32)
        near = {}
        for name, rows in patient.spots.items():
            near[name] = rows[((rows[:, :3] > corner) & (rows[:, :3] < corner + reach)).all(1)]
        if not turned:
            return hu, {name: shift(rows, lambda p: p) for name, rows in near.items()}
        matrix = _turn(rng)
        middle, out_middle = np.full(3, (reach - 1) / 2), np.full(3, (wide - 1) / 2)
        hu = ndimage.affine_transform(hu, matrix, middle - matrix @ out_middle, (wide,) * 3, order=1, mode="nearest")
        back = np.linalg.inv(matrix)
        return hu, {name: shift(rows, lambda p: (p - middle) @ back.T + out_middle) for name, rows in near.items()}

    def _focus(self, rng: np.random.Generator, patient: Patient) -> np.ndarray:
        u = rng.random()
        if u < 0.3 and len(patient.hard):
            rows = patient.hard
        elif u < 0.5:
            rows = patient.spots["vessel"]
        else:
            rows = patient.spots["lattice"]
            if u < 0.75:
                rows = rows[rows[:, 3] < 6]
        return rows[rng.integers(len(rows)), :3]

    def real(self, rng: np.random.Generator, with_nodule: bool) -> tuple[np.ndarray, Target]:
        """A box out of a real cube at a random place of a phantom patch; what is near its faces does not count."""
        image, target = self.phantom(rng)
        cube = self.cubes[rng.integers(len(self.cubes))]
        hu, mask, nodule, others = _zoomed(rng, cube)
        added: list[Lesion] = []
        if rng.random() < 0.3:
            hu = hu.copy()
            added = _drawn_into(rng, hu, mask, [nodule, *others])
        if rng.random() < 0.3:
            hu = acquire.acquire(rng, hu, self._protocol(rng), self.stock)
        low, high = _box(rng, hu.shape, mask, with_nodule)
        at = np.array([rng.integers(0, max(1, self.size - s + 1)) for s in high - low])
        high = np.minimum(high, low + self.size)
        place = tuple(slice(a, a + s) for a, s in zip(at, high - low))
        box = tuple(slice(a, b) for a, b in zip(low, high))
        image[place] = hu[box]
        _count_only_inside(target, at, high - low)
        inside = [_in_box(lesion, low, high, at) for lesion in [nodule, *others, *added]]
        _enter_real(target, inside, at, high - low)
        return image, target


def _turn(rng: np.random.Generator) -> np.ndarray:
    """Output to input voxels: a small rotation; bodies up to a quarter larger or a twentieth smaller, no axis quite like another."""
    a, b, c = np.deg2rad(rng.uniform(-LARGEST_ROTATION_DEG, LARGEST_ROTATION_DEG, 3))
    zy = np.array([[np.cos(a), -np.sin(a), 0], [np.sin(a), np.cos(a), 0], [0, 0, 1]])
    zx = np.array([[np.cos(b), 0, -np.sin(b)], [0, 1, 0], [np.sin(b), 0, np.cos(b)]])
    yx = np.array([[1, 0, 0], [0, np.cos(c), -np.sin(c)], [0, np.sin(c), np.cos(c)]])
    return zy @ zx @ yx @ np.diag(rng.uniform(0.8, 1.05) * rng.uniform(0.9, 1.1, 3))


def _zoomed(rng: np.random.Generator, cube: Cube) -> tuple[np.ndarray, np.ndarray, Lesion, list[Lesion]]:
    """
    HU, mask, nodule and its labelled neighbours. Half of the cubes a little larger or smaller, so that there are more small
    real nodules than LUNA16 has.
    """
    scaled = lambda by: [Lesion(row[:3] * by, row[3] * by, "real", "real") for row in cube.others]
    if rng.random() < 0.5:
        return cube.hu.astype(np.float32), cube.mask, Lesion(cube.center, cube.diameter, "real", "real"), scaled(1.0)
    zoom = rng.uniform(0.75, 1.25) if cube.diameter > 5 else rng.uniform(1.0, 1.3)
    size = int(np.floor((cube.hu.shape[0] - 1) * zoom)) + 1
    matrix = np.full(3, 1 / zoom)
    hu = ndimage.affine_transform(cube.hu.astype(np.float32), matrix, 0, (size,) * 3, order=1)
    mask = ndimage.affine_transform(cube.mask.astype(np.float32), matrix, 0, (size,) * 3, order=1) > 0.5
    return hu, mask, Lesion(cube.center * zoom, cube.diameter * zoom, "real", "real"), scaled(zoom)


def _drawn_into(rng: np.random.Generator, hu: np.ndarray, mask: np.ndarray, there: list[Lesion]) -> list[Lesion]:
    """Drawn nodules in real lung: real texture around is then no sign of a real nodule, nor a drawn one of a phantom."""
    lung = ndimage.uniform_filter(hu, 5) < -650
    places = np.argwhere(lung[4:-4, 4:-4, 4:-4]) + 4
    out: list[Lesion] = []
    for _ in range(2 if len(places) else 0):
        lesion = draw_list(
            rng,
            {"lattice": np.column_stack([places, np.full(len(places), 50.0)]), "vessel": np.empty((0, 5))},
            1,
            True,
            np.zeros(3),
            np.array(hu.shape, float),
        )
        for item in lesion:
            if all(
                np.linalg.norm(item.center - o.center) > (item.diameter + o.diameter) / 2 + 4 for o in [*there, *out]
            ):
                insert(rng, hu, item)
                out.append(item)
    return out


def _box(
    rng: np.random.Generator, shape: tuple[int, ...], mask: np.ndarray, with_nodule: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Corners of a sub-box: with the whole nodule, or, for a negative, beside it (else as far from it as a face allows)."""
    size = np.array(shape)
    edges = np.argwhere(mask)
    first, last = edges.min(0), edges.max(0) + 1
    if with_nodule:
        low = np.array([rng.integers(0, max(1, min(20, f - SEAM) + 1)) for f in first])
        trim = np.array([rng.integers(0, max(1, min(20, s - e - SEAM) + 1)) for s, e in zip(size, last)])
        return low, size - trim
    axis, side = rng.integers(3), rng.integers(2)
    low, high = np.zeros(3, int), size.copy()
    if side:
        low[axis] = min(last[axis] + 1, size[axis] - 8)
    else:
        high[axis] = max(first[axis] - 1, 8)
    return low, high


def _in_box(lesion: Lesion, low: np.ndarray, high: np.ndarray, at: np.ndarray) -> tuple[Lesion, bool]:
    """Moved into the patch; False when the seam is so near its centre that it cannot be asked for."""
    c = lesion.center
    clear = np.minimum(c - low, high - 1 - c).min()
    return lesion.moved(at - low), bool(clear > min(SEAM, 0.35 * lesion.diameter + 1))


def _cells(at: np.ndarray, size: np.ndarray, shrink: int) -> tuple[slice, ...]:
    """Cells whose centre lies in a box of voxels, `shrink` inside of its faces (negative: around it)."""
    first = np.maximum(np.ceil((at + shrink - 1.5) / STRIDE), 0).astype(int)
    last = np.floor((at + size - 1 - shrink - 1.5) / STRIDE).astype(int) + 1
    return tuple(slice(a, max(a, b)) for a, b in zip(first, last))


def _count_only_inside(target: Target, at: np.ndarray, size: np.ndarray) -> None:
    """Forgets what the box covers and silences both sides of its faces."""
    around = _cells(at, size, -SEAM)
    for part in (target.heat, target.near, target.size, target.weight):
        part[around] = 0
    target.offset[(slice(None), *around)] = 0
    inside = _cells(at, size, SEAM)
    target.weight[inside] = 1
    target.real[inside] = 1


def _enter_real(target: Target, lesions: list[tuple[Lesion, bool]], at: np.ndarray, size: np.ndarray) -> None:
    shape = tuple(n * STRIDE for n in target.heat.shape)
    for lesion, whole in lesions:
        encode(
            target,
            [lesion if whole else Lesion(lesion.center, lesion.diameter, lesion.kind, lesion.site, excluded=True)],
            shape,
        )
    # A lesion reaches beyond the box only as far as the box does.
    outside = np.ones(target.heat.shape, bool)
    outside[_cells(at, size, 0)] = False
    around = np.zeros(target.heat.shape, bool)
    around[_cells(at, size, -SEAM)] = True
    target.near[outside & around] = 0


def _end(rng: np.random.Generator, image: np.ndarray, target: Target) -> None:
    """Ends the image early: its last plane is repeated, as the runner does beyond the edge of a scan."""
    axis, count = int(rng.integers(3)), int(rng.integers(4, image.shape[0] // 3))
    view, cells = np.moveaxis(image, axis, 0), -(-count // STRIDE)
    backwards = rng.random() < 0.5
    if backwards:
        view = view[::-1]
    view[-count:] = view[-count - 1]
    for part in (target.weight, target.near):
        edge = np.moveaxis(part, axis, 0)[::-1] if backwards else np.moveaxis(part, axis, 0)
        edge[-cells:] = 0


def augmented(
    rng: np.random.Generator, image: np.ndarray, target: np.ndarray, where: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    for axis in range(3):
        if rng.random() < 0.5:
            image = np.flip(image, axis)
            target, where = flip(target, where, axis)
    if rng.random() < 0.5:
        image = image.swapaxes(1, 2)
        target, where = swap(target, where)
    image = image * rng.uniform(0.95, 1.05) + rng.normal(0, 0.01)
    return tuple(np.ascontiguousarray(part, np.float32) for part in (image, target, where))
