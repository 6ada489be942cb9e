# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace
import itertools
from pathlib import Path
import threading
from types import SimpleNamespace
import weakref

import cv2
import numpy as np
import pytest
import torch

from pose_machine_ros.camera.camera import Camera
from pose_machine_ros.errors import DeviceError, InputError, LateFrameError
from pose_machine_ros.keypoints2d.config import Keypoints2DConfig
from pose_machine_ros.keypoints2d.network import PoseNetwork2D
from pose_machine_ros.machine import PoseMachine
from pose_machine_ros.pose import TrackingState
from pose_machine_ros.rendering.overlay import draw_overlay

IMAGE = cv2.imread(str(Path(__file__).parent / 'data' / 'balancing.jpg'))
CAMERA = Camera.from_fov(IMAGE.shape[1], IMAGE.shape[0])
STEP = 33_333_333
FULL = 'CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has 9.00 MiB free. See documentation'


@pytest.fixture(scope='module')
def machine():
    return PoseMachine()


@pytest.fixture(autouse=True)
def fresh(machine):
    machine.reset()


def present(people):
    return [p for p in people if p.state.is_active]


def ids(people):
    return {p.id for p in people}


def test_an_image_of_two_people_gives_two_skeletons(machine):
    machine.step(IMAGE, 0, CAMERA)
    man, bystander = machine.step(IMAGE, STEP, CAMERA)
    assert man.xyz[0, 2] < bystander.xyz[0, 2]  # he is nearer
    assert man.xyz[0, 0] < bystander.xyz[0, 0]  # and to the left in the image
    assert set(machine.stopwatch.milliseconds) <= {
        'detect', 'crop', 'keypoints', 'track', 'lift', 'correct'}


@pytest.mark.parametrize('bad', [
    np.zeros((480, 640), np.uint8), np.zeros((480, 640, 4), np.uint8),
    np.zeros((480, 640, 3), np.float32), np.zeros((0, 640, 3), np.uint8), None])
def test_an_unusable_image_is_refused_and_the_next_frame_is_fine(machine, bad):
    machine.step(IMAGE, 0, CAMERA)
    with pytest.raises(InputError, match='uint8'):
        machine.step(bad, STEP, CAMERA)
    after = machine.step(IMAGE, 2 * STEP, CAMERA)
    assert {p.state for p in after} == {TrackingState.TRACKED}


def test_a_camera_of_another_size_is_refused(machine):
    with pytest.raises(InputError, match='640x480'):
        machine.step(IMAGE, 0, Camera.from_fov(640, 480))


def test_another_image_size_resets(machine):
    before = ids(present(machine.step(IMAGE, 0, CAMERA)))
    half = np.ascontiguousarray(IMAGE[::2, ::2])
    after = ids(present(machine.step(
        half, STEP, Camera.from_fov(half.shape[1], half.shape[0]))))
    assert after and not before & after


@pytest.mark.parametrize('stamp', [-1_000_000_000, 2_000_000_000])
def test_stamps_that_go_back_or_jump_ahead_reset(machine, stamp):
    before = ids(present(machine.step(IMAGE, 0, CAMERA)))
    after = machine.step(IMAGE, stamp, CAMERA)
    assert {p.state for p in present(after)} == {TrackingState.NEW}
    assert not before & ids(present(after))


def test_forgotten_people_are_lost_once(machine):
    """A user of an id must learn that the track has ended."""
    before = ids(present(machine.step(IMAGE, 0, CAMERA)))
    machine.reset()
    after = machine.step(IMAGE, STEP, CAMERA)
    lost = [p for p in after if p.state == TrackingState.LOST]
    assert before and ids(lost) == before
    assert np.isnan(lost[0].xyz).all() and not lost[0].joint_scores.any()
    assert not before & ids(machine.step(IMAGE, 2 * STEP, CAMERA))


