# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace

import numpy as np
import pytest
from support.windows import standing_pose
import torch

from pose_machine_ros.camera import Camera
from pose_machine_ros.correction.geometric import GeometricConfig
from pose_machine_ros.errors import InputError, LateFrameError
from pose_machine_ros.lifting.lifter import CORRECTIONS, LiftingConfig, PoseLifter
from pose_machine_ros.pose import Person2D, Space, TrackingState
from pose_machine_ros.skeleton import COCO_17, convert_keypoints, HUMAN36M_17

CAMERA = Camera(np.array([[600.0, 0, 320], [0, 600, 240], [0, 0, 1]]), 640, 480)
BOX = np.zeros(4, np.float32)
STEP = 33_333_333


def seen(index=0, number=1, speed=0.02, mirror=False):
    """Return a person who walks across the picture, as frame `index` shows them."""
    return at([0.5 * (number - 1) + speed * index, 0.1, 4], number, mirror)


def at(place, number=1, mirror=False):
    """Return a person whose pelvis is at `place`, metres, as a frame shows them."""
    joints = standing_pose() + torch.as_tensor(place)
    if mirror:
        joints = joints[list(HUMAN36M_17.mirror)] * torch.tensor([-1, 1, 1])
    pixels = CAMERA.project(joints)
    scores = torch.full((17, 1), 0.9, dtype=pixels.dtype)
    keypoints = convert_keypoints(torch.cat((pixels, scores), -1).numpy(), HUMAN36M_17, COCO_17)
    return Person2D(f'p{number}', TrackingState.TRACKED, keypoints.astype(np.float32), BOX)


def unseen(number=1, state=TrackingState.PREDICTED):
    keypoints = np.full((17, 3), np.nan, np.float32)
    keypoints[:, 2] = 0
    return Person2D(f'p{number}', state, keypoints, BOX)


def play(lifter, count=6, start=0, **how):
    return [lifter.step([seen(i, **how)], (start + i) * STEP, CAMERA)[0] for i in range(count)]


@pytest.fixture(scope='module', params=CORRECTIONS)
def lifter(request):
    return PoseLifter(LiftingConfig(correction=request.param), 'cpu')


@pytest.fixture(autouse=True)
def fresh(request):
    if 'lifter' in request.fixturenames:
        request.getfixturevalue('lifter').reset()


def test_people_stand_where_they_are_and_upright(lifter):
    skeleton = play(lifter, 10)[-1]
    assert skeleton.space == Space.CAMERA_METRIC
    assert np.linalg.norm(skeleton.xyz[0] - [0.18, 0.1, 4]) < 0.6
    relative = skeleton.xyz - skeleton.xyz[0]
    expected = standing_pose().numpy()
    assert np.linalg.norm(relative - expected, axis=-1).mean() < 0.12
    assert skeleton.reprojection_px < 15


def test_known_height_settles_the_distance(lifter):
    """The same picture, of a child: nearer, and smaller by the same factor."""
    child = PoseLifter(replace(lifter.config, person_height=0.85), 'cpu')
    adult = PoseLifter(replace(lifter.config, person_height=1.70), 'cpu')
    small, large = (play(x)[-1] for x in (child, adult))
    assert small.xyz[0, 2] == pytest.approx(large.xyz[0, 2] / 2, rel=0.05)
    height = [x.xyz[:, 1].max() - x.xyz[:, 1].min() for x in (small, large)]
    assert height[0] == pytest.approx(height[1] / 2, rel=0.1)


def test_people_together_are_as_each_alone(lifter):
    together = [lifter.step([seen(i, 1), seen(i, 2)], i * STEP, CAMERA) for i in range(5)][-1]
    for number in (1, 2):
        lifter.reset()
        alone = play(lifter, 5, number=number)[-1]
        np.testing.assert_allclose(together[number - 1].xyz, alone.xyz, atol=2e-3)


@pytest.mark.parametrize('rate', [15, 60])
@pytest.mark.parametrize('velocity', [
    (0, 0, 0), (0.9, 0, 0), (-0.9, 0, 0), (0, 0.4, 0), (0, 0, 0.9), (0.6, 0, -0.6)])
