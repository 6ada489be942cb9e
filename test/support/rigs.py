# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""People in a world whose z points up, and cameras around them."""

from __future__ import annotations

import math

import numpy as np
from support.observations import standing_pose
import torch

from pose_machine_ros.camera.camera import Camera
from pose_machine_ros.camera.rigid_transform import RigidTransform
from pose_machine_ros.pose import Skeleton, Space, TrackingState
from pose_machine_ros.skeleton import COCO_17, convert_keypoints, HUMAN36M_17

CAMERA = Camera(np.array([[600.0, 0, 640], [0, 600, 360], [0, 0, 1]]), 1280, 720)
JOINT_SIGMA = 0.04  # metres, of a joint if the size of the person is known
STATURE, STATURE_SIGMA = 1.7, 0.1  # metres, as a camera estimates them


def pose_around(degrees: float, distance: float = 4.0, height: float = 1.5) -> RigidTransform:
    """Return the pose of a camera that looks at a point 1 m above the origin from all around."""
    angle = math.radians(degrees)
    place = np.array((distance * math.cos(angle), distance * math.sin(angle), height))
    forward = np.array((0, 0, 1.0)) - place
    forward /= np.linalg.norm(forward)
    right = np.cross(forward, (0, 0, 1.0))
    right /= np.linalg.norm(right)
    return RigidTransform(np.stack((right, np.cross(forward, right), forward), 1), place)


def turned(pose: RigidTransform, degrees: float) -> RigidTransform:
    """Return the pose of a camera that was turned to its left in its place."""
    angle = math.radians(degrees)
    cosine, sine = math.cos(angle), math.sin(angle)
    turn = np.array(((cosine, -sine, 0), (sine, cosine, 0), (0, 0, 1)))
    return RigidTransform(turn @ pose.rotation, pose.translation)


def person_at(x: float, y: float, turn: float = 0.0) -> np.ndarray:
    """Return the joints (17, 3) of a person who stands on the floor z = 0, metres."""
    joints = standing_pose().numpy() @ np.array(((1.0, 0, 0), (0, 0, -1), (0, 1, 0)))
    joints = joints - (0, 0, joints[:, 2].min())
    cosine, sine = math.cos(turn), math.sin(turn)
    return joints @ np.array(((cosine, -sine, 0), (sine, cosine, 0), (0, 0, 1))).T + (x, y, 0)


def seen_from(pose: RigidTransform, joints: np.ndarray, name: str = 'p1', noise: float = 0.0,
              **changes: object) -> Skeleton:
    """Return what a pose node makes of a person: joints (17, 3) in the world, metres.

    `noise` is the standard deviation of the joints in the camera's frame, metres.
    """
    xyz = pose.inverse().apply(joints)
    points = torch.as_tensor(xyz)
    pixels = CAMERA.project(points)
    scores = torch.full((17, 1), 0.9, dtype=pixels.dtype)

    def coco(values: torch.Tensor) -> np.ndarray:
        whole = torch.cat((values, scores), -1).numpy()
        return convert_keypoints(whole, HUMAN36M_17, COCO_17).astype(np.float32)
    keypoints = coco(pixels)
    rays = CAMERA.rays(torch.as_tensor(keypoints[:, :2], dtype=torch.float64)).numpy()
    if noise:
        xyz = xyz + np.random.default_rng(0).normal(size=3) * noise
    values = {
        'id': name, 'state': TrackingState.TRACKED, 'space': Space.CAMERA_METRIC,
        'xyz': xyz.astype(np.float32),
        'covariance': (JOINT_SIGMA ** 2 * np.eye(3) + (STATURE_SIGMA / STATURE) ** 2
                       * xyz[:, :, None] * xyz[:, None]).astype(np.float32),
        'velocity': np.zeros((17, 3), np.float32),
        'joint_scores': np.full(17, 0.9, np.float32), 'score': 0.9, 'keypoints': keypoints,
        'box': np.float32([*np.nanmin(keypoints[:, :2], 0), *np.nanmax(keypoints[:, :2], 0)]),
        'reprojection_px': 2.0, 'correction_m': 0.01, 'rays': rays.astype(np.float32),
        'stature': STATURE, 'stature_sigma': STATURE_SIGMA,
        'velocity_covariance': np.tile(np.eye(3, dtype=np.float32) * 0.1, (17, 1, 1))}
    return Skeleton(**{**values, **changes})
