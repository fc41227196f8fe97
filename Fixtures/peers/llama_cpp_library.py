"""llama.cpp's bindings with one of its builds.

Both are in the folder llama.cpp beside this Python's own (Fixtures/venv/llama.cpp, where install.sh puts them), or in the
one that HEADSTEER_BENCH_LLAMA_CPP names: source/ is llama-cpp-python's, native/ and without-amx/ hold libraries.
"""

import ctypes
import os
import sys

folder = os.environ.get("HEADSTEER_BENCH_LLAMA_CPP") or os.path.join(sys.prefix, "llama.cpp")
builds = ["native", "without-amx"]


def bindings(build: str):
    """The module llama_cpp.llama_cpp, its library loaded, and its package's version; llama.cpp's log goes nowhere."""
    library = os.path.join(folder, build)
    if not os.path.isdir(library):
        raise SystemExit(f"there is no {library}")
    # They load the library when they are imported.
    os.environ["LLAMA_CPP_LIB_PATH"] = library
    sys.path.insert(0, os.path.join(folder, "source"))
    import llama_cpp
    from llama_cpp import llama_cpp as c

    silent = c.llama_log_callback(lambda level, text, data: None)
    c.llama_log_set(silent, ctypes.c_void_p(0))
    # Kept alive as long as the library may call it.
    c.headsteer_silent = silent
    c.llama_backend_init()
    return c, llama_cpp.__version__
