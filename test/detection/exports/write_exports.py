"""Writes small packages in the form of the exports that `overread model import` reads: an Ultralytics ONNX file, a MONAI
bundle and an nnU-Net folder. The graphs have a few weights and the right inputs, outputs and metadata; they detect nothing.

    python write_exports.py        needs onnx and numpy; the same bytes each time
"""

import json
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

HERE = Path(__file__).parent
OPSET = [helper.make_opsetid("", 17)]


def weight(name: str, *shape: int) -> onnx.TensorProto:
    """Small, smooth and never zero."""
    values = np.sin(np.arange(np.prod(shape), dtype=np.float64) + 1) * 0.1
    return numpy_helper.from_array(values.reshape(shape).astype(np.float32), name)


def model(graph: onnx.GraphProto, producer: str, metadata: dict[str, str]) -> onnx.ModelProto:
    made = helper.make_model(graph, opset_imports=OPSET, producer_name=producer, ir_version=8)
    helper.set_model_props(made, metadata)
    onnx.checker.check_model(made, full_check=True)
    return made


def save(made: onnx.ModelProto, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(made.SerializeToString(deterministic=True))
    print(path.relative_to(HERE), path.stat().st_size)


def write_json(path: Path, value: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=2) + "\n")


def ultralytics() -> None:
    """As `yolo export format=onnx` writes it: one output (1, 4 + C, N), the settings as Python literals in the metadata."""
    size, classes = 640, ["nodule", "mass", "opacity"]
    nodes, parts, weights = [], [], []
    for stride in (8, 16, 32):
        cells = (size // stride) ** 2
        weights += [weight(f"w{stride}", 4 + len(classes), 3, 1, 1)]
        shape = numpy_helper.from_array(np.array([1, 4 + len(classes), cells], np.int64), f"s{stride}")
        weights += [shape]
        nodes += [
            helper.make_node("AveragePool", ["images"], [f"p{stride}"], kernel_shape=[stride] * 2, strides=[stride] * 2),
            helper.make_node("Conv", [f"p{stride}", f"w{stride}"], [f"c{stride}"], kernel_shape=[1, 1]),
            helper.make_node("Reshape", [f"c{stride}", f"s{stride}"], [f"r{stride}"]),
        ]
        parts.append(f"r{stride}")
    nodes += [
        helper.make_node("Concat", parts, ["joined"], axis=2),
        helper.make_node("Sigmoid", ["joined"], ["output0"]),
    ]
    graph = helper.make_graph(
        nodes,
        "main_graph",
        [helper.make_tensor_value_info("images", TensorProto.FLOAT, [1, 3, size, size])],
        [helper.make_tensor_value_info("output0", TensorProto.FLOAT, [1, 4 + len(classes), 8400])],
        weights,
    )
    metadata = {
        "description": "Ultralytics YOLOv8n model trained on chest.yaml",
        "author": "Ultralytics",
        "date": "2025-01-01T00:00:00",
        "version": "8.3.0",
        "license": "AGPL-3.0 License (https://ultralytics.com/license)",
        "docs": "https://docs.ultralytics.com",
        "stride": "32",
        "task": "detect",
        "batch": "1",
        "imgsz": str([size, size]),
        "names": str(dict(enumerate(classes))),
        "args": "{'batch': 1, 'half': False, 'dynamic': False, 'simplify': True, 'opset': 17, 'nms': False}",
    }
    save(model(graph, "pytorch", metadata), HERE / "ultralytics" / "best.onnx")


def monai() -> None:
    """A bundle with a RetinaNet of three levels, raw heads: scores first, then boxes. Axes N C W H D."""
    levels, anchors = [(4, 4, 2), (8, 8, 4), (16, 16, 8)], 3
    nodes, weights, scores, boxes = [], [], [], []
    for index, stride in enumerate(levels):
        pooled = f"p{index}"
        nodes += [helper.make_node("AveragePool", ["image"], [pooled], kernel_shape=stride, strides=stride)]
        for kind, channels, names in (("cls", anchors, scores), ("box", anchors * 6, boxes)):
            weights += [weight(f"{kind}{index}", channels, 1, 1, 1, 1)]
            output = f"output_{index if kind == 'cls' else index + len(levels)}"
            nodes += [helper.make_node("Conv", [pooled, f"{kind}{index}"], [output], kernel_shape=[1, 1, 1])]
            names.append(
                helper.make_tensor_value_info(output, TensorProto.FLOAT, [1, channels, f"w{index}", f"h{index}", f"d{index}"])
            )
    graph = helper.make_graph(
        nodes,
        "retinanet",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, [1, 1, "w", "h", "d"])],
        scores + boxes,
        weights,
    )
    folder = HERE / "monai"
    save(model(graph, "pytorch", {}), folder / "models" / "model.onnx")
    write_json(
        folder / "configs" / "metadata.json",
        {
            "schema": "https://github.com/Project-MONAI/MONAI-extra-test-data/releases/download/0.8.1/meta_schema_20220324.json",
            "version": "0.6.8",
            "monai_version": "1.3.0",
            "task": "CT lung nodule detection",
            "description": "A detection model of the form of a bundle, for tests",
            "intended_use": "Tests of an importer",
            "copyright": "Copyright of nobody",
            "data_source": "none",
            "network_data_format": {
                "inputs": {
                    "image": {
                        "type": "image",
                        "format": "hounsfield",
                        "modality": "CT",
                        "num_channels": 1,
                        "spatial_shape": ["16*n", "16*n", "8*n"],
                        "dtype": "float32",
                        "value_range": [0, 1],
                        "is_patch_data": True,
                        "channel_def": {"0": "image"},
                    }
                },
                "outputs": {"pred": {"type": "object", "format": "dict", "dtype": "float32", "channel_def": {"0": "nodule"}}},
            },
        },
    )
    write_json(
        folder / "configs" / "inference.json",
        {
            "spatial_dims": 3,
            "patch_size": [512, 512, 192],
            "spacing": [0.703125, 0.703125, 1.25],
            "backbone": "$monai.networks.nets.resnet.resnet50(spatial_dims=3, n_input_channels=1, "
            "conv1_t_stride=[2, 2, 1], conv1_t_size=[7, 7, 7])",
            "anchor_generator": {
                "_target_": "monai.apps.detection.utils.anchor_utils.AnchorGeneratorWithAnchorShape",
                "feature_map_scales": [1, 2, 4],
                "base_anchor_shapes": [[6, 8, 4], [8, 6, 5], [10, 10, 6]],
            },
            "detector_ops": [
                "$@detector.set_box_selector_parameters(score_thresh=0.02, topk_candidates_per_level=1000, "
                "nms_thresh=0.22, detections_per_img=300)",
                "$@detector.set_sliding_window_inferer(roi_size=@patch_size, overlap=0.25, mode='constant')",
            ],
            "preprocessing": {
                "_target_": "Compose",
                "transforms": [
                    {"_target_": "LoadImaged", "keys": "image"},
                    {"_target_": "EnsureChannelFirstd", "keys": "image"},
                    {"_target_": "Orientationd", "keys": "image", "axcodes": "RAS"},
                    {"_target_": "Spacingd", "keys": "image", "pixdim": "@spacing"},
                    {
                        "_target_": "ScaleIntensityRanged",
                        "keys": "image",
                        "a_min": -1024.0,
                        "a_max": 300.0,
                        "b_min": 0.0,
                        "b_max": 1.0,
                        "clip": True,
                    },
                    {"_target_": "EnsureTyped", "keys": "image"},
                ],
            },
        },
    )


