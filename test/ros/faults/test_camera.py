# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A camera that dies, returns, is slow or fast, or changes its images, with one node."""

from __future__ import annotations

from collections.abc import Callable
import itertools
from pathlib import Path
import re
import signal

from diagnostic_msgs.msg import DiagnosticStatus
import pytest
from rclpy.qos import QoSProfile
from ros.faults.bench import Bench, good_photo_info, photo, stamps
from ros.faults.malformed import good_info
from sensor_msgs.msg import CameraInfo
from support.clips import write_clip
from support.processes import NodeProcess, present


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    return write_clip(tmp_path / 'clip.avi', 40)


def test_a_camera_that_is_killed_and_restarted_is_reported_and_used_again(
        bench: Bench, start: Callable[..., NodeProcess], clip: Path) -> None:
    camera = start('video_camera', file=clip, loop='true', rate=15.0)
    bench.listener.spin_until(lambda: bool(bench.people()))
    bench.listener.spin_until(lambda: 'no image' not in bench.health()[1])
    camera.kill()
    bench.listener.spin_until(lambda: bench.health()[0] >= DiagnosticStatus.WARN
                              and 'no image for' in bench.health()[1])
    before, answers = bench.people(), len(bench.listener.skeletons)

    start('video_camera', file=clip, loop='true', rate=15.0)
    bench.listener.spin_until(lambda: len(bench.listener.skeletons) > answers
                              and bool(bench.people()))
    assert not bench.people() & before  # the people may be others now
    bench.listener.spin_until(lambda: 'no image' not in bench.health()[1])


@pytest.mark.parametrize('rate', [5.0, 30.0, 120.0])
def test_no_rate_of_images_makes_results_old(
        bench: Bench, start: Callable[..., NodeProcess], clip: Path, rate: float) -> None:
    sent: list[int] = []
    subscription = bench.listener.node.create_subscription(
        CameraInfo, 'camera_info', lambda m: sent.extend(stamps([m])), QoSProfile(depth=1000))
    camera = start('video_camera', file=clip, loop='true', rate=rate, reliable='true',
                   wait_for_subscribers=1)
    bench.listener.spin_until(lambda: len(sent) > 2)
    first = len(bench.listener.skeletons)
    bench.listener.spin_until(lambda: len(bench.listener.skeletons) > first + 10
                              and bool(bench.people()) and len(sent) > 2 * rate)
    on_their_way = len(bench.listener.skeletons)
    camera.send(signal.SIGINT)
    bench.listener.spin_until(lambda: not camera.is_running)
    assert camera.wait() == 0
    # The newest image is processed next, after the current one only. The last images may be lost
    # when the publishing process ends.
    bench.listener.spin_until(
        lambda: stamps(bench.listener.skeletons)[-1] >= sent[-max(4, round(rate / 2))])
    assert len(bench.listener.skeletons) - on_their_way < 20
    answered = stamps(bench.listener.skeletons[first:])
    assert answered == sorted(set(answered))
    unknown = {s for s in answered if sent[0] <= s <= sent[-1]} - set(sent)
    assert len(unknown) < 0.1 * len(answered)  # a slow machine may lose a camera_info as well
    bench.listener.node.destroy_subscription(subscription)


def test_another_encoding_is_the_same_person(bench: Bench) -> None:
    bench.show(photo, lambda answer: bool(present(answer)), good_photo_info)
    before, said = bench.people(), len(bench.node.lines)
    # Some drivers set is_bigendian for 8-bit encodings
    for encoding, is_bigendian in itertools.product(
            ('rgb8', 'bgra8', 'mono8', 'i420', 'bgr8'), (0, 1)):
        answer = bench.show(lambda: photo(encoding=encoding, is_bigendian=is_bigendian),
                            info=good_photo_info)
        assert before & {s.id for s in answer.skeletons}
    assert not [line for line in bench.node.lines[said:] if 'image skipped' in line]


