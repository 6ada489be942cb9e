# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The machine gets the floor of TF; the user gets that of the feet."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from support.people import header, standing

from pose_machine_ros.correction.scale import Floor
from pose_machine_ros.pose import Skeleton, Space
from pose_machine_ros.ros.input import camera_floor as module
from pose_machine_ros.ros.input.camera_floor import CameraFloor
from pose_machine_ros.ros.input.camera_placement import FramesConfig

FLOOR = Floor((0.0, -1.0, 0.0), 1.25)


class Setup:
    """A CameraFloor with stubs of the machine, of TF, of the log and of the clock."""

    def __init__(self, floor: str) -> None:
        self.floors: list[Floor | None] = []
        self.log: list[str] = []
        self.now = 0.0
        self.on_tf: Floor | None = FLOOR
        self.lifting = SimpleNamespace(rotation=0)
        self.placement = SimpleNamespace(
            config=FramesConfig(floor=floor), floor_below=lambda *_: self.on_tf)
        self.floor = CameraFloor(
            SimpleNamespace(info=self.log.append),
            SimpleNamespace(set_floor=self.floors.append,
                            config=SimpleNamespace(lifting=self.lifting)), self.placement)

    def monotonic(self) -> float:
        return self.now

    def show(self, *people: Skeleton) -> str:
        """Show people in one more second; return the text for diagnostics."""
        self.floor.find(header(), 5)
        self.floor.add(people)
        self.now += 1.01
        return self.floor.text


@pytest.fixture
def setup(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Setup:
    made = Setup(request.param)
    monkeypatch.setattr(module, 'time', made)
    return made


def walkers(**changes: object) -> list[list[Skeleton]]:
    """Return three people who stand at other places in every frame, on a floor 1.2 m below."""
    random = np.random.default_rng(0)
    feet = standing(at=(0, 0, 0)).xyz[:, 1].max()
    return [[standing(f'p{i}', at=(random.uniform(-2, 2), 1.11 - feet, random.uniform(2, 7)),
                      velocity=np.zeros((17, 3), np.float32), stature=1.7, **changes)
             for i in range(3)] for _ in range(30)]


@pytest.mark.parametrize('setup', ['map'], indirect=True)
def test_the_machine_gets_the_floor_of_tf_in_every_frame(setup: Setup) -> None:
    assert setup.show() == '1.25 m below the camera (map)'
    setup.on_tf = None
    assert setup.show() == 'not known (map)'
    setup.on_tf = replace(FLOOR, height=1.3)
    setup.show()
    assert setup.floors == [FLOOR, None, setup.on_tf]
    setup.placement.config = FramesConfig()
    assert [setup.show(), setup.show()] == ['', '']
    assert setup.floors[3:] == [None]  # that of the settings, once


@pytest.mark.parametrize('setup', ['auto'], indirect=True)
def test_feet_are_reported_once_in_the_log_and_never_to_the_machine(setup: Setup) -> None:
    assert setup.show() == 'no standing feet seen yet'
    texts = [setup.show(*people) for people in walkers()]
    assert texts[-1].startswith('1.2') and texts[-1].endswith('from 3 people')
    assert len(setup.log) == 1 and setup.log[0].startswith('people show where the floor is: 1.')
    assert not setup.floors
    setup.placement.config = FramesConfig()
    assert setup.show(*walkers()[0]) == ''


@pytest.mark.parametrize('setup', ['auto'], indirect=True)
def test_feet_are_forgotten_when_the_camera_is_turned_or_another_one(setup: Setup) -> None:
    for people in walkers():
        setup.show(*people)
    setup.lifting.rotation = 180
    assert setup.show() == 'no standing feet seen yet'
    for people in walkers():
        setup.show(*people)
    setup.floor.restart()
    assert setup.show() == 'no standing feet seen yet'


@pytest.mark.parametrize('setup', ['auto'], indirect=True)
def test_people_of_a_camera_that_is_not_calibrated_show_nothing(setup: Setup) -> None:
    for people in walkers(space=Space.ROOT_RELATIVE):
        assert setup.show(*people) == 'no standing feet seen yet'
