# Runs a component that is a command: python run_command.py COMPONENT ARGUMENT...
import sys

from wasmtime import Engine, Store, WasiConfig
from wasmtime.component import Component, Linker

engine = Engine()
store = Store(engine)
wasi = WasiConfig()
wasi.argv = sys.argv[1:]
wasi.inherit_stdout()
wasi.inherit_stderr()
store.set_wasi(wasi)
linker = Linker(engine)
linker.add_wasip2()
component = Component.from_file(engine, sys.argv[1])
instance = linker.instantiate(store, component)
exports = component.type.exports(engine)
name = next(name for name in exports if name.startswith("wasi:cli/run@"))
run = instance.get_func(store, instance.get_export_index(store, "run", instance.get_export_index(store, name)))
run(store)