def test_another_size_resets_tracking(bench: Bench) -> None:
    large = bench.show(photo, lambda answer: bool(present(answer)), good_photo_info)
    small = bench.show(lambda: photo(216, 384), lambda answer: bool(present(answer)),
                       lambda: good_info(216, 384))
    assert not {s.id for s in present(small)} & {s.id for s in present(large)}
    tall, short = (max(s.roi.height for s in present(answer)) for answer in (large, small))
    assert 1.2 < tall / short < 1.8


def test_a_size_that_the_calibration_does_not_fit_is_refused_until_it_does(bench: Bench) -> None:
    bench.show(photo, info=good_photo_info)
    bench.images.publish(photo(384, 384))  # its camera_info is late

    def is_refused() -> bool:
        bench.images.publish(photo(384, 384))
        return 'calibration is for 324x576 px, the image is 384x384' in bench.node.output
    bench.listener.spin_until(is_refused)
    answer = bench.show(lambda: photo(384, 384), lambda answer: bool(present(answer)),
                        lambda: good_info(384, 384))
    assert answer.skeletons[0].space == answer.skeletons[0].CAMERA_METRIC


def publish_photo(bench: Bench, stamp_ns: int) -> None:
    """Publish the photograph with this stamp, once."""
    message = photo()
    message.header.frame_id = 'eye'
    message.header.stamp.sec, message.header.stamp.nanosec = divmod(stamp_ns, 10**9)
    bench.images.publish(message)


def answer_to(bench: Bench, first_ns: int) -> tuple[int, set[str]]:
    """Publish images with stamps from `first_ns` on; return stamp and ids of the first result."""
    sent = itertools.count(first_ns, 33_000_000)
    newest = first_ns

    def is_answered() -> bool:
        nonlocal newest
        if bench.listener.skeletons and stamps(bench.listener.skeletons)[-1] == newest:
            return True
        if next(polls) % 10 == 0:  # a best-effort image may have been lost
            publish_photo(bench, newest := next(sent))
        return False
    polls = itertools.count()
    bench.listener.spin_until(is_answered)
    return newest, bench.people()


def test_images_out_of_order_are_late_and_tracks_continue(bench: Bench) -> None:
    shown = bench.show(photo, lambda answer: bool(present(answer)), good_photo_info)
    newest, everybody = stamps([shown])[0], bench.people()

    def late() -> int:
        return sum(int(v.value) for h in bench.healths for v in h.values if v.key == 'late')

    unused: list[int] = []
    for _ in range(3):
        before, older = late(), itertools.count(20)

        def is_counted() -> bool:
            unused.append(newest - next(older) * 1_000_000)
            publish_photo(bench, unused[-1])
            return late() > before
        bench.listener.spin_until(is_counted)
        newest, people = answer_to(bench, newest + 100_000_000)
        assert people == everybody
    assert not set(unused) & set(stamps(bench.listener.skeletons))
    assert bench.node.output.count('the image comes late') == 1
    assert 'image skipped: stamp' not in bench.node.output


def test_a_clock_that_leaps_resets_tracking_with_one_line(bench: Bench) -> None:
    shown = bench.show(photo, lambda answer: bool(present(answer)), good_photo_info)
    newest, before = stamps([shown])[0], bench.people()
    newest, after = answer_to(bench, newest + 5400 * 10**9)
    for _ in range(3):
        newest, people = answer_to(bench, newest + 100_000_000)
        assert people == after and not people & before
    leaps = re.findall(r'the stamp is (54\d\d)\.\d+ s after that of the previous image: tracking '
                       'is reset', bench.node.output)
    assert len(leaps) == 1


def test_two_cameras_on_one_topic_are_named(
        bench: Bench, start: Callable[..., NodeProcess], clip: Path) -> None:
    """This process is one of the two."""
    other = start('video_camera', '--ros-args', '-r', '__ns:=/left', '-r', 'image:=/image',
                  file=clip, loop='true')
    bench.listener.spin_until(lambda: bench.health()[0] >= DiagnosticStatus.WARN
                              and '/left/video_camera, /listener' in bench.health()[1])
    bench.listener.spin_until(lambda: re.search(
        'several nodes publish /image: /left/video_camera, /listener', bench.node.output))
    assert other.end(signal.SIGINT) == 0
    bench.listener.spin_until(lambda: '/left/video_camera' not in bench.health()[1])
