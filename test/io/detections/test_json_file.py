# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What detectors write is read; what cannot be meant is refused with the file, frame and fix."""

from __future__ import annotations

import json
import math
from pathlib import Path
import shutil

import numpy as np
import pytest
from support import detection_formats

from pose_machine_ros.errors import InputError
from pose_machine_ros.io.detections import read_detections


def person(seed: int = 0) -> np.ndarray:
    """Return keypoints (17, 3) somewhere in an image of 640 x 480 px."""
    keypoints = np.random.default_rng(seed).uniform(0.2, 0.9, (17, 3)) * (640, 480, 1)
    return keypoints.round(3)


def entry(image_id: object = 0, **more: object) -> dict:
    return {'image_id': image_id, 'category_id': 1, 'score': 0.9,
            'keypoints': person().ravel().tolist(), **more}


def refusal(path: Path, content: object) -> str:
    """Return why a file of this content is refused; the message names the file."""
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    with pytest.raises(InputError) as caught:
        read_detections(path).all_frames()
    assert str(path) in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize('write', detection_formats.FORMATS)
def test_every_format_gives_the_same_people_in_the_same_frames(tmp_path, write):
    frames = [[person(0)], [], [person(1), person(2)], [person(3)]]
    found = read_detections(write(tmp_path / 'in', frames)).all_frames()
    assert [len(f) for f in found] == [1, 0, 2, 1]
    for people, expected in zip(found, frames):
        for detection, keypoints in zip(people, expected):
            np.testing.assert_allclose(detection.keypoints, keypoints)


def test_the_size_of_the_images_is_read_from_files_that_have_it(tmp_path):
    frames = [[person()]]
    path = detection_formats.coco_annotations(tmp_path / 'a', frames)
    assert read_detections(path).size == (404, 720)
    assert read_detections(detection_formats.coco_results(tmp_path / 'b', frames)).size is None


@pytest.mark.parametrize('width, expected', [
    (640, (640, 480)), (640.0, (640, 480)), (None, None), (0, None),
    ('640', "width '640'"), ([640], 'whole number of px'), (-640, "'-640'"), (640.5, "'640.5'"),
    (10 ** 400, 'whole number of px'), (math.nan, "'nan'"), (True, "'True'")])
def test_the_size_of_the_images_is_a_whole_number_or_refused(tmp_path, width, expected):
    path, content = tmp_path / 'in.json', {
        'images': [{'id': 1, 'width': width, 'height': 480}], 'annotations': [entry(1)]}
    if isinstance(expected, str):
        assert expected in refusal(path, content)
    else:
        assert read_detections(detection_formats.write(path, content)).size == expected


@pytest.mark.parametrize('encoding', ['utf-8', 'utf-8-sig', 'utf-16', 'utf-16-le', 'utf-32'])
def test_json_is_read_in_each_of_its_encodings(tmp_path, encoding):
    path = tmp_path / 'in.json'
    path.write_text(json.dumps([entry()]), encoding)
    assert len(read_detections(path).all_frames()[0]) == 1


@pytest.mark.parametrize('more, expected', [
    ({'track_id': 7}, '7'), ({'person_id': 3.0}, '3'), ({'idx': [2]}, '2'),
    ({'idx': 'anna'}, 'anna'), ({'track_id': 1234561}, '1234561'), ({'track_id': 0.5}, '0.5'),
    ({'track_id': 10 ** 400}, f'{10 ** 400}'), ({'track_id': math.inf}, None),
    ({'track_id': -1}, None), ({'track_id': None}, None), ({}, None)])
def test_identities_are_read(tmp_path, more, expected):
    path = detection_formats.coco_results(tmp_path / 'in', [[person()]], **more)
    assert read_detections(path).all_frames()[0][0].track_id == expected


@pytest.mark.parametrize('nobody', [
    {'people': []}, {'people': None}, {'people': [{'pose_keypoints_2d': []}]},
    {'people': [{'pose_keypoints_2d': None}]}, [], None])
