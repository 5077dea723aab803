"""Fresh inputs for every submission: seeds from a secret of the course, so that no student can know them."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from contextlib import suppress
from pathlib import Path

import numpy as np

from autograder.errors import UserError

SECRET_NAME = "course.secret"
SEED_BITS = 52  # a seed stays exact in every reader of JSON


class SecretError(UserError):
    """The course's secret cannot be read or made; the message names the file and the way out."""


def course_secret(root: Path) -> bytes:
    """The secret of the course at `root`, made on first use and readable by its owner only.

    Raises
    ------
    SecretError
        If the file can be neither read nor made.
    """
    path = root / SECRET_NAME
    try:
        if not path.exists():
            _make(path)
        secret = path.read_bytes().strip()
    except OSError as error:
        raise SecretError(f"{path}: {error.strerror}. Grading needs to read this file, or to make it once.") from error
    if len(secret) < 32:
        raise SecretError(f"{path}: holds no secret. Remove it, and the next run makes a new one.")
    return secret


def _make(path: Path) -> None:
    """Write a whole file and then give it its name, so that two workers starting at once agree on one secret."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_hex(32).encode() + b"\n")
        with suppress(FileExistsError):
            os.link(fresh, path)
    finally:
        fresh.unlink()


def submission_seed(secret: bytes, topic: str, student: str, sha256: str) -> int:
    """The seed of one submission: another file, student or topic gives other inputs."""
    message = "\0".join((topic, student, sha256)).encode()
    digest = hmac.new(secret, message, hashlib.sha256).digest()
    return int.from_bytes(digest, "big") >> (256 - SEED_BITS)


def process_seed(seed: int) -> int:
    """Where the global generators of a student's process start: whoever reads it there learns nothing of the seed.

    The seed itself would tell the order of candidates and every hidden input.
    """
    return int.from_bytes(hashlib.sha256(b"student process\0%d" % seed).digest(), "big") >> (256 - SEED_BITS)


def rng_of(seed: int, test: str) -> np.random.Generator:
    """The generator of one hidden test, the same whichever tests run before it."""
    words = np.frombuffer(hashlib.sha256(test.encode()).digest(), dtype=np.uint32)
    return np.random.default_rng([seed, *words.tolist()])
