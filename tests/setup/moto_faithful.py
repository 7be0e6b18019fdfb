"""Start a moto server whose Secrets Manager behaves like AWS where mcp-launch depends on it.

Written for moto 5.2.5. Fixes, all observed against an unpatched server:
  1 PutSecretValue with a used ClientRequestToken and different content overwrote the version
    while it carried AWSPENDING (AWS: ResourceExistsException).
  2 UpdateSecretVersionStage attached a label held by another version without RemoveFromVersionId
    (AWS: the call fails).
  3 Moving AWSCURRENT did not change what GetSecretValue/BatchGetSecretValue return by default.
  4 RotateSecret's "previous rotation in progress" test is inverted.
  5 RotateSecret without a Lambda and without stored configuration emptied AWSCURRENT (AWS: InvalidRequestException).
  6 BatchGetSecretValue accepted more than 20 ids.
  7 DescribeSecret listed versions that have no labels.
  8 Two requests at a time saw each other's changes half done, such as AWSCURRENT between two versions.

Where MOTO_REQUESTS names a file, each request is one line of JSON in it before it is answered.
"""
import io
import json
import os
import re
import sys
import threading
import urllib.parse

import moto.server
from moto.secretsmanager import models as m
from moto.secretsmanager.exceptions import (
    InvalidParameterException, InvalidRequestException, ResourceExistsException)

B, S = m.SecretsManagerBackend, m.FakeSecret


def _holder(secret, label):
    for vid, v in secret.versions.items():
        if label in v["version_stages"]:
            return vid
    return None


# 3: the default version is whatever carries AWSCURRENT
def _get_default(self):
    vs = getattr(self, "versions", {})
    for vid, v in vs.items():
        if "AWSCURRENT" in v["version_stages"]:
            return vid
    return self.__dict__.get("_dv")


S.default_version_id = property(_get_default, lambda self, v: self.__dict__.__setitem__("_dv", v))

# 1
_orig_check = B._check_with_existing_secrets_and_versions


def _check(self, secret_name, token, s, b, on_create=False):
    if secret_name in self.secrets and token:
        v = self.secrets[secret_name].versions.get(token)
        if v and ("secret_string" in v or "secret_binary" in v):
            if v.get("secret_string") == s and v.get("secret_binary") == b:
                return self.secrets[secret_name]
            raise ResourceExistsException(
                f"You can't use ClientRequestToken {token} because that value is already in use "
                f"for a version of secret {self.secrets[secret_name].arn}.")
    return _orig_check(self, secret_name, token, s, b, on_create)


B._check_with_existing_secrets_and_versions = _check

# 2
_orig_stage = B.update_secret_version_stage


def _stage(self, secret_id, version_stage, remove_from_version_id, move_to_version_id):
    if secret_id in self.secrets:
        secret = self.secrets[secret_id]
        held = _holder(secret, version_stage)
        if held and held == move_to_version_id and not remove_from_version_id:
            return secret.arn, secret.name
        if held and held != move_to_version_id and remove_from_version_id != held:
            raise InvalidParameterException(
                f"The parameter RemoveFromVersionId can't be empty. Staging label {version_stage} is currently "
                f"attached to version {held}, so you must explicitly reference that version in RemoveFromVersionId.")
    return _orig_stage(self, secret_id, version_stage, remove_from_version_id, move_to_version_id)


B.update_secret_version_stage = _stage

# 4 + 5
_orig_rotate = B.rotate_secret


def _rotate(self, secret_id, client_request_token=None, rotation_lambda_arn=None,
            rotation_rules=None, rotate_immediately=True):
    if secret_id in self.secrets:
        secret = self.secrets[secret_id]
        if not (rotation_lambda_arn or secret.rotation_lambda_arn):
            raise InvalidRequestException(
                "No Lambda rotation function ARN is associated with this secret.")
        p, c = _holder(secret, "AWSPENDING"), _holder(secret, "AWSCURRENT")
        if p and p != c:
            raise InvalidRequestException(
                "A previous rotation isn't complete. That rotation will be reattempted.")
        if p and p == c:
            secret.versions[p]["version_stages"].remove("AWSPENDING")
    return _orig_rotate(self, secret_id, client_request_token, rotation_lambda_arn,
                        rotation_rules, rotate_immediately)


B.rotate_secret = _rotate

# 6
_orig_batch = B.batch_get_secret_value


def _batch(self, secret_id_list=None, filters=None, max_results=None, next_token=None):
    if secret_id_list and len(secret_id_list) > 20:
        raise InvalidParameterException("SecretIdList must have at most 20 items.")
    return _orig_batch(self, secret_id_list, filters, max_results, next_token)


B.batch_get_secret_value = _batch

# 7

S._form_version_ids_to_stages = lambda self: {
    k: v["version_stages"] for k, v in self.versions.items() if v["version_stages"]}


class Recorded(moto.server.DomainDispatcherApplication):
    """The server, with a log of what it is asked."""

    lock = threading.Lock()
    # 8
    answering = threading.Lock()

    def __call__(self, environ, start_response):
        length = int(environ.get("CONTENT_LENGTH") or 0)
        body = environ["wsgi.input"].read(length)
        environ["wsgi.input"] = io.BytesIO(body)
        with self.lock, open(os.environ["MOTO_REQUESTS"], "a", encoding="utf-8") as log:
            print(json.dumps(record(environ, body)), file=log)
        with self.answering:
            return super().__call__(environ, start_response)


def record(environ, body):
    """The action is X-Amz-Target of the JSON protocols, the form field Action of the others."""
    text = body.decode(errors="replace")
    signature = environ.get("HTTP_AUTHORIZATION", "")
    scope = re.search(r"Credential=([^/]+)/[^/]+/([^/]+)/", signature)
    target = environ.get("HTTP_X_AMZ_TARGET", "")
    form = urllib.parse.parse_qs(text)
    return {
        "method": environ["REQUEST_METHOD"],
        "host": environ.get("HTTP_HOST", ""),
        "path": environ["PATH_INFO"],
        "action": target.rpartition(".")[2] or form.get("Action", [""])[0],
        "access_key": scope[1] if scope else "",
        "region": scope[2] if scope else "",
        "body": text,
    }


if __name__ == "__main__":
    if "MOTO_REQUESTS" in os.environ:
        moto.server.DomainDispatcherApplication = Recorded
    moto.server.main(sys.argv[1:])
