"""Celery as a contestant: what drivers/driver.mjs does, for its producer."""

import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor

from celery import group

from celery_tasks import bare, noop

PAD = "x" * 80


def one(task, count, _batch):
    for n in range(count):
        task.delay({"n": n, "pad": PAD})


def flight(task, count, _batch):
    with ThreadPoolExecutor(100) as lanes:
        list(lanes.map(lambda n: task.delay({"n": n, "pad": PAD}), range(count)))


def bulk(task, count, batch):
    for first in range(0, count, batch):
        last = min(first + batch, count)
        group(task.s({"n": n, "pad": PAD}) for n in range(first, last)).apply_async()


def enqueue(s):
    task = noop if s["results"] else bare
    send = {"one": one, "flight": flight, "bulk": bulk}[s["how"]]
    send(task, s["warm"], s["batch"])
    cpu, start = time.process_time(), time.perf_counter()
    send(task, s["count"], s["batch"])
    seconds = time.perf_counter() - start
    return {"seconds": seconds, "cpu": time.process_time() - cpu}


def pickups(s):
    for n in range(s["count"]):
        noop.delay({"n": n, "pad": PAD, "sentAt": time.time() * 1000})
        time.sleep(s["gap"] / 1000)
    return {}


def calls(s):
    times = []
    for n in range(s["warm"] + s["count"]):
        start = time.perf_counter()
        noop.delay({"n": n, "pad": PAD}).get(timeout=20)
        times.append((time.perf_counter() - start) * 1000)
    return {"times": times[s["warm"] :]}


role, settings = sys.argv[1], json.loads(sys.argv[2])
print(json.dumps({"enqueue": enqueue, "pickups": pickups, "calls": calls}[role](settings)))
