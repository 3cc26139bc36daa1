"""Training of `lung-nodule-ct`: data, network, loop, evaluation, export. Volumes are (z, y, x) at 1 mm; places are voxels."""

# Before numpy is loaded: one thread a process (see there).
import phantom  # noqa: F401

# Of the model that is written.
VERSION = "0.5.0"
