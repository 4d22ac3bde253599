# `make help` lists the commands. Stamp files make repeated commands cheap.

PYTHON ?= python3
BIN := .venv/bin
LOCK := .venv/.installed
JARS := conf/jars/lib/.copied
CLASSES := conf/jars/lib/.archived
OCR := .venv/.tesseract
S3PROXY := .venv/s3proxy-jar-with-dependencies.jar
DATA ?= data

.DEFAULT_GOAL := help
.PHONY: help demo test coverage faults fuzz lint docs wheel dist setup jars bench acceptance evaluate train lock clean

help:
	@echo "make demo        set up, and de-identify the small study in tests/data/study"
	@echo "make test        set up, and run lint, all tests, the documentation and the wheel"
	@echo "make coverage    run all tests, and show which lines they do not reach"
	@echo "make faults      kill and break runs at many points: [FAULTS_SEED=NUMBER]"
	@echo "make fuzz        search for inputs that fail: [TARGET=NAME] [SECONDS=60]"
	@echo "make lint        check style, types, import layers and spelling"
	@echo "make docs        build the documentation into docs/_build"
	@echo "make wheel       build the wheel and use it in a fresh environment"
	@echo "make dist        make dist/ for a cluster: CLUSTER_PYTHON=PATH of Python there"
	@echo "make bench       measure speed against peers (benchmarks/README.md)"
	@echo "make acceptance  verify outputs of folders of real objects: DATA=FOLDER"
	@echo "make evaluate    measure the text model: DATA=FOLDER [WITH=INTERPRETER that has the peers]"
	@echo "make train       train the text model again: DATA=FOLDER [TORCH_INDEX=URL of CPU builds]"
	@echo "make jars        copy the Spark jars, and archive their classes for a faster start"
	@echo "make lock        pin the packages again"

demo: setup
	@$(BIN)/python -m tools.demo

test: setup lint $(S3PROXY)
	$(BIN)/python -m pytest
	@$(MAKE) --no-print-directory docs wheel

# Not part of `make test`: tests of text take 1.3 to 1.6 times as long under measurement.
coverage: setup $(S3PROXY)
	$(BIN)/python -m pytest --cov --cov-report=
	@echo "coverage of this process, without Spark's workers; the least covered modules and the total:"
	@mkdir -p build; $(BIN)/coverage report --sort=cover > build/coverage.txt; head -17 build/coverage.txt; tail -1 build/coverage.txt

# The long form of the tests in tests/faults and tests/cluster; `make test` runs the short form.
faults: setup $(S3PROXY)
	FAULTS_LONG=1 $(BIN)/python -m pytest -v tests/faults tests/cluster

# Each target in tests/fuzz/targets for some time; Linux only. Findings are in build/fuzz.
fuzz: setup
	$(BIN)/python -m tests.fuzz $(TARGET) --seconds $(or $(SECONDS),60)

lint: $(LOCK)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check -q .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/typos
	$(BIN)/python tools/guard_dicom.py

# -n and -W: a reference without a target is an error.
docs: $(LOCK)
	$(BIN)/python -m sphinx -n -W --keep-going -q -b html docs docs/_build

wheel: setup
	$(BIN)/python -m tools.check_wheel

dist: setup
	$(BIN)/python -m tools.distribution $(if $(CLUSTER_PYTHON),--python $(CLUSTER_PYTHON))

bench: setup
	$(BIN)/python -m benchmarks.headers
	$(BIN)/python -m benchmarks.job
	$(BIN)/python -m benchmarks.burned_in.generator
	$(BIN)/python -m benchmarks.burned_in.screens
	$(BIN)/python -m benchmarks.burned_in.faint
	$(BIN)/python -m benchmarks.burned_in.crops

acceptance: setup
	$(BIN)/python -m benchmarks.acceptance --data $(DATA) --rules research
	$(BIN)/python -m benchmarks.acceptance --data $(DATA) --rules basic
	$(BIN)/python -m benchmarks.burned_in.engines --data $(DATA) $(if $(PRESIDIO),--presidio $(PRESIDIO))
	$(BIN)/python -m benchmarks.burned_in.speed --data $(DATA)
	$(BIN)/python -m benchmarks.pixels.gate --data $(DATA)
	$(BIN)/python -m benchmarks.pixels.cost
	$(BIN)/python -m benchmarks.pixels.syntaxes --data $(DATA) --out benchmarks/results/pixel_syntaxes.md

evaluate: setup
	$(or $(WITH),$(BIN)/python) -m tools.evaluate_text_model --data $(DATA) \
	  $(if $(WITH),--systems ours speed peers)

# PyPI's torch for Linux depends on several GB of CUDA, which training on a CPU does not need. Builds
# for the CPU alone are on PyTorch's own index (see pytorch.org): make train TORCH_INDEX=URL.
train: setup
	$(BIN)/python -m pip install -q $(if $(TORCH_INDEX),--extra-index-url $(TORCH_INDEX)) -e '.[train]'
	$(BIN)/python -m tools.train_text_model --data $(DATA)

setup: $(LOCK) $(JARS) $(CLASSES) $(OCR)

jars: $(JARS) $(CLASSES)

$(LOCK): requirements.lock setup.py
	@tools/need.sh python $(PYTHON)
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv || tools/need.sh venv
	@echo "installing the pinned packages into .venv"
	@$(BIN)/python -m pip install -q --no-deps --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install -q --no-deps --no-build-isolation -e .
	@touch $@

# After a change of the pom: (cd conf/jars/lib && sha256sum *.jar) > conf/jars/checksums.sha256
$(JARS): conf/jars/pom.xml | conf/jars/checksums.sha256
	@tools/need.sh java
	@tools/need.sh maven
	@echo "copying the Spark jars into conf/jars/lib"
	@rm -rf conf/jars/lib
	@mvn -q -B -Dstyle.color=never -f conf/jars/pom.xml dependency:copy-dependencies
	@$(PYTHON) tools/check_jars.py conf/jars/checksums.sha256 conf/jars/lib
	@touch $@

# Spark starts without the archive as well, only later.
$(CLASSES): $(LOCK) $(JARS) jobs/class_archive.py
	@echo "archiving the classes that Spark loads"
	@$(BIN)/python -m jobs.class_archive || true
	@touch $@

# The second S3 server of the tests, which checks credentials.
$(S3PROXY): | $(LOCK)
	@tools/need.sh maven
	@mvn -q -B -Dstyle.color=never dependency:copy -DoutputDirectory=.venv -Dmdep.stripVersion=true \
	  -Dartifact=org.gaul:s3proxy:4.1.0:jar:jar-with-dependencies

$(OCR): | $(LOCK)
	@tools/need.sh tesseract
	@touch $@

# requirements.override replaces the requirement of rapidocr for opencv-python.
lock:
	uv pip compile setup.py --extra dev --extra bench --extra docs --universal --python-version 3.10 \
	  --generate-hashes --override requirements.override --no-emit-index-url \
	  --no-header --no-annotate --upgrade -o requirements.lock

clean:
	rm -rf .venv conf/jars/lib build dist docs/_build docs/_autosummary *.egg-info demo-output spark-warehouse
