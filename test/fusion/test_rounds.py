# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Rounds: what is in them, when they end, and which views and cameras are left out."""

from __future__ import annotations

from dataclasses import dataclass, field
import heapq
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
import pytest

from pose_machine_ros.camera.rigid_transform import RigidTransform
from pose_machine_ros.fusion.rounds import CLOCK_TOLERANCE, MAX_GAP, Rounds, WAIT
from pose_machine_ros.fusion.view import View

HOST = 1_000_000.0  # seconds: the receiver's clock when its steady clock is 0


@dataclass(order=True)
class Receipt:
    """A view on its way."""

    at: float  # steady seconds
    camera: str
    stamp: float  # seconds, by the clock of the camera


@dataclass
class Player:
    """Gives views to `Rounds` in the order of their receipt, and asks for due rounds between."""

    rounds: Rounds = field(default_factory=Rounds)
    ended: list[tuple[float, list[View]]] = field(default_factory=list)
    now: float = 0.0
    host: float = HOST

    def play(self, receipts: list[Receipt]) -> Player:
        heapq.heapify(receipts)
        while receipts:
            receipt = heapq.heappop(receipts)
            self.expire(receipt.at)
            self.now = receipt.at
            view = View(receipt.camera, round(receipt.stamp * 1e9), RigidTransform(), [])
            offset = receipt.stamp - (self.host + receipt.at)
            self.ended += [(self.now, r) for r in self.rounds.add(view, offset, self.now)]
        self.expire(self.now + 1.0)
        return self

    def expire(self, until: float) -> None:
        due = self.rounds.due
        if due is not None and due <= until:
            # as a thread does, a little late
            self.now = max(self.now, due) + 1e-4
            views = self.rounds.expire(self.now)
            assert views
            self.ended.append((self.now, views))

    def cameras(self) -> list[set[str]]:
        return [{v.camera for v in views} for _, views in self.ended]


def stream(camera: str, count: int = 30, period: float = 1 / 30, start: float = 0.0,
           delay: float = 0.03, clock: float = 0.0, jitter: list[float] | None = None
           ) -> list[Receipt]:
    """Return the receipts of a camera; its clock is `clock` seconds ahead of the receiver's."""
    jitter = jitter or [0.0]
    return [Receipt(start + i * period + delay + jitter[i % len(jitter)], camera,
                    HOST + start + i * period + clock) for i in range(count)]


def test_one_camera_needs_no_waiting() -> None:
    played = Player().play(stream('a'))
    assert [at for at, _ in played.ended] == [r.at for r in stream('a')]
    assert played.cameras() == [{'a'}] * 30


def test_cameras_that_are_synchronised_come_together() -> None:
    played = Player().play([*stream('a'), *stream('b', delay=0.035), *stream('c', delay=0.04)])
    assert played.cameras() == [{'a'}] + [{'a', 'b', 'c'}] * 29  # the others were not heard yet
    assert all(len({v.stamp_ns for v in views}) == 1 for _, views in played.ended)
    assert all(at - 0.04 == pytest.approx(views[0].stamp_ns * 1e-9 - HOST, abs=1e-3)
               for at, views in played.ended[1:])


def test_views_of_one_moment_come_together_again_after_one_is_late() -> None:
    receipts = stream('b', 30, delay=0.04)
    receipts[10].at += 0.025
    played = Player().play([*stream('a'), *receipts])
    together = [len(views) == 2 and len({v.stamp_ns for v in views}) == 1
                for _, views in played.ended]
    assert together[1:10] == [True] * 9 and together[13:] == [True] * 17


def test_nobody_waits_for_a_camera_that_is_known_to_come_later() -> None:
    # Its views come 8 ms before those of the other camera, 125 ms after they were taken
    played = Player().play([*stream('a'), *stream('b', delay=0.155)])
    arrivals = {round(r.stamp * 1e9): r.at for r in stream('a')}
    assert all(at == arrivals[max(v.stamp_ns for v in views)] for at, views in played.ended[6:29])
    assert played.cameras()[6:29] == [{'a', 'b'}] * 23


def test_a_slow_camera_delays_a_fast_one_by_the_wait_only() -> None:
    played = Player().play([*stream('fast', 60, 1 / 60), *stream('slow', 10, 0.1)])
    arrivals = {round(r.stamp * 1e9): r.at
                for r in [*stream('fast', 60, 1 / 60), *stream('slow', 10, 0.1)]}
    newest = 0
    for at, views in played.ended:
        newer = [arrivals[v.stamp_ns] for v in views if v.stamp_ns > newest]
        assert at - min(newer) <= WAIT + 1e-3
        newest = max(v.stamp_ns for v in views)
    assert sum(len(views) for _, views in played.ended) >= 68