def test_frames_without_people(tmp_path, nobody):
    folder = detection_formats.openpose(tmp_path / 'in', [[person()]] * 3)
    middle = folder / 'clip_000000000001_keypoints.json'
    if nobody is None:
        middle.unlink()
    else:
        detection_formats.write(middle, nobody)
    assert [len(f) for f in read_detections(folder).all_frames()] == [1, 0, 1]


@pytest.mark.parametrize('first', [0, 1, 2, 1234, 10 ** 10])
def test_frames_count_from_the_first_one_of_the_file(tmp_path, first):
    path = detection_formats.write(tmp_path / 'in.json', [entry(first), entry(first + 2)])
    assert [len(f) for f in read_detections(path).all_frames()] == [1, 0, 1]
    path = detection_formats.write(tmp_path / 'in.json', [
        {'frame_id': first + i, 'instances': []} for i in range(3)])
    assert read_detections(path).all_frames() == [[], [], []]


@pytest.mark.parametrize('name', [
    '{}.jpg', 'frame_{:04}.jpg', 'frame_{:04}_640x480.jpg', '{:06}_cam1.png', 'clip.mp4_{}',
    'C:\\clips 2\\f{}.jpg', 'take 2/{}.jpg', 'shot1.{:04}', 'v2_{:012}'])
def test_the_number_of_a_frame_is_what_differs_between_the_names(tmp_path, name):
    numbers = [8, 9, 10, 12]
    path = detection_formats.write(
        tmp_path / 'in.json', [entry(name.format(n), idx=n) for n in numbers])
    found = read_detections(path).all_frames()
    assert [[d.track_id for d in f] for f in found] == [['8'], ['9'], ['10'], [], ['12']]


@pytest.mark.parametrize('names, reason', [
    (['a1_1.jpg', 'a2_2.jpg'], 'a1_1.jpg and a2_2.jpg are among names that differ in 2 numbers'),
    (['a1.jpg', 'a1 (1).jpg'], 'a1.jpg has 1 numbers and a1 (1).jpg has 2'),
    (['1700000000.033.png', '1700000000.066.png'], '1700000000.033.png are times in seconds'),
    (['9' * 5000 + '.jpg', '8.jpg'], 'too long')])
def test_names_without_a_frame_number_are_refused(tmp_path, names, reason):
    assert reason in refusal(tmp_path / 'in.json', [entry(n) for n in names])


def test_names_of_keypoints_determine_their_order(tmp_path):
    path = detection_formats.mmpose(tmp_path / 'in', [[person()]])
    content = json.loads(path.read_text())
    order = np.random.default_rng(1).permutation(17).tolist()
    names = content['meta_info']['keypoint_id2name']
    content['meta_info']['keypoint_id2name'] = {str(i): names[str(j)].title().replace('_', ' ')
                                                for i, j in enumerate(order)}
    instance = content['instance_info'][0]['instances'][0]
    for name in ('keypoints', 'keypoint_scores'):
        instance[name] = [instance[name][j] for j in order]
    found = read_detections(detection_formats.write(path, content)).all_frames()[0][0]
    np.testing.assert_allclose(found.keypoints, person())


def test_null_and_nan_are_no_numbers(tmp_path):
    numbers = person().ravel().tolist()
    numbers[3:6] = [None, None, None]
    numbers[6] = float('nan')
    path = detection_formats.write(tmp_path / 'in.json', [entry(keypoints=numbers)])
    found = read_detections(path).all_frames()[0][0].keypoints
    assert np.isnan(found[1]).all() and np.isnan(found[2, 0]) and np.isfinite(found[3:]).all()


