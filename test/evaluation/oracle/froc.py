"""LUNA16's rules written a second time, slowly and from the rules alone, to hold the bench against.

Reads JSON from standard input, a list of cases:
    {"scans": [{"lesions": [{"x", "y", "z", "d", "included"}], "marks": [[x, y, z, score], ...]}], "rates": [...]}
and writes, per case, false marks, lesions found, sensitivity at each rate, and their mean. Only the standard library.
"""

import json
import sys

MISSED = -1e9


def kept(marks, most=100):
    """Rule 2: of more than `most` marks only those strictly above the first that is too many."""
    if len(marks) <= most:
        return list(marks)
    limit = sorted((mark[3] for mark in marks), reverse=True)[most]
    return [mark for mark in marks if mark[3] > limit]


def inside(mark, lesion):
    """Rule 3: squared distance strictly below the squared radius; an unknown diameter is 10 mm."""
    diameter = 10.0 if lesion["d"] < 0 else lesion["d"]
    distance = sum((mark[a] - lesion[axis]) ** 2 for a, axis in enumerate("xyz"))
    return distance < (diameter / 2.0) ** 2


def judge(scan):
    """Rules 4 to 6: one (score, is a lesion) pair per lesion and per false mark."""
    marks = kept(scan["marks"])
    used = set()
    pairs = []
    for lesion in scan["lesions"]:
        own = [i for i, mark in enumerate(marks) if inside(mark, lesion)]
        used.update(own)
        if lesion["included"]:
            pairs.append((max((marks[i][3] for i in own), default=MISSED), True))
    pairs += [(mark[3], False) for i, mark in enumerate(marks) if i not in used]
    return pairs


def points(pairs, scans):
    """Rule 7: a point per score that occurs, counted anew each time."""
    lesions = sum(1 for _, is_lesion in pairs if is_lesion)
    scores = sorted({score for score, _ in pairs if score != MISSED}, reverse=True)
    curve = [(0.0, 0.0)]
    for threshold in scores:
        hits = sum(1 for score, is_lesion in pairs if is_lesion and score >= threshold)
        wrong = sum(1 for score, is_lesion in pairs if not is_lesion and score >= threshold)
        curve.append((wrong / scans, hits / lesions))
    return curve


def interpolate(curve, x):
    """Rule 8: a broken line; of several points above each other the last, behind the end the end."""
    if x >= curve[-1][0]:
        return curve[-1][1]
    right = next(i for i, (fp, _) in enumerate(curve) if fp > x)
    (x0, y0), (x1, y1) = curve[right - 1], curve[right]
    return y0 + (y1 - y0) * (x - x0) / (x1 - x0)


def answer(case):
    pairs = [pair for scan in case["scans"] for pair in judge(scan)]
    lesions = sum(1 for _, is_lesion in pairs if is_lesion)
    found = sum(1 for score, is_lesion in pairs if is_lesion and score != MISSED)
    result = {"falseMarks": len(pairs) - lesions, "found": found, "lesions": lesions}
    if lesions == 0:
        return {**result, "sensitivity": None, "cpm": None}
    curve = points(pairs, len(case["scans"]))
    sensitivity = [interpolate(curve, rate) for rate in case["rates"]]
    seven = [interpolate(curve, rate) for rate in (0.125, 0.25, 0.5, 1, 2, 4, 8)]
    return {**result, "sensitivity": sensitivity, "cpm": sum(seven) / 7}


json.dump([answer(case) for case in json.load(sys.stdin)], sys.stdout)
