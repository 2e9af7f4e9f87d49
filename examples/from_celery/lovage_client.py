"""Sends tasks to Lovage from Python: Django views, management commands, shells.

Only the standard library. LOVAGE_URL is the address of `lovage gateway`,
LOVAGE_TOKEN one of its tokens.
"""

import json
import os
import time
import uuid
from urllib.request import Request, urlopen


def send_task(name, *args, task_id=None, queue="default", priority=4, countdown=0):
    """Sends a task, and returns its id. The same id twice is one task."""
    now = int(time.time() * 1000)
    task_id = task_id or str(uuid.uuid4())
    message = {"id": task_id, "task": name, "queue": queue, "priority": priority}
    body = {
        **message,
        "v": 1,
        "args": list(args),
        "retries": 0,
        "rootId": task_id,
        "sentAt": now,
    }
    eta = None
    if countdown:
        eta = body["eta"] = now + int(countdown * 1000)
    _call("publish", {"messages": [{**message, "eta": eta, "body": json.dumps(body)}]})
    return task_id


def get_result(task_id, timeout=10.0):
    """Waits for a task, and returns what it returned, where that is JSON."""
    _call("wait", {"ids": [task_id], "ms": int(timeout * 1000)}, timeout + 5)
    record = _call("fetch", {"ids": [task_id]})["records"][0]
    if record is None or not record["ended"]:
        raise TimeoutError(f"{task_id} has not ended within {timeout} s")
    if record["state"] != "SUCCESS":
        raise RuntimeError(f"{task_id} ended as {record['state']}: {record['error']}")
    return json.loads(record["value"])


def _call(operation, body, timeout=10.0):
    request = Request(
        f"{os.environ['LOVAGE_URL'].rstrip('/')}/v1/{operation}",
        data=json.dumps(body).encode(),
        headers={
            "authorization": f"Bearer {os.environ['LOVAGE_TOKEN']}",
            "content-type": "application/json",
        },
    )
    with urlopen(request, timeout=timeout) as response:
        answer = json.load(response)
    if "error" in answer:
        raise RuntimeError(answer["error"]["message"])
    return answer