def test_a_repeated_stamp_is_refused_and_has_no_effect(machine):
    before = ids(present(machine.step(IMAGE, STEP, CAMERA)))
    with pytest.raises(InputError, match=f'stamp {STEP} ns'):
        machine.step(IMAGE, STEP, CAMERA)
    after = machine.step(IMAGE, 2 * STEP, CAMERA)
    assert ids(after) == before
    assert {p.state for p in after} == {TrackingState.TRACKED}


def test_a_late_frame_is_refused_and_has_no_effect(machine):
    before = ids(present(machine.step(IMAGE, 10 * STEP, CAMERA)))
    for stamp in (9 * STEP, 2 * STEP, 8 * STEP):
        with pytest.raises(LateFrameError, match=f'stamp {stamp} ns'):
            machine.step(IMAGE, stamp, CAMERA)
    after = machine.step(IMAGE, 11 * STEP, CAMERA)
    assert before and ids(after) == before
    assert {p.state for p in after} == {TrackingState.TRACKED}


def test_a_short_recording_in_a_loop_is_not_permanently_late(machine):
    """Each turn is 0.8 s, less than max_gap."""
    answered, results = [], []
    for turn in range(6):
        for stamp in range(0, 800_000_001, 200_000_000):
            try:
                results.append(machine.step(IMAGE, stamp, CAMERA))
                answered.append(turn)
            except InputError:  # late, or the newest again
                pass
    assert {0, 2, 4} <= set(answered)
    begun = [people for people in results
             if {p.state for p in present(people)} == {TrackingState.NEW}]
    assert len(begun) >= 2  # with other ids each time
    assert not set.intersection(*(ids(present(people)) for people in begun))


def test_warming_up_leaves_no_state(machine):
    cold = [machine.step(IMAGE, i * STEP, CAMERA) for i in range(2)][-1]
    machine.warm_up()
    warm = [machine.step(IMAGE, i * STEP, CAMERA) for i in range(2)][-1]
    numbers = [int(p.id[1:]) for p in cold + warm]
    assert numbers == list(range(numbers[0], numbers[0] + 4))  # it used no ids
    for before, after in zip(cold, warm):
        np.testing.assert_allclose(after.xyz, before.xyz, atol=1e-5)


@pytest.mark.parametrize('width, height', [(640, 480), (1280, 720), (1920, 1080), (884, 497)])
def test_the_first_frame_brings_no_new_input_size_after_warming_up(machine, width, height):
    """A runtime prepares itself for each size of the input, which takes as long as a frame."""
    shapes = set()
    networks = machine._networks

    def noted(name):
        def run(images):
            shapes.add((name, images.shape[1:]))
            return getattr(networks.runners, name)(images)
        return run

    runners = networks.runners._replace(
        singlepose=noted('singlepose'), multipose=noted('multipose'))
    fresh = PoseMachine(machine.config, SimpleNamespace(
        lend=lambda *_: replace(networks, runners=runners)))
    fresh.warm_up()
    known = set(shapes)
    fresh.step(np.zeros((height, width, 3), np.uint8), 0, Camera.from_fov(width, height))
    assert {name for name, _ in known} == {'singlepose', 'multipose'} and shapes == known


def test_settings_change_between_two_frames_and_people_keep_their_ids(machine):
    usual = machine.config
    before = present(machine.step(IMAGE, 0, CAMERA))
    try:
        machine.configure(replace(
            usual, lifting=replace(usual.lifting, person_height=1.2),
            tracking=replace(usual.tracking, min_confidence=1.0, max_age=10.0)))
        after = machine.step(IMAGE, STEP, CAMERA)
        assert [p.id for p in after] == [p.id for p in before]
        assert {p.state for p in after} == {TrackingState.PREDICTED}  # no confidence is that high
        machine.configure(replace(machine.config, tracking=usual.tracking))
        after = machine.step(IMAGE, 2 * STEP, CAMERA)
        for old, new in zip(before, after):
            assert new.id == old.id
            assert new.xyz[0, 2] < 0.85 * old.xyz[0, 2]  # smaller people are nearer
    finally:
        machine.configure(usual)


