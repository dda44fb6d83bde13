"""How calls behave: closed objects, signals, threads, forks, progress, memory."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time

import numpy as np
import pytest

import zkiln
from zkiln import G1, MSM, NTT, Fr, groth16
from zkiln.groth16 import ProvingKey

fork_only = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")


def run(program, *arguments, **environment):
    """What a program prints that runs in a Python of its own."""
    environment = {**os.environ, **environment}
    # Where these tests run in the background the shell has Ctrl-C ignored, which a program inherits.
    heard = "import signal\nsignal.signal(signal.SIGINT, signal.default_int_handler)\n"
    command = [sys.executable, "-W", "error", "-c", heard + textwrap.dedent(program), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, env=environment)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def multiplier(circuits):
    folder = circuits / "multiplier"
    return folder / "circuit.zkey", folder / "witness.wtns"


def large_key():
    """A key and a witness that take long enough to be interrupted: x -> x^2 many times."""
    n = 1 << 13
    rows = [([(i, 1)], [(i, 1)], [(i + 1, 1)]) for i in range(1, n)]
    circuit = groth16.R1cs(rows, n_wires=n + 1, n_private_inputs=1)
    values = [1, 3]
    while len(values) <= n:
        values.append(values[-1] ** 2 % Fr.MODULUS)
    key = ProvingKey.open(groth16.insecure_development_key(circuit), device="cpu")
    return key, Fr.array(values)


@pytest.fixture(scope="module")
def large():
    return large_key()


def test_closed_objects(circuits):
    zkey, wtns = multiplier(circuits)
    bases, scalars = G1.array([G1.generator()]), Fr.array([1])
    with MSM(bases) as msm:
        assert msm(scalars) == G1.generator()
    with NTT(0) as ntt:
        ntt(scalars)
    with ProvingKey.open(zkey) as key:
        vk = key.vk
        proof, public = key.prove(wtns)
    for call, name in [
        (lambda: msm(scalars), "this MSM"),
        (lambda: ntt(scalars), "this NTT"),
        (lambda: key.prove(wtns), "this ProvingKey"),
        (lambda: key.vk, "this ProvingKey"),
    ]:
        with pytest.raises(zkiln.ClosedError, match=f"{name} is closed") as caught:
            call()
        assert isinstance(caught.value, ValueError)
    msm.close()
    assert vk.verify(proof, public) and (len(msm), key.n_wires) == (1, 4)


def test_progress(large):
    key, witness = large
    seen = []
    proof, public = key.prove(witness, progress=seen.append)
    assert seen[0] == "prove" and seen[-1] == "verify" and "ntt" in seen and "msm h" in seen
    assert key.vk.verify(proof, public)

    class Enough(Exception):
        pass

    seen = []

    def stop(phase):
        seen.append(phase)
        if phase == "ntt":
            raise Enough(phase)

    with pytest.raises(Enough, match="ntt"):
        key.prove(witness, progress=stop)
    assert seen[-1] == "ntt"  # no phase began after it


def test_phases(large):
    key, witness = large
    with zkiln.phases(key.prove, witness) as job:
        names = list(job)
    proof, public = job.result()
    assert names[0] == "prove" and names[-1] == "verify" and key.vk.verify(proof, public)
    with zkiln.phases(key.prove, witness) as job:
        for _ in job:
            break
    with pytest.raises(zkiln.CancelledError, match="cancelled by the caller"):
        job.result()
    with zkiln.phases(key.prove, b"") as job:
        assert list(job) == []
    with pytest.raises(zkiln.MalformedError):
        job.result()


def test_interrupted_call():
    """A signal ends a proof between two phases, as the exception of its handler: KeyboardInterrupt of Ctrl-C."""
    print(
        run(
            """
            import os, signal, sys, threading, time
            sys.path.insert(0, sys.argv[1])
            from test_manners import large_key
            key, witness = large_key()
            seen = []

            def progress(phase):
                seen.append(phase)
                if phase == "matrices":
                    # As Ctrl-C does; the handler runs while the proof does, for it is between phases now.
                    os.kill(os.getpid(), signal.SIGINT)

            try:
                key.prove(witness, progress=progress)
            except KeyboardInterrupt:
                assert "verify" not in seen, seen
            else:
                raise AssertionError("the proof was not interrupted")

            # Without a callback, from a timer, while the main thread waits inside the call.
            threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGINT)).start()
            started, proofs = time.monotonic(), 0
            try:
                while time.monotonic() < started + 60:
                    key.prove(witness)
                    proofs += 1
            except KeyboardInterrupt:
                pass
            else:
                raise AssertionError("no signal came through")
            # Nothing is left over from it.
            proof, public = key.prove(witness)
            assert key.vk.verify(proof, public)
            """,
            os.path.dirname(__file__),
        )
    )


def test_other_threads_go_on(large):
    """The GIL is released: Python code runs during a proof."""
    key, witness = large
    ticks, done = 0, threading.Event()

    def prove():
        key.prove(witness)
        done.set()

    thread = threading.Thread(target=prove)
    thread.start()
    while not done.is_set():
        ticks += 1
        time.sleep(0)
    thread.join()
    assert ticks > 10


def test_two_threads(large):
    key, witness = large
    bases = G1.generator().multiples(Fr.random(500, seed=1))
    scalars = Fr.random(500, seed=2)
    msm, ntt, values = MSM(bases), NTT(9), Fr.random(512, seed=3)
    expected = msm(scalars), ntt(values)
    failures = []

    def work():
        try:
            for _ in range(5):
                assert msm(scalars) == expected[0]
                assert np.array_equal(ntt(values), expected[1])
            proof, public = key.prove(witness)
            assert key.vk.verify(proof, public)
        except BaseException as error:  # noqa: BLE001
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_an_array_that_another_call_writes():
    """Two calls never work on one array if either writes it."""
    n = 1 << 16
    values, ntt = Fr.random(n, seed=1), NTT(16)
    refused, stop = [], threading.Event()

    def write():
        while not stop.is_set():
            ntt(values, out=values)

    thread = threading.Thread(target=write)
    thread.start()
    try:
        deadline = time.monotonic() + 60
        while not refused and time.monotonic() < deadline:
            try:
                ntt(values)
            except zkiln.ArgumentError as error:
                refused.append(str(error))
            except BaseException:
                raise
    finally:
        stop.set()
        thread.join()
    assert refused and "another call is writing to this array" in refused[0]


@fork_only
def test_fork(circuits):
    """Objects from before a fork are refused after it, and new ones work."""
    zkey, wtns = multiplier(circuits)
    out = run(
        """
        import json, os, sys, zkiln
        from zkiln import Fr, G1, MSM, NTT, groth16
        bases, scalars = G1.array([G1.generator()] * 64), Fr.random(64, seed=1)
        msm, ntt = MSM(bases, device="cpu"), NTT(6)
        key = groth16.ProvingKey.open(sys.argv[1], device="cpu")
        expected, transformed = msm(scalars), zkiln.ntt(scalars)
        proof, public = key.prove(sys.argv[2])
        read, write = os.pipe()
        if os.fork() == 0:
            answers = []
            for call in (lambda: msm(scalars), lambda: ntt(scalars), lambda: key.prove(sys.argv[2])):
                try:
                    call()
                    answers.append(None)
                except zkiln.ForkError as error:
                    answers.append(str(error))
            again = MSM(bases, device="cpu")(scalars) == expected
            same = (zkiln.ntt(scalars) == transformed).all()
            valid = key_valid = groth16.ProvingKey.open(sys.argv[1], device="cpu").vk.verify(proof, public)
            os.write(write, json.dumps([answers, bool(again and same and valid)]).encode())
            msm.close()
            del msm, ntt, key
            os._exit(0)
        os.wait()
        os.close(write)
        print(os.read(read, 1 << 16).decode())
        assert msm(scalars) == expected
        """,
        zkey,
        wtns,
    )
    answers, is_right = json.loads(out)
    assert is_right
    for answer, name in zip(answers, ["MSM", "NTT", "ProvingKey"]):
        assert answer is not None and answer.startswith(f"this {name} was made by process ")
        assert "make it after the fork" in answer and 'get_context("spawn")' in answer


def square_sum(n):
    scalars = Fr.random(n, seed=n)
    return bytes(MSM(G1.generator().multiples(scalars), device="cpu")(scalars))


@pytest.mark.parametrize("method", ["spawn", "fork"] if hasattr(os, "fork") else ["spawn"])
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_multiprocessing(method):
    square_sum(10)  # so that there are threads to lose
    with multiprocessing.get_context(method).Pool(2) as pool:
        assert pool.map(square_sum, [10, 20, 30]) == [square_sum(n) for n in (10, 20, 30)]


def test_threads_can_be_counted():
    before = zkiln.info()["threads"]
    zkiln.set_threads(3)
    try:
        assert zkiln.info()["threads"] == 3
        assert square_sum(50) == square_sum(50)
    finally:
        zkiln.set_threads(before)


def test_info():
    info = zkiln.info()
    assert info["version"] == zkiln.__version__ and info["cpu"].startswith("cpu (")
    assert info["auto"] == info["cpu"] if not info["gpus"] else info["auto"].startswith("cuda:0")
    assert (info["reason"] is None) == bool(info["gpus"])


def test_errors_are_documented_and_derive():
    kinds = [getattr(zkiln.errors, name) for name in zkiln.errors.__all__]
    for kind in kinds:
        assert issubclass(kind, zkiln.Error) and kind.__doc__ and getattr(zkiln, kind.__name__) is kind
    assert issubclass(zkiln.OutOfMemoryError, MemoryError)


def test_memory_that_there_is_not():
    with pytest.raises(MemoryError, match="cannot have memory for an array of shape"):
        Fr.random(2**58)


class OnAGpu:
    """An array of another library, on a device."""

    def __dlpack_device__(self):
        return (2, 3)

    def __dlpack__(self, **_):
        raise AssertionError("it was taken without a look at its device")


class OnAnOldGpu:
    __cuda_array_interface__ = {"shape": (1, 4), "typestr": "<u8", "data": (0, False), "version": 3}


def test_devices_of_other_libraries():
    msm = MSM(G1.array([G1.generator()]), device="cpu")
    with pytest.raises(zkiln.Error, match="scalars: .*on cuda:3.*copy it there first"):
        msm(OnAGpu())
    with pytest.raises(zkiln.Error, match="scalars: .*CUDA device.*copy it there first"):
        msm(OnAnOldGpu())
    with pytest.raises(zkiln.Error, match="values: .*on cuda:3"):
        NTT(0)(OnAGpu())
    with pytest.raises(zkiln.Error, match="states: .*on device 3 of DLPack's kind 2: copy it to the host"):
        zkiln.keccak_f(OnAGpu())


PEAK = """
import json, sys
import numpy as np
import zkiln
from zkiln import Fr, G1, MSM

