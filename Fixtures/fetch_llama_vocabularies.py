"""What Fixtures/fetch-llama-vocabularies.sh does; its head says how it is called. Python 3.8 or later, and pip."""

import os
import shutil
import sys
import tarfile
from pathlib import Path

from fetch_model import FOLDER, download, fail, run, say, sha256

PACKAGE = "llama-cpp-python==0.3.36"
SHA256 = "832db0699007f1be95a7e41ef12e88926b02ba836461e36a36372db2760c1a2e"
MODELS = "llama_cpp_python-0.3.36/vendor/llama.cpp/models/"
LICENCE = "llama_cpp_python-0.3.36/vendor/llama.cpp/LICENSE"
# The list of each folder's files and their digests, written last: a folder without it is not whole.
SUMS = "SHA256SUMS"


def folder_of(member):
    """The folder that a member of the archive goes into; None for what is not wanted."""
    if member.startswith(MODELS + "ggml-vocab-"):
        return "vocabularies"
    if member.startswith(MODELS + "templates/") and member.endswith(".jinja"):
        return "templates"
    return None


def is_whole(folder):
    """Whether every file of a folder is what it was when it came."""
    try:
        lines = (folder / SUMS).read_text().splitlines()
        return bool(lines) and all(
            sha256(folder / name).hexdigest() == digest for digest, name in (line.split("  ", 1) for line in lines)
        )
    except (OSError, ValueError):
        return False


def extract(archive, work):
    """Writes the wanted files below `work`, each folder with the licence and the list of digests."""
    sums = {"vocabularies": [], "templates": []}
    for name in sums:
        (work / name).mkdir()
    with tarfile.open(archive, "r|gz") as members:
        for member in members:
            targets = list(sums) if member.name == LICENCE else [folder_of(member.name)]
            if targets == [None] or not member.isfile():
                continue
            content = members.extractfile(member).read()
            for folder in targets:
                path = work / folder / os.path.basename(member.name)
                path.write_bytes(content)
                sums[folder].append(f"{sha256(path).hexdigest()}  {path.name}\n")
    for folder, lines in sums.items():
        (work / folder / SUMS).write_text("".join(sorted(lines)))


def main(arguments):
    if any(argument.startswith("-") for argument in arguments) or len(arguments) > 1:
        fail("usage: fetch-llama-vocabularies.sh [ARCHIVE.tar.gz]", 64)
    targets = [FOLDER / "vocabularies", FOLDER / "templates"]
    if all(map(is_whole, targets)):
        return say(f"{targets[0]} and {targets[1]} are there and verified; nothing to do.")
    if arguments and not os.path.isfile(arguments[0]):
        fail(f"there is no file {arguments[0]}; pass the source archive of {PACKAGE}", 66)

    work = FOLDER / ".fetching-llama-vocabularies"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    try:
        if arguments:
            archive = Path(arguments[0])
        else:
            say(f"Downloading the source archive of {PACKAGE} (77 MB; MIT) …")
            archive = download(PACKAGE, work / "archive", "--no-binary=llama-cpp-python")
            if archive is None:
                say(
                    "error: the download failed; run this again. Without a network, on a machine that has one, run",
                    f"    python3 -m pip download --no-deps --no-binary=llama-cpp-python {PACKAGE}",
                    "then bring the .tar.gz file here and run",
                    "    Fixtures/fetch-llama-vocabularies.sh path/to/the.tar.gz",
                )
                sys.exit(1)
        if sha256(archive).hexdigest() != SHA256:
            fail(f"{archive} is not the source archive of {PACKAGE} (its SHA-256 differs); fetch it again")
        say("Unpacking …")
        extract(archive, work)
        for target in targets:
            shutil.rmtree(target, ignore_errors=True)
            os.replace(work / target.name, target)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    for target in targets:
        say(f"{target} is ready: {len(list(target.iterdir())) - 2} files.")
    say("They are llama.cpp's (MIT); a vocabulary's and a template's own terms are those of its model.")
    return None


if __name__ == "__main__":
    run(main, "nothing was kept; run it again to start over")