def test_velocity_is_that_of_the_walk(lifter, velocity, rate):
    """Whichever way, at whatever rate, of every joint; m/s in the camera's frame."""
    for i in range(-15, 5):
        place = np.array([0.2, 0.1, 4]) + np.multiply(velocity, i / rate)
        skeleton, = lifter.step([at(place)], 10 ** 9 + round(i / rate * 1e9), CAMERA)
    np.testing.assert_allclose(skeleton.velocity, np.tile(velocity, (17, 1)), atol=0.2)


@pytest.mark.parametrize('velocity, shift, growth', [
    ((0.9, 0, 0), (13, 0), 1), ((0, 0.4, 0), (0, 6), 1), ((0, 0, -0.9), (0, 0), 1.02)])
def test_people_are_foreseen_where_they_walk_to(lifter, velocity, shift, growth):
    """4 m away, a tenth of a second later."""
    for i in range(15):
        place = np.multiply(velocity, (i - 14) / 30) + (0, 0, 4)
        lifter.step([at(place)], 10 ** 9 + i * STEP, CAMERA)
    motion = lifter.predict_motion(10 ** 9 + 14 * STEP + 10 ** 8, CAMERA)['p1']
    np.testing.assert_allclose(motion.shift, shift, atol=4)
    assert motion.growth == pytest.approx(growth, abs=0.01)


def test_nobody_is_foreseen_who_was_never_lifted(lifter):
    lifter.step([unseen()], 0, CAMERA)
    assert lifter.predict_motion(STEP, CAMERA) == {}


def test_the_unseen_are_carried_on_with_growing_doubt(lifter):
    last = play(lifter, 5)[-1]
    first, second = (lifter.step([unseen()], i * STEP, CAMERA)[0] for i in (5, 8))
    assert first.state == TrackingState.PREDICTED
    np.testing.assert_array_equal(first.xyz, last.xyz)
    assert 0 < second.score < first.score < last.score
    spread = [np.trace(s.covariance[3]) for s in (last, first, second)]
    assert spread[0] < spread[1] < spread[2]
    assert np.isnan(first.reprojection_px)


def test_the_never_seen_have_no_pose(lifter):
    skeleton = lifter.step([unseen()], 0, CAMERA)[0]
    assert np.isnan(skeleton.xyz).all() and skeleton.score == 0


def test_the_lost_are_forgotten(lifter):
    play(lifter, 5)
    lifter.step([unseen(state=TrackingState.LOST)], 5 * STEP, CAMERA)
    assert np.isnan(lifter.step([unseen()], 6 * STEP, CAMERA)[0].xyz).all()


@pytest.mark.parametrize('stamp', [-10 ** 9, 4 * STEP - 10 ** 9, 5 * STEP + 1_100_000_000])
def test_a_stamp_that_goes_back_and_a_long_gap_reset(lifter, stamp):
    play(lifter, 5)
    after = lifter.step([seen(0)], stamp, CAMERA)[0]
    lifter.reset()
    new = lifter.step([seen(0)], stamp, CAMERA)[0]
    np.testing.assert_allclose(after.xyz, new.xyz, atol=1e-6)


def test_a_late_frame_is_refused_and_changes_nothing(lifter):
    expected = play(lifter, 5)[-1]
    lifter.reset()
    play(lifter, 4)
    for stamp in (2 * STEP, 0):
        with pytest.raises(LateFrameError, match=f'stamp {stamp} ns'):
            lifter.step([seen(0)], stamp, CAMERA)
    after = lifter.step([seen(4)], 4 * STEP, CAMERA)[0]
    np.testing.assert_allclose(after.xyz, expected.xyz, atol=1e-6)


def test_results_do_not_depend_on_when_the_clip_was_taken(lifter):
    early = play(lifter, 5)[-1]
    lifter.reset()
    late = play(lifter, 5, start=10 ** 9)[-1]
    np.testing.assert_allclose(early.xyz, late.xyz, atol=1e-5)