def test_settings_change_while_a_frame_is_processed(machine, monkeypatch):
    """The change does not wait for a frame that takes long, or never ends."""
    usual, began, may_end = machine.config, threading.Event(), threading.Event()
    refine = PoseNetwork2D.refine

    def hangs(*arguments):
        began.set()
        may_end.wait()
        return refine(*arguments)

    monkeypatch.setattr(PoseNetwork2D, 'refine', hangs)
    frame = threading.Thread(target=machine.step, args=(IMAGE, 0, CAMERA))
    frame.start()
    try:
        assert began.wait(60)
        machine.configure(replace(usual, lifting=replace(usual.lifting, correction='learned')))
        assert machine.config.lifting.correction == 'learned' and frame.is_alive()
    finally:
        may_end.set()
        frame.join()
        machine.configure(usual)


@pytest.mark.parametrize('change', [
    {'device': 'cuda:7'}, {'keypoints': Keypoints2DConfig(threads=7)}])
def test_settings_that_networks_were_loaded_with_cannot_change(machine, change):
    usual = machine.config
    with pytest.raises(InputError, match='7'):
        machine.configure(replace(
            usual, lifting=replace(usual.lifting, person_height=1.2), **change))
    assert machine.config is usual


def test_the_same_frames_give_the_same_skeletons(machine):
    runs = []
    for _ in range(2):
        machine.reset()
        runs.append([machine.step(IMAGE, i * STEP, CAMERA)[0].xyz for i in range(4)][-1])
    np.testing.assert_allclose(runs[0], runs[1], atol=1e-5)


def test_a_full_memory_is_explained_and_freed_and_the_next_frame_is_fine(machine, monkeypatch):
    before = ids(present(machine.step(IMAGE, 0, CAMERA)))
    held, freed = [], []

    def fills_the_memory(*_):
        tensor = torch.zeros(8)
        held.append(weakref.ref(tensor))
        raise torch.OutOfMemoryError(FULL)

    monkeypatch.setattr(torch.cuda, 'empty_cache', lambda: freed.append(held[0]() is None))
    with monkeypatch.context() as short:
        short.setattr(PoseNetwork2D, 'refine', fills_the_memory)
        with pytest.raises(DeviceError, match=r'2.00 GiB.*free\).*lower max_people.*to cpu'):
            machine.step(IMAGE, STEP, CAMERA)
    assert freed == [True]  # the memory of the frame was free when the cache was emptied
    after = present(machine.step(IMAGE, 2 * STEP, CAMERA))
    assert len(after) == 2 and not before & ids(after)


def test_a_full_memory_in_a_search_beside_the_frames_is_explained_and_freed(monkeypatch):
    machine = PoseMachine(background=True)
    before = ids(present(machine.step(IMAGE, 0, CAMERA)))
    held, freed = [], []

    def fills_the_memory(*_):
        tensor = torch.zeros(8)
        held.append(weakref.ref(tensor))
        raise torch.OutOfMemoryError(FULL)

    monkeypatch.setattr(torch.cuda, 'empty_cache', lambda: freed.append(held[0]() is None))
    stamps = itertools.count(STEP, STEP)
    with monkeypatch.context() as short:
        short.setattr(PoseNetwork2D, 'detect', fills_the_memory)
        with pytest.raises(DeviceError, match='2.00 GiB'):
            for stamp in itertools.islice(stamps, 300):
                machine.step(IMAGE, stamp, CAMERA)
    assert freed == [True]
    after = present(machine.step(IMAGE, next(stamps), CAMERA))
    assert len(after) == 2 and not before & ids(after)
    machine.close()


def test_a_machine_that_searches_beside_the_frames_ends_its_thread():
    before = threading.active_count()
    machine = PoseMachine(background=True)
    machine.warm_up()
    for again in range(2):
        machine.reset()
        for i in range(30):
            people = machine.step(IMAGE, i * STEP, CAMERA)
        assert {p.state for p in people} == {TrackingState.TRACKED}
        assert threading.active_count() == before + 1
        machine.close()
        assert threading.active_count() == before


