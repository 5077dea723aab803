"""One command for each layer that a machine can lack."""

from __future__ import annotations

import os
import platform

from . import user

_LANDLOCK_SINCE = (5, 13)
_LSM_LINE = (
    "sudo sed -i 's/^GRUB_CMDLINE_LINUX=\"/&lsm=landlock,lockdown,yama,integrity,apparmor,bpf /' /etc/default/grub"
    " && sudo update-grub && sudo reboot"
)
_OPEN_CONTAINER = (
    "docker run --cap-add SYS_ADMIN --security-opt seccomp=unconfined --security-opt apparmor=unconfined"
    " --security-opt systempaths=unconfined --network none ..."
)


def for_layer(layer: str) -> str:
    """What to do where a layer of the child is missing."""
    if layer == "landlock":
        return "sudo apt full-upgrade && sudo reboot" if _release() < _LANDLOCK_SINCE else _LSM_LINE
    if layer == "disk":
        return for_view("")
    if layer == "seccomp":
        return "grade on an x86_64 or aarch64 Linux machine: docker run --platform linux/amd64 ..."
    return "ulimit -H -v unlimited -t unlimited && ./course doctor"  # rlimits: everything that can be said


def closed_interpreter() -> tuple[str, str]:
    """What is seen, and what to do, where a submission's user must keep the right to search closed folders."""
    folder = user.closed_folder()
    return f"the interpreter lies in {folder}, so Landlock alone guards files", f"sudo chmod o+x {folder}"


def for_view(reason: str) -> str:
    """What to do where bubblewrap or namespaces cannot be used.

    Parameters
    ----------
    reason
        What bubblewrap said, or that it is not installed.
    """
    if "not installed" in reason:
        return "sudo apt install bubblewrap"
    if in_container():
        return _OPEN_CONTAINER
    if _setting("kernel/apparmor_restrict_unprivileged_userns") == "1":
        return "sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0"
    if _setting("kernel/unprivileged_userns_clone") == "0":
        return "sudo sysctl kernel.unprivileged_userns_clone=1"
    if _setting("user/max_user_namespaces") == "0":
        return "sudo sysctl user.max_user_namespaces=15000"
    return "sudo apt install bubblewrap && sudo ./course doctor"


def other_platform() -> str:
    """What to do on macOS and Windows."""
    return "grade in a Linux container or virtual machine (on Windows: wsl --install)"


def in_container() -> bool:
    """Whether this looks like a container, which its host must open."""
    return any(os.path.exists(path) for path in ("/.dockerenv", "/run/.containerenv"))


def _setting(name: str) -> str:
    try:
        with open(f"/proc/sys/{name}", encoding="ascii") as file:
            return file.read().strip()
    except OSError:
        return ""


def _release() -> tuple[int, ...]:
    numbers = platform.release().split("-")[0].split(".")[:2]
    return tuple(int(number) if number.isdigit() else 0 for number in numbers)