def test_a_camera_that_stopped_is_not_waited_for() -> None:
    played = Player().play([*stream('a', 60), *stream('b', 5)])
    late = [(at, views) for at, views in played.ended if at > 5 / 30 + MAX_GAP + 0.1]
    arrivals = {round(r.stamp * 1e9): r.at for r in stream('a', 60)}
    assert late
    assert all(at == arrivals[views[0].stamp_ns] for at, views in late)


def test_a_second_view_ends_a_round() -> None:
    rounds = Rounds(wait=0.4)
    views = {name: View(name[0], stamp, RigidTransform(), []) for name, stamp in (
        ('a0', 0), ('b0', 1), ('a1', 2), ('a2', 3))}

    def add(name: str, now: float) -> list[list[str]]:
        found = rounds.add(views[name], 0.0, now)
        return [[k for k, v in views.items() if any(v is x for x in r)] for r in found]
    assert add('a0', 0.0) == [['a0']]
    assert add('b0', 0.01) == []  # waits for a
    assert add('a1', 0.02) == [['b0', 'a1']]
    assert add('a2', 0.03) == []
    views['a3'] = View('a', 4, RigidTransform(), [])
    assert add('a3', 0.04) == [['a2']]


LATE = st.lists(st.floats(0.0, 0.15), min_size=1, max_size=7)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.floats(0.01, 0.2), st.floats(0.0, 0.2), st.floats(0.0, 0.1), LATE),
                min_size=1, max_size=4))
def test_whatever_the_rates_and_delays(
        cameras: list[tuple[float, float, float, list[float]]]) -> None:
    """Each view comes in order, once or not at all, and the newest stamps of rounds rise."""
    receipts = [r for i, (period, start, delay, jitter) in enumerate(cameras)
                for r in stream(f'c{i}', 25, period, start, delay, jitter=jitter)]
    sent = {(r.camera, round(r.stamp * 1e9)) for r in receipts}
    played = Player().play(list(receipts))
    newest = [max(v.stamp_ns for v in views) for _, views in played.ended]
    assert newest == sorted(set(newest))
    got = [(v.camera, v.stamp_ns) for _, views in played.ended for v in views]
    assert len(got) == len(set(got)) and set(got) <= sent
    for i in range(len(cameras)):
        stamps = [s for camera, s in got if camera == f'c{i}']
        assert stamps == sorted(stamps)
    for _, views in played.ended:
        assert len({v.camera for v in views}) == len(views)
    if len(cameras) == 1:
        assert len(got) + played.rounds.late == len(sent)


def test_late_views_are_dropped_and_counted() -> None:
    receipts = stream('a', 30)
    receipts[7].at += 0.1  # overtaken by three others
    receipts[20].at += 0.06
    played = Player().play(receipts)
    assert played.rounds.late == 2
    assert sum(len(views) for _, views in played.ended) == 28


@pytest.mark.parametrize('seconds', [0.6, 0.8, 1.0, 1.5])
@pytest.mark.parametrize('others', ['a', 'ac'])
def test_a_view_that_is_held_up_is_late_and_no_new_stream(others: str, seconds: float) -> None:
    """As when a pose node needs long for one frame, and takes the newest image then."""
    held_up = [r for r in stream('b', 90) if r.at <= 1.0 or r.at > 1.0 + seconds]
    first = next(i for i, r in enumerate(held_up) if r.at > 1.0)
    held_up.insert(first, Receipt(1.0 + seconds, 'b', HOST + 0.98))
    played = Player().play([r for name in others for r in stream(name, 90)] + held_up)
    newest = [max(v.stamp_ns for v in views) for _, views in played.ended]
    assert newest == sorted(newest)
    assert played.rounds.late == 1
    assert not any(v.stamp_ns == round((HOST + 0.98) * 1e9)
                   for _, views in played.ended for v in views)
    assert played.cameras()[-1] == {'b', *others}