def test_unsupported_joints_score_zero_and_others_do_not(lifter):
    person = seen()
    person.keypoints[COCO_17.index('left_wrist')] = np.nan, np.nan, 0
    skeleton = lifter.step([person], 0, CAMERA)[0]
    assert skeleton.joint_scores[HUMAN36M_17.index('left_wrist')] == 0
    assert (np.delete(skeleton.joint_scores, HUMAN36M_17.index('left_wrist')) > 0).all()
    assert ((skeleton.joint_scores >= 0) & (skeleton.joint_scores <= 1)).all()


def test_covariances_are_proper_and_longest_along_the_view(lifter):
    skeleton = play(lifter)[-1]
    for covariance in skeleton.covariance:
        np.testing.assert_allclose(covariance, covariance.T, rtol=1e-3, atol=1e-7)
        values, vectors = np.linalg.eigh(covariance)
        assert (values > 0).all()
        assert abs(vectors[2, -1]) > 0.8


def test_two_keypoints_are_enough_to_answer_and_one_is_not(lifter):
    for count, is_known in ((2, True), (1, False)):
        lifter.reset()
        person = seen()
        hidden = [COCO_17.index(n) for n in COCO_17.names if n not in
                  ('left_hip', 'right_shoulder')[:count]]
        person.keypoints[hidden] = np.nan, np.nan, 0
        skeleton = lifter.step([person], 0, CAMERA)[0]
        assert np.isfinite(skeleton.xyz).all() == is_known


def test_an_uncalibrated_camera_gives_root_relative_skeletons(lifter):
    guess = Camera.from_fov(640, 480)
    assert lifter.step([seen()], 0, guess)[0].space == Space.ROOT_RELATIVE


def test_geometric_correction_agrees_better_with_the_picture():
    errors = {}
    for correction in ('none', 'geometric'):
        lifter = PoseLifter(LiftingConfig(correction=correction), 'cpu')
        errors[correction] = np.mean([s.reprojection_px for s in play(lifter, 10)])
    assert errors['geometric'] < 0.8 * errors['none']


@pytest.mark.parametrize('bad', [
    {'correction': 'magic'}, {'person_height': 17.0}, {'min_keypoint_score': 1.0}, {'max_gap': 0}])
def test_unusable_settings_are_refused(bad):
    with pytest.raises(InputError, match=next(iter(bad))):
        LiftingConfig(**bad)


@pytest.mark.parametrize('change', [
    {'correction': 'none'}, {'correction': 'learned'}, {'geometric': GeometricConfig(window=9)},
    {'geometric': GeometricConfig(window=2)}, {'min_keypoint_score': 0.5}])
def test_settings_change_between_two_frames(change):
    """After a while all is as if it had been so from the start."""
    usual = LiftingConfig()
    changed, other = PoseLifter(usual, 'cpu'), PoseLifter(replace(usual, **change), 'cpu')
    first = play(changed, 5)[-1]
    changed.configure(other.config)
    after = play(changed, 40, start=5)
    assert np.linalg.norm(after[0].xyz[0] - first.xyz[0]) < 0.15  # the person doesn't jump
    np.testing.assert_allclose(after[-1].xyz, play(other, 40, start=5)[-1].xyz, atol=0.02)


@pytest.mark.parametrize('change', [{'person_height': 1.2},
                                    {'camera_height': 1.0, 'camera_pitch': 5.0}])
def test_a_known_height_and_floor_can_be_told_on_the_way(change):
    told, from_start = (PoseLifter(LiftingConfig(**x), 'cpu') for x in ({}, change))
    before = play(told, 5)[-1]
    told.configure(from_start.config)
    after = play(told, 60, start=5)[-1].xyz[0, 2]
    assert after == pytest.approx(play(from_start, 60, start=5)[-1].xyz[0, 2], rel=0.01)
    assert after < 0.9 * before.xyz[0, 2]


