"""weld, a linker for WebAssembly objects and archives: its program for WASI, run by wasmtime."""

import os
import sys
from importlib.resources import as_file, files

from wasmtime import Config, Engine, ExitTrap, Linker, Module, Store, Trap, WasiConfig, WasmtimeError

__all__ = ["run"]


def _engine():
    config = Config()
    try:
        config.cache = True  # compiling the program takes seconds, and is done once for each user
    except WasmtimeError:
        pass  # no folder to keep it in
    return Engine(config)


def _execute(linker, module, store, wasi):
    """The exit code of the program. A crash is a Trap."""
    store.set_wasi(wasi)
    try:
        linker.instantiate(store, module).exports(store)["_start"](store)
        return 0
    except ExitTrap as end:
        return end.code
    finally:
        store.close()


def run(arguments, program="weld"):
    """Runs weld with arguments, a list of strings, in the current folder. Returns the exit code.

    Paths are those of this computer. `program` is the name under which weld is called: as "wasm-ld", it has the
    defaults and messages of LLD 19. Text goes to the process's own streams.
    """
    wasi = WasiConfig()
    wasi.argv = [program, *arguments]
    wasi.inherit_stdin()
    wasi.inherit_stdout()
    wasi.inherit_stderr()
    folder = os.getcwd()
    if os.path.sep == "/":
        wasi.env = list({**os.environ, "PWD": folder}.items())
        wasi.preopen_dir("/", "/")
    else:
        wasi.inherit_env()
        wasi.preopen_dir(folder, ".")
    engine = _engine()
    linker = Linker(engine)
    linker.define_wasi()
    with as_file(files(__name__) / "weld.wasm") as path:
        module = Module.from_file(engine, str(path))
    sys.stdout.flush()
    sys.stderr.flush()
    try:
        return _execute(linker, module, Store(engine), wasi)
    except Trap as trap:
        print(f"{program}: error: internal: {trap}", file=sys.stderr)
        return 1


def main():
    """The command `wasm-weld`."""
    sys.exit(run(sys.argv[1:]))
