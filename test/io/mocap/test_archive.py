# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Synthetic capture files of a person who stands, turns and bends an elbow."""

import numpy as np
import pytest

from pose_machine_ros import cli
from pose_machine_ros.errors import InputError
from pose_machine_ros.io.mocap import asf_amc, bvh
from pose_machine_ros.io.mocap.archive import import_folder
from pose_machine_ros.io.mocap.joints import joints_from_capture
from pose_machine_ros.io.mocap.motion_capture import MotionCaptureDataset
from pose_machine_ros.skeleton import MOCAP_25

# Offsets in cm, x left, y up, z to the front.
_TREE = ('Hips', (0, 95, 0), [
    ('LeftUpLeg', (10, -5, 0), [('LeftLeg', (0, -42, 0), [('LeftFoot', (0, -40, 0), [
        ('LeftToeBase', (0, -6, 14), [])])])]),
    ('RightUpLeg', (-10, -5, 0), [('RightLeg', (0, -42, 0), [('RightFoot', (0, -40, 0), [
        ('RightToeBase', (0, -6, 14), [])])])]),
    ('Spine', (0, 20, 0), [('Neck', (0, 28, 0), [('Head', (0, 10, 0), [])]),
     ('LeftArm', (18, 26, 0), [('LeftForeArm', (28, 0, 0), [('LeftHand', (25, 0, 0), [
         ('LeftFingerBase', (8, 0, 0), [])])])]),
     ('RightArm', (-18, 26, 0), [('RightForeArm', (-28, 0, 0), [('RightHand', (-25, 0, 0), [
         ('RightFingerBase', (-8, 0, 0), [])])])])])])


def write_bvh(path, frames=40, fps=60, unit=1.0):
    """Write a person who turns left by a degree per frame, with the left elbow at 90 degrees."""
    lines, names = ['HIERARCHY'], []

    def add(joint, depth):
        name, offset, children = joint
        names.append(name)
        pad = '  ' * depth
        lines.append(f'{pad}{"JOINT" if depth else "ROOT"} {name}')
        lines.append(pad + '{')
        lines.append(f'{pad}  OFFSET ' + ' '.join(str(unit * o) for o in offset))
        position = '' if depth else 'Xposition Yposition Zposition '
        lines.append(f'{pad}  CHANNELS {3 if depth else 6} {position}Zrotation Yrotation Xrotation')
        for child in children:
            add(child, depth + 1)
        if not children:
            lines.extend((f'{pad}  End Site', pad + '  {', f'{pad}    OFFSET 0 0 1', pad + '  }'))
        lines.append(pad + '}')

    add(_TREE, 0)
    lines += ['MOTION', f'Frames: {frames + 1}', f'Frame Time: {1 / fps:.6f}']
    for frame in range(-1, frames):  # the first is a rest pose
        values = [0, unit * 95, 0]
        for name in names:
            turn = (0, frame, 0) if name == 'Hips' else (0, -90, 0) if name == 'LeftForeArm' \
                else (0, 0, 0)
            values += turn if frame >= 0 else (0, 0, 0)
        lines.append(' '.join(map(str, values)))
    path.write_text('\n'.join(lines))
    return path


def joint(joints, name):
    return joints[:, MOCAP_25.index(name)]


@pytest.mark.parametrize('unit', (1.0, 0.01, 10.0, 1 / 2.54))
def test_bvh_becomes_metres_with_z_up(tmp_path, unit):
    capture = bvh.read(write_bvh(tmp_path / '01_01.bvh', unit=unit))
    assert capture.fps == pytest.approx(60, rel=1e-3)
    joints = joints_from_capture(capture)
    assert joints.shape == (40, 25, 3)  # without the rest pose
    first = joints[:1]
    np.testing.assert_allclose(joint(first, 'left_knee'), [[0.1, 0, 0.48]], atol=1e-6)
    np.testing.assert_allclose(joint(first, 'left_elbow'), [[0.46, 0, 1.41]], atol=1e-6)
    # The forearm points to the front, which is -y here; the nose too.
    np.testing.assert_allclose(joint(first, 'left_wrist'), [[0.46, -0.25, 1.41]], atol=1e-6)
    assert joint(first, 'nose')[0, 1] < joint(first, 'head_top')[0, 1]
    assert joint(first, 'left_heel')[0, 1] > 0 > joint(first, 'left_toe')[0, 1]
    # Turning to the left: after 30 degrees the left hip is further back.
    np.testing.assert_allclose(joint(joints, 'left_hip')[30],
                               [0.1 * np.cos(np.pi / 6), 0.1 * np.sin(np.pi / 6), 0.9], atol=1e-6)


def test_a_length_that_fits_no_unit_requires_the_scale(tmp_path):
    capture = bvh.read(write_bvh(tmp_path / 'a.bvh', unit=3.0))
    with pytest.raises(InputError, match='--scale'):
        joints_from_capture(capture)
    assert joints_from_capture(capture, scale=1 / 300)[0, MOCAP_25.index('left_knee'), 2] == \
        pytest.approx(0.48)


