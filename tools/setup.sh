#!/bin/sh
# Set-up on a fresh machine: Python 3.11 and pip are there, the rest goes into .tools and .venv of this
# checkout and nowhere else. `make` calls it when pyproject.toml or uv.lock is newer than .venv/.ready.
set -eu
cd "$(dirname "$0")/.."
uv_version=0.13.8

stop() {
    echo "setup: $1" >&2
    exit 1
}

works() {
    "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null
}

python=
for candidate in ${PYTHON:-python3.11 python3.12 python3.13 python3}; do
    if works "$candidate"; then python=$candidate && break; fi
done
if [ -z "$python" ]; then
    found=$("${PYTHON:-python3}" -c 'import sys; print("Python %d.%d" % sys.version_info[:2])' 2>/dev/null) || found=none
    stop "TradeGo needs Python 3.11, 3.12 or 3.13, found $found: install python3.11, or name one with PYTHON=/path/to/python3.11"
fi

if [ "$(.tools/bin/uv --version 2>/dev/null | cut -d' ' -f2)" != "$uv_version" ]; then
    "$python" -m pip --version >/dev/null 2>&1 ||
        stop "pip is missing for $python: install it (on Debian: apt install python3-pip)"
    echo "setup: fetching uv, which installs the rest"
    "$python" -m pip install --quiet --disable-pip-version-check --root-user-action=ignore \
        --upgrade --target .tools "uv==$uv_version" || stop "pip could not install uv; is the network there?"
fi

# Behind a proxy with a certificate of its own, only the machine's trust store knows it.
if [ -e /etc/ssl/certs/ca-certificates.crt ]; then export UV_SYSTEM_CERTS=true; fi

echo "setup: installing TradeGo and its tools into .venv (once, under a minute)"
UV_PROJECT_ENVIRONMENT=.venv UV_PYTHON_DOWNLOADS=never \
    .tools/bin/uv sync --quiet --frozen --all-extras --compile-bytecode --python "$python" ||
    stop "uv could not install what uv.lock names; see above"
# Compiled now, once: where Python may write nothing later, each start would do it again.
.venv/bin/python -m compileall -q src
touch .venv/.ready
