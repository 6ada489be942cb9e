# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Settings of the 2D pose network; importing them is cheap."""

from __future__ import annotations

from dataclasses import dataclass

from pose_machine_ros.settings import check, setting

MODELS = ('thunder', 'lightning')
BACKENDS = ('auto', 'torch', 'onnxruntime', 'openvino')
INPUT_MULTIPLE = 32  # px; MoveNet takes images whose sides are multiples of it


@dataclass(frozen=True)
class Keypoints2DConfig:
    """How the 2D networks run."""

    model: str = setting(
        'thunder', 'Network for the keypoints of each tracked person: MoveNet Thunder, or MoveNet '
        'Lightning, which takes a third of the time and is less accurate', choices=MODELS,
        dynamic=False)
    backend: str = setting(
        'auto',
        'Runtime of the 2D networks. On a GPU, auto selects torch in float16, and torch computes '
        'in float32. On a CPU, auto selects openvino if the processor computes in bfloat16, which '
        'is faster, else onnxruntime',
        choices=BACKENDS, dynamic=False)
    threads: int = setting(
        2, 'CPU threads of the network for crops in onnxruntime and openvino; the detector has '
        'one', bounds=(1, 256),
        dynamic=False)
    detector_size: int = setting(
        512, 'Longer side of the image in which the detector searches for new people. A larger '
        'image finds people further away and takes longer', unit='px', bounds=(128, 2048),
        step=INPUT_MULTIPLE)
    min_person_score: float = setting(
        0.15, 'Detections with a lower score are dropped', bounds=(0.0, 1.0))

    def __post_init__(self) -> None:
        check(self)
