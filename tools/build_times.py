#!/usr/bin/env python3
"""Prints what a build cost, from Ninja's log: build_times.py BUILD_TREE [COUNT]

Seconds are of the wall, from a job's begin to its end: where several jobs share a processor, each counts the whole time. The
log has the last run of each job, so after a build of some files it is a mixture of several builds.
"""

import sys
from collections import defaultdict
from pathlib import Path


def jobs_of(log):
    """The last run of every job: its output, begin and end in seconds."""
    jobs = {}
    for line in log.read_text("utf-8").splitlines():
        fields = line.split("\t")
        if len(fields) == 5 and not line.startswith("#"):
            jobs[fields[3]] = (int(fields[0]) / 1000, int(fields[1]) / 1000)
    return jobs


def folder_and_name(output):
    """A library's folder, and an object's source beneath it."""
    folder, _, name = output.partition("/CMakeFiles/")
    return (folder, name.partition(".dir/")[2].removesuffix(".o")) if name else (str(Path(output).parent), Path(output).name)


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit("usage: tools/build_times.py BUILD_TREE [COUNT]")
    count = int(sys.argv[2]) if len(sys.argv) == 3 else 10
    jobs = jobs_of(Path(sys.argv[1], ".ninja_log"))
    seconds = {output: end - begin for output, (begin, end) in jobs.items()}
    folders = defaultdict(list)
    for output, cost in seconds.items():
        folders[folder_and_name(output)[0]].append(cost)

    print(f"{len(jobs)} jobs, {sum(seconds.values()):.0f} s of jobs, the last one ended at {max(e for _, e in jobs.values()):.0f} s")
    print("\nThe most expensive units:")
    for output, cost in sorted(seconds.items(), key=lambda job: -job[1])[:count]:
        print(f"{cost:7.1f} s  {'/'.join(folder_and_name(output))}")
    print("\nFolders:")
    for folder, costs in sorted(folders.items(), key=lambda entry: -sum(entry[1]))[:count]:
        print(f"{sum(costs):7.1f} s  {folder} ({len(costs)} jobs)")


if __name__ == "__main__":
    main()
