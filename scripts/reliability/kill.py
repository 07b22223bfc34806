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
        n_killed = 0
        for _ in range(n):
            job.reset(0)
            process = subprocess.Popen(
                job.command(1), cwd=job.room, env={},
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )
            try:
                process.wait(timeout=rng.uniform(0, 2 * whole))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                n_killed += 1
            at = job.check()
            counts[at] += 1
            job.finish(at)
        print(
            f"{job.name}: {n} runs, {n_killed} killed, {counts[0]} left the old state and "
            f"{counts[1]} the new one; every byte checked, nothing left over",
            flush=True,
        )
finally:
    shutil.rmtree(folder)
