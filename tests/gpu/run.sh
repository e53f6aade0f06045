#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Everything that needs a card, on a bare machine with nvcc, CMake and a compiler; each part takes
# under nine minutes.
#   tests/gpu/run.sh check    the tests of kernels and decoder on the card, compute-sanitizer
#   tests/gpu/run.sh bench    what the engine reaches, beside the card's ceilings
#   tests/gpu/run.sh peers    llama.cpp and transformers on the same shape, where they are there
# Without the libraries that Debian packages, gather them first with packaging/gpu-kit on a machine
# that has them and carry build/gpu-kit along.
set -uo pipefail
cd "$(dirname "$0")/../.."
part=${1:-check}
build=build/gpu
kit=build/gpu-kit
table=()
say() { printf '\n== %s\n' "$1"; }
# row NAME RESULT: a line of the table at the end.
row() { table+=("$(printf '%-44s %s' "$1" "$2")"); }
# timed NAME SECONDS COMMAND...: runs it and notes how it went.
timed() {
    local name=$1 limit=$2 begin=$SECONDS result
    shift 2
    say "$name"
    if timeout "$limit" "$@"; then result=ok; else result="FAILED ($?)"; failed=1; fi
    row "$name" "$result, $((SECONDS - begin)) s"
}
finish() {
    say "tests/gpu/run.sh $part"
    printf '%s\n' "${table[@]}"
    exit "${failed:-0}"
}
failed=0

find_nvcc() { command -v nvcc || { [ -x /usr/local/cuda/bin/nvcc ] && echo /usr/local/cuda/bin/nvcc; }; }
nvcc=$(find_nvcc) || { echo "There is no nvcc here; install the CUDA toolkit 12.4 or later."; exit 1; }
command -v cmake >/dev/null || { echo "There is no cmake here; install 3.25 or later."; exit 1; }
PATH=$PATH:$(dirname "$nvcc")

# The first card's own architecture keeps the build short.
architecture=
if command -v nvidia-smi >/dev/null; then
    architecture=$(nvidia-smi --query-gpu=compute_cap --format=csv,noheader 2>/dev/null | head -1 | tr -d .)
fi
case $architecture in
    "") echo "nvidia-smi names no card; all architectures are built."; architectures= ;;
    90) architectures=90a-real ;;
    *) architectures=$architecture-real ;;
esac
options=(-DPARETOSCOPE_CUDA=ON -DPARETOSCOPE_UI=OFF -DPARETOSCOPE_TESTS=ON -DCMAKE_BUILD_TYPE=Release
         "-DPARETOSCOPE_CUDA_ARCHITECTURES=$architectures")
[ -d $kit ] && options+=("-DCMAKE_PREFIX_PATH=$PWD/$kit/cmake")

build_target() { # TARGET...
    cmake -S . -B $build "${options[@]}" >$build.log 2>&1 &&
        cmake --build $build -j "$(nproc)" --target "$@" >>$build.log 2>&1 ||
        { tail -30 $build.log; return 1; }
}
mkdir -p build
test=$build/bin/gpu_test

case $part in
check)
    timed "build" 480 build_target paretoscope_cuda gpu_test gpu_module_test
    [ $failed = 0 ] || finish
    timed "the module opens" 60 $build/bin/gpu_module_test --gtest_brief=1
    timed "kernels and decoder on the card" 300 $test --gtest_brief=1
    if command -v compute-sanitizer >/dev/null; then
        for tool in memcheck racecheck; do
            timed "compute-sanitizer $tool" 180 compute-sanitizer --tool $tool --error-exitcode 1 \
                --print-limit 10 $test --gtest_brief=1 --gtest_filter='-Gpu*:*Long*'
        done
    else
        row "compute-sanitizer" "not here, passed over"
    fi
    ;;
bench)
    timed "build" 480 build_target paretoscope_cuda bench_gpu
    [ $failed = 0 ] || finish
    timed "the engine beside the card's ceilings" 420 $build/bin/bench_gpu "${2:-llama-3.1-8b}"
    ;;
peers)
    timed "build" 480 build_target paretoscope_cuda bench_gpu
    [ $failed = 0 ] || finish
    timed "paretoscope" 300 $build/bin/bench_gpu "${2:-llama-3.1-8b}"
    bench=${LLAMA_BENCH:-$(command -v llama-bench)}
    if [ -n "$bench" ] && [ -n "${GGUF:-}" ]; then
        timed "llama-bench" 200 "$bench" -m "$GGUF" -ngl 99 -p 8192 -n 128 -d 1024
    else
        row "llama-bench" "not run: set LLAMA_BENCH to the program and GGUF to a model of this shape"
    fi
    if python3 -c 'import torch, transformers' 2>/dev/null; then
        timed "transformers" 240 python3 tests/gpu/transformers_decode.py
    else
        row "transformers" "not run: python3 has no torch and transformers"
    fi
    ;;
*)
    echo "tests/gpu/run.sh check|bench|peers"
    exit 2
    ;;
esac
finish
