"""Prints, as JSON, the text of each file named on the command line as pydicom decodes it: {file: {path: [values]}}.

A path is the tag of an element, behind the tags and item numbers of the sequences around it: 00400275/0/00081050.
"""
import json
import sys
import warnings

import pydicom

warnings.simplefilter("ignore")
TEXT = {"LO", "LT", "PN", "SH", "ST", "UC", "UT"}


def values(element):
    value = element.value
    many = isinstance(value, (list, tuple, pydicom.multival.MultiValue))
    return [str(each) for each in (value if many else [value])]


def texts(dataset, path=""):
    found = {}
    for element in dataset:
        place = f"{path}{element.tag.group:04x}{element.tag.elem:04x}"
        if element.VR == "SQ":
            for index, item in enumerate(element.value):
                found.update(texts(item, f"{place}/{index}/"))
        elif element.VR in TEXT and element.value is not None:
            found[place] = values(element)
    return found


def read(file):
    try:
        dataset = pydicom.dcmread(file)
        dataset.decode()
        return texts(dataset)
    except Exception as error:  # whatever it cannot read is no oracle
        return {"error": [type(error).__name__]}


print(json.dumps({file: read(file) for file in sys.argv[1:]}))
