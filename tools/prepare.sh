# shellcheck shell=bash disable=SC2154 # top and log are the caller's
# Sourced by ./quickstart and ./run-tests: what the machine must have, how it is brought there, and how the two programs
# are built.  It knows nothing of tests.  bash; of the machine it needs no more than a POSIX userland.
#
# The caller sets `top` (the checkout) and `log` (a file that keeps what the build printed).

say_plain() { printf '%s\n' "$*"; }

if [ -t 1 ] && [ -z "${NO_COLOR-}" ] && [ "${TERM-dumb}" != dumb ]; then
	bold=$'\033[1m' green=$'\033[32m' red=$'\033[31m' plain=$'\033[0m'
else
	bold='' green='' red='' plain=''
fi

# step TEXT: a headline; note TEXT: a line below it.
step() { printf '%s==>%s %s%s%s\n' "$green" "$plain" "$bold" "$*" "$plain"; }
note() { printf '    %s\n' "$*"; }

# give_up TEXT...: each argument is a line; ends the program as "could not judge".
give_up() {
	printf '%serror:%s %s\n' "$red" "$plain" "$1" >&2
	shift
	[ $# -eq 0 ] || printf '       %s\n' "$@" >&2
	exit 2
}

have() { command -v "$1" >/dev/null 2>&1; }
have_lib() { have pkg-config && pkg-config --exists "$1" 2>/dev/null; }
have_static() { have_lib "$1" && [ -f "$(pkg-config --variable=libdir "$1")/$2" ]; }

have_llhttp() {
	local dir
	for dir in /usr/lib /usr/lib/x86_64-linux-gnu /usr/lib/aarch64-linux-gnu; do
		[ -f "$dir/libllhttp.a" ] && [ -f /usr/include/llhttp.h ] && return 0
	done
	[ -f /usr/share/llhttp/llhttp.c ]
}

# The C library's headers come with no program that one could ask for.
have_headers() {
	have cc && printf '#include <stdio.h>\n' | cc -E -x c - >/dev/null 2>&1
}

# The executor loads libpython; an interpreter linked without it is not enough.
have_libpython() {
	have python3 && python3 -c '
import os, sys, sysconfig
name = sysconfig.get_config_var("INSTSONAME") or ""
dirs = (sysconfig.get_config_var("LIBDIR") or "", "/usr/lib", "/usr/lib/" + (sysconfig.get_config_var("MULTIARCH") or ""))
sys.exit(not (".so" in name and any(os.path.exists(os.path.join(d, name)) for d in dirs)))' 2>/dev/null
}

# The distribution's own name for libpython, of the python3 that it has or would install.
libpython_package() {
	local version
	version=$(python3 -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) ||
		version=$(apt-cache show python3 2>/dev/null | sed -n 's/^Version: \([0-9]*\.[0-9]*\).*/\1/p' | sed -n 1p)
	say_plain "libpython${version:-3}"
}

llhttp_package() {
	if have apt-cache && apt-cache show libllhttp-dev >/dev/null 2>&1; then
		say_plain libllhttp-dev
	else
		say_plain node-llhttp
	fi
}

# missing_for_build, missing_for_tests: the packages to install, one a line; nothing when all is there.
missing_for_build() {
	have cc || say_plain gcc
	have_headers || say_plain libc6-dev
	have make || say_plain make
	have autoreconf || say_plain autoconf
	have automake || say_plain automake
	have pkg-config || say_plain pkg-config
	have_lib 'libfyaml >= 0.7.12' || say_plain libfyaml-dev
	have_lib 'yaml-0.1 >= 0.2.5' || say_plain libyaml-dev
	have_lib 'yajl >= 2.1' || say_plain libyajl-dev
	have_lib 'libpcre2-8 >= 10.40' || say_plain libpcre2-dev
	have_static libseccomp libseccomp.a || say_plain libseccomp-dev
	have_llhttp || llhttp_package
	have python3 || say_plain python3
	have_libpython || libpython_package
}

missing_for_tests() {
	have_lib 'check >= 0.15' || say_plain check
	have strace || say_plain strace
}

# install_packages PACKAGE...: says what it does; ends the program when it may not.
install_packages() {
	local sudo=''
	[ $# -gt 0 ] || return 0
	have apt-get || give_up "this machine has no apt-get; install what these Debian packages hold, then start again:" "$*"
	if [ "$(id -u)" -ne 0 ]; then
		# A question for a password is only for someone who can answer it.
		if have sudo && { sudo -n true 2>/dev/null || { [ -t 0 ] && [ -t 2 ]; }; }; then
			sudo=sudo
		else
			give_up "packages are missing, and only root may install them.  Run this, then start again:" \
				"apt-get update && apt-get install -y --no-install-recommends $*"
		fi
	fi
	note "${sudo:+sudo }apt-get install -y --no-install-recommends $*"
	{
		$sudo env DEBIAN_FRONTEND=noninteractive apt-get update -q &&
			$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@"
	} >>"$log" 2>&1 </dev/null || {
		tail -n 20 "$log" >&2
		give_up "apt-get failed; all that it said is in ${log#"$top"/}"
	}
}

# bring PREDICATE-LISTER...: installs what the listers name.
bring() {
	local lister names=() name
	for lister; do
		while IFS= read -r name; do names+=("$name"); done < <("$lister")
	done
	if [ ${#names[@]} -eq 0 ]; then
		note 'all there'
		return 0
	fi
	install_packages "${names[@]}"
	# libpython's name is only sure once python3 is there.
	names=()
	for lister; do
		while IFS= read -r name; do names+=("$name"); done < <("$lister")
	done
	[ ${#names[@]} -eq 0 ] || install_packages "${names[@]}"
}

# logged COMMAND...: runs it with its output in the log; shows the end of that when it fails.
logged() {
	printf '\n$ %s\n' "$*" >>"$log"
	"$@" >>"$log" 2>&1 </dev/null || {
		tail -n 30 "$log" >&2
		give_up "\`$*\` failed; all that it said is in ${log#"$top"/}"
	}
}

# build_programs: ./sandboxgen and ./bootstrap, up to date.  make knows itself when configure has to run again.
build_programs() {
	local started=$SECONDS jobs
	jobs=$(getconf _NPROCESSORS_ONLN 2>/dev/null || say_plain 1)
	[ -f configure ] && [ -f Makefile.in ] || logged ./autogen.sh
	[ -f Makefile ] && [ -f config.status ] || logged ./configure
	logged make -j "$jobs"
	note "./sandboxgen and ./bootstrap are built ($((SECONDS - started)) s)"
}