def test_smoothing_can_be_turned_up_while_running():
    """Trembling keypoints make the joints tremble, the less the lower acceleration_sigma is."""
    rng = np.random.default_rng(0)
    lifter = PoseLifter(LiftingConfig(), 'cpu')

    def trembling(sigma, start):
        lifter.configure(LiftingConfig(geometric=GeometricConfig(acceleration_sigma=sigma)))
        track = []
        for i in range(start, start + 30):
            person = seen()
            person.keypoints[:, :2] += rng.normal(0, 3, (17, 2))
            track.append(lifter.step([person], i * STEP, CAMERA)[0].xyz)
        return np.linalg.norm(np.diff(track[10:], 2, axis=0), axis=-1).mean()

    loose, smooth = trembling(100.0, 0), trembling(1.0, 30)
    assert smooth < 0.5 * loose


@pytest.mark.parametrize('factor', (0.5, 0.7, 1.1))
def test_scores_of_another_scale_change_little(lifter, factor):
    """Networks differ in what their scores mean; front and back must not depend on that."""
    usual = play(lifter, 8)[-1].xyz
    lifter.reset()
    for i in range(8):
        person = seen(i)
        person.keypoints[:, 2] *= factor
        other = lifter.step([person], i * STEP, CAMERA)[0].xyz
    away = np.linalg.norm((other - other[0]) - (usual - usual[0]), axis=-1)
    assert away.mean() < 0.06 and away.max() < 0.2


def test_a_known_floor_settles_the_distance(lifter):
    """The lower the camera is above the floor, the nearer and smaller are those who stand on it."""
    ankles = [HUMAN36M_17.index(f'{s}_ankle') for s in ('left', 'right')]
    drop = play(lifter, 30)[-1].xyz[ankles, 1].max()
    distances = []
    for height in (0.95, 1.0, 1.05):
        config = replace(lifter.config, camera_height=float(height * (drop + 0.09)))
        skeleton = play(PoseLifter(config, 'cpu'), 30)[-1]
        distances.append(skeleton.xyz[0, 2])
        assert skeleton.reprojection_px < 15
    assert distances[0] < 0.985 * distances[1] and 1.015 * distances[1] < distances[2]


@pytest.mark.parametrize('change, words', [({'camera_height': -1.0}, 'camera_height = -1'),
                                           ({'camera_pitch': 90.0}, 'camera_pitch = 90')])
def test_cameras_that_can_not_be_are_refused(change, words):
    with pytest.raises(InputError, match=words):
        LiftingConfig(**change)


# By the rotation that turns a picture upright: where the pixels of an upright 640x480 one are in it
QUARTER_TURNS = {
    90: (lambda u, v: (v, 639 - u)), 180: (lambda u, v: (639 - u, 479 - v)),
    270: (lambda u, v: (479 - v, u))}


@pytest.mark.parametrize('rotation', QUARTER_TURNS)
@pytest.mark.parametrize('correction', CORRECTIONS)
def test_a_camera_that_is_turned_sees_the_same_people(correction, rotation):
    sideways = rotation != 180
    matrix = CAMERA.matrix.copy()
    u, v = QUARTER_TURNS[rotation](*CAMERA.matrix[:2, 2])
    matrix[:2, 2] = u, v
    camera = Camera(matrix, *((480, 640) if sideways else (640, 480)))
    upright = PoseLifter(LiftingConfig(correction=correction), 'cpu')
    turned = PoseLifter(LiftingConfig(correction=correction, rotation=rotation), 'cpu')
    angle = np.radians(rotation)
    turn = np.array([[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0],
                     [0, 0, 1]])  # of the picture, clockwise: x right, y down
    for i in range(4):
        person = seen(i)
        pixels = np.stack(QUARTER_TURNS[rotation](*person.keypoints[:, :2].T), -1)
        other = replace(person, keypoints=np.column_stack(
            (pixels, person.keypoints[:, 2])).astype(np.float32))
        stamp_ns = round(i * 1e9 / 30)
        ours, = turned.step([other], stamp_ns, camera)
        theirs, = upright.step([person], stamp_ns, CAMERA)
        np.testing.assert_allclose(ours.xyz @ turn.T, theirs.xyz, atol=2e-3)
        np.testing.assert_allclose(ours.velocity @ turn.T, theirs.velocity, atol=5e-2)
        np.testing.assert_allclose(turn @ ours.covariance @ turn.T, theirs.covariance, atol=2e-3)
        assert ours.reprojection_px == pytest.approx(theirs.reprojection_px, abs=0.05)


