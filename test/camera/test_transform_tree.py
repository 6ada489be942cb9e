# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The tree of frames: composition, interpolation, what is remembered, and what is refused."""

from __future__ import annotations

import math
import threading

import numpy as np
import pytest
from scipy.spatial.transform import Rotation, Slerp

from pose_machine_ros.camera import transform_tree
from pose_machine_ros.camera.rigid_transform import RigidTransform
from pose_machine_ros.camera.transform_tree import MEMORY_NS, TOLERANCE_NS, TransformTree
from pose_machine_ros.errors import InputError

S = 10**9
START = 1_700_000_000 * S
NO_TURN = (0.0, 0.0, 0.0, 1.0)


def random_pose(random: np.random.Generator) -> RigidTransform:
    return RigidTransform.from_quaternion(random.normal(size=4), random.normal(size=3))


def put(tree: TransformTree, parent: str, child: str, pose: RigidTransform, stamp_ns: int = START,
        **options: bool) -> str:
    return tree.insert(parent, child, stamp_ns, pose.quaternion(), tuple(pose.translation.tolist()),
                       **options)


def moved(x: float) -> RigidTransform:
    return RigidTransform(np.eye(3), np.array([x, 0, 0]))


def assert_same(found: RigidTransform, wanted: RigidTransform) -> None:
    np.testing.assert_allclose(found.rotation, wanted.rotation, atol=1e-9)
    np.testing.assert_allclose(found.translation, wanted.translation, atol=1e-9)


@pytest.fixture
def branches() -> tuple[TransformTree, dict[str, RigidTransform]]:
    """Return a tree with two branches, and the pose of each frame in the root."""
    random, tree, poses = np.random.default_rng(4), TransformTree(), {'root': RigidTransform()}
    for parent, child in (('root', 'a'), ('a', 'b'), ('b', 'c'), ('root', 'd'), ('a', 'e')):
        pose = random_pose(random)
        poses[child] = poses[parent] @ pose
        put(tree, parent, child, pose, is_static=child in 'be')
    return tree, poses


def test_chains_are_composed_through_the_nearest_common_frame(branches):
    tree, poses = branches
    for target in poses:
        for source in poses:
            assert_same(tree.lookup(target, source, START),
                        poses[target].inverse() @ poses[source])


def test_a_lookup_and_its_reverse_are_inverse(branches):
    tree, _ = branches
    assert_same(tree.lookup('c', 'd', START) @ tree.lookup('d', 'c', START), RigidTransform())


def test_transforms_are_interpolated_as_scipy_does():
    random, tree = np.random.default_rng(5), TransformTree()
    for _ in range(20):
        tree = TransformTree()
        a, b = random_pose(random), random_pose(random)
        put(tree, 'odom', 'base', a)
        put(tree, 'odom', 'base', b, START + S)
        arc = Slerp([0, 1], Rotation.from_matrix(np.stack([a.rotation, b.rotation])))
        for share in random.uniform(size=5):
            found = tree.lookup('odom', 'base', START + round(share * S))
            np.testing.assert_allclose(found.rotation, arc(share).as_matrix(), atol=1e-6)
            np.testing.assert_allclose(
                found.translation, (1 - share) * a.translation + share * b.translation, atol=1e-8)


