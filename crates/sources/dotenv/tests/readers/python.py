"""What the PyPI package python-dotenv makes of each file of a folder: JSON lines of base64 texts.

Usage: python python.py FOLDER COUNT
"""

import base64
import json
import logging
import pathlib
import sys

import dotenv

logging.disable(logging.CRITICAL)
folder, count = pathlib.Path(sys.argv[1]), int(sys.argv[2])
for index in range(count):
    try:
        values = dotenv.dotenv_values(folder / str(index))
    except UnicodeDecodeError:
        print("null")
        continue
    encoded = {
        name: base64.b64encode(value.encode()).decode()
        for name, value in values.items()
        if value is not None
    }
    print(json.dumps(encoded))
