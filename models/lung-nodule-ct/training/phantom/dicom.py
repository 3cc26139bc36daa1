"""CT Image Storage (PS3.3 §A.3) from a volume: one study, one series, deterministic UIDs, JPEG-LS lossless."""

import hashlib
from pathlib import Path

import numpy as np
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.uid import UID, ExplicitVRLittleEndian, JPEGLSLossless

from . import VERSION
from .scanner import Scan

CT_IMAGE_STORAGE = "1.2.840.10008.5.1.4.1.1.2"
INTERCEPT = -1024


def uid(*words: object) -> UID:
    """The same words give the same UID, below the root for UUIDs (PS3.5 §B.2)."""
    digest = hashlib.sha256("\n".join(map(str, words)).encode()).digest()
    return UID(f"2.25.{int.from_bytes(digest[:16], 'big')}")


def identifiers(seed: int) -> dict[str, UID]:
    """UIDs of study, series and frame of reference of a sample; a new generator version makes new ones."""
    return {kind: uid("overread-phantom", VERSION, seed, kind) for kind in ("study", "series", "frame-of-reference")}


def instance_uid(seed: int, index: int) -> UID:
    return uid("overread-phantom", VERSION, seed, "instance", index)


def write_series(folder: Path, hu: np.ndarray, scan: Scan, seed: int) -> list[Path]:
    """One file per slice, numbered from the head down as scanners do; answers the paths in slice order (feet first)."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.dcm"):
        old.unlink()
    paths = []
    for index in range(scan.slices):
        number = scan.slices - index
        path = folder / f"{number:04d}.dcm"
        image = ct_image(hu[index], scan, seed, index, number)
        image.compress(JPEGLSLossless, encoding_plugin="pyjpegls", generate_instance_uid=False)
        image.save_as(path, enforce_file_format=True)
        paths.append(path)
    return paths


def ct_image(hu: np.ndarray, scan: Scan, seed: int, index: int, number: int) -> FileDataset:
    """One slice, not yet compressed."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = CT_IMAGE_STORAGE
    meta.MediaStorageSOPInstanceUID = instance_uid(seed, index)
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.ImplementationClassUID = uid("overread-phantom", "implementation")
    meta.ImplementationVersionName = f"PHANTOM_{VERSION.replace('.', '_')}"
    image = FileDataset(None, {}, file_meta=meta, preamble=b"\0" * 128)
    image.update(_patient_and_study(seed))
    image.update(_series_and_equipment(scan, seed))
    image.update(_plane(scan, index, number, seed))
    image.update(_pixels(hu, scan))
    return image


def _dataset(**attributes) -> Dataset:
    out = Dataset()
    for keyword, value in attributes.items():
        setattr(out, keyword, value)
    return out


def _patient_and_study(seed: int) -> Dataset:
    return _dataset(
        SpecificCharacterSet="ISO_IR 192",
        PatientName="Phantom^Chest=体模^胸部",
        PatientID="OVERREAD-PHANTOM-1",
        PatientBirthDate="19600229",
        PatientSex="O",
        PatientAge="064Y",
        StudyInstanceUID=identifiers(seed)["study"],
        StudyDate="20240601",
        StudyTime="083000",
        StudyID="PHANTOM1",
        AccessionNumber="OVERREAD001",
        ReferringPhysicianName="",
        StudyDescription="Chest phantom (computer generated)",
    )


def _series_and_equipment(scan: Scan, seed: int) -> Dataset:
    ids = identifiers(seed)
    return _dataset(
        Modality="CT",
        SeriesInstanceUID=ids["series"],
        SeriesNumber=1,
        SeriesDate="20240601",
        SeriesTime="083100",
        SeriesDescription="Chest phantom 1.0",
        ProtocolName="Chest phantom",
        BodyPartExamined="CHEST",
        PatientPosition="HFS",
        FrameOfReferenceUID=ids["frame-of-reference"],
        PositionReferenceIndicator="",
        Manufacturer="Overread",
        ManufacturerModelName="Procedural chest phantom",
        InstitutionName="Overread test samples",
        DeviceSerialNumber=str(seed),
        SoftwareVersions=f"phantom {VERSION}",
        KVP=120,
        XRayTubeCurrent=120,
        ExposureTime=500,
        ConvolutionKernel=scan.kernel,
        ReconstructionDiameter=round(scan.columns * scan.pixel, 3),
        GantryDetectorTilt=0,
        RotationDirection="CW",
    )


def _plane(scan: Scan, index: int, number: int, seed: int) -> Dataset:
    x, y, z = scan.position(index)
    return _dataset(
        SOPClassUID=CT_IMAGE_STORAGE,
        SOPInstanceUID=instance_uid(seed, index),
        ImageType=["ORIGINAL", "PRIMARY", "AXIAL"],
        AcquisitionNumber=1,
        AcquisitionDate="20240601",
        AcquisitionTime="083100",
        ContentDate="20240601",
        ContentTime="083200",
        InstanceNumber=number,
        ImagePositionPatient=[_decimal(x), _decimal(y), _decimal(z)],
        ImageOrientationPatient=[1, 0, 0, 0, 1, 0],
        SliceLocation=_decimal(z),
        SliceThickness=scan.thickness,
        SpacingBetweenSlices=scan.spacing,
        PixelSpacing=[_decimal(scan.pixel), _decimal(scan.pixel)],
    )


def _pixels(hu: np.ndarray, scan: Scan) -> Dataset:
    stored = np.clip(hu.astype(np.int32) - INTERCEPT, 0, 4095).astype("<u2")
    return _dataset(
        SamplesPerPixel=1,
        PhotometricInterpretation="MONOCHROME2",
        Rows=scan.rows,
        Columns=scan.columns,
        BitsAllocated=16,
        BitsStored=12,
        HighBit=11,
        PixelRepresentation=0,
        BurnedInAnnotation="NO",
        LossyImageCompression="00",
        RescaleIntercept=INTERCEPT,
        RescaleSlope=1,
        RescaleType="HU",
        WindowCenter=[-600, 40],
        WindowWidth=[1500, 400],
        WindowCenterWidthExplanation=["LUNG", "MEDIASTINUM"],
        PixelData=stored.tobytes(),
    )


def _decimal(value: float) -> str:
    """A Decimal String of at most 16 characters (PS3.5 §6.2)."""
    return f"{value:.6f}".rstrip("0").rstrip(".")
