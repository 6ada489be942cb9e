# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest

from pose_machine_ros.evaluation.mot_metrics import evaluate_clip, FrameSimilarity, match_identities


def clip(*frames, people=2):
    """Return one frame for each dict from a person, or None, to the id predicted there."""
    result = []
    for predicted in frames:
        similarity = np.zeros((people, len(predicted)))
        for column, person in enumerate(predicted):
            if person is not None:
                similarity[person, column] = 0.9
        result.append(FrameSimilarity(list(predicted.values()), similarity, np.ones(people, bool)))
    return result


def test_one_id_per_person_is_perfect():
    figures = evaluate_clip(clip(*[{0: 'a', 1: 'b'}] * 5))
    assert figures['switches'] == figures['false_negatives'] == figures['false_positives'] == 0
    assert figures['idf1_numerator'] == figures['idf1_denominator'] == 20
    assert figures['ids'] == figures['people'] == 2


def test_two_who_swap_are_two_switches_and_half_the_idf1():
    figures = evaluate_clip(clip(*[{0: 'a', 1: 'b'}] * 4, *[{0: 'b', 1: 'a'}] * 4))
    assert figures['switches'] == 2
    assert figures['idf1_numerator'] / figures['idf1_denominator'] == pytest.approx(0.5)


def test_false_negatives_and_false_positives_are_counted():
    figures = evaluate_clip(clip({0: 'a'}, {0: 'a', None: 'c'}, {0: 'a', 1: 'b'}))
    assert figures['false_negatives'] == 2 and figures['false_positives'] == 1
    assert figures['ground_truth'] == 6


def test_a_gap_is_no_switch_but_a_new_id_after_it_is():
    assert evaluate_clip(clip({0: 'a'}, {}, {0: 'a'}, people=1))['switches'] == 0
    assert evaluate_clip(clip({0: 'a'}, {}, {0: 'b'}, people=1))['switches'] == 1


def test_a_second_skeleton_on_one_person_is_a_false_positive():
    both = FrameSimilarity(['a', 'b'], np.array([[0.9, 0.8]]), np.ones(1, bool))
    assert evaluate_clip([both])['false_positives'] == 1


def test_a_person_who_is_not_visible_does_not_count():
    hidden = FrameSimilarity(['a'], np.array([[0.9]]), np.zeros(1, bool))
    silent = FrameSimilarity([], np.zeros((1, 0)), np.zeros(1, bool))
    figures = evaluate_clip([hidden, silent])
    assert figures['false_negatives'] == figures['false_positives'] == 0
    assert figures['idf1_denominator'] == 0


def test_a_match_continues_while_its_similarity_suffices():
    close = np.array([[0.6, 0.7], [0.7, 0.6]])
    frames = [*clip({0: 'a', 1: 'b'}), FrameSimilarity(['a', 'b'], close, np.ones(2, bool))]
    assert match_identities(frames)[1] == {0: 'a', 1: 'b'}
