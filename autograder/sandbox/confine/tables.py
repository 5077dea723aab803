"""System call numbers of what a child may use: `name x86_64 aarch64`, with - where a processor lacks the call.

A test compares every number with libseccomp's. All that is not here is refused, so a kernel's next call is as well.
"""

from __future__ import annotations

ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}  # AUDIT_ARCH_*
COLUMNS = {"x86_64": 1, "aarch64": 2}

ALLOWED = """
# Files, by descriptor or by a path that Landlock judges
read 0 63, write 1 64, readv 19 65, writev 20 66, pread64 17 67, pwrite64 18 68, preadv 295 69, pwritev 296 70,
preadv2 327 286, pwritev2 328 287, lseek 8 62, close 3 57, close_range 436 436, dup 32 23, dup2 33 -,
dup3 292 24, pipe 22 -, pipe2 293 59, open 2 -, openat 257 56, creat 85 -, stat 4 -, lstat 6 -, fstat 5 80,
newfstatat 262 79, statx 332 291, access 21 -, faccessat 269 48, faccessat2 439 439, readlink 89 -,
readlinkat 267 78, getcwd 79 17, chdir 80 49, fchdir 81 50, getdents 78 -, getdents64 217 61, mkdir 83 -,
mkdirat 258 34, rmdir 84 -, unlink 87 -, unlinkat 263 35, rename 82 -, renameat 264 38, renameat2 316 276,
ftruncate 77 46, fsync 74 82, fdatasync 75 83, fadvise64 221 223, sendfile 40 71, umask 95 166
# Memory, which RLIMIT_AS bounds
mmap 9 222, munmap 11 215, mprotect 10 226, mremap 25 216, madvise 28 233, msync 26 227, brk 12 214
# Own signals and timers
rt_sigaction 13 134, rt_sigprocmask 14 135, rt_sigreturn 15 139, rt_sigpending 127 136, rt_sigsuspend 130 133,
rt_sigtimedwait 128 137, sigaltstack 131 132, pause 34 -, alarm 37 -, setitimer 38 103, getitimer 36 102
# Own identity and use
getpid 39 172, gettid 186 178, getppid 110 173, getpgrp 111 -, getuid 102 174, geteuid 107 175, getgid 104 176,
getegid 108 177, getresuid 118 148, getresgid 120 150, getgroups 115 158, sched_yield 24 124, getrlimit 97 163,
getrusage 98 165, times 100 153, uname 63 160, sysinfo 99 179, getcpu 309 168
# Clocks and waiting
nanosleep 35 101, clock_nanosleep 230 115, clock_gettime 228 113, clock_getres 229 114, gettimeofday 96 169,
time 201 -, restart_syscall 219 128, futex 202 98, set_robust_list 273 99, rseq 334 293, membarrier 324 283,
poll 7 -, ppoll 271 73, select 23 -, pselect6 270 72, epoll_create 213 -, epoll_create1 291 20, epoll_ctl 233 21,
epoll_wait 232 -, epoll_pwait 281 22, epoll_pwait2 441 441, eventfd 284 -, eventfd2 290 19
# Sockets that are open already (new ones: socketpair, with its argument checked)
recvfrom 45 207, sendmsg 46 211, recvmsg 47 212, shutdown 48 210, getsockopt 55 209, getsockname 51 204,
getpeername 52 205
# The rest
getrandom 318 278, exit 60 93, exit_group 231 94
"""

# Allowed for some arguments only; seccomp.py says which.
CHECKED = """
kill 62 129, tgkill 234 131, ioctl 16 29, fcntl 72 25, prlimit64 302 261, sched_getaffinity 204 123,
socketpair 53 199, sendto 44 206, clone3 435 435
"""


def numbers(table: str, machine: str) -> dict[str, int]:
    """Read a table for one processor.

    Parameters
    ----------
    table
        `ALLOWED` or `CHECKED`.
    machine
        A key of `COLUMNS`.

    Returns
    -------
    dict
        Name to number, without the calls that this processor lacks.
    """
    column = COLUMNS[machine]
    lines = (line for line in table.splitlines() if not line.startswith("#"))
    rows = [entry.split() for line in lines for entry in line.split(",") if entry.strip()]
    return {row[0]: int(row[column]) for row in rows if row[column] != "-"}
