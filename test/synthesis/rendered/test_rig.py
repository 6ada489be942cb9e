# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
from support.stick_body import stick_body

from pose_machine_ros.synthesis.rendered import rig


def test_every_part_has_bones():
    model, _ = stick_body()
    assert {'pelvis', 'abdomen', 'chest', 'neck', 'head', 'hand', 'foot', *rig.LIMBS} == set(
        model.bone_parts)


def test_limbs_begin_and_end_at_bones_of_both_sides():
    model, _ = stick_body()
    for side in rig.SIDES:
        for bones in rig.LIMBS.values():
            for bone in bones:
                assert rig.side_of(rig.on_side(bone, side)) == side
                assert rig.on_side(bone, side) in model.bones
