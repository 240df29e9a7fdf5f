#!/bin/sh
# The tests of documents speak to a real ClamAV: installed when we may, said when it is missing.
# Its signatures are those that the tests write: nothing is downloaded but the program.
for place in /usr/sbin/clamd /usr/local/sbin/clamd; do
	test -x "$place" && exit 0
done
command -v clamd >/dev/null && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
	echo "Installing ClamAV"
	export DEBIAN_FRONTEND=noninteractive
	{ apt-get update -qq && apt-get install -y -qq --no-install-recommends clamav-daemon; } >/dev/null 2>&1 && exit 0
fi
echo "SKIPPED: no ClamAV on this machine, its tests do not run (apt-get install clamav-daemon)."
