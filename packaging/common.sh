# SPDX-License-Identifier: GPL-3.0-or-later
# Shared by the scripts beside it: plain words, missing packages, a build with progress.

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

say() { printf '\n== %s\n' "$*" >&2; }
note() { printf '   %s\n' "$*" >&2; }
# fail "what went wrong" "what to do"
fail() {
    printf '\n!! %s\n' "$1" >&2
    shift
    for line in "$@"; do printf '   %s\n' "$line" >&2; done
    exit 1
}

# Installs those packages of debian-packages.txt that are marked with one of the given purposes and
# are not there yet: as root, else by sudo, else prints the one line to run.
install_missing() {
    command -v dpkg-query >/dev/null || fail "This is not Debian: dpkg-query is missing." \
        "Install what packaging/debian-packages.txt lists by your own means, then run cmake --preset release."
    local wanted=() missing=() name purpose installed
    while read -r name purpose _; do
        case "$name" in '' | '#'*) continue ;; esac
        case " $* " in *" $purpose "*) wanted+=("$name") ;; esac
    done <"$top/packaging/debian-packages.txt"
    installed=$(dpkg-query -W -f '${Package} ${db:Status-Status}\n' "${wanted[@]}" 2>/dev/null || true)
    for name in "${wanted[@]}"; do
        grep -qx "$name installed" <<<"$installed" || missing+=("$name")
    done
    [ ${#missing[@]} -eq 0 ] && return 0
    say "Installing ${#missing[@]} Debian packages: ${missing[*]}"
    local as=()
    if [ "$(id -u)" != 0 ]; then
        if command -v sudo >/dev/null && { sudo -n true 2>/dev/null || [ -t 0 ]; }; then
            as=(sudo)
        else
            fail "Packages are missing and this user may not install them." "Run this once, then start again:" \
                "  su -c 'apt-get update && apt-get install -y --no-install-recommends ${missing[*]}'"
        fi
    fi
    mkdir -p "$top/build"
    local log="$top/build/install.log"
    if ! { "${as[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update &&
        "${as[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${missing[@]}"; } \
        >"$log" 2>&1; then
        tail -n 15 "$log" >&2
        fail "apt-get could not install the packages (above: the end of $log)." \
            "Check the network and the disk, then run the same command again."
    fi
}

# Shows a build's progress: in place on a terminal, in steps of ten per cent elsewhere.
build_progress() {
    if [ -t 2 ]; then
        awk '{ printf "\r\033[K   %s", substr($0, 1, 100) > "/dev/stderr"; fflush("/dev/stderr") } END { printf "\r\033[K" > "/dev/stderr" }'
    else
        awk -F'[][/% ]+' '/^\[/ { p = int(100 * $2 / $3 / 10) * 10; if (p != last) { printf "   %d %% built\n", p > "/dev/stderr"; fflush("/dev/stderr"); last = p } }'
    fi
}

# configure_preset NAME: runs CMake unless the build folder is configured already.
configure_preset() {
    local preset=$1 folder="$top/build/$1"
    mkdir -p "$folder"
    [ -f "$folder/build.ninja" ] && return 0
    say "Configuring ($preset)"
    if ! (cd "$top" && cmake --preset "$preset") >"$folder/configure.log" 2>&1; then
        tail -n 25 "$folder/configure.log" >&2
        fail "CMake could not configure the build (above: the end of $folder/configure.log)." \
            "If a package is named, install it; if the folder was moved, delete $folder and start again."
    fi
}

# build_preset NAME [TARGET ...]: configures if need be, builds, says in plain words what failed.
build_preset() {
    local preset=$1
    shift
    local folder="$top/build/$preset" targets=()
    configure_preset "$preset"
    [ $# -gt 0 ] && targets=(--target "$@")
    say "Building ($preset)"
    if ! (cd "$top" && NINJA_STATUS='[%f/%t] ' cmake --build --preset "$preset" "${targets[@]}" 2>&1) |
        tee "$folder/build.log" | build_progress; then
        grep -E -A8 'error|FAILED' "$folder/build.log" | head -n 40 >&2
        fail "The build stopped (above: its first errors; all of it in $folder/build.log)." \
            "After an update of the sources, deleting $folder and starting again often helps."
    fi
}
