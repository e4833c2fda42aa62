// As much of a C++ run-time library as `throw` and `catch (...)` need. It has no RTTI of its own.
extern "C" {
alignas(16) static char exception[64];

struct {
  int landing_pad_index, language_specific_data, selector;
} __wasm_lpad_context;

void* _ZTIi[2]; // typeinfo for int

void* __cxa_allocate_exception(unsigned long) {
  return exception;
}
[[noreturn]] void __cxa_throw(void* thrown, void*, void (*)(void*)) {
  __builtin_wasm_throw(0, thrown);
}
void* __cxa_begin_catch(void* caught) {
  return caught;
}
void __cxa_end_catch() {}
[[noreturn]] void __cxa_rethrow() {
  __builtin_wasm_throw(0, exception);
}
int _Unwind_CallPersonality(void*) {
  __wasm_lpad_context.selector = 1;
  return 0;
}
int __gxx_wasm_personality_v0() {
  return 0;
}
[[noreturn]] void _ZSt9terminatev() {
  __builtin_trap();
}
}
