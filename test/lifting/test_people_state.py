# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Property: whatever people come and go, each finds what was written for them, and no one else."""

from hypothesis import given, settings, strategies
import torch
from torch.utils._pytree import tree_leaves, tree_map

from pose_machine_ros.lifting.people_state import PeopleStates

WIDTH = 4


def filled(state, value):
    """Return a state of the same shapes with every number `value`."""
    return tree_map(lambda x: torch.full_like(x, value), state)


def values(states, rows):
    """Return the number that every entry of each row has."""
    state = states.read(torch.tensor(rows))
    parts = torch.cat([x.flatten(1) for x in tree_leaves(state)], 1)
    assert (parts == parts[:, :1]).all()
    return parts[:, 0].tolist()


@settings(max_examples=30, deadline=None)
@given(strategies.lists(strategies.integers(0, 12), max_size=25))
def test_everybody_keeps_what_is_theirs(choices):
    states, people = PeopleStates(WIDTH, torch.device('cpu')), {}
    for number, choice in enumerate(choices, 1):
        if choice % 3 == 0 and people:  # somebody leaves
            states.remove(people.pop(list(people)[choice % len(people)]))
            continue
        row = states.add()
        assert row not in people.values()
        assert values(states, [row]) == [0]  # like a person never seen
        people[float(number)] = row
        rows = torch.tensor([row])
        states.write(rows, filled(states.read(rows), float(number)))
        assert values(states, list(people.values())) == list(people)


def test_a_cleared_row_is_that_of_a_new_person():
    states = PeopleStates(WIDTH, torch.device('cpu'))
    first, second = states.add(), states.add()
    rows = torch.tensor([first, second])
    states.write(rows, filled(states.read(rows), 7.0))
    states.clear(first)
    assert values(states, [first, second]) == [0, 7]


def test_what_was_read_does_not_change_when_others_write():
    states = PeopleStates(WIDTH, torch.device('cpu'))
    rows = torch.tensor([states.add()])
    before = states.read(rows)
    states.write(rows, filled(before, 1.0))
    assert not before.recurrent.any()
