"""What Python's readers make of each file of a folder: JSON lines of base64 texts.

Usage: python.py env|json|k8s-secret|yaml FOLDER COUNT
"""

import base64
import io
import json
import os
import sys


def read_env(data):
    import dotenv

    return dotenv.dotenv_values(stream=io.StringIO(data.decode(), newline=""), interpolate=True)


def read_yaml(data):
    import yaml

    values = yaml.safe_load(data)
    assert yaml.load(data, yaml.BaseLoader) == values
    return values


def read_secret(data):
    secret = read_yaml(data)
    assert (secret["apiVersion"], secret["kind"], secret["type"]) == ("v1", "Secret", "Opaque")
    return {name: base64.b64decode(value, validate=True) for name, value in secret["data"].items()}


READERS = {"env": read_env, "json": json.loads, "k8s-secret": read_secret, "yaml": read_yaml}


def encoded(text):
    return base64.b64encode(text if isinstance(text, bytes) else text.encode()).decode()


def main():
    read, folder, count = READERS[sys.argv[1]], sys.argv[2], int(sys.argv[3])
    for index in range(count):
        with open(os.path.join(folder, str(index)), "rb") as file:
            values = read(file.read())
        print(json.dumps({encoded(name): encoded(value) for name, value in values.items()}))


main()
