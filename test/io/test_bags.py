# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Bags as people have them: whole, without metadata, one file of them, cut off."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from rosbags.rosbag2 import Reader, StoragePlugin, Writer
from rosbags.typesys import get_types_from_msg, get_typestore, Stores

from pose_machine_ros import cli
from pose_machine_ros.errors import InputError
from pose_machine_ros.io import bags

STRING = 'std_msgs/msg/String'
SUFFIX = {StoragePlugin.MCAP: '.mcap', StoragePlugin.SQLITE3: '.db3'}


@pytest.fixture(params=SUFFIX, ids=lambda storage: storage.name)
def bag(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Write a bag with messages on /a and /b; returns its folder."""
    store = bags.typestore()
    with Writer(tmp_path / 'bag', version=8, storage_plugin=request.param) as writer:
        topics = [writer.add_connection(t, STRING, typestore=store) for t in ('/a', '/b')]
        for i in range(2000):
            text = store.types[STRING](data=f'{i} {"x" * 100}')
            writer.write(topics[i % 2], i, store.serialize_cdr(text, STRING))
    return tmp_path / 'bag'


def storage(bag: Path) -> Path:
    return next(f for f in bag.iterdir() if f.suffix in SUFFIX.values())


def test_a_single_file_reads_as_its_folder_does(bag):
    expected = [(t, s, m.data) for t, s, m in bags.read_messages(bag)]
    assert len(expected) == 2000
    (bag / 'metadata.yaml').unlink()
    file = storage(bag)
    assert [(t, s, m.data) for t, s, m in bags.read_messages(file)] == expected
    assert {t for t, _, _ in bags.read_messages(file, {'/b'})} == {'/b'}
    assert list(bags.read_messages(file, {'/c'})) == []
    assert bags.topic_types(file) == {'/a': STRING, '/b': STRING}


def test_missing_metadata_are_named_with_the_fix(bag):
    (bag / 'metadata.yaml').unlink()
    with pytest.raises(InputError) as caught:
        bags.topic_types(bag)
    said = str(caught.value)
    assert 'metadata.yaml' in said and 'ros2 bag reindex' in said and str(storage(bag)) in said


@pytest.mark.parametrize('share', [0, 0.001, 0.5, 0.9, 0.997])
def test_a_file_that_was_cut_off_is_refused(bag, share):
    file = storage(bag)
    content = file.read_bytes()
    file.write_bytes(content[:int(share * len(content))])
    for path in (bag, file):
        with pytest.raises(InputError, match='bag'):
            for _ in bags.read_messages(path):
                pass


@pytest.mark.parametrize('kind', ['absent', 'empty folder', 'text'])
def test_what_is_no_bag_is_named(tmp_path, kind):
    path = tmp_path / 'bag'
    if kind == 'empty folder':
        path.mkdir()
    elif kind == 'text':
        path.write_text('hello')
    with pytest.raises(InputError, match='bag'):
        list(bags.read_messages(path))


def test_a_view_that_fails_leaves_no_file(bag, tmp_path, capsys):
    pytest.importorskip('rerun')
    (bag / 'metadata.yaml').unlink()
    earlier = tmp_path / 'a.rrd'
    for content in (None, b'earlier'):
        if content:
            earlier.write_bytes(content)
        assert cli.main(['view', '--bag', str(bag), '--save', str(earlier),
                         '--screenshot', str(tmp_path / 'a.png')]) == 2
        assert 'metadata.yaml' in capsys.readouterr().err
        left = {f.name for f in tmp_path.iterdir()} - {'bag'}
        assert left == ({'a.rrd'} if content else set())
    assert earlier.read_bytes() == b'earlier'


OLD = {  # the fields of the messages before 1.0
    'Joint3D': 'geometry_msgs/Point position\ngeometry_msgs/Vector3 velocity\nfloat32 score\n'
    'float64[9] position_covariance\nfloat32 u\nfloat32 v',
    'Skeleton3D': 'uint8 NEW=0\nuint8 TRACKED=1\nuint8 PREDICTED=2\nuint8 LOST=3\n'
    'uint8 ROOT_RELATIVE=0\nuint8 CAMERA_METRIC=1\nstring id\nuint8 tracking_state\n'
    'float32 score\nsensor_msgs/RegionOfInterest roi\nuint8 space\nJoint3D[] joints\n'
    'float32 reprojection_error\nfloat32 correction',
    'Skeleton3DArray': 'std_msgs/Header header\nstring model\nSkeleton3D[] skeletons\n'
    'builtin_interfaces/Duration latency'}
OLD_ARRAY, SKELETONS = 'pose_machine_msgs/msg/Skeleton3DArray', '/pose_machine/skeletons'


@pytest.fixture(params=SUFFIX, ids=lambda storage: storage.name)
def old_bag(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Write a bag with a text and with skeletons as before version 1.0; returns its folder."""
    store, types = get_typestore(Stores.ROS2_KILTED), {}
    for name, fields in OLD.items():
        types |= get_types_from_msg(fields, f'pose_machine_msgs/msg/{name}')
    store.register(types)
    t = store.types
    joint = t['pose_machine_msgs/msg/Joint3D'](
        t['geometry_msgs/msg/Point'](1, 2, 3), t['geometry_msgs/msg/Vector3'](0, 0, 0), 0.5,
        np.eye(3).ravel(), 10, 20)
    person = t['pose_machine_msgs/msg/Skeleton3D'](
        'p1', 1, 0.5, t['sensor_msgs/msg/RegionOfInterest'](0, 0, 9, 9, False), 1, [joint] * 17,
        4.5, 0.02)
    time = t['builtin_interfaces/msg/Time'](1, 0)
    array = t[OLD_ARRAY](t['std_msgs/msg/Header'](time, 'eye'), 'human36m_17', [person],
                         t['builtin_interfaces/msg/Duration'](0, 0))
    with Writer(tmp_path / 'old', version=8, storage_plugin=request.param) as writer:
        for topic, kind, message in ((SKELETONS, OLD_ARRAY, array),
                                     ('/a', STRING, t[STRING]('text'))):
            writer.write(writer.add_connection(topic, kind, typestore=store), 0,
                         store.serialize_cdr(message, kind))
    return tmp_path / 'old'


@pytest.mark.parametrize('is_single_file', [False, True])
def test_messages_before_1_0_are_refused_by_name(old_bag, is_single_file):
    path = storage(old_bag) if is_single_file else old_bag
    if is_single_file:
        (old_bag / 'metadata.yaml').unlink()
    for topics in (None, {SKELETONS}):
        with pytest.raises(InputError, match='before 1.0') as caught:
            list(bags.read_messages(path, topics))
    said = str(caught.value)
    assert OLD_ARRAY in said and SKELETONS in said and 'record it again' in said
    (_, _, text), = bags.read_messages(path, {'/a'})  # the rest of the bag can be read
    assert text.data == 'text'


def test_the_viewer_refuses_messages_before_1_0(old_bag, tmp_path, capsys):
    pytest.importorskip('rerun')
    assert cli.main(['view', '--bag', str(old_bag), '--save', str(tmp_path / 'a.rrd')]) == 2
    said = capsys.readouterr().err
    assert OLD_ARRAY in said and 'before 1.0' in said and 'Traceback' not in said
    assert not (tmp_path / 'a.rrd').exists()


def test_another_definition_without_a_hash_is_refused(old_bag):
    """Recorders of older distributions write the definition and no hash."""
    with Reader(old_bag) as reader:
        for connection in reader.connections:
            plain = connection._replace(digest='')
            if connection.msgtype == OLD_ARRAY:
                with pytest.raises(InputError, match='before 1.0'):
                    bags._check_version(old_bag, plain, bags.typestore())
            else:
                bags._check_version(old_bag, plain, bags.typestore())
