# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest

from pose_machine_ros.errors import InputError
from pose_machine_ros.io.keypoint_values import clean_keypoints


def keypoints(scores=(0.3, 0.6, 0.9)):
    return np.array([[100.0, 50, scores[0]], [200, 80, scores[1]], [300, 90, scores[2]]])


@pytest.mark.parametrize('unseen', [
    (0, 0, 0), (0, 0, 0.4), (-1, -1, 0), (-1, -1, 1), (200, 80, 0), (200, 80, -1),
    (np.nan, np.nan, np.nan), (np.nan, np.nan, 0.8), (200, 80, np.nan), (np.inf, 80, 1),
    (1e300, 80, 1)])
def test_all_spellings_of_unseen_are_one(unseen):
    given = keypoints()
    given[1] = unseen
    found = clean_keypoints(given, 'in')
    np.testing.assert_array_equal(found[1], (np.nan, np.nan, 0))
    np.testing.assert_allclose(found[[0, 2]], keypoints()[[0, 2]], rtol=1e-6)
    assert found.dtype == np.float32


def test_what_is_given_is_not_changed():
    given = keypoints((1, 2, 2))
    clean_keypoints(given, 'in')
    np.testing.assert_array_equal(given, keypoints((1, 2, 2)))


@pytest.mark.parametrize('given, expected', [
    ((1, 2, 2), (0.5, 1, 1)),  # COCO: labelled but hidden, visible
    ((0, 2, 2), (0, 1, 1)),
    ((0, 1, 1), (0, 1, 1)),
    ((1, 1, 1), (1, 1, 1)),
    ((0.4, 1.28, 1.05), (0.4, 1, 1)),  # networks whose scores are not probabilities
    ((2, 4.5, 1), (1, 1, 1))])
def test_scores_are_between_0_and_1(given, expected):
    np.testing.assert_allclose(clean_keypoints(keypoints(given), 'in')[:, 2], expected)


@pytest.mark.parametrize('given', [(30, 60, 90), (255, 200, 0)])
def test_percentages_are_refused(given):
    with pytest.raises(InputError, match='in: .*divide percentages by 100'):
        clean_keypoints(keypoints(given), 'in')


@pytest.mark.parametrize('low, high', [(0, 1), (-1, 1)])
def test_normalised_coordinates_are_refused(low, high):
    given = np.random.default_rng(0).uniform(low, high, (5, 17, 3))
    given[..., 2] = 0.9
    with pytest.raises(InputError, match='in: .*normalised; multiply u by the width'):
        clean_keypoints(given, 'in')


def test_a_keypoint_in_the_corner_is_no_normalised_one():
    given = keypoints()
    given[0, :2] = 0.5, 0.5
    assert np.isfinite(clean_keypoints(given, 'in')).all()


@pytest.mark.parametrize('nothing', [0, np.nan, -1])
def test_a_video_without_people_is_not_an_error(nothing):
    found = clean_keypoints(np.full((2, 17, 3), float(nothing)), 'in')
    assert np.isnan(found[..., :2]).all() and not found[..., 2].any()
