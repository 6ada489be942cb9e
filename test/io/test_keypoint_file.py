# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
import pickle
import zipfile

import numpy as np
import pytest

from pose_machine_ros.camera.camera import Camera
from pose_machine_ros.errors import InputError
from pose_machine_ros.io.keypoint_file import KeypointFile
from pose_machine_ros.skeleton import COCO_17, JOINT_SETS


def arrays(joint_set=COCO_17, frames=5):
    rng = np.random.default_rng(0)
    return {'stamps_ns': np.arange(frames) * 33_000_000,
            'uv': rng.uniform(0.1, 1, (frames, len(joint_set), 3)) * [640, 480, 1],
            'keypoints': np.array(joint_set.names),
            'K': np.array([[500.0, 0, 320], [0, 500, 240], [0, 0, 1]])}


def read(tmp_path, **content):
    path = tmp_path / 'in.npz'
    np.savez(path, **content)
    return KeypointFile.read(path)


@pytest.mark.parametrize('joint_set', JOINT_SETS, ids=lambda s: s.name)
def test_any_known_joint_set_becomes_coco(tmp_path, joint_set):
    content = arrays(joint_set)
    file = read(tmp_path, **content)
    assert file.keypoints.shape == (5, 17, 3)
    ours = file.keypoints[:, COCO_17.index('left_wrist')]
    theirs = content['uv'][:, joint_set.index('left_wrist')]
    np.testing.assert_allclose(ours, theirs, rtol=1e-6)


def test_the_order_of_the_names_is_respected(tmp_path):
    content = arrays()
    order = np.random.default_rng(1).permutation(17)
    turned = {**content, 'uv': content['uv'][:, order], 'keypoints': content['keypoints'][order]}
    np.testing.assert_array_equal(read(tmp_path, **turned).keypoints,
                                  read(tmp_path, **content).keypoints)


def test_nan_is_unseen(tmp_path):
    content = arrays()
    content['uv'][2, 3, 0] = np.nan
    keypoint = read(tmp_path, **content).keypoints[2, 3]
    assert np.isnan(keypoint[:2]).all() and keypoint[2] == 0


@pytest.mark.parametrize('name', ['stamps_ns', 'uv', 'keypoints', 'K'])
def test_a_missing_array_is_named(tmp_path, name):
    content = arrays()
    del content[name]
    with pytest.raises(InputError, match=f"lacks the array '{name}'"):
        read(tmp_path, **content)


@pytest.mark.parametrize('name, value', [
    ('uv', np.zeros((5, 17, 2))), ('uv', np.zeros((4, 17, 3))), ('uv', np.array(['a'] * 5)),
    ('K', np.zeros((3, 4))), ('stamps_ns', np.zeros((5, 1))), ('stamps_ns', np.zeros(5)),
    ('keypoints', np.arange(17))])
def test_a_wrong_shape_is_named(tmp_path, name, value):
    with pytest.raises(InputError, match=name):
        read(tmp_path, **{**arrays(), name: value})


def test_unknown_names_are_refused(tmp_path):
    content = {**arrays(), 'keypoints': np.array([f'joint{i}' for i in range(17)])}
    with pytest.raises(InputError, match='known joint set'):
        read(tmp_path, **content)


def test_an_uncalibrated_matrix_is_refused(tmp_path):
    with pytest.raises(InputError, match='camera matrix'):
        read(tmp_path, **{**arrays(), 'K': np.zeros((3, 3))})


@pytest.mark.parametrize('stamps, reason', [
    (np.arange(5), 'rise by 1 .*nanoseconds.*frame rate'),  # frame numbers
    (np.arange(5) * 33, 'rise by 33 .*milliseconds by 1000000'),
    (np.arange(5, dtype=np.int32) * 16_667, 'rise by 16667 .*microseconds by 1000'),
    (np.arange(5) * 500_000, 'rise by 500000 .*microseconds by 1000'),  # 2 Hz
    (1_700_000_000 * 10 ** 6 + np.arange(5) * 10 ** 6, 'begin with 17.*since 1970.*by 1000'),
    (1_700_000_000 * 10 ** 3 + np.arange(5) * 1000, 'rise by 1000 .*milliseconds by 1000000'),
    (np.arange(5) / 30, 'float64.*whole nanoseconds'), (np.arange(5) * 3.3e7, 'float64'),
    (np.array([0, 3, 2, 4, 5]) * 10 ** 7, 'must rise.*frame 2 has 20000000 after 30000000'),
    (np.full(5, 7), 'must rise'), (np.arange(5).astype(bool), 'stamps_ns'),
    (np.arange(5, dtype=np.uint64) * 33_333_333 + np.uint64(2 ** 63), 'int64')])
