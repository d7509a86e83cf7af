#!/usr/bin/env python3
"""Held-out log-likelihood and time of nflow's defaults beside other density estimators.

usage: rivals.py --nflow build/nflow [--threads 2] [--seeds 0] [--only PATTERN] NAME=TABLE...

NAME=TABLE is a CSV file, split here 70/10/20 into rows to train, validate and test with, or a
folder with train.csv, val.csv and test.csv. TABLE may end with :a,b,c, the columns to model, and
NAME with @N, the number of training rows to draw (validation rows are drawn 9 to 1).

The rivals come from where they are installed: scikit-learn, and bayesiains/nflows with PyTorch on
PYTHONPATH; one that is missing is left out and named. All see the same rows, standardised; all log
densities are nats per row in the units of the columns. Every rival keeps what is best on the
validation rows: GaussianMixture its number of components, KernelDensity its bandwidth, the flows
their best look at the validation rows. Debian's PyTorch takes the BLAS that is there: install
libopenblas0-pthread, or it is forty times slower, and set OPENBLAS_CORETYPE to this processor's
name (SkylakeX for AVX-512), or it runs on old kernels.
"""
import argparse
import csv
import fnmatch
import json
import math
import os
import subprocess
import sys
import tempfile
import time

import numpy as np

from nflows_flows import nflows_flow


class Table:
    def __init__(self, name, source):
        self.name = name
        draw = int(name.split("@")[1]) if "@" in name else None
        path, _, columns = source.partition(":")
        if os.path.isdir(path):
            parts = [read(f"{path}/{part}.csv", columns) for part in ("train", "val", "test")]
            self.columns = parts[0][0]
            self.train, self.validation, self.test = (rows for _, rows in parts)
            order = np.random.default_rng(0).permutation(len(self.train))
            self.train = self.train[order]
        else:
            self.columns, rows = read(path, columns)
            rows = rows[np.random.default_rng(0).permutation(len(rows))]
            first, second = int(0.7 * len(rows)), int(0.8 * len(rows))
            self.train, self.validation, self.test = np.split(rows, [first, second])
        if draw:
            few = self.train[:draw]
            self.train, self.validation = np.split(few, [int(0.9 * draw)])

    def scaled(self):
        """Standardised rows, and what log p gains by going back to the columns' units."""
        mean, deviation = self.train.mean(0), self.train.std(0)
        rows = [(part - mean) / deviation for part in (self.train, self.validation, self.test)]
        return rows, -np.log(deviation).sum()


def read(path, columns):
    """Names and rows; text columns fall away, rows with an empty field too."""
    with open(path) as file:
        lines = list(csv.reader(file))
    try:
        [float(field) for field in lines[0]]
        names = [f"x{i + 1}" for i in range(len(lines[0]))]
    except ValueError:
        names, lines = [name.strip() for name in lines[0]], lines[1:]
    wanted = columns.split(",") if columns else names
    places = [names.index(name) if name in names else int(name) - 1 for name in wanted]

    def number(text):
        try:
            return float(text)
        except ValueError:
            return math.nan
    rows = np.array([[number(line[i]) for i in places] for line in lines if line])
    text = np.isnan(rows).mean(0) > 0.5
    rows = rows[:, ~text]
    names = [names[i] for i, drop in zip(places, text) if not drop]
    return names, rows[~np.isnan(rows).any(1)]


# Each estimator gives log p of the test rows in the columns' units, and notes.

def nflow(table, options, seed):
    with tempfile.TemporaryDirectory() as folder:
        for part in ("train", "validation", "test"):
            np.savetxt(f"{folder}/{part}.csv", getattr(table, part), fmt="%.17g", delimiter=",",
                       header=",".join(table.columns), comments="")
        common = ["--threads", str(options.threads), "--seed", str(seed)]
        run = subprocess.run(
            [options.nflow, "train", f"{folder}/train.csv", "--validation-file",
             f"{folder}/validation.csv", "-o", f"{folder}/m"] + common + options.train_options,
            stderr=subprocess.PIPE, text=True, check=True)
        chose = [line for line in run.stderr.splitlines() if "chose" in line or "flow" in line]
        out = subprocess.run([options.nflow, "logprob", "-m", f"{folder}/m", f"{folder}/test.csv"],
                             stdout=subprocess.PIPE, text=True, check=True).stdout
    return np.array([float(line) for line in out.splitlines()[1:]]), " ".join(chose)


def gaussian(table, options, seed):
    (train, _, test), units = table.scaled()
    mean, factor = train.mean(0), np.linalg.cholesky(np.cov(train.T, bias=True).reshape(
        len(table.columns), -1))
    z = np.linalg.solve(factor, (test - mean).T)
    return (-0.5 * (z * z).sum(0) - np.log(np.diag(factor)).sum()
            - 0.5 * len(table.columns) * math.log(2 * math.pi) + units), ""


def mixture(table, options, seed):
    from sklearn.mixture import GaussianMixture
    (train, validation, test), units = table.scaled()
    train = train[:100000]
    best, worse = None, 0
    for components in (1, 2, 4, 8, 16, 32, 64, 128):
        if components * 2 > len(train):
            break
        # An expert gives the covariances a floor, or the likelihood of a spike has no bound.
        model = GaussianMixture(components, random_state=seed, reg_covar=1e-5).fit(train)
        score = model.score(validation)
        if best is None or score > best[0]:
            best, worse = (score, components, model), 0
        else:
            worse += 1
            if worse == 2:
                break
    return best[2].score_samples(test) + units, f"{best[1]} components"


