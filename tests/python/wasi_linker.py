"""Links with weld's program for WASI, run by wasmtime: python wasi_linker.py WELD.WASM

Each line of the standard input is a link: {"argv": [...], "cwd": "..."}. Each line of the output says what came of it:
{"code": 0, "stdout": "...", "stderr": "..."}.
"""

import json
import os
import sys
import tempfile

from wasmtime import Config, Engine, Linker, Module, Store, Trap, WasiConfig

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../../core/tool/python"))
from wasm_weld import _execute  # noqa: E402

config = Config()
config.cache = True
engine = Engine(config)
module = Module.from_file(engine, sys.argv[1])
linker = Linker(engine)
linker.define_wasi()

with tempfile.TemporaryDirectory() as folder:
    streams = [os.path.join(folder, name) for name in ("stdout", "stderr")]

    def link(argv, cwd):
        wasi = WasiConfig()
        wasi.argv = argv
        wasi.env = [("PWD", cwd)]
        wasi.preopen_dir("/", "/")
        wasi.stdout_file, wasi.stderr_file = streams
        try:
            return _execute(linker, module, Store(engine), wasi)
        except Trap as trap:
            return str(trap)

    for line in sys.stdin:
        job = json.loads(line)
        code = link(job["argv"], job["cwd"])
        stdout, stderr = (open(name, errors="replace").read() for name in streams)
        print(json.dumps({"code": code, "stdout": stdout, "stderr": stderr}), flush=True)