log_n, call = int(sys.argv[1]), sys.argv[2]
n = 1 << log_n


def status(key):
    with open("/proc/self/status") as lines:
        return next(int(line.split()[1]) << 10 for line in lines if line.startswith(key))


def reset():
    with open("/proc/self/clear_refs", "w") as file:
        file.write("5")


few = G1.generator().multiples(Fr.random(1 << 10, seed=1), form="montgomery")
bases = np.tile(few, (n >> 10, 1, 1))
# Short scalars, which are soon summed and take as much memory as others.
scalars = np.zeros((n, 4), np.uint64)
scalars[:, 0] = np.arange(n) % 251
if call == "msm":
    msm = MSM(bases, form="montgomery", device="cpu", check=False)
    del bases
    run = lambda: msm(scalars)
elif call == "ntt":
    plan = zkiln.NTT(log_n)
    run = lambda: plan(scalars, out=scalars, output_order="bit_reversed")
elif call == "plan":
    run = lambda: MSM(bases, form="montgomery", device="cpu", check=False)
kept = [run()]  # what is allocated once
reset()
before = status("VmRSS")
kept.append(run())
print(json.dumps({"peak": status("VmHWM") - before, "array": scalars.nbytes, "bases": 64 * n}))
"""


@pytest.mark.skipif(not os.access("/proc/self/clear_refs", os.W_OK), reason="Linux counts memory here")
def test_nothing_is_copied():
    """The process' peak around a transform in place, and around a plan, which is the bases once and no more."""

    def peak(call, program=PEAK):
        # Whatever is large goes back to the system when it is freed, and cannot hide what comes after it.
        return json.loads(run(program, 18, call, MALLOC_MMAP_THRESHOLD_="262144"))

    ntt = peak("ntt")
    assert ntt["peak"] < ntt["array"] / 4, ntt
    plan = peak("plan")
    assert plan["peak"] < 1.25 * plan["bases"], plan
    # A sum's own working memory depends on the number of scalars; a copy of them is added to it.
    msm, copied = peak("msm"), peak("msm", PEAK.replace("msm(scalars)", "msm(scalars.copy())"))
    assert msm["peak"] < copied["peak"] - msm["array"] / 2, (msm, copied)
