#!/usr/bin/env bash
# Installs what some specs run beside Node, pinned, into .servers/tools; what is there already stays.
# HAProxy, Prometheus' promtool and Chromium come from the system: apt-get install haproxy prometheus chromium
set -euo pipefail
cd "$(dirname "$0")/../.."
tools=$PWD/.servers/tools
mkdir -p "$tools"

if [ ! -x "$tools/bin/helm" ]; then
  echo "Building helm, which renders the chart in deploy/k8s, from its Go module"
  # Go's own installer puts it there, and not on the path.
  go=$(command -v go || echo /usr/local/go/bin/go)
  if [ ! -x "$go" ]; then echo "Go 1.22 or newer is missing: https://go.dev/dl" >&2; exit 1; fi
  GOBIN="$tools/bin" "$go" install helm.sh/helm/v3/cmd/helm@v3.16.4
fi

if ! cmp -s test/tools/requirements.txt "$tools/python/installed.txt"; then
  echo "Fetching kubernetes-validate and schemathesis, for the specs of the chart and of the API's document"
  rm -rf "$tools/python"
  python3 -m pip install --quiet --disable-pip-version-check --require-hashes --no-warn-conflicts \
    --root-user-action=ignore --target "$tools/python" -r test/tools/requirements.txt
  cp test/tools/requirements.txt "$tools/python/installed.txt"
fi

if [ ! -x "$tools/redis7/redis-server" ]; then
  echo "Fetching Debian's Redis, for the specs of TLS: the Valkey that npm fetches has none"
  rm -rf "$tools/redis7" && mkdir -p "$tools/redis7/packages"
  (
    cd "$tools/redis7/packages"
    packages=(redis-server redis-tools libjemalloc2 liblzf1)
    apt-get download -qq "${packages[@]}" 2>/dev/null || { apt-get update -qq && apt-get download -qq "${packages[@]}"; }
    for package in *.deb; do dpkg -x "$package" "$tools/redis7"; done
  )
  rm -rf "$tools/redis7/packages"
  # Not on the path, where any spec and npm start would find it; with the libraries that came with it.
  cat >"$tools/redis7/redis-server" <<'SCRIPT'
#!/bin/sh
here=$(dirname "$(readlink -f "$0")")
LD_LIBRARY_PATH=$(echo "$here"/usr/lib/*-linux-gnu) exec "$here/usr/bin/redis-server" "$@"
SCRIPT
  chmod +x "$tools/redis7/redis-server"
fi
