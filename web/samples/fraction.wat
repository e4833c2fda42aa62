;; Calls gcd, which is in the other file: the linker puts them together. Run calls what is exported.
(module
  (import "env" "gcd" (func $gcd (param i32 i32) (result i32)))
  (func $reduced_top (export "reduced_top") (param $top i32) (param $bottom i32) (result i32)
    (i32.div_u (local.get $top) (call $gcd (local.get $top) (local.get $bottom))))
  (func $scaled (export "scaled") (param $top i64) (param $bottom i64) (result i64)
    (i64.div_s (i64.mul (local.get $top) (i64.const 1000000)) (local.get $bottom))))
