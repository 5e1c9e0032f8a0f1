#!/usr/bin/env bash
# The browser tests need Chromium. No package registry for Python or Node carries it, so the system's
# package manager is asked where it is missing.
set -euo pipefail
for name in chromium chromium-browser google-chrome; do
  command -v "$name" >/dev/null && exit 0
done
if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
  echo "Installing Chromium for the browser tests (apt-get install chromium fonts-noto-cjk) ..."
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium fonts-noto-cjk >/dev/null
  exit 0
fi
echo "The browser tests need Chromium. Install it, for example: sudo apt-get install chromium fonts-noto-cjk" >&2
exit 1
