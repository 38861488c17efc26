"""The plots of docs/policies.md: what each policy saves over the capacity, one SVG for each trace, by gnuplot."""

import subprocess
import sys

# Those that differ most. The rest is in the tables.
PLOTTED = ["paper-pressure", "bursts", "scans", "surveillance", "vqa-v2, smolvlm-256m", "pope, smolvlm-256m"]

# Colours that people with impaired colour vision can tell apart (Okabe and Ito). `value` is drawn last, on
# top.
STYLES = {
    "lru": "dashtype 1 linewidth 1.5 linecolor '#000000' pointtype 6",
    "cost": "dashtype 1 linewidth 1.5 linecolor '#E69F00' pointtype 4",
    "importance": "dashtype 1 linewidth 1.5 linecolor '#CC79A7' pointtype 8",
    "cross-modal": "dashtype 1 linewidth 1.5 linecolor '#7B4F9E' pointtype 10",
    "s3-fifo": "dashtype 1 linewidth 1.5 linecolor '#56B4E9' pointtype 12",
    "sieve": "dashtype 1 linewidth 1.5 linecolor '#009E73' pointtype 2",
    "w-tinylfu": "dashtype 1 linewidth 1.5 linecolor '#0072B2' pointtype 1",
    "value": "dashtype 1 linewidth 3 linecolor '#D5320A' pointtype 7",
}
BOUNDS = {
    "upper bound": "lines dashtype 3 linewidth 1.5 linecolor '#707070'",
    "offline greedy": "lines dashtype 2 linewidth 1.5 linecolor '#707070'",
}


def draw(cells, folder):
    folder.mkdir(parents=True, exist_ok=True)
    for name in PLOTTED:
        if name in cells.shared:
            draw_trace(cells.shared[name], folder / file_name(name))


def file_name(trace_name):
    return f"{trace_name.replace(', ', '-')}.svg"


def draw_trace(trace, file):
    curves = {}
    for bound, style in BOUNDS.items():
        curves[bound] = (style, [getattr(cell, bound.replace(" ", "_")).mean() for cell in trace.cells.values()])
    for policy, style in STYLES.items():
        curves[policy] = (f"linespoints {style}", [cell.saved[policy].mean() for cell in trace.cells.values()])
    try:
        subprocess.run(["gnuplot"], input=script(trace, file, curves), text=True, check=True)
    except FileNotFoundError:
        sys.exit("study.py: the plots need gnuplot")
    except subprocess.CalledProcessError as error:
        sys.exit(f"study.py: gnuplot failed on {file} (exit status {error.returncode})")


def script(trace, file, curves):
    percents = [float(label.removesuffix("%")) for label in trace.cells]
    ticks = ", ".join(f"'{percent:g}%%' {percent}" for percent in percents)  # a label is a format to gnuplot
    data = ["".join(f"{x} {y:.4f}\n" for x, y in zip(percents, shares)) + "e\n" for _, shares in curves.values()]
    plot = ", ".join(f"'-' with {style} title '{name}'" for name, (style, _) in curves.items())
    # A white card reads on a light page and on a dark one; the text of a transparent one would vanish on one
    # of them.
    return (f"set terminal svg size 760,440 background 'white' font 'sans-serif,13'\n"
            f"set output '{file}'\n"
            f"set title '{trace.name}' noenhanced\n"
            f"set xlabel 'capacity, percent of the working set'\n"
            f"set ylabel 'saved, percent of all compute'\n"
            f"set logscale x\n"
            f"set xtics ({ticks})\n"
            f"set xrange [{percents[0]}:{percents[-1]}]\n"
            f"set yrange [0:*]\n"
            f"set grid linetype 1 linewidth 1 linecolor '#DDDDDD'\n"
            f"set key outside right top reverse Left noenhanced\n"
            f"plot {plot}\n" + "".join(data))
