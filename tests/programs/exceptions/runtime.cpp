// As much of a C++ run-time library as `catch (...)` and `throw` need.
extern "C" {
alignas(16) static char exception[64];
static bool is_caught;

struct {
  int landing_pad_index, language_specific_data, selector;
} __wasm_lpad_context;

void *__cxa_allocate_exception(unsigned long) { return exception; }
void __cxa_free_exception(void *) {}
[[noreturn]] void __cxa_throw(void *thrown, void *, void (*)(void *)) {
  is_caught = false;
  __builtin_wasm_throw(0, thrown);
}
void *__cxa_begin_catch(void *caught) {
  is_caught = true;
  return caught;
}
void __cxa_end_catch() { is_caught = false; }
[[noreturn]] void __cxa_rethrow() { __builtin_wasm_throw(0, exception); }
int _Unwind_CallPersonality(void *) {
  __wasm_lpad_context.selector = 1;
  return 0;
}
int __gxx_wasm_personality_v0() { return 0; }
[[noreturn]] void _ZSt9terminatev() { __builtin_trap(); }
}
namespace __cxxabiv1 {
struct __fundamental_type_info {
  virtual ~__fundamental_type_info();
};
__fundamental_type_info::~__fundamental_type_info() {}
}
extern "C" void *_ZTIi[2] = {};
void operator delete(void *, unsigned long) noexcept {}
