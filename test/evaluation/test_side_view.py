# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
import cv2
import numpy as np

from pose_machine_ros.camera.camera import Camera
from pose_machine_ros.evaluation import side_view
from pose_machine_ros.evaluation.clips import Clip, Prediction
from pose_machine_ros.skeleton import HUMAN36M_17, LIMB_JOINTS

FRAMES = 5


def clip_and_pose():
    """Return a clip of somebody whose hips are lowest in frame 2 and who leans in frame 4."""
    truth = np.zeros((FRAMES, 12, 3))
    for i, name in enumerate(LIMB_JOINTS):
        truth[:, i, 1] = {'shoulder': -0.5, 'elbow': -0.2, 'wrist': 0, 'hip': 0, 'knee': 0.4,
                          'ankle': 0.8}[name.split('_')[1]]
    truth[2, [LIMB_JOINTS.index(f'{s}_ankle') for s in ('left', 'right')], 1] = 0.3
    truth[4, [LIMB_JOINTS.index(f'{s}_shoulder') for s in ('left', 'right')], 2] = 0.3
    truth[:, [i for i, n in enumerate(LIMB_JOINTS) if n.startswith('left')], 2] += 0.1
    truth[..., 2] += 4
    truth[0] = np.nan  # frames without truth do not count
    joints = HUMAN36M_17.indices(LIMB_JOINTS)
    positions = np.zeros((FRAMES, 17, 3))
    positions[:, joints] = np.nan_to_num(truth)
    clip = Clip('a', np.zeros((FRAMES, 17, 3)), np.arange(FRAMES), Camera.from_fov(640, 480),
                truth, joints, [6, 7])
    return clip, Prediction(positions)


def test_the_lowest_and_the_most_leaning_frame():
    clip, _ = clip_and_pose()
    assert side_view.lowest(clip.truth) == 2
    assert side_view.most_leaning(clip.truth) == 4


def test_the_picture_shows_both_sides_of_the_body(tmp_path):
    clip, prediction = clip_and_pose()
    side_view.draw([clip], {'estimate': [prediction]}, tmp_path / 'view.png')
    picture = cv2.imread(str(tmp_path / 'view.png')).astype(int)
    blue, green, red = picture.transpose(2, 0, 1)
    assert ((red - blue > 60) & (red - green > 60)).sum() > 50
    assert ((blue - red > 60)).sum() > 50
