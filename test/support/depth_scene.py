# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A standing person before a wall, seen by a depth camera."""

import numpy as np
from support.captured import standing
from support.walkers import BOX, CAMERA
import torch

from pose_machine_ros.camera.rigid_transform import RigidTransform
from pose_machine_ros.depth.depth_image import DepthImage
from pose_machine_ros.pose import Person2D, TrackingState
from pose_machine_ros.skeleton import HUMAN36M_17
from pose_machine_ros.synthesis.body_surface import draw_spheres, spheres
from pose_machine_ros.synthesis.views import coco_points

WALL = 4.5  # metres
_TURN = np.array([[-1, 0, 0], [0, 0, -1], [0, -1, 0.0]])  # towards the camera


def joints(distance=3.0, size=1.0):
    """Return the person, (25, 3) in the camera's frame."""
    return size * (standing() - [0, 0, 1.0]) @ _TURN.T + [0, 0, distance]


def metres(body, pose=None):
    """Return the depths (H, W) that the camera, or one at `pose` in its frame, measures."""
    pose = pose or RigidTransform()
    depth = np.full((CAMERA.height, CAMERA.width), WALL, np.float32)
    draw_spheres(spheres(pose.inverse().apply(body)), CAMERA, depth)
    return depth


def depth_image(values, pose=None):
    return DepthImage(values, CAMERA, 0, pose)


def person(body, number=1):
    """Return the person with exact keypoints."""
    pixels = CAMERA.project(coco_points(torch.from_numpy(body)))
    keypoints = np.concatenate((pixels.numpy(), np.full((17, 1), 0.9)), 1).astype(np.float32)
    return Person2D(f'p{number}', TrackingState.TRACKED, keypoints, BOX)


def truth(body):
    return body[:len(HUMAN36M_17)]
