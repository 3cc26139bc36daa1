#!/bin/sh
# Makes the virtual environment .venv beside this file: `sh setup.sh`. Python 3.11 or newer, about 1.3 GB.
# torch: the CPU build of the pinned version is enough and is a tenth of the size of one with CUDA; where pip is offered
# both, point it at the CPU build before (PIP_FIND_LINKS or PIP_EXTRA_INDEX_URL). Every command works with either.
set -e
cd "$(dirname "$0")"
python3 -m venv .venv
.venv/bin/pip install --quiet -r requirements.txt -r requirements-training.txt
.venv/bin/python -c 'import torch, onnxruntime; print("torch", torch.__version__, "onnxruntime", onnxruntime.__version__)'
