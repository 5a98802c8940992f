#!/bin/sh
# Makes ./configure out of configure.ac.  A release tarball already has it.
set -eu
cd "$(dirname "$0")"
for tool in autoreconf automake pkg-config; do
	command -v "$tool" >/dev/null || {
		echo "autogen.sh: $tool is missing; install autoconf automake pkg-config, or run ./quickstart" >&2
		exit 2
	}
done
autoreconf --install
