"""python -m wasm_weld ARGUMENTS..."""

from . import main

main()
