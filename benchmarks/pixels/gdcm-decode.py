"""Milliseconds GDCM needs to decode each image of each folder named, once: one JSON object, folder to list."""

import json
import os
import sys
import time

import gdcm


def milliseconds(path):
    reader = gdcm.ImageReader()
    reader.SetFileName(path)
    if not reader.Read():
        raise RuntimeError(path)
    change = gdcm.ImageChangeTransferSyntax()
    change.SetTransferSyntax(gdcm.TransferSyntax(gdcm.TransferSyntax.ExplicitVRLittleEndian))
    change.SetInput(reader.GetImage())
    started = time.perf_counter()
    if not change.Change():
        raise RuntimeError(path)
    return (time.perf_counter() - started) * 1000


times = {}
for folder in sys.argv[1:]:
    files = sorted(os.path.join(folder, name) for name in os.listdir(folder))
    times[folder] = [milliseconds(path) for path in files]
print(json.dumps(times))
