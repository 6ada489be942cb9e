# `make demo` and `make test` set up what they need in .venv. A second run repeats only what has
# changed. Settings: PYTHON (3.10 to 3.13), TORCH (a requirement in pip's syntax), ROS (kilted, or
# jazzy, which has its own environment .venv-jazzy), FUZZ_MINUTES.

PYTHON ?= python3
TORCH ?= torch==2.13.0
ROS ?= kilted
FUZZ_MINUTES ?= 5

requirements := requirements/ros-$(ROS).txt
ifeq ($(wildcard $(requirements)),)
$(error ROS=$(ROS) has no wheels here; choose one of \
	$(patsubst requirements/ros-%.txt,%,$(wildcard requirements/ros-*.txt)))
endif

prefix := $(CURDIR)/.venv$(patsubst %,-%,$(filter-out kilted,$(ROS)))
python := $(prefix)/bin/python
pip := $(python) -m pip --disable-pip-version-check
done := $(prefix)/done
message_packages := pose_machine_msgs requirements/tf2_msgs

package_files := setup.py setup.cfg pyproject.toml package.xml $(wildcard launch/*.py config/*) \
	$(wildcard resource/*/*)
message_files := $(wildcard $(foreach p,$(message_packages),$p/*.* $p/msg/*.msg) cmake/*.cmake)

# Processes on this machine find each other even if the network has no multicast.
export ROS_AUTOMATIC_DISCOVERY_RANGE := LOCALHOST

.PHONY: help setup demo test fuzz clean

help:
	@echo 'make demo    a real video to 3D skeletons over ROS 2; writes demo_output/'
	@echo 'make test    the whole test suite and the linters, with the same random inputs each time'
	@echo 'make fuzz    tests with other random inputs each time, for FUZZ_MINUTES=$(FUZZ_MINUTES)'
	@echo 'make setup   only the environment: .venv with ROS 2, the messages and this package'
	@echo 'make clean   removes what the others made'
	@echo 'ROS=jazzy    with any of these: ROS 2 Jazzy instead of Kilted, in .venv-jazzy'

demo: setup
	$(python) -m pose_machine_ros.cli demo

test: setup
	$(python) -m pytest

fuzz: setup
	$(python) test/fuzz.py '$(FUZZ_MINUTES)'

setup: $(done)/package $(done)/messages

clean:
	rm -rf .venv .venv-* build demo_output pose_machine_ros.egg-info .hypothesis .pytest_cache

$(done)/venv:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 10) <= sys.version_info[:2] <= (3, 13))' || \
		{ echo '$(PYTHON) has to be Python 3.10 to 3.13: make PYTHON=python3.11'; exit 1; }
	@$(PYTHON) -c 'import os, sysconfig as s; os.stat(s.get_path("include") + "/Python.h")' \
		2> /dev/null || \
		{ echo '$(PYTHON) has no C headers: sudo apt install python3-dev'; exit 1; }
	@for compiler in "$$CXX" c++ g++ clang++; do \
		command -v "$$compiler" > /dev/null && exit 0; done; \
		echo 'there is no C++ compiler for the messages: sudo apt install g++'; exit 1
	@$(PYTHON) -m venv $(prefix) || \
		{ echo '$(PYTHON) cannot make a virtual environment: sudo apt install python3-venv'; exit 1; }
	@mkdir -p $(done) && touch $@

# PyTorch first, and pinned: no later requirement then chooses another build of it.
$(done)/torch: $(done)/venv
	$(pip) install 'setuptools>=68' wheel '$(TORCH)'
	@touch $@

# cv_bridge without its dependencies, which include a second OpenCV. An editable installation omits
# data_files (launch, config, weights, executables); `install_data` copies them to the environment.
$(done)/package: $(done)/torch $(requirements) requirements/tools.txt $(package_files)
	$(pip) install --quiet --no-build-isolation -r $(requirements) --editable .
	$(pip) install --quiet --no-deps cv-bridge==1.13.0.post0
	$(python) -W ignore setup.py --quiet install_data --install-dir '$(prefix)'
	@touch $@

$(done)/messages: $(requirements) requirements/tools.txt $(message_files) | $(done)/package
	export PATH='$(prefix)/bin':"$$PATH"; set -e; \
	for package in $(message_packages); do \
		build=build/$(ROS)/$$(basename $$package); \
		cmake -S $$package -B $$build -G Ninja \
			-DCMAKE_PREFIX_PATH='$(prefix)' -DCMAKE_INSTALL_PREFIX='$(prefix)' \
			-DPython3_EXECUTABLE='$(python)' -DBUILD_TESTING=OFF --log-level=WARNING \
			-DCMAKE_PROJECT_INCLUDE='$(CURDIR)/cmake/strip_foreign_includes.cmake'; \
		cmake --build $$build -- --quiet; \
		cmake --install $$build > $$build/install.log; \
	done
	@touch $@
