# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Outputs of a Rerun recording: a window, a file or an image."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, ExitStack, nullcontext
import os
from pathlib import Path
import socket
import subprocess
import sys
from tempfile import TemporaryDirectory, TemporaryFile
import time

from pose_machine_ros.errors import InputError
from pose_machine_ros.io.output_files import atomic_output
from pose_machine_ros.rendering.rerun_sdk import rr
from pose_machine_ros.rendering.rerun_view import RerunView

_APPLICATION = 'pose_machine'
_HOST = '127.0.0.1'
_RERUN = (sys.executable, '-m', 'rerun_cli', '--bind', _HOST)
_SIZE = '1280x720'  # of images
_SECONDS = 120.0  # for a window or an image on a machine without a GPU
_POLL = 0.1  # seconds
_MAX_MESSAGE = 500  # characters of the output of Rerun in errors


@contextmanager
def open_view(save: Path | None, screenshot: Path | None, is_live: bool,
              markers: bool = False) -> Iterator[RerunView]:
    """Yield a view that logs to a file `save`, to an image `screenshot`, or else to a window.

    The image shows the last state. After an error there are no new files, and earlier files of
    these names are unchanged. Raises InputError if there is no screen, or if a file cannot be
    written.
    """
    stream = rr.RecordingStream(_APPLICATION)
    stream.set_log_tick_enabled(False)
    stream.set_log_time_enabled(False)
    with ExitStack() as files:
        file = image = None
        if screenshot:
            image = files.enter_context(atomic_output(screenshot))
            file = Path(files.enter_context(TemporaryDirectory())) / 'view.rrd'
        with atomic_output(save) if save else nullcontext(file) as file:
            if file is None:
                _open_window(stream)
            else:
                stream.save(file)
            try:
                yield RerunView(stream, follow=is_live or screenshot is not None, markers=markers)
            finally:
                _finish(stream, save or screenshot)
        if image:
            _take_screenshot(save or file, image, screenshot)


def _finish(stream: rr.RecordingStream, wanted: Path | None) -> None:
    try:
        stream.flush(timeout_sec=_SECONDS)
    except RuntimeError as error:
        if wanted is not None:
            raise InputError(f'cannot write {wanted}: {error}') from error
        # A closed window takes no more data.
    stream.disconnect()


def _open_window(stream: rr.RecordingStream) -> None:
    """Send `stream` to a new window, which stays open when this process ends.

    Rerun's own `spawn` searches its executable in PATH, where a virtual environment may be missing,
    and lets the window accept data from the whole network.
    """
    with socket.create_server((_HOST, 0)) as free:
        port = free.getsockname()[1]
    # Not a pipe, which would end with this process, and end the window.
    with TemporaryFile('w+') as output:
        viewer = subprocess.Popen([*_RERUN, '--port', str(port), '--expect-data-soon'],
                                  env=_environment(), start_new_session=True, stdout=output,
                                  stderr=output, stdin=subprocess.DEVNULL)
        end = time.monotonic() + _SECONDS
        while viewer.poll() is None and time.monotonic() < end:
            try:
                socket.create_connection((_HOST, port), _POLL).close()
            except OSError:
                time.sleep(_POLL)
            else:
                stream.connect_grpc(f'rerun+http://{_HOST}:{port}/proxy')
                return
        output.seek(0)
        raise InputError('Rerun opened no window; where there is no screen, give --save FILE.rrd, '
                         'and open that elsewhere with "rerun FILE.rrd". Its output: '
                         f'{output.read().strip()[-_MAX_MESSAGE:]}')


def _take_screenshot(recording: Path, image: Path, wanted: Path) -> None:
    try:
        done = subprocess.run(
            [*_RERUN, str(recording), '--port', 'auto', '--headless', '--window-size', _SIZE,
             '--screenshot-to', str(image)],
            env=_environment(), capture_output=True, text=True, timeout=_SECONDS)
        output = done.stdout + done.stderr
    except subprocess.TimeoutExpired:
        output = f'no image after {_SECONDS:.0f} s'
    if not image.is_file() or not image.stat().st_size:
        raise InputError(
            f'Rerun wrote no image {wanted}; without a GPU it needs a software Vulkan driver: '
            f'sudo apt install mesa-vulkan-drivers. Its output: {output.strip()[-_MAX_MESSAGE:]}')


def _environment() -> dict[str, str]:
    """Return an environment in which Rerun logs only errors; it shows logs over its view."""
    return {**os.environ, 'RUST_LOG': 'error'}
