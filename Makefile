PYTHON ?= python3
.venv/bin/uv:
	$(PYTHON) -m venv .venv
	.venv/bin/pip install --quiet uv==0.13.9

.PHONY: requirements
requirements: .venv/bin/uv ## pin what pyproject.toml asks for
	.venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --custom-compile-command "make requirements" --extra ingest --extra indexer --extra api pyproject.toml -o requirements/service.txt
	.venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --custom-compile-command "make requirements" --extra ingest --extra indexer --extra api --extra cli -c requirements/service.txt pyproject.toml -o requirements/local.txt
	.venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --custom-compile-command "make requirements" --extra ingest --extra indexer --extra api --extra cli --extra dev -c requirements/local.txt pyproject.toml -o requirements/dev.txt
