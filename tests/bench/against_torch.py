#!/usr/bin/env python3
"""Rows a second of nflow beside the PyTorch flows of the same architecture, taken alternately.

usage: against_torch.py --bench build/tests/bench-flows [--threads 2] [--best] [--only PATTERN]
                        [--mode train] [--batch 512] [--rounds 3] [--seconds 1]

bench-flows --list names the configurations. Each gets one PyTorch process, whose imports are not
timed, and in each round first nflow and then PyTorch measures for --seconds. A row has the medians
of the rounds, the ratio of these, and the least and greatest ratio within a round. A training step
is forward, backward and Adam on --batch rows; log p takes 4,096 rows at a time, a sample 10,000.
With --best PyTorch gets the better of one thread and --threads.

bayesiains/nflows and tonyduan/normalizing-flows (whose package is `src`) are taken from PYTHONPATH;
where one is missing its rows are left out and the reason is given. Debian's PyTorch takes the BLAS
that is there: install libopenblas0-pthread, and set OPENBLAS_CORETYPE to this processor's name
(SkylakeX for AVX-512), or PyTorch runs on old kernels.
The first line shows both sides' matrix products: where PyTorch's is far below, its BLAS is a slow
one, and the comparison is not fair.
"""
import argparse
import ctypes
import fnmatch
import json
import math
import os
import statistics
import subprocess
import sys
import time

from nflows_flows import nflows_flow

REPETITIONS = 5  # as in timing.h
POOL = 1 << 16  # rows to train on


# name: kind, columns, layers, width, bins
SHAPES = {
    "maf-6": ("maf", 6, 5, 128, 0),
    "maf-43": ("maf", 43, 5, 512, 0),
    "nsf-cl-6": ("nsf-cl", 6, 10, 256, 8),
    "nsf-cl-43": ("nsf-cl", 43, 10, 32, 4),
    "nsf-ar-6": ("nsf-ar", 6, 10, 256, 8),
    "realnvp-21": ("realnvp", 21, 10, 256, 0),
    "seed-maf": ("MAF", 6, 5, 8, 0),
    "seed-nsf-cl": ("NSF_CL", 6, 5, 8, 5),
    "seed-nsf-ar": ("NSF_AR", 6, 5, 8, 5),
    "seed-realnvp": ("RealNVP", 6, 5, 8, 0),
    "seed-planar": ("Planar", 6, 5, 0, 0),
    "seed-radial": ("Radial", 6, 5, 0, 0),
}


# ---------------------------------------------------------------- the rival, in its own process

def seed_flow(kind, columns, layers, width, bins):
    import torch
    from src import flows
    from src.models import NormalizingFlowModel
    sizes = {"hidden_dim": width} if width else {}
    if bins:
        sizes.update(K=bins, B=3)
    links = [getattr(flows, kind)(columns, **sizes) for _ in range(layers)]
    if kind == "Radial":  # its parameters are whatever the memory held
        for link in links:
            for parameter in link.parameters():
                torch.nn.init.uniform_(parameter, -0.4, 0.4)
    model = NormalizingFlowModel(columns, links)

    def log_prob(x):
        _, prior, log_det = model(x)
        return prior + log_det
    return model, log_prob, None if kind in ("Planar", "Radial") else model.sample


def set_threads(count):
    import torch
    torch.set_num_threads(count)
    try:  # OpenBLAS has threads of its own
        ctypes.CDLL("libblas.so.3").openblas_set_num_threads(count)
    except (OSError, AttributeError):
        pass


def rate(rows, seconds, work):
    """Median rows a second of REPETITIONS that take `seconds` together."""
    work()
    start = time.perf_counter()
    work()
    calls = max(1, round(seconds / REPETITIONS / (time.perf_counter() - start)))
    rates = []
    for _ in range(REPETITIONS):
        start = time.perf_counter()
        for _ in range(calls):
            work()
        rates.append(rows * calls / (time.perf_counter() - start))
    return statistics.median(rates)