@pytest.mark.parametrize('back', [0.9, 30.0])
def test_when_all_cameras_go_back_a_new_stream_starts_with_the_last_one(back: float) -> None:
    player = Player()
    player.play([*stream('a', 60), *stream('b', 60, delay=0.035), *stream('c', 60, delay=0.04)])
    rounds = len(player.ended)
    # The receiver's clock goes back too, as that of a simulation does
    again = [Receipt(r.at, r.camera, r.stamp - back) for name in 'abc'
             for r in stream(name, 30, start=2.0)]
    player.host -= back
    player.play(again)
    newest = [max(v.stamp_ns for v in views) for _, views in player.ended]
    assert newest[:rounds] == sorted(newest[:rounds]) and newest[rounds:] == sorted(newest[rounds:])
    assert newest[rounds] < newest[rounds - 1] and len(newest) - rounds >= 29
    assert player.cameras()[-1] == {'a', 'b', 'c'} and player.rounds.late == 2


@pytest.mark.parametrize('jump', [-3600.0, -0.8, 0.8, 3600.0])
def test_a_camera_whose_stamps_jump_starts_anew(jump: float) -> None:
    later = stream('a', 30, start=1.0)
    for receipt in later:
        receipt.stamp += jump
    played = Player().play([*stream('a', 30), *later])
    assert played.rounds.late == 0 and len(played.ended) == 60


@pytest.mark.parametrize('clock', [-3.2, 3.2, -0.4])
def test_a_clock_that_disagrees_is_named_and_left_out_until_it_agrees(clock: float) -> None:
    player = Player()
    player.play([*stream('a'), *stream('b'), *stream('c', clock=clock)])
    # Only the first round, before the others were heard, may have it
    assert {'c'} not in player.cameras()[1:] and {'a', 'b', 'c'} not in player.cameras()
    report = player.rounds.clocks(1.0)
    assert report.left_out == {'c'}
    where = f'{abs(clock):.1f} s {"ahead of" if clock > 0 else "behind"} the others'
    assert set(report.complaints) == {'c'} and where in report.complaints['c']
    assert 'chrony' in report.complaints['c']

    player.ended.clear()
    player.play([r for name in 'abc' for r in stream(name, 30, start=1.5)])
    assert player.rounds.clocks(player.now - 1).left_out == set()
    assert player.cameras()[-1] == {'a', 'b', 'c'}


def test_a_latency_that_is_always_higher_is_not_called_a_wrong_clock() -> None:
    player = Player().play([*stream('a'), *stream('b'), *stream('c', delay=0.43)])
    text = player.rounds.clocks(1.0).complaints['c']
    assert '0.4 s behind the others' in text and 'by its clock or by its latency' in text
    assert 'chrony' in text and 'make that pose node or its network faster' in text


def test_a_latency_within_the_documented_limit_is_no_fault() -> None:
    player = Player().play([*stream('a'), *stream('b'), *stream('c', delay=0.27)])
    assert not player.rounds.clocks(1.0).complaints and {'a', 'b', 'c'} in player.cameras()[1:]
    assert f'{CLOCK_TOLERANCE} s' in (
        Path(__file__).parents[2] / 'docs' / 'multi_camera.md').read_text()


def test_of_two_clocks_both_are_named_and_the_one_nearer_to_the_host_is_used() -> None:
    player = Player().play([*stream('a', clock=-4.0), *stream('b')])
    report = player.rounds.clocks(1.0)
    assert report.left_out == {'a'} and set(report.complaints) == {'a', 'b'}
    assert all('a and b differ by 4.0 s; a is further' in t for t in report.complaints.values())
    assert player.cameras()[-1] == {'b'}


def test_a_clock_that_differs_for_all_cameras_is_nobodys_fault() -> None:
    played = Player().play([*stream('a', clock=-1e6), *stream('b', clock=-1e6)])
    assert not played.rounds.clocks(1.0).complaints
    assert played.cameras()[-1] == {'a', 'b'}


def test_a_view_that_is_held_up_does_not_make_a_clock_wrong() -> None:
    receipts = stream('b', 30)
    receipts[10].at += 0.4
    del receipts[11:20]
    player = Player().play([*stream('a'), *receipts])
    assert not player.rounds.clocks(1.0).complaints


def test_a_clock_of_a_camera_that_is_gone_does_not_count() -> None:
    player = Player().play([*stream('a', clock=-4.0), *stream('b', start=2.0)])
    assert not player.rounds.clocks(2.5).complaints


def test_reset_forgets_all_cameras() -> None:
    player = Player().play([*stream('a'), *stream('b', clock=-5)])
    player.rounds.reset()
    assert player.rounds.due is None and not player.rounds.clocks(1.0).complaints
    player.ended.clear()
    player.play(stream('b', start=1.0, clock=-5))
    assert len(player.ended) == 30
