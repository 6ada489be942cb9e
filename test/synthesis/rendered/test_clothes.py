# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
import numpy as np
from support.stick_body import stick_body

from pose_machine_ros.synthesis.rendered.clothes import dress


def outfits(count=40):
    return [dress(*stick_body(), np.random.default_rng(seed)) for seed in range(count)]


def test_colours_and_thickness_are_in_their_ranges():
    for outfit in outfits():
        assert (outfit.colours >= 0).all() and (outfit.colours <= 1).all()
        assert (outfit.thickness >= 0).all() and (outfit.thickness < 0.1).all()


def test_outfits_differ():
    means = np.array([outfit.colours.mean(0) for outfit in outfits()])
    assert (means.std(0) > 0.05).all()


def test_hands_and_faces_are_bare():
    model, _ = stick_body()
    hands = model.vertex_parts == 'hand'
    assert all((outfit.thickness[hands] == 0).all() for outfit in outfits())


def test_most_trunks_are_covered():
    model, _ = stick_body()
    chest = model.vertex_parts == 'chest'
    covered = [(outfit.thickness[chest] > 0).mean() > 0.5 for outfit in outfits()]
    assert 0.7 < np.mean(covered) <= 1