def test_networks_that_do_not_fit_are_explained(monkeypatch):
    def fills_the_memory(*_):
        raise torch.OutOfMemoryError(FULL)

    monkeypatch.setattr(PoseNetwork2D, '__init__', fills_the_memory)
    with pytest.raises(DeviceError, match='set device to cpu'):
        PoseMachine()


@pytest.mark.parametrize('yaw', [0, 60])
def test_people_in_a_fisheye_image_are_where_a_pinhole_camera_sees_them(machine, yaw):
    """The photograph as a lens of 180 degrees shows it, turned by `yaw` degrees."""
    # Wide enough for both directions, with the same resolution at the people.
    lens = Camera(np.array([[620.0, 0, 959.5], [0, 620, 479.5], [0, 0, 1]]), 1920, 960,
                  np.array([-0.02, 5e-3, -2e-3, 2e-4]), 'equidistant')
    angle = np.radians(yaw)
    turn = np.array([[np.cos(angle), 0, np.sin(angle)], [0, 1, 0],
                     [-np.sin(angle), 0, np.cos(angle)]])
    u, v = np.meshgrid(np.arange(1920.0), np.arange(960.0))
    rays = lens.rays(torch.from_numpy(np.stack((u, v), -1)))
    places = CAMERA.project(rays @ torch.from_numpy(turn)).float().numpy()
    picture = cv2.remap(IMAGE, places[..., 0], places[..., 1], cv2.INTER_LINEAR)
    for i in range(3):
        straight = machine.step(IMAGE, i * STEP, CAMERA)
    machine.reset()
    for i in range(3):
        bent = [s for s in machine.step(picture, i * STEP, lens) if s.state.is_seen]
    man = straight[0]
    found = min(bent, key=lambda s: np.linalg.norm(s.xyz[0] @ turn - man.xyz[0]))
    back = found.xyz @ turn
    assert np.linalg.norm(back[0] - man.xyz[0]) < 0.1 * np.linalg.norm(man.xyz[0])
    centred = (back - back[0]) - (man.xyz - man.xyz[0])
    assert np.linalg.norm(centred, axis=-1).mean() < 0.08
    away = lens.project(torch.from_numpy(found.xyz)).numpy()
    height = found.box[3] - found.box[1]
    assert found.reprojection_px < 0.05 * height and np.isfinite(away).all()
    drawn = draw_overlay(np.zeros_like(picture), [found], lens).max(-1)
    for u, v in away.round().astype(int):
        assert drawn[v - 1:v + 2, u - 1:u + 2].any()


@pytest.mark.parametrize('rotation', [90, 180, 270])
def test_a_camera_that_is_turned_gives_the_same_people_in_its_own_frame(machine, rotation):
    turned_back = {90: cv2.ROTATE_90_COUNTERCLOCKWISE, 180: cv2.ROTATE_180,
                   270: cv2.ROTATE_90_CLOCKWISE}[rotation]
    picture = cv2.rotate(IMAGE, turned_back)
    camera = Camera.from_fov(picture.shape[1], picture.shape[0])
    angle = np.radians(rotation)
    turn = np.array([[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0],
                     [0, 0, 1]])  # clockwise in the image
    for i in range(3):
        upright = machine.step(IMAGE, i * STEP, CAMERA)
    settings = machine.config
    machine.configure(replace(settings, lifting=replace(settings.lifting, rotation=rotation)))
    try:
        for i in range(3):
            people = [s for s in machine.step(picture, i * STEP, camera) if s.state.is_seen]
        assert len(people) == len(upright)
        for theirs in upright:
            ours = min(people, key=lambda s: np.linalg.norm(s.xyz[0] @ turn.T - theirs.xyz[0]))
            away = np.linalg.norm(ours.xyz @ turn.T - theirs.xyz, axis=-1)
            assert np.median(away) < 0.05  # a wrist may be anywhere within the network's doubt
    finally:
        machine.configure(settings)
