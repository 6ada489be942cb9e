# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What one camera sees: the input of the fusion."""

from __future__ import annotations

from dataclasses import dataclass

from pose_machine_ros.camera.rigid_transform import RigidTransform
from pose_machine_ros.pose import Skeleton


@dataclass(frozen=True)
class View:
    """The people in one image of one camera, as the pose machine finds them."""

    camera: str  # name, the same in all views of the camera
    stamp_ns: int  # of the image
    pose: RigidTransform  # of the camera's optical frame in the world
    skeletons: list[Skeleton]  # in the camera's optical frame; their ids are the camera's own
    calibrated: bool = True  # False if the camera's intrinsics are a guess
