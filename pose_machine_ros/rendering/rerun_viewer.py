# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Where a Rerun recording goes: into a window, a file or a picture."""

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
_SIZE = '1280x720'  # of pictures
_SECONDS = 120.0  # for a window or a picture on a machine without a GPU
_POLL = 0.1  # seconds
_TOLD = 500  # letters of what Rerun says


@contextmanager
def open_view(save: Path | None, screenshot: Path | None, is_live: bool,
              markers: bool = False) -> Iterator[RerunView]:
    """Let the block log to a file `save`, to a picture at the end, or to a window.

    A picture shows the newest that was logged. After an error no file is left behind, and earlier
    files of these names are unchanged. Raises InputError if there is no screen, or if a file
    cannot be written.
    """
    stream = rr.RecordingStream(_APPLICATION)
    stream.set_log_tick_enabled(False)
    stream.set_log_time_enabled(False)
    with ExitStack() as files:
        file = picture = None
        if screenshot:
            picture = files.enter_context(atomic_output(screenshot))
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
        if picture:
            _photograph(save or file, picture, screenshot)


def _finish(stream: rr.RecordingStream, wanted: Path | None) -> None:
    try:
        stream.flush(timeout_sec=_SECONDS)
    except RuntimeError as error:
        if wanted is not None:
            raise InputError(f'cannot write {wanted}: {error}') from error
        # Nothing goes to a window that has been closed.
    stream.disconnect()


def _open_window(stream: rr.RecordingStream) -> None:
    """Let `stream` go to a window, which stays when this process ends.

    Rerun's own `spawn` looks for its executable in PATH, where that of a virtual environment need
    not be, and lets the window take data from everywhere in the network.
    """
    with socket.create_server((_HOST, 0)) as free:
        port = free.getsockname()[1]
    with TemporaryFile('w+') as said:  # a pipe would end with us, and the window with it
        viewer = subprocess.Popen([*_RERUN, '--port', str(port), '--expect-data-soon'],
                                  env=_environment(), start_new_session=True, stdout=said,
                                  stderr=said, stdin=subprocess.DEVNULL)
        end = time.monotonic() + _SECONDS
        while viewer.poll() is None and time.monotonic() < end:
            try:
                socket.create_connection((_HOST, port), _POLL).close()
            except OSError:
                time.sleep(_POLL)
            else:
                stream.connect_grpc(f'rerun+http://{_HOST}:{port}/proxy')
                return
        said.seek(0)
        raise InputError('Rerun opened no window; where there is no screen, give --save FILE.rrd, '
                         'and open that elsewhere with "rerun FILE.rrd". It said: '
                         f'{said.read().strip()[-_TOLD:]}')


def _photograph(recording: Path, picture: Path, wanted: Path) -> None:
    try:
        done = subprocess.run(
            [*_RERUN, str(recording), '--port', 'auto', '--headless', '--window-size', _SIZE,
             '--screenshot-to', str(picture)],
            env=_environment(), capture_output=True, text=True, timeout=_SECONDS)
        said = done.stdout + done.stderr
    except subprocess.TimeoutExpired:
        said = f'no picture after {_SECONDS:.0f} s'
    if not picture.is_file() or not picture.stat().st_size:
        raise InputError(
            f'Rerun made no picture {wanted}; without a GPU it needs a Vulkan driver in software: '
            f'sudo apt install mesa-vulkan-drivers. It said: {said.strip()[-_TOLD:]}')


def _environment() -> dict[str, str]:
    """Let Rerun tell of errors only: what it tells lies on top of its window."""
    return {**os.environ, 'RUST_LOG': 'error'}
