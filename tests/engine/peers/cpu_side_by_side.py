#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Times this engine and llama.cpp on the CPU, interleaved in one run: the same shapes, bf16, random
weights, the same threads. Prints one table, medians over the rounds.

    cpu_side_by_side.py --llama-cpp DIR [--rounds 3] [--threads 2] [--models qwen3-0.6b,llama-3.2-1b] [--out FILE]

DIR holds llama-bench and llama-batched-bench, built for this machine. Run from the source folder with
the release preset built. Peer decode at a context: at 128 every sequence has its own prompt; at 2048
the sequences share one prompt (-pps), which spares the peer most of its prefill.
"""
import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile

ENGINE = "build/release/bin"
BATCHES = (1, 8, 16)
CONTEXTS = (128, 2048)


def run(command):
    print("   " + " ".join(command), file=sys.stderr, flush=True)
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"{command[0]} ended with {done.returncode}: {done.stderr.strip().splitlines()[-1:]}")
    return done.stdout


def peer(folder, gguf, threads, into):
    bench = [f"{folder}/llama-bench", "-m", gguf, "-t", str(threads), "-r", "1", "-fa", "1", "-o", "json"]
    for row in json.loads(run(bench + ["-p", "512", "-n", "0", "-d", "0,2048"])):
        into.setdefault(f"prefill 512 at depth {row['n_depth']}", []).append(row["avg_ts"])
    batched = [f"{folder}/llama-batched-bench", "-m", gguf, "-t", str(threads), "-tb", str(threads), "-fa", "on",
               "-ntg", "16", "-npl", ",".join(map(str, BATCHES)), "--output-format", "jsonl"]
    for context in CONTEXTS:
        shared = ["-pps", "-kvu"] if context > 512 else []
        size = (context + 16) * (1 if shared else max(BATCHES)) + 16 * max(BATCHES) * (1 if shared else 0)
        for line in run(batched + ["-npp", str(context), "-c", str(size + 256)] + shared).splitlines():
            if line.startswith("{"):
                row = json.loads(line)
                into.setdefault(f"decode, context {context}, batch {row['pl']}", []).append(row["speed_tg"])


def ours(model, threads, into):
    bench = [f"{ENGINE}/bench_decoder", "--model", model, "--threads", str(threads), "--repeats", "3", "--steps", "12"]
    bench += ["--batch", ",".join(map(str, BATCHES)), "--depth"]
    text = run(bench + ["2048"]) + run(bench + ["128", "--decode-only"])
    for tokens, depth, rate in re.findall(r"^prefill (\d+) tokens at depth (\d+):.* ([\d.]+) tok/s", text, re.M):
        into.setdefault(f"prefill {tokens} at depth {depth}", []).append(float(rate))
    for batch, context, rate in re.findall(r"^decode batch (\d+) at context (\d+):.* ([\d.]+) tok/s", text, re.M):
        into.setdefault(f"decode, context {int(context) - 1}, batch {batch}", []).append(float(rate))
    print(text, file=sys.stderr)


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--llama-cpp", required=True, metavar="DIR")
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--threads", type=int, default=2)
    options.add_argument("--models", default="qwen3-0.6b,llama-3.2-1b")
    options.add_argument("--out", metavar="FILE", help="all samples as JSON")
    given = options.parse_args()
    samples = {}
    for model in given.models.split(","):
        with tempfile.TemporaryDirectory(dir=".") as folder:
            gguf = os.path.join(folder, model + ".gguf")
            here = os.path.dirname(os.path.abspath(__file__))
            run([sys.executable, f"{here}/random_gguf.py", f"resources/models/{model}.json", gguf])
            both = samples.setdefault(model, {"llama.cpp": {}, "ours": {}})
            for _ in range(given.rounds):
                peer(given.llama_cpp, gguf, given.threads, both["llama.cpp"])
                ours(model, given.threads, both["ours"])
    if given.out:
        json.dump(samples, open(given.out, "w", encoding="utf-8"), indent=1)
    for model, both in samples.items():
        print(f"\n| {model}, bf16, tok/s, median of {given.rounds} | llama.cpp | ours | factor |\n|---|---|---|---|")
        for key, values in both["llama.cpp"].items():
            theirs, own = statistics.median(values), statistics.median(both["ours"].get(key, [float("nan")]))
            print(f"| {key} | {theirs:.1f} | {own:.1f} | {own / theirs:.1f} |")


if __name__ == "__main__":
    main()
