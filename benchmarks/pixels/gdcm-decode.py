"""Milliseconds GDCM needs to decode an image of each folder named, decoding all of them PASSES times.

    gdcm-decode.py                        prints the version of GDCM
    gdcm-decode.py PASSES FOLDER ...      prints a JSON object: folder to CPU on average and time at best

CPU is that of the process: GDCM decodes JPEG 2000 in several threads.
"""

import json
import os
import sys
import time

import gdcm


def decode(path):
    """Seconds to decode one file; reading it is left out."""
    reader = gdcm.ImageReader()
    reader.SetFileName(path)
    if not reader.Read():
        raise RuntimeError(path)
    change = gdcm.ImageChangeTransferSyntax()
    change.SetTransferSyntax(gdcm.TransferSyntax(gdcm.TransferSyntax.ExplicitVRLittleEndian))
    change.SetInput(reader.GetImage())
    cpu, clock = time.process_time(), time.perf_counter()
    if not change.Change():
        raise RuntimeError(path)
    return time.process_time() - cpu, time.perf_counter() - clock


def measure(folder, passes):
    files = sorted(os.path.join(folder, name) for name in os.listdir(folder))
    took = [decode(path) for _ in range(passes) for path in files]
    return {"cpu": sum(cpu for cpu, _ in took) / len(took) * 1000, "best": min(clock for _, clock in took) * 1000}


if len(sys.argv) < 2:
    print(gdcm.Version.GetVersion())
else:
    print(json.dumps({folder: measure(folder, int(sys.argv[1])) for folder in sys.argv[2:]}))
