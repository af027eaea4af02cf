#!/usr/bin/env bash
# Runs tests/golden/make_*.py, which freeze the numbers of independent packages (pinned in
# tests/golden/requirements.txt) into tests/golden/*.json. These packages live in an environment of their
# own, .cache/peers, or $LEADLINE_PEERS, and are never needed by `make test`.
set -euo pipefail
cd "$(dirname "$0")/.."
peers=${LEADLINE_PEERS:-.cache/peers}
if [ ! -x "$peers/bin/python" ]; then
  "${LEADLINE_PYTHON:-python3}" -m venv "$peers"
  "$peers/bin/python" -m pip install --quiet torch==2.13.0 # first: the peers must not choose its build
  "$peers/bin/python" -m pip install --quiet -r tests/golden/requirements.txt
fi
for maker in tests/golden/make_*.py; do
  echo "golden: $maker"
  "$peers/bin/python" "$maker"
done
git --no-pager diff --stat -- tests/golden
