"""Kills each job at random moments; called by kill.sh."""

import random
import shutil
import subprocess
import sys
import time

import room

n, seed, habitual = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
folder, jobs = room.jobs(habitual)
try:
    for job in jobs:
        rng = random.Random(seed)
        job.reset(0)
        begun = time.monotonic()
        job.run(1)
        whole = time.monotonic() - begun
        counts = [0, 0]
        n_runs = 0
        while sum(counts) < n:
            n_runs += 1
            job.reset(0)
            begun = time.monotonic()
            process = subprocess.Popen(
                job.command(1), cwd=job.room, env={},
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )
            try:
                process.wait(timeout=rng.uniform(0, 1.05 * whole))
                whole = time.monotonic() - begun
                continue
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            # On a machine that is busy at times, the next may take longer.
            whole *= 1.01
            at = job.check()
            counts[at] += 1
            job.finish(at)
        print(
            f"{job.name}: {n} of {n_runs} runs killed, {counts[0]} left the old state and "
            f"{counts[1]} the new one; every byte checked, nothing left over",
            flush=True,
        )
finally:
    shutil.rmtree(folder)
