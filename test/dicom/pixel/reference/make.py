"""What independent decoders make of every image in ../shared/data/corpus and ct: writes frames.json beside this file.

    python3 -m venv test/dicom/pixel/reference/.venv
    test/dicom/pixel/reference/.venv/bin/pip install pydicom==3.0.2 pylibjpeg==2.1.0 pylibjpeg-libjpeg==2.5.0 pylibjpeg-openjpeg==2.6.0 \
        pylibjpeg-rle==2.2.0 pyjpegls==1.5.1 python-gdcm==3.2.6 numpy==2.4.6
    test/dicom/pixel/reference/.venv/bin/python test/dicom/pixel/reference/make.py

Each entry: which decoders agree to the last pixel, and the hash of all frames as 32-bit little endian numbers, pixel by
pixel, colours as RGB. For lossy syntaxes, in which decoders may differ, 64 samples and the mean of each decoder. No image
data is kept.
"""

import hashlib
import json
import logging
import os
import sys
import warnings

import numpy as np
import pydicom
from pydicom.pixels import get_decoder, pixel_array

warnings.simplefilter("ignore")
logging.disable(logging.CRITICAL)

HERE = os.path.dirname(os.path.abspath(__file__))
DATA = os.path.normpath(os.path.join(HERE, "../../../../../shared/data"))
LOSSY = {f"1.2.840.10008.1.2.4.{end}" for end in (50, 51, 53, 55, 91, 112, 203)}
SAMPLES = 64
STEP = 104_729


def plugins(uid):
    """The decoders for a syntax that are not pydicom's own for uncompressed data."""
    try:
        names = get_decoder(uid).available_plugins
    except NotImplementedError:
        names = ()
    return names or ("",)


def values(path, plugin):
    """All frames, as numbers: frame by frame, pixel by pixel, colour by colour."""
    return np.ascontiguousarray(pixel_array(path, decoding_plugin=plugin)).ravel().astype("<i8")


def sha(numbers):
    return hashlib.sha256((numbers & 0xFFFFFFFF).astype("<u4").tobytes()).hexdigest()[:32]


def entry(path):
    dataset = pydicom.dcmread(path, stop_before_pixels=True)
    uid = dataset.file_meta.TransferSyntaxUID
    answers = {}
    for plugin in plugins(uid):
        try:
            answers[plugin or "pydicom"] = values(path, plugin)
        except Exception:  # a decoder that cannot is no reference
            pass
    if not answers:
        return None
    if uid in LOSSY:
        return {
            "syntax": uid,
            "lossy": {
                name: {
                    "count": len(numbers),
                    "mean": round(float(numbers.mean()), 4),
                    "samples": [int(numbers[i * STEP % len(numbers)]) for i in range(SAMPLES)],
                }
                for name, numbers in answers.items()
            }
        }
    hashes = {}
    for name, numbers in answers.items():
        hashes.setdefault(sha(numbers), []).append(name)
    return {"syntax": uid, "exact": {digest: " ".join(names) for digest, names in hashes.items()}}


def main():
    entries = {}
    for folder in ("corpus", "ct"):
        for root, _, files in sorted(os.walk(os.path.join(DATA, folder))):
            for name in sorted(files):
                path = os.path.join(root, name)
                try:
                    found = entry(path)
                except Exception:  # not DICOM, or not readable as such
                    found = None
                if found:
                    entries[os.path.relpath(path, DATA)] = found
                    print(len(entries), name, file=sys.stderr)
    lines = ",\n".join(f"{json.dumps(key)}: {json.dumps(value, separators=(',', ':'))}" for key, value in entries.items())
    with open(os.path.join(HERE, "frames.json"), "w", encoding="utf-8") as out:
        out.write("{\n" + lines + "\n}\n")


main()
