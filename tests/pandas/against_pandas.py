#!/usr/bin/env python3
"""Reads a few hundred made tables, and real ones, with nflow and with pandas: every number must be
the same.

usage: against_pandas.py [--made 300] [--seed 1] READ_CSV [FILE.csv...]

READ_CSV is build/tests/read-csv. The made tables differ in delimiter, decimal mark, line ends, byte
order mark, comments, quotes, blanks, blank lines, missing values, compression and number of columns,
and hold numbers of all sizes and spellings. Real files are read with commas, all columns of numbers.
Ends with 77, skipped, where this Python has no pandas.
"""
import argparse
import gzip
import io
import lzma
import os
import random
import shutil
import struct
import subprocess
import sys
import tempfile

try:
    import numpy
    import pandas
except ImportError as problem:
    print(f"skipped: {problem}")
    sys.exit(77)

MISSING = ["", "NA", "NaN", "nan", "?", "-999"]
WORDS = ["plain", "with space", "it's", "été", "a;b,c\td|e", 'say "so"', "two\nlines", "#5", "1,5 kg"]


class Table:
    """A made table: its text, how it is to be read, and which columns hold numbers."""

    def __init__(self, draw):
        self.draw = draw
        self.delimiter = draw.choice([",", ",", ";", "\t", "|", " "])
        self.decimal = draw.choice([".", ","]) if self.delimiter != "," else "."
        self.comment = draw.choice([None, None, "#", "%"])
        self.header = draw.random() < 0.8
        self.newline = draw.choice(["\n", "\r\n"])
        self.mark = b"\xef\xbb\xbf" if draw.random() < 0.2 else b""
        self.packed = draw.choice(["", "", "", "gzip", "gzip members", "zstd", "xz"])
        columns = draw.choice([1, 1, 2, 3, 5, 8, 20, 2000])
        rows = draw.choice([0, 1, 2, 10, 100]) if columns < 100 else 3
        self.rows = rows if self.header else max(rows, 1)
        texts = draw.random() < 0.4 and 1 < columns < 100 and self.header
        self.kinds = ["text" if texts and draw.random() < 0.3 else "number" for _ in range(columns)]
        self.kinds[draw.randrange(columns)] = "number"
        self.names = [f"c{j}" for j in range(columns)]
        if self.header and draw.random() < 0.3:
            self.names = [name + draw.choice(["", " é", ' "x"', "\nb"]) for name in self.names]
        self.holes = draw.random() < 0.3
        self.text = self.write()

    def numbers(self):
        return [j for j, kind in enumerate(self.kinds) if kind == "number"]

    def number(self):
        draw = self.draw
        kind = draw.randrange(8)
        if kind == 0:
            text = str(draw.randrange(-1000, 1000))
        elif kind == 1:
            text = repr(draw.gauss(0, 1))
        elif kind == 2:  # any bits
            value = float("nan")
            while value != value or abs(value) == float("inf"):
                (value,) = struct.unpack("d", draw.getrandbits(64).to_bytes(8, "little"))
            text = repr(value)
        elif kind == 3:
            text = draw.choice(["1e308", "1.7976931348623157e308", "5e-324", "2.2250738585072014e-308",
                                "4.9406564584124654e-324", "-0.0", "1e-400", "0.1", "9007199254740993",
                                "123456789012345678901234567890", "2.4703282292062328e-324"])
        elif kind == 4:
            text = f"{draw.uniform(-1e6, 1e6):.{draw.randrange(25)}f}"
        elif kind == 5:
            text = f"{draw.uniform(-1, 1):.{draw.randrange(25)}E}"
        elif kind == 6:
            text = draw.choice(["+1.5", ".5", "5.", "-.25", "1E5", "1e+05", "007", "+.5e-3", "00.10"])
        else:
            text = "0." + "".join(draw.choice("0123456789") for _ in range(draw.randrange(1, 60)))
        return text.replace(".", self.decimal)

    def field(self, text):
        special = self.delimiter + "\"\n\r" + (self.comment or "")
        if any(c in text for c in special) or self.draw.random() < 0.05:
            return '"' + text.replace('"', '""') + '"'
        if self.delimiter != " " and self.draw.random() < 0.05:
            return " " + text
        return text

    def write(self):
        draw = self.draw
        lines = []
        if self.header:
            lines.append(self.delimiter.join(self.field(name) for name in self.names))
        for _ in range(self.rows):
            fields = []
            for kind in self.kinds:
                if kind == "text":
                    fields.append(self.field(draw.choice(WORDS)))
                elif self.holes and draw.random() < 0.05:
                    fields.append(draw.choice(MISSING))
                else:
                    fields.append(self.field(self.number()))
            if fields == [""]:
                fields = ["NA"]  # a blank line otherwise
            lines.append(self.delimiter.join(fields))
            if self.comment and draw.random() < 0.1:
                lines.append(self.comment + " made, not born" + self.delimiter)
            if draw.random() < 0.05:
                lines.append("")
        if self.comment:
            lines.insert(0, self.comment + "first")
        text = self.newline.join(lines)
        return text + (self.newline if draw.random() < 0.9 else "")

    def bytes(self):
        return self.mark + self.text.encode()

    def packed_bytes(self):
        plain = self.bytes()
        if self.packed == "gzip":
            return gzip.compress(plain)
        if self.packed == "gzip members":
            half = len(plain) // 2
            return gzip.compress(plain[:half]) + gzip.compress(plain[half:])
        if self.packed == "xz":
            return lzma.compress(plain)
        if self.packed == "zstd" and shutil.which("zstd"):
            return subprocess.run(["zstd", "-q", "-c"], input=plain, capture_output=True, check=True).stdout
        return plain


