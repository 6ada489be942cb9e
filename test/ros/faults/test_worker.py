# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Errors while a frame is processed, a device out of memory, and a network that hangs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
import signal

from diagnostic_msgs.msg import DiagnosticStatus
import pytest
from rcl_interfaces.srv import SetParameters
import rclpy
from rclpy.parameter import Parameter
from ros.faults import faulty_node
from ros.faults.bench import Bench, good_photo_info, photo
from support.processes import present


@pytest.fixture(scope='module')
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """Start a node with `fail`, which causes faults in its network."""
    file = tmp_path_factory.mktemp('faults') / 'faults'

    def fail(*words: str) -> None:
        whole = file.with_suffix('.new')
        whole.write_text('\n'.join(words))
        whole.replace(file)

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv('FAULTS', str(file))
        rclpy.init(args=[])
        made = Bench(Path(faulty_node.__file__))
        made.fail, made.has_failed = fail, lambda: not file.exists()
        made.wait_until_ready()
        yield made
        made.kill()
        rclpy.try_shutdown()


def failures(healths: list[DiagnosticStatus]) -> int:
    """Return the number of unusable images in /diagnostics."""
    return sum(int(v.value) for h in healths for v in h.values if v.key == 'not usable')


def fail_and_go_on(bench: Bench, word: str) -> None:
    """Let three frames fail; assert that they are counted and that people get new ids."""
    bench.show(photo, lambda answer: bool(present(answer)), good_photo_info)
    before, counted = bench.people(), len(bench.healths)
    bench.fail(word, word, word)

    def has_failed() -> bool:
        bench.images.publish(photo())
        return bench.has_failed()
    bench.listener.spin_until(has_failed)
    answer = bench.show(photo, lambda answer: bool(present(answer)), good_photo_info)
    assert not {s.id for s in present(answer)} & before  # the state may include half a frame
    bench.listener.spin_until(lambda: failures(bench.healths[counted:]) == 3)
    assert any('images not usable' in h.message for h in bench.healths[counted:])


def test_an_error_in_a_frame_is_reported_and_counted(bench: Bench) -> None:
    fail_and_go_on(bench, 'error')
    assert 'ZeroDivisionError: of the test' in bench.node.output


def test_a_full_device_memory_is_explained(bench: Bench) -> None:
    tracebacks = bench.node.output.count('Traceback')
    fail_and_go_on(bench, 'full_memory')
    bench.listener.spin_until(lambda: (
        'the memory of the device is full (CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 '
        'has 9.00 MiB free): end other processes that use it, lower max_people'
        ) in bench.node.output)
    assert bench.node.output.count('Traceback') == tracebacks


def test_a_frame_that_hangs_is_reported_and_does_not_block_the_node(bench: Bench) -> None:
    bench.fail('hang')

    def hangs() -> bool:
        bench.images.publish(photo())
        return 'hanging' in bench.node.output
    bench.listener.spin_until(hangs)

    def is_told() -> bool:
        bench.images.publish(photo())
        level, message = bench.health()
        return level != DiagnosticStatus.OK and 'the current frame has taken' in message
    bench.listener.spin_until(is_told)
    # Parameters can be set meanwhile.
    answer = bench.listener.call(SetParameters, '/pose_machine/set_parameters', parameters=[
        Parameter('max_people', value=3).to_parameter_msg()])
    assert answer.results[0].successful
    assert bench.node.end(signal.SIGTERM) == 0, bench.node.output
