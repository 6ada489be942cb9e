# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest

from pose_machine_ros.evaluation.mot_metrics import follow, FrameMatch, measure


def clip(*frames, people=2):
    """One frame for each dict from a true person to the id told in their place."""
    result = []
    for told in frames:
        similarity = np.zeros((people, len(told)))
        for column, person in enumerate(told):
            if person is not None:
                similarity[person, column] = 0.9
        result.append(FrameMatch(list(told.values()), similarity, np.ones(people, bool)))
    return result


def test_everybody_followed_by_one_id_is_perfect():
    figures = measure(clip(*[{0: 'a', 1: 'b'}] * 5))
    assert figures['switches'] == figures['false_negatives'] == figures['false_positives'] == 0
    assert figures['idf1_numerator'] == figures['idf1_denominator'] == 20
    assert figures['ids'] == figures['people'] == 2


def test_two_who_swap_are_two_switches_and_half_the_idf1():
    figures = measure(clip(*[{0: 'a', 1: 'b'}] * 4, *[{0: 'b', 1: 'a'}] * 4))
    assert figures['switches'] == 2
    assert figures['idf1_numerator'] / figures['idf1_denominator'] == pytest.approx(0.5)


def test_misses_and_made_up_people_are_counted():
    figures = measure(clip({0: 'a'}, {0: 'a', None: 'c'}, {0: 'a', 1: 'b'}))
    assert figures['false_negatives'] == 2 and figures['false_positives'] == 1
    assert figures['ground_truth'] == 6


def test_a_gap_is_no_switch_but_a_new_id_after_it_is():
    assert measure(clip({0: 'a'}, {}, {0: 'a'}, people=1))['switches'] == 0
    assert measure(clip({0: 'a'}, {}, {0: 'b'}, people=1))['switches'] == 1


def test_a_second_skeleton_on_one_person_is_made_up():
    both = FrameMatch(['a', 'b'], np.array([[0.9, 0.8]]), np.ones(1, bool))
    assert measure([both])['false_positives'] == 1


def test_who_need_not_be_told_counts_neither_way():
    hidden = FrameMatch(['a'], np.array([[0.9]]), np.zeros(1, bool))
    silent = FrameMatch([], np.zeros((1, 0)), np.zeros(1, bool))
    figures = measure([hidden, silent])
    assert figures['false_negatives'] == figures['false_positives'] == 0
    assert figures['idf1_denominator'] == 0


def test_whoever_still_fits_keeps_the_id():
    close = np.array([[0.6, 0.7], [0.7, 0.6]])
    frames = [*clip({0: 'a', 1: 'b'}), FrameMatch(['a', 'b'], close, np.ones(2, bool))]
    assert follow(frames)[1] == {0: 'a', 1: 'b'}