def kernels(table, options, seed):
    from sklearn.neighbors import KernelDensity
    (train, validation, test), units = table.scaled()
    train = train[:20000]
    best = None
    for bandwidth in np.geomspace(0.02, 1, 12):
        score = KernelDensity(bandwidth=bandwidth, rtol=1e-3).fit(train).score(validation[:1000])
        if best is None or score > best[0]:
            best = (score, bandwidth)
    model = KernelDensity(bandwidth=best[1], rtol=1e-4).fit(train)
    return model.score_samples(test[:5000]) + units, f"bandwidth {best[1]:.3f}, 20000 rows at most"


def torch_flow(kind):
    def estimate(table, options, seed):
        import torch
        torch.set_num_threads(options.threads)
        torch.manual_seed(seed)
        (train, validation, test), units = table.scaled()
        train, validation, test = (torch.tensor(x, dtype=torch.float32)
                                   for x in (train, validation, test))
        columns = train.shape[1]
        small = len(train) < 20000  # an expert regularises small tables
        steps = 4000 if len(train) > 100000 else 3000
        model = nflows_flow(kind, columns, 10 if columns > 8 else 5, 128,
                            dropout=0.2 if small else 0.0)
        optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)

        def score(rows):
            model.eval()
            with torch.no_grad():
                values = torch.cat([model.log_prob(part) for part in rows.split(4096)]).double()
            model.train()
            return values.numpy()
        best, kept, worse, at, done = -math.inf, None, 0, len(train), 0
        batch = min(512, len(train))
        look = max(100, steps // 30)
        while done < steps and worse < 10:
            if at + batch > len(train):
                order, at = torch.randperm(len(train)), 0
            rows = train[order[at:at + batch]]
            at += batch
            optimizer.zero_grad()
            loss = -model.log_prob(rows).mean()
            if torch.isfinite(loss):
                loss.backward()
                torch.nn.utils.clip_grad_norm_(model.parameters(), 5.0)
                optimizer.step()
            schedule.step()
            done += 1
            if done % look == 0:
                value = score(validation).mean()
                if value > best:
                    best, worse = value, 0
                    kept = {k: v.clone() for k, v in model.state_dict().items()}
                else:
                    worse += 1
        model.load_state_dict(kept)
        return score(test) + units, f"{done} steps"
    return estimate


ESTIMATORS = {"nflow": nflow, "gaussian": gaussian, "mixture": mixture, "kde": kernels,
              "nflows-nsf-cl": torch_flow("nsf-cl"), "nflows-nsf-ar": torch_flow("nsf-ar"),
              "nflows-maf": torch_flow("maf")}


def error_of(values):
    return values.std(ddof=1) / math.sqrt(len(values))


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tables", nargs="+", metavar="NAME=TABLE[:COLUMNS]")
    parser.add_argument("--nflow", default="build/nflow", help="the binary")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seeds", default="0", help="comma-separated")
    parser.add_argument("--only", default="*", help="estimators, by patterns: nflow,nflows-*")
    parser.add_argument("--cache", help="folder where the rivals' answers are kept between runs")
    parser.add_argument("--json", help="append a line a result to this file")
    parser.add_argument("train_options", nargs="*", help=argparse.SUPPRESS)
    words = sys.argv[1:]
    extra = []
    if "--" in words:
        extra = words[words.index("--") + 1:]
        words = words[:words.index("--")]
    options = parser.parse_args(words)
    options.train_options = extra  # of nflow train, behind --

    print(f"{'table':16} {'estimator':14} {'log p':>9} {'error':>7} {'nflow ahead':>18} "
          f"{'seconds':>8}  notes")
    for text in options.tables:
        name, _, source = text.partition("=")
        table = Table(name, source)
        ours = None
        for kind, estimate in ESTIMATORS.items():
            if not any(fnmatch.fnmatch(kind, p) for p in options.only.split(",")):
                continue
            for seed in (int(s) for s in options.seeds.split(",")):
                kept = options.cache and f"{options.cache}/{name}-{kind}-{seed}.npz"
                began = time.perf_counter()
                try:
                    if kept and kind != "nflow" and os.path.exists(kept):
                        stored = np.load(kept)
                        values, notes = stored["values"], str(stored["notes"])
                        seconds = float(stored["seconds"])
                    else:
                        values, notes = estimate(table, options, seed)
                        seconds = time.perf_counter() - began
                        if kept:
                            os.makedirs(options.cache, exist_ok=True)
                            np.savez(kept, values=values, notes=notes, seconds=seconds)
                except ImportError as error:
                    print(f"{name:16} {kind:14} left out: {error}")
                    continue
                ahead = ""
                if kind == "nflow":
                    ours = values
                elif ours is not None:
                    gain = ours[:len(values)] - values  # row by row: the rows' own spread cancels
                    ahead = f"{gain.mean():+9.4f} +- {error_of(gain):.4f}"
                print(f"{name:16} {kind:14} {values.mean():9.4f} {error_of(values):7.4f} "
                      f"{ahead:>18} {seconds:8.1f}  {notes}", flush=True)
                if options.json:
                    with open(options.json, "a") as file:
                        file.write(json.dumps(dict(
                            table=name, estimator=kind, seed=seed, log_prob=values.mean(),
                            error=error_of(values), seconds=seconds, notes=notes)) + "\n")


main()