def read_with_nflow(program, path, table, numbers):
    header = "yes" if table.header else "auto"
    columns = ",".join(str(j + 1) for j in numbers)
    done = subprocess.run([program, path, table.delimiter, table.decimal, table.comment or "none",
                           header, columns], capture_output=True)
    if done.returncode != 0:
        raise ValueError(done.stderr.decode().strip())
    rows = done.stdout.decode().split("\n\n")[-1].splitlines() if done.stdout else []
    return [[float(field) for field in row.split(",")] for row in rows]


def read_with_pandas(source, table, numbers):
    frame = pandas.read_csv(source, sep=table.delimiter, decimal=table.decimal, comment=table.comment,
                            header=0 if table.header else None, encoding="utf-8-sig",
                            skipinitialspace=table.delimiter != " ", float_precision="round_trip",
                            na_values=MISSING, keep_default_na=False, index_col=False)
    frame = frame.iloc[:, numbers].dropna()
    # pandas leaves a column as text where it has a spelling such as ,5 with a decimal comma.
    for j in range(frame.shape[1]):
        if frame.iloc[:, j].dtype == object:
            frame = frame.astype({frame.columns[j]: str})
            frame.isetitem(j, [float(text.replace(table.decimal, ".")) for text in frame.iloc[:, j]])
    return frame.astype(numpy.float64).values.tolist()


def same(a, b):
    """0 and -0 are: pandas reads -0 as a whole number."""
    return a == b


class RealTable:
    """A real file with commas, of which the columns of numbers are read."""

    delimiter, decimal, comment = ",", ".", None

    def __init__(self, path):
        with open(path, "rb") as file:
            start = file.read(2)
        compression = "gzip" if start == b"\x1f\x8b" else None
        frame = pandas.read_csv(path, compression=compression, nrows=1000, header=None, skiprows=1)
        first = pandas.read_csv(path, compression=compression, nrows=1, header=None)
        self.header = any(isinstance(name, str) for name in first.iloc[0]) and any(
            isinstance(a, str) and not isinstance(b, str)
            for a, b in zip(first.iloc[0], frame.iloc[0]))
        self.compression = compression
        self.numbers = [j for j in range(frame.shape[1]) if frame[j].dtype.kind in "if"]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--made", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("files", nargs="*")
    options = parser.parse_args()
    different = values = 0
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "made.csv")
        for i in range(options.made):
            table = Table(random.Random(f"{options.seed}-{i}"))
            with open(path, "wb") as file:
                file.write(table.packed_bytes())
            try:
                ours = read_with_nflow(options.program, path, table, table.numbers())
                theirs = read_with_pandas(io.BytesIO(table.bytes()), table, table.numbers())
                agree = same(ours, theirs)
                reason = "other numbers"
            except ValueError as problem:
                agree, reason = False, problem
            values += sum(len(row) for row in ours) if agree else 0
            if not agree:
                different += 1
                print(f"made table {i}: {reason}; it begins with {table.bytes()[:300]!r}")
    for name in options.files:
        table = RealTable(name)
        ours = read_with_nflow(options.program, name, table, table.numbers)
        theirs = read_with_pandas(name, table, table.numbers)
        values += sum(len(row) for row in ours)
        if not same(ours, theirs):
            different += 1
            print(f"{name}: other numbers")
    print(f"{options.made} made tables and {len(options.files)} real ones, {values} numbers: "
          f"{different} differ")
    return different != 0


if __name__ == "__main__":
    sys.exit(main())