@pytest.mark.parametrize('rotation', QUARTER_TURNS)
def test_the_floor_is_below_the_people_of_a_turned_camera(rotation):
    level = PoseLifter(LiftingConfig(camera_height=1.5, camera_pitch=20), 'cpu').floor
    floor = PoseLifter(
        LiftingConfig(camera_height=1.5, camera_pitch=20, rotation=rotation), 'cpu').floor
    assert floor.height == level.height
    # Up is where the top of the upright picture is in the picture as it comes
    across, down = {90: (-1, 0), 180: (0, 1), 270: (1, 0)}[rotation]
    np.testing.assert_allclose(
        floor.normal, (-level.normal[1] * across, -level.normal[1] * down, level.normal[2]),
        atol=1e-6)


def test_a_rotation_that_is_no_quarter_turn_is_refused():
    with pytest.raises(InputError, match='rotation = 45 degrees is not one of 0, 90, 180, 270'):
        LiftingConfig(rotation=45)


# A person's place on the picture of a lens of 190 degrees, in degrees to the side and up
@pytest.mark.parametrize('yaw, pitch', [(40, 0), (75, 0), (-60, 20), (92, 0), (120, 0)])
def test_people_at_the_border_of_a_fisheye_are_as_in_the_middle(yaw, pitch):
    """The same rays, in a camera that looks elsewhere: the same person, turned."""
    fisheye = Camera(np.array([[300.0, 0, 640], [0, 300, 480], [0, 0, 1]]), 1280, 960,
                     np.array([-0.02, 5e-3, -2e-3, 2e-4]), 'equidistant')
    a, b = np.radians((yaw, pitch))
    turn = np.array([[1, 0, 0], [0, np.cos(b), -np.sin(b)], [0, np.sin(b), np.cos(b)]])
    turn = np.array([[np.cos(a), 0, np.sin(a)], [0, 1, 0], [-np.sin(a), 0, np.cos(a)]]) @ turn
    straight, wide = (PoseLifter(LiftingConfig(), 'cpu') for _ in range(2))
    for i in range(6):
        person = seen(i)
        rays = CAMERA.rays(torch.from_numpy(person.keypoints[:, :2]).double())
        pixels = fisheye.project(rays @ torch.from_numpy(turn.T)).numpy()
        assert np.isfinite(pixels[person.keypoints[:, 2] > 0]).all()
        other = replace(person, keypoints=np.column_stack(
            (pixels, person.keypoints[:, 2])).astype(np.float32))
        stamp_ns = round(i * 1e9 / 30)
        theirs, = straight.step([person], stamp_ns, CAMERA)
        ours, = wide.step([other], stamp_ns, fisheye)
    back = ours.xyz @ turn
    # The network knows how steeply the camera looks, so poses agree closely and not exactly.
    centred = [x - x[:1] for x in (back, theirs.xyz)]
    assert np.linalg.norm(centred[0] - centred[1], axis=-1).mean() < 0.04
    assert np.linalg.norm(back[0] - theirs.xyz[0]) < 0.1 * np.linalg.norm(theirs.xyz[0])
    assert ours.reprojection_px < 3 * theirs.reprojection_px + 3


def test_keypoints_where_the_lens_draws_nothing_are_unseen(lifter):
    folds = Camera(np.array([[400.0, 0, 320], [0, 400, 240], [0, 0, 1]]), 640, 480,
                   np.array([-0.5, 0, 0, 0]))
    person = seen()
    person.keypoints[9, :2] = 639, 0
    assert folds.rays(torch.from_numpy(person.keypoints[9, :2])).isnan().all()
    skeleton, = lifter.step([person], 0, folds)
    assert np.isfinite(skeleton.xyz).all() and np.isfinite(skeleton.reprojection_px)
    person.keypoints[:, :2] = 639, 0
    skeleton, = PoseLifter(LiftingConfig(), 'cpu').step([person], 0, folds)
    assert np.isnan(skeleton.xyz).all()
