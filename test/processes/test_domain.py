# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Processes of a group get a domain that is free, and the DDS profile wherever it is installed."""

from __future__ import annotations

from pathlib import Path
import socket

import pytest

from pose_machine_ros.errors import InputError
from pose_machine_ros.processes import domain
from pose_machine_ros.processes.domain import private_environment
from pose_machine_ros.ros.runtime.distributions import profile_variable

ROOT = Path(__file__).parents[2]


def test_the_profile_is_that_of_the_source_checkout() -> None:
    assert Path(private_environment()[profile_variable()]) == ROOT / 'config' / 'fastdds.xml'


def test_an_installed_package_has_its_profile_below_share(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    installed = tmp_path / 'prefix' / 'share' / 'pose_machine_ros' / 'config' / 'fastdds.xml'
    installed.parent.mkdir(parents=True)
    installed.write_text('<dds/>')
    monkeypatch.setattr(domain, '_SOURCE_CHECKOUT', tmp_path)
    monkeypatch.setattr('sys.prefix', str(tmp_path / 'other'))
    monkeypatch.setenv('AMENT_PREFIX_PATH', f'{tmp_path / "none"}:{tmp_path / "prefix"}')
    assert Path(private_environment()[profile_variable()]) == installed
    installed.unlink()
    with pytest.raises(InputError, match='no config/fastdds.xml in .*prefix.*reinstall'):
        private_environment()


def test_a_domain_in_use_is_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(domain, '_DOMAINS', range(90, 92))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        try:
            taken.bind(('', 7410 + 250 * 90))
        except OSError:
            pytest.skip('another process has this domain')
        try:
            found = {private_environment()['ROS_DOMAIN_ID'] for _ in range(10)}
        except InputError:
            pytest.skip('another process has the other domain')
        assert found == {'91'}
        monkeypatch.setattr(domain, '_DOMAINS', range(90, 91))
        with pytest.raises(InputError, match='all ROS domains from 90 to 90 are in use'):
            private_environment()
