# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
import gc
from pathlib import Path
import shutil
import weakref

import cv2
import numpy as np
import pytest
import torch

from pose_machine_ros.camera.camera import Camera
from pose_machine_ros.errors import InputError
from pose_machine_ros.keypoints2d.config import Keypoints2DConfig
from pose_machine_ros.lifting.config import FEATURES, LiftingConfig
from pose_machine_ros.machine import MachineConfig, PoseMachine
from pose_machine_ros.networks import load_networks, NetworkPool
from pose_machine_ros.tracking.config import TrackingConfig
from pose_machine_ros.weights import weights_folder

IMAGE = cv2.imread(str(Path(__file__).parent / 'data' / 'balancing.jpg'))
CAMERA = Camera.from_fov(IMAGE.shape[1], IMAGE.shape[0])
CPU = torch.device('cpu')
CONFIG = MachineConfig(device='cpu', keypoints=Keypoints2DConfig(detector_size=256))


def test_machines_with_equal_settings_share_networks():
    pool = NetworkPool()
    first, other = pool.lend(CONFIG.keypoints, CPU), pool.lend(Keypoints2DConfig(threads=1), CPU)
    assert pool.lend(Keypoints2DConfig(min_person_score=0.5), CPU) is first
    assert other is not first


def test_features_are_given_if_there_are_weights_for_them(tmp_path, monkeypatch):
    def given(config=CONFIG.keypoints):
        networks = {features: load_networks(config, CPU, features) for features in FEATURES}
        assert all((n.appearance is not None) == n.runners.have_features
                   for n in networks.values())
        return {features: n.runners.have_features for features, n in networks.items()}

    assert given() == {'auto': True, 'off': False}
    assert given(replace(CONFIG.keypoints, model='lightning')) == {'auto': False, 'off': False}
    pool = NetworkPool(batch=True)
    assert pool.lend(CONFIG.keypoints, CPU).runners.have_features
    assert not pool.lend(CONFIG.keypoints, CPU, 'off').runners.have_features
    without = tmp_path / 'weights'
    shutil.copytree(weights_folder(), without)
    sums = (without / 'SHA256SUMS').read_text().splitlines(keepends=True)
    (without / 'SHA256SUMS').write_text(''.join(x for x in sums if 'appearance' not in x))
    monkeypatch.setenv('POSE_MACHINE_WEIGHTS', str(without))
    assert given() == {'auto': False, 'off': False}


def test_the_lifter_gets_the_features_of_each_person():
    machine = PoseMachine(CONFIG)
    machine.step(IMAGE, 0, CAMERA)
    assert machine.uses_features and machine.people
    for person in machine.people:
        assert person.appearance.features.shape == (26, 280)
        assert np.isfinite(person.appearance.features).all()
    without = replace(CONFIG, lifting=LiftingConfig(features='off'))
    with pytest.raises(InputError, match="lifting.features = 'off' was 'auto'"):
        machine.configure(without)
    other = PoseMachine(without)
    other.step(IMAGE, 0, CAMERA)
    assert not other.uses_features and all(p.appearance is None for p in other.people)


def test_settings_of_one_machine_are_not_those_of_another():
    pool = NetworkPool()
    one, two = PoseMachine(CONFIG, pool), PoseMachine(CONFIG, pool)
    none_pass = replace(CONFIG, tracking=TrackingConfig(new_confidence=1.0),
                        keypoints=replace(CONFIG.keypoints, min_person_score=1.0))
    one.configure(none_pass)
    assert not one.step(IMAGE, 0, CAMERA)
    assert two.step(IMAGE, 0, CAMERA)


def test_networks_are_freed_with_the_last_machine():
    pool = NetworkPool()
    one, two = PoseMachine(CONFIG, pool), PoseMachine(CONFIG, pool)
    lent = weakref.ref(pool.lend(CONFIG.keypoints, CPU))
    assert lent() is not None
    del one
    gc.collect()
    assert lent() is not None
    del two
    gc.collect()
    assert lent() is None


@pytest.mark.parametrize('batch', [True, False])
def test_cameras_with_shared_networks_give_the_results_of_each_alone(batch):
    pool = NetworkPool(batch)
    views = [np.ascontiguousarray(np.roll(IMAGE, 4 * i, axis=1)) for i in range(3)]

    def watch(machine, view):
        for i in range(4):
            people = machine.step(np.roll(view, i, axis=1), i * 33_333_333, CAMERA)
        return people

    with ThreadPoolExecutor(len(views)) as threads:
        together = list(threads.map(
            lambda view: watch(PoseMachine(CONFIG, pool), view), views))
    for view, people in zip(views, together):
        expected = watch(PoseMachine(CONFIG), view)
        assert [p.id for p in people] == [p.id for p in expected] and people
        for person, alone in zip(people, expected):
            np.testing.assert_allclose(person.keypoints, alone.keypoints, atol=1e-3)
            np.testing.assert_allclose(person.xyz, alone.xyz, atol=1e-3)
