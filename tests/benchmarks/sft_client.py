"""Clients of chat completions beside one another, against one server on loopback: requests a second, CPU a request.

    python -m tests.benchmarks.sft_client                            ours alone
    python -m tests.benchmarks.sft_client --peers /tmp/peers/bin/python     beside bespoke curator and datatrove's inference runner
    python -m tests.benchmarks.sft_client --held                     256 in flight held for 60 s at 2 s latency

The peers want an environment of their own: pip install bespokelabs-curator==0.1.31 'datatrove[inference]==0.10.1' aiohttp.
The server shares the machine's cores with the client, so CPU a request tells more than requests a second.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

from tests.servers.chat import ChatServer

PROJECT = Path(__file__).parents[2]


def measured(python: str, client: str, url: str, n: int, in_flight: int) -> dict[str, float]:
    """One run of one client."""
    command = [python, "-P", "tests/benchmarks/sft_peers.py", client, url, str(n), str(in_flight)]
    env = {"PATH": "/usr/bin:/bin", "HOME": "/tmp", "PYTHONPATH": str(PROJECT) if client == "ours" else ""}
    done = subprocess.run(command, cwd=PROJECT, env=env, capture_output=True, text=True)
    for line in done.stdout.splitlines():
        if line.startswith("MEASURED "):
            found: dict[str, float] = json.loads(line.removeprefix("MEASURED "))
            return found
    raise SystemExit(f"{client} failed:\n{done.stdout[-2000:]}{done.stderr[-4000:]}")


def compare(peers: str | None, n: int, in_flight: int, rounds: int) -> None:
    clients = [("ours", sys.executable), *([("datatrove", peers), ("curator", peers)] if peers else [])]
    print(f"{n:,} requests, {in_flight} in flight, no latency, median of {rounds}")
    print(f"{'client':12} {'req/s':>8} {'CPU ms/request':>15} {'answered':>9}")
    found: dict[str, list[dict[str, float]]] = {client: [] for client, _ in clients}
    for _ in range(rounds):
        for client, python in clients:
            with ChatServer() as server:
                found[client].append(measured(python, client, server.url, n, in_flight))
    for client, runs in found.items():
        wall, cpu = (median(run[name] for run in runs) for name in ("wall_s", "cpu_s"))
        print(f"{client:12} {n / wall:8.0f} {1000 * cpu / n:15.2f} {runs[0]['answered']:9,.0f}")


def hold(in_flight: int, seconds: float, latency_s: float) -> None:
    """For how long so many are in flight at the server, looked at every tenth of a second."""
    n = int(in_flight * (seconds + 15) / latency_s)  # 15 s more, to get there and to end
    command = [sys.executable, "-P", "tests/benchmarks/sft_peers.py", "ours"]
    held, most, last = 0.0, 0, time.perf_counter()
    with ChatServer(latency_s=latency_s) as server:
        process = subprocess.Popen(
            [*command, server.url, str(n), str(in_flight)],
            cwd=PROJECT,
            env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(PROJECT)},
            stdout=subprocess.PIPE,
            text=True,
        )
        while process.poll() is None:
            time.sleep(0.1)
            count, now = server.in_flight, time.perf_counter()
            held, most, last = held + (now - last) * (count >= 0.9 * in_flight), max(most, count), now
        told = process.communicate()[0]
    print(f"{n:,} requests at {latency_s:g} s: at most {most} in flight, 90 % of {in_flight} or more for {held:.0f} s")
    print(told.strip())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peers", help="Python of an environment that has the peers")
    parser.add_argument("--requests", type=int, default=2000)
    parser.add_argument("--in-flight", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--held", action="store_true", help="256 in flight for 60 s at 2 s latency instead")
    args = parser.parse_args()
    if args.held:
        hold(256, 60.0, 2.0)
    else:
        compare(args.peers, args.requests, args.in_flight, args.rounds)


if __name__ == "__main__":
    main()
