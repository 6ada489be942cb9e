# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Views of exact skeletons, and stand-ins for the fusion."""

from dataclasses import replace

import numpy as np
import torch

from pose_machine_ros.evaluation.fusion_methods import in_world
from pose_machine_ros.evaluation.rigs import CAMERA
from pose_machine_ros.fusion.machine import FusedSkeleton
from pose_machine_ros.fusion.view import View
from pose_machine_ros.pose import Skeleton, Space, TrackingState
from pose_machine_ros.skeleton import SHARED_JOINTS, SHARED_KEYPOINTS


def exact_view(camera, pose, joints, stamp_ns=0, name='p1', error=(0.0, 0.0, 0.0)):
    """Return the view of joints (17, 3) in the world: exact keypoints, joints with an `error`."""
    xyz = pose.inverse().apply(joints)
    keypoints = np.tile(np.float32((np.nan, np.nan, 0)), (17, 1))
    keypoints[SHARED_KEYPOINTS, :2] = CAMERA.project(torch.from_numpy(xyz[SHARED_JOINTS])).numpy()
    keypoints[SHARED_KEYPOINTS, 2] = 0.9
    rays = CAMERA.rays(torch.from_numpy(keypoints[:, :2]).double()).numpy()
    skeleton = Skeleton(
        name, TrackingState.TRACKED, Space.CAMERA_METRIC, (xyz + error).astype(np.float32),
        np.tile(np.diag(np.float32((0.01, 0.01, 0.09))), (17, 1, 1)), np.zeros((17, 3), np.float32),
        np.ones(17, np.float32), 0.9, keypoints, np.zeros(4, np.float32), 0.0, 0.0, rays)
    return View(camera, stamp_ns, pose, [skeleton])


class FirstCamera:
    """A stand-in for the fusion: the people of the first view in the world."""

    def step(self, views):
        """Return a fused skeleton for each of them."""
        view = views[0]
        return [FusedSkeleton(replace(in_world(view, s), space=Space.WORLD_METRIC), (view.camera,))
                for s in view.skeletons]
