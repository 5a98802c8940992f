#!/bin/sh
# The transcripts once more, under another locale, time zone and umask: not one byte may change.
GOLDEN_LOCALE=C.UTF-8 GOLDEN_TZ=Asia/Kolkata
export GOLDEN_LOCALE GOLDEN_TZ
umask 077
exec sh "$(dirname "$0")/run.sh"
