# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
import numpy as np
from support.stick_body import stick_body

from pose_machine_ros.synthesis.rendered import rotations as rot
from pose_machine_ros.synthesis.rendered.skinning import pose, skin

UNSTRETCHED = np.eye(3)


def rest(frames=1):
    model, _ = stick_body()
    return np.tile(np.eye(3), (frames, len(model.bones), 1, 1))


def test_the_rest_pose_does_not_move_the_body():
    model, body = stick_body()
    bones = pose(model, body, rest(), np.tile(UNSTRETCHED, (len(model.bones), 1, 1)))
    skinned = skin(model, body, body.vertices, bones)
    np.testing.assert_allclose(skinned[0], body.vertices - body.heads[0], atol=1e-6)
    np.testing.assert_allclose(bones.heads[0], body.heads - body.heads[0], atol=1e-9)


def test_a_bone_takes_what_follows_it_along_and_nothing_else():
    model, body = stick_body()
    elbow = model.index('lowerarm01.L')
    rotations = rest(2)
    quarter = rot.about(np.array((0.0, 1, 0)), np.pi / 2)
    forearm = [elbow, *(model.index(f'{b}.L') for b in ('lowerarm02', 'wrist', 'finger3-1'))]
    rotations[1, forearm] = quarter
    bones = pose(model, body, rotations, np.tile(UNSTRETCHED, (len(model.bones), 1, 1)))
    skinned = skin(model, body, body.vertices, bones)
    moves = np.linalg.norm(skinned[1] - skinned[0], axis=-1) > 1e-6
    of_forearm = np.asarray(model.weights[:, forearm].sum(1)).ravel() > 0
    np.testing.assert_array_equal(moves, of_forearm)
    expected = body.heads[elbow] + (body.vertices[of_forearm] - body.heads[elbow]) @ quarter.T
    np.testing.assert_allclose(skinned[1, of_forearm], expected - body.heads[0], atol=1e-6)