_ASF_BONES = (  # name, parent, direction, length in CMU's inches, dof
    ('lhipjoint', 'root', (1, 0, 0), 1.8, ''), ('lfemur', 'lhipjoint', (0, -1, 0), 7.4, 'rx ry rz'),
    ('ltibia', 'lfemur', (0, -1, 0), 7.2, 'rx'), ('lfoot', 'ltibia', (0, 0, 1), 2.4, 'rx rz'),
    ('rhipjoint', 'root', (-1, 0, 0), 1.8, ''),
    ('rfemur', 'rhipjoint', (0, -1, 0), 7.4, 'rx ry rz'),
    ('rtibia', 'rfemur', (0, -1, 0), 7.2, 'rx'),
    ('rfoot', 'rtibia', (0, 0, 1), 2.4, 'rx rz'),
    ('thorax', 'root', (0, 1, 0), 8.0, 'rx ry rz'), ('upperneck', 'thorax', (0, 1, 0), 2.0, ''),
    ('head', 'upperneck', (0, 1, 0), 1.7, 'rx ry rz'),
    ('lclavicle', 'thorax', (1, 0, 0), 3.0, ''),
    ('lhumerus', 'lclavicle', (1, 0, 0), 5.0, 'rx ry rz'),
    ('lradius', 'lhumerus', (1, 0, 0), 4.4, 'rx'), ('lhand', 'lradius', (1, 0, 0), 1.4, ''),
    ('rclavicle', 'thorax', (-1, 0, 0), 3.0, ''),
    ('rhumerus', 'rclavicle', (-1, 0, 0), 5.0, 'rx ry rz'),
    ('rradius', 'rhumerus', (-1, 0, 0), 4.4, 'rx'), ('rhand', 'rradius', (-1, 0, 0), 1.4, ''))
_INCH = 0.0254 / 0.45


def write_acclaim(folder, subject='07', frames=80):
    """Write a person whose left knee axis is rotated by 90 degrees about the leg."""
    lines = [':version 1.10', ':units', '  mass 1.0', '  length 0.45', '  angle deg', ':root',
             '   order TX TY TZ RX RY RZ', '   axis XYZ', '   position 0 0 0', ':bonedata']
    for name, _, direction, length, dof in _ASF_BONES:
        axis = (0, 90, 0) if name == 'ltibia' else (0, 0, 0)
        lines += ['  begin', f'     name {name}', '     direction ' + ' '.join(map(str, direction)),
                  f'     length {length}', f'     axis {axis[0]} {axis[1]} {axis[2]}  XYZ']
        lines += [f'    dof {dof}'] * bool(dof) + ['  end']
    lines += [':hierarchy', '  begin']
    for parent in dict.fromkeys(b[1] for b in _ASF_BONES):
        lines.append(f'    {parent} ' + ' '.join(b[0] for b in _ASF_BONES if b[1] == parent))
    (folder / f'{subject}.asf').write_text('\n'.join([*lines, '  end']))
    motion = [':FULLY-SPECIFIED', ':DEGREES']
    for frame in range(frames):
        motion += [str(frame + 1), f'root {frame / 10} 17 0 0 0 0', 'ltibia 30']
        motion += [f'{n} ' + ' '.join(['0'] * len(d.split()))
                   for n, _, _, _, d in _ASF_BONES if d and n != 'ltibia']
    path = folder / f'{subject}_01.amc'
    path.write_text('\n'.join(motion))
    return path


def test_acclaim_bones_rotate_about_their_own_axes(tmp_path):
    path = write_acclaim(tmp_path)
    capture = asf_amc.read(tmp_path / '07.asf', path)
    root, knee, ankle = (capture.points[n][0] for n in ('root', 'lfemur', 'ltibia'))
    np.testing.assert_allclose(knee - root, [1.8 * _INCH, -7.4 * _INCH, 0], atol=1e-9)
    # Its x axis is the body's -z, about which 30 degrees swing the shank sideways.
    shank = 7.2 * _INCH * np.array([-np.sin(np.pi / 6), -np.cos(np.pi / 6), 0])
    np.testing.assert_allclose(ankle - knee, shank, atol=1e-9)
    joints = joints_from_capture(capture)
    np.testing.assert_allclose(joints[:, 0, 0], np.arange(80) / 10 * _INCH, atol=1e-9)
    assert joint(joints, 'head_top')[0, 2] > joint(joints, 'thorax')[0, 2]


def test_a_folder_becomes_one_file_that_training_reads(tmp_path, capsys):
    write_acclaim(tmp_path)
    write_bvh(tmp_path / '08_02.bvh')
    (tmp_path / '09_01.amc').write_text('1\nroot 0 0 0 0 0 0\n')  # without a skeleton
    out = tmp_path / 'out.npz'
    assert cli.main(['import-mocap', str(tmp_path), '--out', str(out),
                     '--test-subjects', '08']) == 0
    assert '2 clips, 40 frames at 30 Hz; 1 recordings left out' in capsys.readouterr().out
    train, test = (MotionCaptureDataset.load(out, split) for split in ('train', 'test'))
    assert len(train.clip(0)) == len(test.clip(0)) == 20  # 120 and 60 Hz
    assert train.fps == 30
    np.testing.assert_allclose(train.clip(0)[:, 0, 0], np.arange(20) * 0.4 * _INCH, atol=1e-4)


def test_empty_folders_and_broken_files_are_named(tmp_path):
    with pytest.raises(InputError, match='no .bvh or .amc files'):
        import_folder(tmp_path, tmp_path / 'out.npz')
    (tmp_path / 'a.bvh').write_text('HIERARCHY\nROOT Hips\n{\nOFFSET 0 0')
    with pytest.raises(InputError, match='not a BVH file'):
        bvh.read(tmp_path / 'a.bvh')
    with pytest.raises(InputError, match='none of the 1 recordings'):
        import_folder(tmp_path, tmp_path / 'out.npz')
    assert not (tmp_path / 'out.npz').exists()
