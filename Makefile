# Each target is a line or two into the tool that does the work.

PYTHON ?= python3
INVENTORY ?= lab

# Everything that is made from this checkout stays in .cache: `make clean` forgets it.
VENV := .cache/venv
COLLECTIONS := .cache/collections/ansible_collections
export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)
export ANSIBLE_CONFIG := $(CURDIR)/ansible.cfg
export ANSIBLE_HOME := $(CURDIR)/.cache/ansible
export HYPOTHESIS_STORAGE_DIRECTORY := $(CURDIR)/.cache/hypothesis
# Without LAB=NAME the lab has the name that its inventory gives it.
ifdef LAB
export LVS_LAB := $(LAB)
endif

.PHONY: sanity help setup setup-dev lab lab_up site prove verify down test test-all lint docs unit integration molecule bench changelog build clean

help: ## Show what can be made
	@sed -n 's/^\([a-z_-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 22

lab: lab_up site prove ## Build the lab and the cluster on it, and show that it works

lab_up: setup ## Boot the lab's hosts, bare
	@tools/prerequisites.sh lab
	ansible-playbook playbooks/lab_up.yml -i $(INVENTORY)

site: setup ## Build (or repair) the cluster on the hosts of the inventory
	ansible-playbook site.yml -i $(INVENTORY)

prove: setup ## Send requests through the VIP and show who answered
	ansible-playbook playbooks/prove.yml -i $(INVENTORY)

verify: setup ## Ask the doctor what holds of the cluster and what does not; changes nothing
	ansible-playbook playbooks/verify.yml -i $(INVENTORY)

down: setup ## Remove the lab: hosts, disks, networks
	ansible-playbook playbooks/lab_down.yml -i $(INVENTORY)

test: setup-dev ## All that CI runs
	$(MAKE) --jobs=2 --output-sync=target lint docs unit
	$(MAKE) integration molecule

test-all: export LVS_TEST_ALL = 1
test-all: lint docs unit integration ## All tests whole, on both releases: hours
	for release in trixie bookworm; do LVS_LAB_RELEASE=$$release $(MAKE) molecule || exit; done

sanity: setup-dev ## ansible-test sanity and units, in environments of their own
	tools/ansible_test.sh

lint: setup-dev ## ansible-lint (production), yamllint, ruff, mypy
	ruff check .
	ruff format --check .
	mypy
	yamllint --strict .
	ansible-lint

docs: setup-dev ## The manual, as a site in .cache/site; every link of it is followed
	tools/manual.sh .cache/site
	pytest --quiet tests/manual

unit: setup-dev ## Unit tests
	pytest tests/unit

# Besides the cluster, `make test` has the two roles whose mistakes reach furthest: one can cut off ssh, the other can have real servers
# answer for the VIP. What the other roles keep is seen in the cluster as well; their own scenarios are part of `make test-all`.
LEFT_TO_ALL := baseline nfs_server nfs_client mysql php_fpm wordpress reverse_proxy director nat_gateway nginx

molecule: export LVS_LAB = molecule
molecule: setup-dev ## Every role's scenario, and the whole cluster, on lab hosts
	@tools/prerequisites.sh lab
	flock /run/lock/lvs-molecule.lock molecule test --all $(if $(LVS_TEST_ALL),,$(LEFT_TO_ALL:%=--exclude %))

integration: setup-dev ## What needs hosts and is no single role
	@tools/prerequisites.sh lab
	$(if $(LVS_TEST_ALL),@tools/prerequisites.sh browser)
	pytest tests/integration

bench: setup-dev ## The figures that docs/figures.md explains
	@tools/prerequisites.sh lab
	python tests/bench/first_light.py
	python tests/bench/ipvs_table.py
	python tests/bench/modes.py
	python tests/bench/growth.py
	python tests/bench/application.py

changelog: setup-dev ## CHANGELOG.md from changelogs/fragments, for the version of galaxy.yml
	antsibull-changelog release --update-existing --refresh-fragments without-archives --refresh-plugins </dev/null

build: setup ## The archive that `ansible-galaxy collection install` takes
	ansible-galaxy collection build --force --output-path .cache/dist

clean: ## Forget what `make setup` made (labs and images stay: `make down` removes a lab)
	rm -rf .cache

setup: $(VENV)/.runtime $(COLLECTIONS)/.ready
setup-dev: $(VENV)/.dev $(COLLECTIONS)/.ready $(COLLECTIONS)/.dev

# `python -m venv` over an existing environment is quick and changes nothing but a moved interpreter.
$(VENV)/.runtime: requirements.txt
	@PYTHON="$(PYTHON)" tools/prerequisites.sh controller
	$(PYTHON) -m venv $(VENV)
	pip --quiet --disable-pip-version-check install -r requirements.txt
	@touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.runtime
	pip --quiet --disable-pip-version-check install -r requirements-dev.txt
	@touch $@

# The collection's own name resolves to this checkout, whatever its folder is called.
$(COLLECTIONS)/.ready:
	@mkdir -p $(COLLECTIONS)/lvs
	ln -sfn ../../../.. $(COLLECTIONS)/lvs/cluster
	@touch $@

# Tests read what Ansible reports with a callback of ansible.posix.
$(COLLECTIONS)/.dev: tools/fetch_collections.py $(VENV)/.runtime
	python tools/fetch_collections.py .cache/collections ansible.posix
	@touch $@