def test_a_small_rotation_is_interpolated_evenly():
    tree = TransformTree()
    for i, angle in enumerate((0.0, 0.02)):
        tree.insert('odom', 'base', START + i * S, (0, 0, math.sin(angle / 2),
                                                    math.cos(angle / 2)), (0, 0, 0))
    turned = tree.lookup('odom', 'base', START + S // 4).rotation
    assert math.atan2(turned[1, 0], turned[0, 0]) == pytest.approx(0.005, rel=1e-4)


def test_the_order_of_arrival_does_not_matter():
    tree = TransformTree()
    for i in (3, 0, 2, 1, 4):
        put(tree, 'odom', 'base', moved(i), START + i * S // 10)
    for x in np.linspace(0, 4, 17):
        found = tree.lookup('odom', 'base', START + round(x * S / 10))
        assert found.translation[0] == pytest.approx(x, abs=1e-6)


def test_the_newest_transform_stays_valid_for_a_moment():
    tree = TransformTree()
    put(tree, 'odom', 'base', moved(1))
    assert tree.lookup('odom', 'base', START + TOLERANCE_NS).translation[0] == 1
    with pytest.raises(InputError, match="'base' in 'odom' ended 0.20 s earlier"):
        tree.lookup('odom', 'base', START + TOLERANCE_NS + 1)


def test_each_transform_of_a_chain_is_the_newest_of_its_own():
    tree = TransformTree()
    put(tree, 'odom', 'base', moved(1))
    put(tree, 'base', 'eye', moved(0))
    put(tree, 'base', 'eye', moved(2), START + TOLERANCE_NS)
    assert tree.lookup('odom', 'eye', START + TOLERANCE_NS).translation[0] == 3


def test_the_past_before_the_first_transform_is_refused():
    tree = TransformTree()
    put(tree, 'odom', 'base', moved(1))
    with pytest.raises(InputError, match="'base' in 'odom' begins 0.50 s later"):
        tree.lookup('odom', 'base', START - S // 2)


def test_a_static_transform_is_valid_at_all_times_and_replaced_by_a_newer_one():
    tree = TransformTree()
    put(tree, 'base', 'eye', moved(1), 0, is_static=True)
    for stamp in (0, START, START + 10**18):
        assert tree.lookup('base', 'eye', stamp).translation[0] == 1
    assert put(tree, 'base', 'eye', moved(2), 0, is_static=True) == ''
    assert tree.lookup('base', 'eye', 0).translation[0] == 2


def test_ten_seconds_are_remembered():
    tree = TransformTree()
    for i in range(4000):
        put(tree, 'odom', 'base', moved(i), START + i * S // 100)
    newest = START + 3999 * S // 100
    assert tree.lookup('odom', 'base', newest - MEMORY_NS).translation[0] == pytest.approx(2999)
    with pytest.raises(InputError, match='begins'):
        tree.lookup('odom', 'base', newest - MEMORY_NS - S // 100)
    assert len(tree._edges['base'].stamps) == 1001


def test_frames_that_come_and_go_are_forgotten(monkeypatch):
    monkeypatch.setattr(transform_tree, '_MAX_FRAMES', 50)
    tree = TransformTree()
    put(tree, 'base', 'eye', moved(1), is_static=True)
    for i in range(1000):
        put(tree, 'eye', f'body_p{i}', moved(i), START + i * S)
    assert 20 < len(tree.frames) <= 52
    assert {'base', 'eye', 'body_p999'} <= {*tree.frames}


def test_a_clock_that_is_set_back_forgets_what_moves():
    tree = TransformTree()
    put(tree, 'base', 'eye', moved(1), is_static=True)
    put(tree, 'odom', 'base', moved(5))
    warning = put(tree, 'odom', 'base', moved(7), START - 60 * S)
    assert "go back by 60.00 s ('base' in 'odom')" in warning
    assert tree.lookup('odom', 'eye', START - 60 * S).translation[0] == 8
    with pytest.raises(InputError, match='ended 60.00 s earlier'):
        tree.lookup('odom', 'base', START)


def test_a_late_transform_is_no_clock_that_is_set_back():
    tree = TransformTree()
    put(tree, 'odom', 'base', moved(5))
    assert put(tree, 'odom', 'base', moved(7), START - S // 2) == ''
    assert tree.lookup('odom', 'base', START - S // 4).translation[0] == 6


def test_a_frame_that_jumps_between_two_parents_is_named():
    tree = TransformTree()
    warnings = [put(tree, parent, 'eye', moved(1), START + i * S // 10)
                for i, parent in enumerate(('base', 'base', 'head', 'base'))]
    assert warnings[:3] == [''] * 3  # an object may be handed over once
    for word in ("'eye' has two parents", "'base'", "'head'"):
        assert word in warnings[3]


def test_a_static_and_a_moving_parent_are_two_parents():
    tree = TransformTree()
    put(tree, 'base', 'eye', moved(1), is_static=True)
    assert 'two parents' in put(tree, 'head', 'eye', moved(1))


@pytest.mark.parametrize('target, source, words', [
    ('odom', 'eye_optical', ["no frame 'eye_optical'", "did you mean 'eye_optical_frame'?",
                             "'odom'", 'base']),
    ('odmo', 'base', ["no frame 'odmo'", "did you mean 'odom'?"]),
    ('island', 'base', ["does not connect 'base' with 'island'", "'odom'", "'sea'"]),
])
def test_frames_that_are_unknown_or_not_connected_are_named(target, source, words):
    tree = TransformTree()
    put(tree, 'odom', 'base', moved(0))
    put(tree, 'base', 'eye_optical_frame', moved(0), is_static=True)
    put(tree, 'sea', 'island', moved(0))
    with pytest.raises(InputError) as refused:
        tree.lookup(target, source, START)
    for word in words:
        assert word in str(refused.value)


def test_an_empty_tree_says_so():
    with pytest.raises(InputError, match='Known frames: none'):
        TransformTree().lookup('odom', 'base', START)


def test_a_loop_ends_with_an_error():
    tree = TransformTree()
    for parent, child in (('a', 'b'), ('b', 'c'), ('c', 'a'), ('x', 'y')):
        put(tree, parent, child, moved(0))
    with pytest.raises(InputError, match='loop'):
        tree.lookup('y', 'a', START)


def test_leading_slashes_are_ignored():
    tree = TransformTree()
    put(tree, '/odom', '/base', moved(3))
    assert tree.frames == ['base', 'odom']
    assert tree.lookup('odom', '/base', START).translation[0] == 3


def test_a_frame_in_itself_is_the_identity_even_if_it_is_unknown():
    assert_same(TransformTree().lookup('eye', '/eye', START), RigidTransform())


@pytest.mark.parametrize('parent, child, rotation, translation', [
    ('a', 'a', NO_TURN, (0, 0, 0)), ('', 'a', NO_TURN, (0, 0, 0)), ('a', '/', NO_TURN, (0, 0, 0)),
    ('a', 'b', (0, 0, 0, 0), (0, 0, 0)), ('a', 'b', (0, 0, 0, math.nan), (0, 0, 0)),
    ('a', 'b', NO_TURN, (0, math.inf, 0)), ('a', 'b', (1.0, 1.0, 0, 0), (0, 0, 0))])
def test_an_unusable_transform_is_refused_and_changes_nothing(parent, child, rotation,
                                                              translation):
    tree = TransformTree()
    with pytest.raises(InputError, match='not usable'):
        tree.insert(parent, child, START, rotation, translation)
    assert tree.frames == []


def test_one_thread_may_insert_while_another_looks_up():
    tree, errors = TransformTree(), []
    put(tree, 'odom', 'base', moved(0))

    def look_up() -> None:
        try:
            for _ in range(3000):
                x = tree.lookup('odom', 'base', START + S // 2).translation[0]
                assert x in (0, 1) or x == pytest.approx(0.5)
        except Exception as error:  # the main thread shows it
            errors.append(error)

    put(tree, 'odom', 'base', moved(1), START + S)
    thread = threading.Thread(target=look_up)
    thread.start()
    for i in range(3000):
        put(tree, 'odom', 'base', moved(1), START + S + i)
    thread.join()
    assert not errors