@pytest.mark.parametrize('content, reason', [
    ('', 'not JSON'), ('{"people": [', 'not JSON'), ('hello', 'not JSON'),
    ('[' * 100_000, 'not JSON'),
    (5, 'unknown format'), (None, 'unknown format'), ({'a': 1}, 'unknown format'),
    ({}, 'an empty object'), ({'a': {'people': []}, 'b': 1}, 'unknown format'),
    ({'predictions': [[], 5]}, 'must be a list'), ([[5]], 'instances must be a list'),
    ([{'keypoints': {'x': [1, 2], 'y': [1]}}], 'lists of the same length'),
    ([{'keypoints': {'x': [1, 2], 'y': [1, 2], 'visible': [1]}}], '2 keypoints and 1 scores'),
    ([1, 2], 'unknown format'), ({'people': 5}, 'people must be a list'),
    ({'people': [5]}, 'people must be a list'),
    ({'people': [{'pose_keypoints_2d': [1, 2]}]}, 'person 0 has 2 numbers'),
    ({'people': [{'pose_keypoints_2d': [1.0] * 45}]}, '15 keypoints'),
    ({'people': [{'pose_keypoints_2d': 'abc'}]}, 'not numbers'),
    ({'people': [{'pose_keypoints_2d': {'a': 1}}]}, 'not numbers'),
    ({'instance_info': 5}, 'instance_info must be a list'),
    ({'instance_info': [{'frame_id': 4, 'instances': 5}]}, 'frame 4'),
    ({'instance_info': [{'frame_id': 4, 'instances': [{'keypoints': [[1, 2]] * 17,
                                                       'keypoint_scores': [1] * 16}]}]},
     'frame 4, person 0 has 17 keypoints and 16 scores'),
    ({'instance_info': [{'frame_id': 1, 'instances': []}] * 2}, 'both frame 1'),
    ({'meta_info': {'keypoint_id2name': {str(i): f'finger{i}' for i in range(17)}},
      'instance_info': [{'frame_id': 0, 'instances': [{'keypoints': [[1, 2]] * 17}]}]},
     'lack left_shoulder'),
    ([entry(), {'keypoints': []}], 'entry 1 needs an image_id'),
    ([entry(None)], 'entry 0 needs an image_id'), ([entry(0.5)], '0.5 is not a frame number'),
    ([entry('a1.jpg'), entry('b1.jpg')], 'a1.jpg and b1.jpg are both frame 1'),
    ([entry(139), entry(581781)], 'not the frames of one video'),
    ([entry(5, keypoints=[1.0] * 42)], r'entry 0 (frame 5) has 14 keypoints'),
    ({'annotations': [entry(3)], 'images': [{'id': 2}]}, 'image 3, which is not in images'),
    ({'annotations': 5}, 'must be lists'), ({'annotations': [], 'images': [{}]}, 'need an id')])
def test_what_is_unclear_is_refused(tmp_path, content, reason):
    assert reason in refusal(tmp_path / 'in.json', content)


def test_folders_that_are_none_of_a_video_are_refused(tmp_path):
    with pytest.raises(InputError, match='_keypoints.json'):
        read_detections(tmp_path)
    detection_formats.coco_results(tmp_path / 'results', [[person()]])
    with pytest.raises(InputError, match='results.json.*its own name'):
        read_detections(tmp_path)


def test_a_data_set_of_nothing_has_no_frame(tmp_path):
    path = detection_formats.write(tmp_path / 'in.json', {'annotations': None})
    assert read_detections(path).all_frames() == []


def test_a_folder_of_two_videos_is_refused(tmp_path):
    folder = detection_formats.openpose(tmp_path / 'in', [[person()]])
    shutil.copy(folder / 'clip_000000000000_keypoints.json',
                folder / 'other_000000000000_keypoints.json')
    with pytest.raises(InputError, match='both frame 0.*one video'):
        read_detections(folder)


def test_a_damaged_frame_is_named(tmp_path):
    folder = detection_formats.openpose(tmp_path / 'in', [[person()]] * 3)
    (folder / 'clip_000000000001_keypoints.json').write_text('{"people": [{"pose_key')
    with pytest.raises(InputError, match='clip_000000000001_keypoints.json is not JSON'):
        read_detections(folder)
