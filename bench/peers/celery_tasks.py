"""The Celery app whose tasks are measured; its worker is the real one."""

import os

from celery import Celery
from celery.signals import worker_ready

app = Celery("bench", broker=os.environ["BENCH_URL"], backend=os.environ["BENCH_URL"])
app.conf.broker_connection_retry_on_startup = True
app.conf.broker_pool_limit = 100
# A pickup is reported by the process that runs it, on the worker's stdout.
app.conf.worker_redirect_stdouts = False


def say(line):
    os.write(1, (line + "\n").encode())


@app.task(name="bench.noop")
def noop(payload):
    if "sentAt" in payload:
        import time

        say('{"pickup": %f}' % (time.time() * 1000 - payload["sentAt"]))
    return payload["n"]


@app.task(name="bench.bare", ignore_result=True)
def bare(payload):
    return None


@worker_ready.connect
def ready(**_):
    say('{"ready": true}')
