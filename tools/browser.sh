#!/bin/sh
# The browser tests drive the system's Chromium: installed when we may, said when it is missing.
for name in chromium chromium-browser google-chrome; do
	command -v "$name" >/dev/null && exit 0
done
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
	echo "Installing Chromium"
	export DEBIAN_FRONTEND=noninteractive
	{ apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium; } >/dev/null 2>&1 && exit 0
fi
echo "SKIPPED: no Chromium on this machine, the browser tests do not run (apt-get install chromium)."
