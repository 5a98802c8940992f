#!/bin/sh
# The seeds, and a few changes of each, through the YAML room.  A crash or a failed assertion is the failure.
echo 1..1
if "$top_builddir/tests/fuzz/fuzz_yaml" --rounds="${FUZZ_ROUNDS:-300}" "$top_srcdir"/tests/fuzz/seeds/yaml/*.yaml; then
	echo 'ok 1 - yaml seeds and changes of them'
else
	echo 'not ok 1 - yaml seeds and changes of them'
fi
