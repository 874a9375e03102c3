#!/usr/bin/env bash
# Installs what some specs run beside Node, pinned, into .servers/tools; what is there already stays.
# HAProxy, Prometheus' promtool and Chromium come from the system: apt-get install haproxy prometheus chromium
set -euo pipefail
cd "$(dirname "$0")/../.."
tools=$PWD/.servers/tools
mkdir -p "$tools"

if [ ! -x "$tools/bin/helm" ]; then
  echo "Building helm, which renders the chart in deploy/k8s, from its Go module"
  GOBIN="$tools/bin" go install helm.sh/helm/v3/cmd/helm@v3.16.4 2>/dev/null
fi

if ! cmp -s test/tools/requirements.txt "$tools/python/installed.txt"; then
  echo "Fetching kubernetes-validate and schemathesis, for the specs of the chart and of the API's document"
  rm -rf "$tools/python"
  python3 -m pip install --quiet --disable-pip-version-check --require-hashes --no-warn-conflicts \
    --root-user-action=ignore --target "$tools/python" -r test/tools/requirements.txt
  cp test/tools/requirements.txt "$tools/python/installed.txt"
fi