def test_stamps_that_cannot_be_nanoseconds_are_refused(tmp_path, stamps, reason):
    with pytest.raises(InputError, match=f'in.npz: stamps_ns.*{reason}|in.npz: {reason}'):
        read(tmp_path, **{**arrays(), 'stamps_ns': stamps})


@pytest.mark.parametrize('stamps', [
    np.arange(5, dtype=np.uint64) * 33_333_333, np.arange(5) * 10 ** 6,
    np.arange(5) * 33_333_333 + 1_700_000_000 * 10 ** 9,
    np.arange(5) * 10 ** 7 + 1_700_000 * 10 ** 9,  # since the start of a computer, 20 days ago
    np.arange(5) * 10 ** 7 + 1_700 * 10 ** 9,
    np.array([0, 1, 2, 60_000, 120_000]) * 10 ** 6])
def test_stamps_that_are_nanoseconds_are_taken(tmp_path, stamps):
    found = read(tmp_path, **{**arrays(), 'stamps_ns': stamps}).stamps_ns
    assert found.dtype == np.int64 and found.tolist() == stamps.tolist()


@pytest.mark.parametrize('spelling', [
    str.upper, lambda n: n.title().replace('_', ' '),
    lambda n: n.replace('left_', 'L').replace('right_', 'R')])  # as OpenPose spells them
def test_names_are_spelled_in_several_ways(tmp_path, spelling):
    content = arrays()
    spelled = {**content, 'keypoints': np.array([spelling(n) for n in COCO_17.names])}
    np.testing.assert_array_equal(read(tmp_path, **spelled).keypoints,
                                  read(tmp_path, **content).keypoints)


def test_normalised_keypoints_are_refused(tmp_path):
    content = arrays()
    content['uv'] = content['uv'] / [640, 480, 1]
    with pytest.raises(InputError, match='in.npz.*normalised.*width'):
        read(tmp_path, **content)


def test_a_lens_has_its_model(tmp_path):
    content = {**arrays(), 'distortion': np.array([0.1, -0.05, 0.01, 0])}
    fisheye = read(tmp_path, **content, distortion_model=np.array('equidistant')).camera
    assert fisheye.distortion_model == 'equidistant'
    assert read(tmp_path, **content).camera.distortion_model == 'plumb_bob'
    with pytest.raises(InputError, match="in.npz.*'omnidirectional'"):
        read(tmp_path, **content, distortion_model=np.array('omnidirectional'))
    with pytest.raises(InputError, match='in.npz: distortion_model must be one string'):
        read(tmp_path, **content, distortion_model=np.array(5))
    with pytest.raises(InputError, match='in.npz: distortion must be numbers'):
        read(tmp_path, **{**content, 'distortion': np.array('none')})


def test_what_was_written_is_read(tmp_path):
    content = {**arrays(), 'distortion': np.array([0.1, -0.05, 0.01, 0]),
               'distortion_model': np.array('equidistant')}
    file = read(tmp_path, **content)
    file.write(tmp_path / 'out.npz')
    again = KeypointFile.read(tmp_path / 'out.npz')
    for name in ('stamps_ns', 'keypoints'):
        np.testing.assert_array_equal(getattr(again, name), getattr(file, name))
    np.testing.assert_array_equal(again.camera.matrix, file.camera.matrix)
    np.testing.assert_allclose(again.camera.distortion, file.camera.distortion)
    assert again.camera.distortion_model == file.camera.distortion_model


def test_a_name_without_suffix_gets_one_as_numpy_does(tmp_path):
    read(tmp_path, **arrays()).write(tmp_path / 'out')
    assert (tmp_path / 'out.npz').is_file() and not (tmp_path / 'out').exists()


def test_a_matrix_of_nan_is_refused(tmp_path):
    with pytest.raises(InputError, match='in.npz: camera matrix'):
        read(tmp_path, **{**arrays(), 'K': np.full((3, 3), np.nan)})


