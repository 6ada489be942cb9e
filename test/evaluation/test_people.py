# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
import json

import numpy as np
import pytest
from support import captured

from pose_machine_ros import cli
from pose_machine_ros.errors import InputError
from pose_machine_ros.evaluation import people
from pose_machine_ros.evaluation.annotated_videos import ANNOTATED_VIDEOS
from pose_machine_ros.evaluation.crossings import crossings, CrossingScenario
from pose_machine_ros.pose import Skeleton, Space, TrackingState


@pytest.fixture(scope='module')
def data(tmp_path_factory):
    return captured.write(tmp_path_factory.mktemp('mocap') / 'motion.npz')


def test_the_command_prints_a_row_for_every_scenario(
        data, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(people, 'SCENARIOS', {'two': CrossingScenario(2, fps=10)})
    out, page = tmp_path / 'figures.json', tmp_path / 'page.md'
    page.write_text('<!-- people -->\nkept\n<!-- /people -->\n<!-- mine -->\n<!-- /mine -->\n')
    assert cli.main(['evaluate', 'people', '--data', str(data), '--crossings', '1', '--device',
                     'cpu', '--json', str(out), '--update', str(page), '--marker', 'mine']) == 0
    shown = capsys.readouterr().out
    assert '| two ' in shown and 'switches' in shown
    assert page.read_text().split('<!-- mine -->')[1].startswith('\n| set')
    assert '\nkept\n' in page.read_text()
    figures = json.loads(out.read_text())['two']['machine']
    assert figures['people'] == 2 and figures['frames'] == 50
    assert figures['false_negatives'] < 0.3 * figures['ground_truth']


def test_nothing_to_evaluate_is_refused(capsys):
    assert cli.main(['evaluate', 'people']) != 0
    assert '--footage' in capsys.readouterr().err


def test_data_without_walks_are_refused(tmp_path):
    still = captured.write(tmp_path / 'still.npz', frames=10)
    with pytest.raises(InputError, match='no clip of a walk'):
        next(crossings(still, CrossingScenario(2), 1))


def test_the_same_seed_gives_the_same_crossings(data):
    (a,), (b,) = (list(crossings(data, CrossingScenario(3), 1)) for _ in range(2))
    np.testing.assert_array_equal(a.noisy_keypoints, b.noisy_keypoints)
    np.testing.assert_array_equal(a.occluded, b.occluded)


def test_the_nearer_person_occludes_the_further_one(data):
    for crossing in crossings(data, CrossingScenario(6), 3):
        t, p, _ = np.nonzero(crossing.occluder >= 0)
        by = crossing.occluder[crossing.occluder >= 0]
        assert len(t) > 20
        assert (crossing.joints[t, by, 0, 2] < crossing.joints[t, p, 0, 2]).mean() > 0.95


def skeleton_of(keypoints):
    nothing = np.zeros((17, 3), np.float32)
    return Skeleton('p1', TrackingState.TRACKED, Space.CAMERA_METRIC, nothing,
                    np.zeros((17, 3, 3), np.float32), nothing, np.zeros(17, np.float32), 1.0,
                    keypoints, np.zeros(4, np.float32), 0.0, 0.0)


@pytest.mark.parametrize('name', ANNOTATED_VIDEOS)
def test_marks_are_in_the_order_of_frames_and_fit_a_skeleton_at_their_position(name):
    video = ANNOTATED_VIDEOS[name]
    for person, marks in enumerate(video.people):
        frames = [frame for frame, _, _ in marks]
        assert frames == sorted(set(frames))
        frame, u, v = marks[0]
        seen = video.similarity(frame, [skeleton_of(np.full((17, 3), (u, v, 1.0)))], 1920)
        assert seen.similarity[:, 0].argmax() == person
        assert seen.similarity[person, 0] == 1 and seen.visible[person]
