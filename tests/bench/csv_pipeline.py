#!/usr/bin/env python3
"""A long table through nflow, beside what reading and writing it take alone.

usage: csv_pipeline.py --nflow build/nflow --bench-csv build/tests/bench-csv [--rows 1000000]
                       [--threads 2] [--rounds 5] [--digits 17]

The table has 6 columns of numbers of --digits digits; the flows are two masked autoregressive
ones, of the sizes seed-maf and maf-6 of bench-flows. In each round every task runs once: the
verbs of nflow; bench-csv, which reads and writes with nflow's own code but has no flow; and
pandas.read_csv, if this Python has pandas, in a process whose import is not timed. Printed are
medians of the rounds with the fastest and slowest, the peak memory (the system counts this script's
own 13 MB before it starts a program, so less is not seen), ratios of medians, and how long `nflow
logprob` takes from its start to the answer for one row that comes through a pipe.
"""
import argparse
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time

FLOWS = {
    "small MAF": ["--flow", "maf:net=mlp:activation=tanh:hidden=25,23,reverse", "--layers", "5"],
    "MAF 2x128": ["--flow", "reverse,maf:hidden=128,128", "--layers", "5"],
}
STARTS = 20  # of the process that answers one row

PANDAS = """
import sys, time
import pandas
for line in sys.stdin:
    start = time.perf_counter()
    pandas.read_csv(line.strip())
    print(time.perf_counter() - start, flush=True)
"""


def write_table(path, rows, digits):
    draw = random.Random(0)
    with open(path, "w") as file:
        file.write(",".join(f"x{j + 1}" for j in range(6)) + "\n")
        for _ in range(rows):
            common = draw.gauss(0, 1)
            file.write(",".join(f"{common + draw.gauss(0, 1):.{digits}g}" for _ in range(6)) + "\n")


def head(path, to, rows):
    with open(path) as file, open(to, "w") as out:
        for _ in range(rows + 1):
            out.write(file.readline())


def run(command):
    """Seconds and peak memory in MB, which is never below this process's own."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"{' '.join(command)}: exit status {process.returncode}")
    return seconds, usage.ru_maxrss / 1024


def start_pandas():
    process = subprocess.Popen([sys.executable, "-c", PANDAS], stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)

    def read(path):
        try:
            print(path, file=process.stdin, flush=True)
            return float(process.stdout.readline()), None
        except (BrokenPipeError, ValueError):
            return None
    return read


def first_answer(command, line):
    start = time.perf_counter()
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    process.stdin.write(line)
    process.stdin.flush()
    process.stdout.readline()  # the header
    process.stdout.readline()
    seconds = time.perf_counter() - start
    process.stdin.close()
    process.wait()
    return seconds


def tasks_of(options, table, latent, models):
    threads = ["--threads", str(options.threads)]
    small = models["small MAF"]
    tasks = {f"logprob, {name}": [options.nflow, "logprob", "-m", model, table] + threads
             for name, model in models.items()}
    tasks["transform, small MAF"] = [options.nflow, "transform", "-m", small, table] + threads
    tasks["inverse, small MAF"] = [options.nflow, "transform", "-m", small, "--inverse",
                                   latent] + threads
    tasks["sample, small MAF"] = [options.nflow, "sample", "-m", small, "-n", str(options.rows),
                                  "--seed", "1"] + threads
    for mode in ("read", "score", "copy"):
        tasks[f"no flow, {mode}"] = [options.bench_csv, mode, table]
    return tasks


def report(options, times, megabytes):
    print(f"{options.rows} rows of 6 columns, {megabytes:.0f} MB, {options.threads} threads\n")
    print("task                    seconds  fastest  slowest      rows/s    peak MB")
    for name, runs in times.items():
        seconds = [s for s, _ in runs]
        peak = "" if runs[0][1] is None else f"{max(m for _, m in runs):11.1f}"
        middle = statistics.median(seconds)
        print(f"{name:22s}{middle:9.3f}{min(seconds):9.3f}{max(seconds):9.3f}"
              f"{options.rows / middle:12.0f}{peak}")
    print()
    pairs = [(task, "no flow, score") for task in times if task.startswith("logprob")]
    pairs += [(task, "pandas.read_csv") for task in times if task.startswith("logprob")]
    pairs += [("transform, small MAF", "no flow, copy"), ("inverse, small MAF", "no flow, copy"),
              ("no flow, read", "pandas.read_csv")]
    for ours, other in pairs:
        if other not in times:
            continue
        ratios = [a / b for (a, _), (b, _) in zip(times[ours], times[other])]
        ratio = (statistics.median(s for s, _ in times[ours])
                 / statistics.median(s for s, _ in times[other]))
        print(f"{ours} takes {ratio:.2f} times what {other} takes "
              f"({min(ratios):.2f} to {max(ratios):.2f} in a round)")


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nflow", required=True)
    parser.add_argument("--bench-csv", required=True)
    parser.add_argument("--rows", type=int, default=1000000)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--digits", type=int, default=17)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        table = f"{folder}/table.csv"
        write_table(table, options.rows, options.digits)
        head(table, f"{folder}/head.csv", min(options.rows, 20000))
        models = {}
        for name, flow in FLOWS.items():
            models[name] = f"{folder}/{name.replace(' ', '-')}.nflow"
            subprocess.run([options.nflow, "train", f"{folder}/head.csv", "-q", "-o", models[name],
                            "--max-steps", "200"] + flow, check=True)
        latent = f"{folder}/latent.csv"
        subprocess.run([options.nflow, "transform", "-m", models["small MAF"], table, "-o", latent],
                       check=True)
        tasks = tasks_of(options, table, latent, models)
        times = {name: [] for name in tasks}
        read = start_pandas()
        for _ in range(options.rounds):
            for name, command in tasks.items():
                times[name].append(run(command))
            alone = read(table)
            if alone:
                times.setdefault("pandas.read_csv", []).append(alone)
        report(options, times, os.path.getsize(table) / 1e6)
        if "pandas.read_csv" not in times:
            print("pandas.read_csv left out: this Python has no pandas")
        with open(table, "rb") as file:
            line = file.readline() + file.readline()
        command = ["-" if word == table else word for word in tasks["logprob, small MAF"]]
        starts = [first_answer(command, line) for _ in range(STARTS)]
        print(f"from start to the first answer: {1e3 * statistics.median(starts):.1f} ms "
              f"({1e3 * min(starts):.1f} to {1e3 * max(starts):.1f} in {STARTS} starts)")


if __name__ == "__main__":
    main()
