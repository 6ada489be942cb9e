# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
import numpy as np
from support.stick_body import stick_body

from pose_machine_ros.synthesis.rendered.proportions import random_stretches
from pose_machine_ros.synthesis.rendered.skinning import pose


def limb_lengths(seed):
    model, body = stick_body()
    stretches = random_stretches(model, body, np.random.default_rng(seed))
    rest = np.tile(np.eye(3), (1, len(model.bones), 1, 1))
    heads = pose(model, body, rest, stretches).heads[0]

    def distance(start, end):
        return np.linalg.norm(heads[model.index(end)] - heads[model.index(start)])

    return {(part, side): distance(f'{start}.{side}', f'{end}.{side}')
            for part, start, end in (('thigh', 'upperleg01', 'lowerleg01'),
                                     ('forearm', 'lowerarm01', 'wrist'))
            for side in 'LR'} | {'hips': distance('upperleg01.L', 'upperleg01.R'),
                                 'trunk': distance('spine05', 'spine01')}


def test_both_sides_are_stretched_equally():
    lengths = limb_lengths(0)
    for part in ('thigh', 'forearm'):
        np.testing.assert_allclose(lengths[part, 'L'], lengths[part, 'R'])


def test_lengths_vary_independently():
    samples = [limb_lengths(seed) for seed in range(200)]
    table = np.log([[s[k] for k in (('thigh', 'L'), ('forearm', 'L'), 'hips', 'trunk')]
                    for s in samples])
    assert (table.std(0) > 0.04).all() and (table.std(0) < 0.08).all()
    assert np.abs(np.corrcoef(table.T) - np.eye(4)).max() < 0.25
