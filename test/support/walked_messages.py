# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What nodes publish of the people whom cameras of a rig see."""

from __future__ import annotations

import numpy as np
from support.people import header, skeleton, skeletons_of_image

from pose_machine_msgs.msg import Skeleton3DArray
from pose_machine_ros.pose import Skeleton, unseen_keypoints, unseen_rays
from pose_machine_ros.rig_calibration.tracks import CameraTracks, JOINTS
from pose_machine_ros.skeleton import COCO_17, HUMAN36M_17

_KEYPOINTS, _JOINTS = COCO_17.indices(JOINTS), HUMAN36M_17.indices(JOINTS)


def messages(camera: CameraTracks) -> list[Skeleton3DArray]:
    """Return a message for each frame of the first person, with everybody seen in it."""
    frames = camera.tracks[0].times
    return [skeletons_of_image(skeletons(camera, i), header(time, camera.frame_id))
            for i, time in enumerate(frames)]


def skeletons(camera: CameraTracks, frame: int) -> list[Skeleton]:
    """Return the people in one frame of a camera all of whose tracks have the same frames."""
    result = []
    for track in camera.tracks:
        xyz = np.repeat(track.joints[frame].mean(0, keepdims=True), len(HUMAN36M_17), 0)
        xyz[_JOINTS] = track.joints[frame]
        rays, keypoints = unseen_rays(), unseen_keypoints()
        rays[_KEYPOINTS] = track.rays[frame]
        keypoints[_KEYPOINTS] = [(320, 240, s) for s in track.scores[frame]]
        result.append(skeleton(track.id, xyz=xyz.astype(np.float32), rays=rays,
                               keypoints=keypoints))
    return result
