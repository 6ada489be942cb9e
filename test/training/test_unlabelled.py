# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
import pytest
from support import captured
from support.keypoint_files import CAMERA, write_keypoints
import torch

from pose_machine_ros.errors import InputError
from pose_machine_ros.lifting.features import view_people
from pose_machine_ros.skeleton import HUMAN36M_17, MOCAP_25
from pose_machine_ros.synthesis.views import coco_points
from pose_machine_ros.training import losses
from pose_machine_ros.training.unlabelled import UnlabelledClips


def test_clips_of_video_have_the_features_that_the_node_computes(tmp_path):
    keypoints = write_keypoints(tmp_path / 'k', frames=12)
    view = next(UnlabelledClips(tmp_path / 'k', 3, 12))
    assert view.features.shape[:2] == (3, 12)
    rays = CAMERA.rays(torch.from_numpy(keypoints[..., :2]))
    steps = torch.full((12,), 1 / 60)
    steps[0] = 0
    expected = view_people(rays, torch.from_numpy(keypoints[..., 2]).nan_to_num(), steps)
    torch.testing.assert_close(view.features[0], expected.features, atol=1e-4, rtol=0)


def test_frames_are_skipped_but_not_below_8_per_second(tmp_path):
    write_keypoints(tmp_path / 'k', frames=600)
    view = next(UnlabelledClips(tmp_path / 'k', 64, 12))
    steps = view.features[:, 1:, -1].exp() / 30
    assert 1 / 61 < float(steps.min()) < 1 / 59 and 1 / 10 < float(steps.max()) < 1 / 7.5
    assert float((steps - steps[:, :1]).abs().max()) < 1e-4


def test_too_few_frames_of_every_person_names_the_command(tmp_path):
    write_keypoints(tmp_path / 'k', frames=5)
    with pytest.raises(InputError, match='pose-machine keypoints'):
        UnlabelledClips(tmp_path / 'k', 2, 12)


def person():
    """Return a person 3 m in front of the camera: joints relative to the pelvis, and the view."""
    body = torch.from_numpy(captured.standing())
    upright = torch.stack((body[:, 0], -body[:, 2], body[:, 1]), -1)
    joints = upright + torch.tensor([0.0, 0.9, 3.0])
    points = coco_points(joints)
    view = view_people(points, torch.ones(17), torch.tensor(0.0))
    joints = joints[:len(HUMAN36M_17)] @ view.rotation.T
    return joints - joints[:1], view


def test_the_true_pose_projects_onto_the_keypoints_and_a_wrong_one_does_not():
    joints, view = person()
    right = float(losses.reprojection_loss(joints, view))
    wrist = joints.clone()
    wrist[HUMAN36M_17.index('left_wrist'), 0] += 0.2
    wrong = float(losses.reprojection_loss(wrist, view))
    assert right < 1e-4 < 10 * right + 1e-3 < wrong


def test_losses_of_bones_and_motion_are_zero_only_without_their_error():
    joints, _ = person()
    still = joints.expand(1, 6, -1, -1)
    assert float(losses.symmetry_loss(still)) < 1e-5
    assert float(losses.constancy_loss(still)) < 1e-6
    assert float(losses.smoothness_loss(still)) < 1e-6
    longer = still.clone()
    longer[..., MOCAP_25.index('left_wrist'), :] *= 1.3
    assert float(losses.symmetry_loss(longer)) > 1e-3
    changing = still * torch.linspace(0.8, 1.2, 6)[None, :, None, None]
    assert float(losses.constancy_loss(changing)) > 1e-2
    assert float(losses.smoothness_loss(changing)) < 1e-5  # its growth is linear
    jumping = still + torch.tensor([0, 0, 0.1, 0, 0, 0])[None, :, None, None]
    assert float(losses.smoothness_loss(jumping)) > 1e-2
