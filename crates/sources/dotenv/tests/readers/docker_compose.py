"""What Docker Compose makes of each file of a folder: JSON lines of base64 texts, with `failed` where it gave up.

Usage: docker_compose.py PROGRAM FOLDER COUNT
"""

import base64
import json
import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

SERVICE = "services:\n  one:\n    image: none\n    env_file: [{}]\n"


def encoded(text):
    return base64.b64encode(text.encode()).decode()


def ask(program, file, scratch, index):
    project = os.path.join(scratch, str(index))
    os.mkdir(project)
    with open(os.path.join(project, "compose.yaml"), "w", encoding="utf-8") as out:
        out.write(SERVICE.format(json.dumps(file)))
    said = subprocess.run(
        [program, "--project-name", "one", "config", "--format", "json"],
        cwd=project, env={"HOME": project, "PATH": "/usr/bin:/bin"}, capture_output=True, check=False,
    )
    if said.returncode != 0:
        return {"failed": True, "values": {}}
    values = json.loads(said.stdout)["services"]["one"].get("environment") or {}
    # `config` prints a file that can be read again, so a dollar is doubled.
    given = {name: value.replace("$$", "$") for name, value in values.items() if value is not None}
    return {"failed": False, "values": {encoded(name): encoded(value) for name, value in given.items()}}


def main():
    program, folder, count = sys.argv[1], os.path.abspath(sys.argv[2]), int(sys.argv[3])
    with tempfile.TemporaryDirectory() as scratch, ThreadPoolExecutor(4) as pool:
        files = [os.path.join(folder, str(index)) for index in range(count)]
        for answer in pool.map(lambda one: ask(program, one[1], scratch, one[0]), enumerate(files)):
            print(json.dumps(answer))


main()
