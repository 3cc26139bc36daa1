"""A procedural chest CT: a two-lung thorax with nodules of known place, and the scanner that looks at it.

Coordinates are those of DICOM, millimetres: x to the patient's left, y to the back, z to the head (LPS).
The carina is near z = 0, the midline is x = 0.
"""

import os

VERSION = "1.0.1"

# The work is shared among processes; threads below them would only wait for each other. Before numpy is loaded.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
