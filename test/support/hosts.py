# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Two hosts on one machine: network namespaces with a virtual cable between them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, ExitStack
from dataclasses import dataclass
import os
from pathlib import Path
import shutil
import subprocess

from support.processes import wait_until

# Processes of one host share memory; those of two must not.
_WITH_MEMORY = 'mount --bind "$0" /dev/shm && exec "$@"'


class HostsNotPermitted(Exception):
    """The reason why this machine does not allow network namespaces."""


@dataclass(frozen=True)
class Host:
    """A network namespace with its own shared memory."""

    name: str
    address: str
    memory: Path

    @property
    def prefix(self) -> list[str]:
        """Prefix that runs a command on this host, under the same process id."""
        return ['ip', 'netns', 'exec', self.name, 'sh', '-c', _WITH_MEMORY, str(self.memory)]


@contextmanager
def two_hosts(folder: Path) -> Iterator[tuple[Host, Host]]:
    """Make two hosts that reach only each other; raises HostsNotPermitted."""
    if shutil.which('ip') is None:
        raise HostsNotPermitted('iproute2 is not installed')
    hosts = []
    with ExitStack() as stack:
        for letter, address in (('a', '192.0.2.1'), ('b', '192.0.2.2')):
            host = Host(f'pose{os.getpid()}{letter}', address, folder / letter)
            host.memory.mkdir()
            _do('ip', 'netns', 'add', host.name)
            stack.callback(_do, 'ip', 'netns', 'del', host.name)
            hosts.append(host)
        a, b = hosts
        _do('ip', 'link', 'add', 'cable', 'netns', a.name, 'type', 'veth', 'peer', 'name', 'cable',
            'netns', b.name)
        for host in hosts:
            _do(*host.prefix, 'ip', 'address', 'add', f'{host.address}/24', 'dev', 'cable')
            for link in ('lo', 'cable'):
                _do(*host.prefix, 'ip', 'link', 'set', link, 'up')
        for host in hosts:  # DDS uses the interfaces that exist when it starts
            wait_until(lambda: 'state UP' in _do(*host.prefix, 'ip', 'link', 'show', 'cable'), 10,
                       lambda: f'the cable of {host} stays down')
        yield a, b


def _do(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise HostsNotPermitted(f'{" ".join(command)}: {done.stderr.strip()}')
    return done.stdout