def serve(name):
    """Answers requests on standard input, a JSON object a line."""
    try:
        import torch
        torch.manual_seed(0)
        if name.startswith("seed"):
            model, log_prob, sample = seed_flow(*SHAPES[name])
        else:
            model = nflows_flow(*SHAPES[name])
            log_prob, sample = model.log_prob, model.sample
    except ImportError as problem:
        print(json.dumps({"missing": str(problem)}), flush=True)
        return
    rows = torch.randn(POOL, SHAPES[name][1])
    adam = torch.optim.Adam(model.parameters(), lr=1e-3)
    first = 0

    def step(batch):
        nonlocal first
        first = 0 if first + batch > POOL else first
        adam.zero_grad()
        loss = -log_prob(rows[first:first + batch]).mean()
        loss.backward()
        adam.step()
        first += batch

    for _ in range(8):  # so that the splines are no longer the identity
        step(512)
    print(json.dumps({"parameters": sum(p.numel() for p in model.parameters()),
                      "version": torch.__version__}), flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        set_threads(asked["threads"])
        count, seconds = asked["rows"], asked["seconds"]
        if asked["mode"] == "train":
            model.train()
            answer = rate(count, seconds, lambda: step(count))
        elif asked["mode"] == "product":
            a, b = torch.randn(512, 512), torch.randn(512, 512)
            answer = rate(2e-9 * 512 ** 3, seconds, lambda: torch.matmul(a, b))
        else:
            model.eval()
            work = sample if asked["mode"] == "sample" else lambda n: log_prob(rows[:n])
            with torch.no_grad():
                answer = rate(count, seconds, lambda: work(count)) if work else None
        print(json.dumps({"rate": answer}), flush=True)


# ---------------------------------------------------------------- the comparison

class Rival:
    def __init__(self, name, options):
        self.process = subprocess.Popen([sys.executable, os.path.abspath(__file__), "--serve", name],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.hello = self.answer()
        self.options = options

    def answer(self):
        line = self.process.stdout.readline()
        if not line:
            sys.exit(f"the PyTorch process ended with {self.process.wait()}")
        return json.loads(line)

    def rate(self, mode, rows, threads):
        asked = dict(mode=mode, rows=rows, threads=threads, seconds=self.options.seconds)
        print(json.dumps(asked), file=self.process.stdin, flush=True)
        return self.answer()["rate"]

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def bench_flows(options, *arguments):
    run = subprocess.run([options.bench, "--json", *map(str, arguments)], stdout=subprocess.PIPE,
                         text=True, check=True)
    return [json.loads(line) for line in run.stdout.splitlines()]


def compare(configuration, rival, options, tasks):
    name = configuration["configuration"]
    for mode, rows in tasks:
        threads = options.threads
        if options.best and threads > 1:
            threads = max((1, threads), key=lambda n: rival.rate(mode, rows, n) or 0)
        ours, theirs = [], []
        for _ in range(options.rounds):
            batch = ["--batch", rows] if mode == "train" else []
            ours.append(bench_flows(options, "--only", name, "--mode", mode, "--threads",
                                    options.threads, "--seconds", options.seconds,
                                    *batch)[1]["rows_per_second"])
            theirs.append(rival.rate(mode, rows, threads) or math.nan)
        ratios = [a / b for a, b in zip(ours, theirs)]
        mine, other = statistics.median(ours), statistics.median(theirs)
        beside = f"{other:12.0f}{threads:4d}{mine / other:8.2f}{min(ratios):9.2f}{max(ratios):8.2f}"
        print(f"{name:14s} {mode:7s}{rows:6d}{mine:12.0f}"
              + ("    has no way to sample" if math.isnan(other) else beside), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bench", help="the program bench-flows")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--best", action="store_true")
    parser.add_argument("--only", default="*")
    parser.add_argument("--mode", choices=("train", "logp", "sample"))
    parser.add_argument("--batch", type=int, nargs="+", default=[512])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=1)
    parser.add_argument("--serve", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        serve(options.serve)
        return
    if not options.bench:
        parser.error("--bench is needed")
    tasks = [("train", batch) for batch in options.batch] + [("logp", 4096), ("sample", 10000)]
    tasks = [task for task in tasks if options.mode in (None, task[0])]
    head = False
    for configuration in bench_flows(options, "--list"):
        name = configuration["configuration"]
        if not fnmatch.fnmatch(name, options.only):
            continue
        rival = Rival(name, options)
        if "missing" in rival.hello:
            print(f"{name:14s} left out: {rival.hello['missing']}", flush=True)
            continue
        if not head:
            peak = bench_flows(options, "--only", "", "--threads", options.threads)[0]
            print(f"sgemm, 512 x 512 x 512, {options.threads} threads: {peak['own_gflops']:.1f} "
                  f"GFLOP/s, PyTorch {rival.hello['version']} "
                  f"{rival.rate('product', 0, options.threads):.1f} GFLOP/s\n")
            print("configuration  mode     rows nflow rows/s     PyTorch on   ratio   lowest highest")
            head = True
        if rival.hello["parameters"] != configuration["rival_parameters"]:
            sys.exit(f"{name}: PyTorch's flow has {rival.hello['parameters']} parameters, "
                     f"expected {configuration['rival_parameters']}")
        compare(configuration, rival, options, tasks)
        rival.close()


if __name__ == "__main__":
    main()
