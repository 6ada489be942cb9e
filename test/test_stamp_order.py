# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Late frames are refused, and no stream of frames is refused permanently."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
import pytest

from pose_machine_ros.errors import InputError, LateFrameError
from pose_machine_ros.stamp_order import StampOrder

MS = 1_000_000
GAP = 1.0  # seconds
NEXT, NEW_STREAM, LATE, REPEATED = 'next', 'new stream', 'late', 'repeated'

stamps = st.lists(st.integers(0, 3000).map(lambda ms: ms * MS), max_size=200)


def place(order: StampOrder, stamp_ns: int) -> str:
    """Pass a frame to `order` as the machine does."""
    if starts_new_stream := order.starts_new_stream(stamp_ns, GAP):
        order.reset()
    try:
        order.accept(stamp_ns)
    except LateFrameError:
        return LATE
    except InputError:
        return REPEATED
    return NEW_STREAM if starts_new_stream else NEXT


def places(*milliseconds: int) -> list[str]:
    order = StampOrder()
    return [place(order, ms * MS) for ms in milliseconds]


@pytest.mark.parametrize('stamp, expected', [
    (5001, NEXT), (6000, NEXT), (6001, NEW_STREAM), (10**9, NEW_STREAM), (5000, REPEATED),
    (4999, LATE), (4001, LATE), (4000, NEW_STREAM), (-10**9, NEW_STREAM)])
def test_the_gap_to_the_newest_frame_decides(stamp: int, expected: str) -> None:
    assert places(5000, stamp) == [NEXT, expected]


def test_the_newest_frame_stays_the_newest_after_late_ones() -> None:
    assert places(5000, 4900, 5033, 4500, 5000, 5033, 5066) == [
        NEXT, LATE, NEXT, LATE, LATE, REPEATED, NEXT]


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(1, 900), st.integers(1, 999)), min_size=1, max_size=50))
def test_late_frames_among_others_never_start_a_new_stream(frames: list[tuple[int, int]]) -> None:
    """Each is between two frames that continue the stream."""
    order, newest = StampOrder(), 10_000
    for ahead, behind in frames:
        newest += ahead
        assert place(order, newest * MS) == NEXT
        assert place(order, (newest - behind) * MS) == LATE


@settings(deadline=None)
@given(stamps)
def test_accepted_stamps_rise_and_refused_ones_are_a_little_older(sequence: list[int]) -> None:
    order, newest = StampOrder(), None
    for stamp in sequence:
        where = place(order, stamp)
        if newest is not None:
            assert (where == REPEATED) <= (stamp == newest)
            assert (where == LATE) <= (0 < newest - stamp < GAP * 1e9)
            assert (where == NEXT) <= (0 < stamp - newest <= GAP * 1e9)
        newest = newest if where in (LATE, REPEATED) else stamp


@settings(deadline=None)
@given(stamps)
def test_asking_changes_nothing(sequence: list[int]) -> None:
    once, often = StampOrder(), StampOrder()
    for stamp in sequence:
        for _ in range(3):
            often.starts_new_stream(stamp, GAP)
        assert place(once, stamp) == place(often, stamp)


@settings(deadline=None)
@given(stamps, st.integers(1, 100))
def test_no_stream_is_refused_permanently(sequence: list[int], least: int) -> None:
    """Of frames at least `least` ms apart, a limited number in a row is refused."""
    most = 3 * GAP * 1e3 / least + 1
    order, refused, last = StampOrder(), 0, None
    for stamp in sequence:
        if last is not None and abs(stamp - last) < least * MS:
            continue
        last = stamp
        refused = refused + 1 if place(order, stamp) in (LATE, REPEATED) else 0
        assert refused <= most


@pytest.mark.parametrize('length, step', [(800, 100), (800, 33), (400, 33), (500, 500), (40, 20)])
def test_a_short_recording_in_a_loop_starts_new_streams(length: int, step: int) -> None:
    order = StampOrder()
    turns = [[place(order, ms * MS) for ms in range(0, length + 1, step)] for _ in range(200)]
    begun = [i for i, turn in enumerate(turns) if NEW_STREAM in turn]
    within = 2 + 2 * 1000 // length
    assert all(b - a <= within for a, b in zip([0, *begun], [*begun, 199]))


@pytest.mark.parametrize('back', [100, 500, 900])
def test_a_clock_set_back_a_little_does_not_start_a_new_stream(back: int) -> None:
    moved = [ms - back * (ms > 3000) for ms in range(0, 6000, 50)]
    seen = places(*moved)
    assert NEW_STREAM not in seen and seen.count(NEXT) >= len(moved) - back / 50 - 1


def test_a_clock_that_stands_still_is_always_refused() -> None:
    assert set(places(*[5000] * 500)[1:]) == {REPEATED}