def nnunet() -> None:
    """A trained configuration with its graph: logits of background, liver and lesion. Axes N C D H W."""
    graph = helper.make_graph(
        [helper.make_node("Conv", ["input", "w"], ["output"], kernel_shape=[3, 3, 3], pads=[1] * 6)],
        "nnunet",
        [helper.make_tensor_value_info("input", TensorProto.FLOAT, ["n", 1, 32, 64, 64])],
        [helper.make_tensor_value_info("output", TensorProto.FLOAT, ["n", 3, 32, 64, 64])],
        [weight("w", 3, 1, 3, 3, 3)],
    )
    folder = HERE / "nnunet"
    save(model(graph, "pytorch", {}), folder / "model.onnx")
    write_json(
        folder / "dataset.json",
        {
            "channel_names": {"0": "CT"},
            "labels": {"background": 0, "liver": 1, "lesion": 2},
            "numTraining": 4,
            "file_ending": ".nii.gz",
            "name": "Dataset900_Tests",
            "licence": "none",
        },
    )
    write_json(
        folder / "plans.json",
        {
            "dataset_name": "Dataset900_Tests",
            "plans_name": "nnUNetPlans",
            "image_reader_writer": "SimpleITKIO",
            "transpose_forward": [0, 1, 2],
            "transpose_backward": [0, 1, 2],
            "foreground_intensity_properties_per_channel": {
                "0": {
                    "max": 1500.0,
                    "mean": 99.4,
                    "median": 101.0,
                    "min": -983.0,
                    "percentile_00_5": -17.0,
                    "percentile_99_5": 201.0,
                    "std": 39.4,
                }
            },
            "configurations": {
                "2d": {"patch_size": [512, 512], "spacing": [0.77, 0.77], "normalization_schemes": ["CTNormalization"]},
                "3d_fullres": {
                    "data_identifier": "nnUNetPlans_3d_fullres",
                    "batch_size": 2,
                    "patch_size": [32, 64, 64],
                    "spacing": [1.0, 0.77, 0.77],
                    "normalization_schemes": ["CTNormalization"],
                    "use_mask_for_norm": [False],
                },
            },
        },
    )


if __name__ == "__main__":
    ultralytics()
    monai()
    nnunet()