def test_pickled_objects_are_not_loaded(tmp_path):
    path = tmp_path / 'in.npz'
    np.savez(path, uv=np.array([{}], dtype=object))
    with pytest.raises(InputError, match="'uv' holds pickled objects") as caught:
        KeypointFile.read(path)
    assert 'allow_pickle' not in str(caught.value)


@pytest.mark.parametrize('content, kind', [
    (b'hello', 'NPZ file but of another kind'), (b'', 'NPZ file but empty'),
    (pickle.dumps({'uv': 1}), 'NPZ file but a pickle'),
    (b' [{"image_id": 1}]', 'NPZ.*JSON.*[.]json'),
    (b'\x93NUMPY\x01\x00', 'NPZ file but a single array'), ('half', 'NPZ')])
def test_another_kind_of_file_is_named(tmp_path, content, kind):
    path = tmp_path / 'in.npz'
    if content == 'half':
        np.savez(path, **arrays())
        content = path.read_bytes()[:-200]
    path.write_bytes(content)
    with pytest.raises(InputError, match=kind) as caught:
        KeypointFile.read(path)
    assert 'pickle=' not in str(caught.value)


def test_damaged_arrays_are_refused(tmp_path):
    path = tmp_path / 'in.npz'
    np.savez_compressed(path, **arrays())
    content = bytearray(path.read_bytes())
    content[200:260] = bytes(60)
    path.write_bytes(content)
    with pytest.raises(InputError, match='NPZ'):
        KeypointFile.read(path)


def npy(header):
    """Return the begin of an NPY file of this header."""
    header = header.ljust(117) + '\n'
    return b'\x93NUMPY\x01\x00' + len(header).to_bytes(2, 'little') + header.encode()


@pytest.mark.parametrize('name, content', [
    ('uv.npy', b'hello'), ('uv', b'hello'), ('word/document.xml', b'<a/>'), ('uv.npy', b''),
    ('uv.npy', npy("{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000000,), }")),
    ('uv.npy', npy("{'descr': '<f8', 'fortran_order': False, 'shape': (-5,), }")),
    ('uv.npy', npy("{'descr': [('a', '<f8'), 'fortran_order': False, }")),
    ('uv.npy', npy("{'descr': 'x', 'fortran_order': 5, 'shape': 7}")), ('uv.npy', npy('{}'))])
def test_archives_of_something_else_are_refused(tmp_path, name, content):
    path = tmp_path / 'in.npz'
    with zipfile.ZipFile(path, 'w') as archive:
        archive.writestr(name, content)
    with pytest.raises(InputError, match='in.npz (lacks the array|is not a readable NPZ file)'):
        KeypointFile.read(path)


@pytest.mark.parametrize('offset, value, reason', [
    (8, 1, 'encrypted'), (10, 99, 'compression'), (42, 255, 'in.npz')])
def test_archives_that_cannot_be_unpacked_are_refused(tmp_path, offset, value, reason):
    path = tmp_path / 'in.npz'
    np.savez(path, **arrays())
    content = bytearray(path.read_bytes())
    content[content.index(b'PK\x01\x02') + offset] = value
    path.write_bytes(content)
    with pytest.raises(InputError, match=f'in.npz.*{reason}|{reason}'):
        KeypointFile.read(path)


def test_an_absent_file_is_refused(tmp_path):
    with pytest.raises(InputError, match='absent.npz is not a readable NPZ'):
        KeypointFile.read(tmp_path / 'absent.npz')


def test_an_impossible_matrix_is_not_calibrated_and_reported(tmp_path, caplog):
    matrix = np.array([[1.0, 0, 320], [0, 1, 240], [0, 0, 1]])
    camera = read(tmp_path, **{**arrays(), 'K': matrix}).camera
    assert not camera.calibrated and camera.matrix[0, 0] > 100
    assert caplog.text.count('field of view of 179') == 1


def test_a_camera_that_was_guessed_stays_a_guess(tmp_path):
    given = arrays()
    KeypointFile(given['stamps_ns'], given['uv'].astype(np.float32),
                 Camera.from_fov(640, 480)).write(tmp_path / 'a.npz')
    assert not KeypointFile.read(tmp_path / 'a.npz').camera.calibrated
