"""Random networks beside a packet-walk simulator that never uses our expansion: it reads what AWS's SAM translator makes of the
template, and what ministack's Describe calls return after the deployment.  `make check-networks` asks at length.
"""
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent / "lib"))
import bench
import tap

NET = bench.TOP / "tests" / "net"
TRANSLATED, DEPLOYED = (int(os.environ.get(name, count)) for name, count in (("NETWORKS", 200), ("DEPLOYED", 12)))


def asked(venv, program, *arguments, limit):
    env = bench.clean_env(top_builddir=str(pathlib.Path(bench.SANDBOXGEN).parent))
    result = bench.run(bench.venv(venv, "python"), "-B", NET / program, *arguments, env=env, timeout=limit)
    for line in result.out.splitlines():
        if line.startswith("# "):
            tap.note(line[2:])
    return result


def translated():
    result = asked("LINT", "oracle.py", "--translated", "--seed", os.environ.get("SEED", "11"), "--count", TRANSLATED, limit=60 + TRANSLATED)
    tap.ok(result.status == 0, f"{TRANSLATED} networks as the SAM translator writes them", result)


def deployed():
    result = asked("EMULATORS", "deployed.py", "--count", DEPLOYED, limit=300 + 20 * DEPLOYED)
    tap.ok(result.status == 0, f"{DEPLOYED} networks as ministack describes them", result)


tap.main(translated, deployed)
