"""Asks a server what Python's dicomweb-client can ask, and says what came back as JSON: the test judges.

usage: dicomweb-client.py ROOT FILE...   (files of one series, in the order of their instance numbers)
"""

import hashlib
import io
import json
import sys

import numpy
import pydicom
from dicomweb_client.api import DICOMwebClient
from PIL import Image


def pixel_hash(dataset):
    return hashlib.sha256(numpy.ascontiguousarray(dataset.pixel_array).tobytes()).hexdigest()


def main(root, *files):
    client = DICOMwebClient(root)
    sent = [pydicom.dcmread(file) for file in files]
    first = sent[0]
    study, series, sop = first.StudyInstanceUID, first.SeriesInstanceUID, first.SOPInstanceUID
    told = {}

    told["stored"] = len(client.store_instances(sent).ReferencedSOPSequence)
    told["studies"] = len(client.search_for_studies(search_filters={"StudyInstanceUID": study}))
    told["fuzzy"] = len(client.search_for_studies(fuzzymatching=True, search_filters={"PatientName": "clie pyth"}))
    told["series"] = len(client.search_for_series(study))
    told["instances"] = len(client.search_for_instances(study, series))

    told["study"] = [pixel_hash(each) == pixel_hash(own) for each, own in zip(client.retrieve_study(study), sent)]
    told["retrievedSeries"] = len(client.retrieve_series(study, series))
    instance = client.retrieve_instance(study, series, sop)
    told["instance"] = instance == first
    # Any coding, in place of the client's own choice.
    syntax = instance.file_meta.TransferSyntaxUID
    told["instanceSyntax"] = str(syntax)
    metadata = client.retrieve_instance_metadata(study, series, sop)
    told["metadata"] = pydicom.Dataset.from_json(metadata).SOPInstanceUID == sop
    told["seriesMetadata"] = len(client.retrieve_series_metadata(study, series))

    frame = client.retrieve_instance_frames(study, series, sop, [1])[0]
    told["frame"] = hashlib.sha256(frame).hexdigest() == hashlib.sha256(first.PixelData).hexdigest()
    asked = (("image/jls", "1.2.840.10008.1.2.4.80"),)
    told["jpegLs"] = client.retrieve_instance_frames(study, series, sop, [1], media_types=asked)[0][:2].hex()

    for name, kind in (("jpeg", "image/jpeg"), ("png", "image/png")):
        picture = Image.open(io.BytesIO(client.retrieve_instance_rendered(study, series, sop, media_types=(kind,))))
        told[name] = [picture.format, picture.mode, picture.width, picture.height]
    params = {"viewport": "20,20"}
    small = client.retrieve_instance_frames_rendered(
        study, series, sop, [1], media_types=("image/png",), params=params
    )
    told["scaled"] = list(Image.open(io.BytesIO(small)).size)

    # The client leaves the port out of its Host header, and our URLs name the host by which we were asked.
    uri = next(each["BulkDataURI"] for each in metadata.values() if "BulkDataURI" in each)
    told["bulkData"] = client.retrieve_bulkdata(root + uri.split("/dicomweb", 1)[1])[0].hex()[:8]
    print(json.dumps(told))


main(*sys.argv[1:])
