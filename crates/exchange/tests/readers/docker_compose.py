"""What Docker Compose makes of each file of a folder as `env_file` with `format: raw`: JSON lines of base64 texts.

Usage: docker_compose.py PROGRAM FOLDER COUNT
"""

import base64
import json
import os
import subprocess
import sys
import tempfile

SERVICE = "services:\n  one:\n    image: none\n    env_file: [{{path: {}, format: raw}}]\n"


def encoded(text):
    return base64.b64encode(text.encode()).decode()


def main():
    program, folder, count = sys.argv[1], os.path.abspath(sys.argv[2]), int(sys.argv[3])
    for index in range(count):
        with tempfile.TemporaryDirectory() as project:
            with open(os.path.join(project, "compose.yaml"), "w", encoding="utf-8") as out:
                out.write(SERVICE.format(json.dumps(os.path.join(folder, str(index)))))
            said = subprocess.run(
                [program, "--project-name", "one", "config", "--format", "json"],
                cwd=project, env={"HOME": project, "PATH": "/usr/bin:/bin"}, capture_output=True, check=True,
            )
        values = json.loads(said.stdout)["services"]["one"].get("environment") or {}
        # `config` prints a file that can be read again, so a dollar is doubled.
        print(json.dumps({encoded(name): encoded(value.replace("$$", "$")) for name, value in values.items()}))


main()
