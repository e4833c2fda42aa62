#include "core/link/explain/explain_undefined.h"

#include "core/base/near_name.h"

#include <algorithm>
#include <utility>

namespace weld {

namespace {

struct KnownNames {
  std::string_view names; // between blanks; with a `*` at the end: what begins so
  std::string_view remedy;
  std::string_view library = {}; // the file that defines all of them; empty: none does for sure
};

constexpr std::string_view exception_names =
    "__cxa_throw __cxa_rethrow __cxa_allocate_exception __cxa_free_exception __cxa_begin_catch "
    "__cxa_end_catch "
    "__cxa_get_exception_ptr __cxa_current_exception_type __cxa_call_unexpected __gxx_personality_* "
    "__cpp_exception _Unwind_* __wasm_lpad_context __gxx_wasm_personality_v0";
constexpr std::string_view emscripten_exception_names =
    "invoke_* __cxa_find_matching_catch* __resumeException getTempRet0 setTempRet0 llvm_eh_typeid_for";

// Whose names these are, and how they get into a link. The first row that fits counts. The names of the
// mathematics library also stand for those with an `f` or an `l` behind them.
constexpr KnownNames known_names[] = {
    {"acos acosh asin asinh atan atan2 atanh cbrt ceil copysign cos cosh erf erfc exp exp10 exp2 expm1 fabs "
     "fdim "
     "floor fma fmax fmin fmod frexp hypot ilogb ldexp lgamma llrint llround log log10 log1p log2 logb lrint "
     "lround modf nearbyint pow remainder rint round scalbln scalbn sin sincos sinh sqrt tan tanh tgamma "
     "trunc",
     "it looks like libm: add -lm (wasi-libc has it in -lc)"},
    {exception_names,
     "compile with -fno-exceptions, or with -fwasm-exceptions and link a libc++abi and a libunwind "
     "that were built so: -lc++abi -lunwind"},
    {emscripten_exception_names,
     "it was compiled with Emscripten's -fexceptions, which need its JavaScript: link "
     "with emcc, or compile with -fwasm-exceptions"},
    {"setjmp longjmp _setjmp _longjmp sigsetjmp siglongjmp __wasm_setjmp __wasm_setjmp_test __wasm_longjmp "
     "saveSetjmp testSetjmp __c_longjmp emscripten_longjmp",
     "setjmp needs WebAssembly's exceptions: compile with -mllvm -wasm-enable-sjlj and add -lsetjmp"},
    {"_Znwm _Znam _Znwj _Znaj _ZdlPv* _ZdaPv* _ZnwmSt* _ZnwjSt* _ZnamSt* _ZnajSt* __cxa_pure_virtual "
     "_ZTIi _ZTIj _ZTIl _ZTIm _ZTIx _ZTIc _ZTIb _ZTId _ZTIf _ZTIv _ZTIPc _ZTIPKc _ZTIPv "
     "__cxa_deleted_virtual __cxa_guard_* __cxa_demangle __dynamic_cast __cxa_bad_* _ZTVN10__cxxabiv1*",
     "it looks like libc++abi: add -lc++ -lc++abi, or link with clang++", "libc++abi.a"},
    {"_ZNSt* _ZNKSt* _ZSt* _ZTVNSt* _ZTINSt* _ZTTNSt* _ZTVSt* _ZTISt*",
     "it looks like libc++: add -lc++ -lc++abi, or link with clang++", "libc++.a"},
    {"__multi3 __divti3 __udivti3 __modti3 __umodti3 __ashlti3 __lshrti3 __ashrti3 __negti2 __muloti4 "
     "__mulodi4 "
     "__addtf3 __subtf3 __multf3 __divtf3 __negtf2 __eqtf2 __netf2 __lttf2 __letf2 __gttf2 __getf2 "
     "__unordtf2 "
     "__cmpti2 __ucmpti2 __clzti2 __ctzti2 __popcount* __parity* __extend* __trunc* __fix* __float* __powi* "
     "__muldc3 __mulsc3 __multc3 __divdc3 __divsc3 __divtc3",
     "it looks like compiler-rt: link libclang_rt.builtins-wasm32.a, or link with clang"},
    {"__wasi_* __imported_wasi_*", "it looks like WASI: add -lc of wasi-libc, which imports it from the host",
     "libc.a"},
    {"getpid", "wasi-libc has it apart: compile with -D_WASI_EMULATED_GETPID and add -lwasi-emulated-getpid"},
    {"mmap munmap mprotect madvise msync",
     "wasi-libc has it apart: compile with -D_WASI_EMULATED_MMAN and add -lwasi-emulated-mman"},
    {"signal raise sigaction psignal strsignal bsd_signal",
     "wasi-libc has it apart: compile with -D_WASI_EMULATED_SIGNAL and add -lwasi-emulated-signal"},
    {"clock times getrusage", "wasi-libc has it apart: compile with -D_WASI_EMULATED_PROCESS_CLOCKS and add "
                              "-lwasi-emulated-process-clocks"},
    {"pthread_* sem_* thrd_* mtx_* cnd_* __wasi_thread_start wasi_thread_start",
     "threads need a libc that has them: compile for wasm32-wasi-threads with -pthread"},
    {"emscripten_* _emscripten_* __emscripten_* _embind_* _emval_* emval_* __syscall_* _tzset_js "
     "_localtime_js "
     "_mktime_js __assert_fail_js",
     "it looks like Emscripten's runtime, which is JavaScript: link with emcc"},
    {"__rust_* _RN* rust_* __rg_* __rdl_* __rustc*",
     "it looks like Rust's runtime, which rustc adds: link with rustc, or build a staticlib"},
    {"__asan_* __ubsan_* __tsan_* __msan_* __hwasan_* __sanitizer_* __lsan_*",
     "compile without -fsanitize, or link the sanitizer's runtime"},
    {"__llvm_profile_* __gcov_* __llvm_gcov_* llvm_gcda_*",
     "compile without profiling or coverage, or link libclang_rt.profile"},
    {"__stack_chk_fail __stack_chk_guard", "compile with -fno-stack-protector"},
    {"memcpy memmove memset memcmp strlen malloc calloc realloc free abort exit printf puts putchar fprintf "
     "sprintf "
     "snprintf vprintf vsnprintf fwrite fputs fputc fopen fclose fread fgets getenv atoi atof strtol strtod "
     "strcmp "
     "strncmp strcpy strncpy strcat strchr strrchr strstr strdup qsort bsearch rand srand time errno stdout "
     "stderr "
     "stdin write read open close __assert_fail __cxa_atexit atexit __main_void __original_main "
     "__wasm_call_dtors iswspace",
     "it looks like the C library: add -lc, with -L for where it is", "libc.a"},
};

bool is_among(std::string_view name, std::string_view names) {
  for (size_t at = 0; at < names.size();) {
    size_t end = std::min(names.find(' ', at), names.size());
    std::string_view known = names.substr(at, end - at);
    if (known.ends_with('*') ? name.starts_with(known.substr(0, known.size() - 1)) : name == known)
      return true;
    at = end + 1;
  }
  return false;
}

const KnownNames* find_known(std::string_view name) {
  for (const KnownNames& known : known_names) {
    if (is_among(name, known.names)) return &known;
    bool has_suffix = name.size() > 3 && (name.ends_with('f') || name.ends_with('l'));
    if (&known == known_names && has_suffix && is_among(name.substr(0, name.size() - 1), known.names))
      return &known;
  }
  return nullptr;
}

bool is_mangled(std::string_view name) {
  return name.starts_with("_Z");
}

// `ns::f` of `ns::f(int)`: what is before the parameters of a function.
std::string_view without_parameters(std::string_view shown) {
  size_t paren = shown.find('(');
  return paren == 0 ? shown : shown.substr(0, paren);
}

class Explanation {
public:
  Explanation(const Resolved& link, SymbolId id, Diagnostic& diagnostic)
      : link_(link), symbol_(link.symbols[id]), name_(link.name_of(id)),
        shown_(display_name(name_, Demangling::Llvm22)), diagnostic_(diagnostic) {}

  void run() {
    if (!other_main(name_).empty()) return explain_main();
    for (std::string_view prefix : {"__start_", "__stop_"})
      if (name_.starts_with(prefix) && name_.size() > prefix.size())
        return say(
            "the linker defines it where live data is in a segment called `$0`, and there is none: put data "
            "there, with __attribute__((used, section(\"$0\"))), or declare the name weak",
            name_.substr(prefix.size()));
    StringId env = link_.store.strings.find(default_module);
    const bool has_module = symbol_.import_module && symbol_.import_module != env;
    if (has_module)
      say("import_module alone does not make a symbol an import: give it an import_name as well");
    size_t before = diagnostic_.notes.size();
    find_local();
    if (const KnownNames* known = find_known(name_)) explain_known(*known);
    else find_alike();
    if (diagnostic_.notes.size() == before && !has_module) say_import();
  }

private:
  // Not inlined: the size of this file is in these calls.
  [[gnu::noinline]] void say(std::string_view note, std::string_view a = {}, std::string_view b = {}) {
    diagnostic_.note(note, {a, b});
  }
  [[gnu::noinline]] void say_place(std::string_view note, std::string_view name, SymbolId id) {
    say(note, name, link_.file_of(link_.symbols[id]));
  }

  // To add a library helps only where it is not there.
  void explain_known(const KnownNames& known) {
    for (InputId id : link_.store.order()) {
      const std::string& path = link_.store.inputs[id].path;
      if (known.library.empty() || std::string_view(path).substr(path.rfind('/') + 1) != known.library)
        continue;
      return say(
          "$0 is linked and does not define it: it does not fit $1, which is made for another version of "
          "that library; link two that belong together",
          path, display_file(diagnostic_.location));
    }
    say(known.remedy);
  }

  // What clang calls main depends on its parameters, and the C library looks for one of the names.
  void explain_main() {
    const bool is_plain = name_ == "main";
    say("its name in the object is `$0`, which clang gives to $1", name_,
        is_plain ? "`main(void)`" : "`main(int, char **)`");
    std::string_view other = other_main(name_);
    // wasi-libc has the one in an object that calls the other.
    if (SymbolId id = link_.find(other); id && is_defined(id) && link_.symbols[id].object != symbol_.object)
      say_place(
          "`$0` is defined in $1: another compiler made it, or the C library is older or newer than the "
          "compiler expects",
          other, id);
    else say(main_advice);
  }

  // A static function or variable of the same name.
  void find_local() {
    for (LinkObjectId id : link_.object_order) {
      const LinkObject& o = link_.objects[id];
      for (const SymbolRow& row : o.object.symbols())
        if (row.is_local() && !row.is_undefined() && row.kind != SymbolKind::Section &&
            o.text(row.encoded_name) == name_)
          return say("`$0` is defined in $1, but for that file only: is it `static`?", shown_,
                     link_.file_of(id));
    }
  }

  bool is_defined(SymbolId id) const {
    const Symbol& s = link_.symbols[id];
    return (s.is_defined() && !s.is_trap) || s.is_lazy();
  }

  // Names that differ in a letter or two, in the language, or in the parameters.
  void find_alike() {
    std::string_view base = without_parameters(shown_);
    if (is_mangled(name_))
      if (SymbolId plain = link_.find(base); plain && is_defined(plain))
        say_place("`$0` is defined in $1, as C: declare it `extern \"C\"` where it is used", base, plain);

    // As mangled names have it: `3foo`.
    std::string_view last = base.substr(base.rfind(':') + 1);
    const std::string component = std::to_string(last.size()).append(last);
    const size_t limit = near_distance(name_);
    constexpr uint32_t most = 3;
    uint32_t overloads = 0;
    SymbolId near[most]; // by distance
    size_t distances[most] = {~size_t{0}, ~size_t{0}, ~size_t{0}};
    for (SymbolId id : link_.symbol_order) {
      std::string_view other = link_.name_of(id);
      if (!is_defined(id) || other == name_) continue;
      if (is_mangled(other) && other.find(component) != other.npos && overloads < most) {
        std::string shown = display_name(other, Demangling::Llvm22);
        if (shown != shown_ && without_parameters(shown) == base) {
          say_place(is_mangled(name_) ? "`$0` is defined in $1: its parameters are others"
                                      : "`$0` is defined in $1, as C++: declare it `extern \"C\"` there",
                    shown, id);
          overloads++;
          continue;
        }
      }
      size_t distance = limit ? edit_distance(name_, other, limit) : limit + 1;
      if (distance > limit) continue;
      for (uint32_t i = 0; i < most; i++)
        if (distance < distances[i]) {
          std::swap(distance, distances[i]);
          std::swap(id, near[i]);
        }
    }
    for (SymbolId id : near)
      if (id)
        say_place("did you mean `$0`, which is defined in $1?",
                  display_name(link_.name_of(id), Demangling::Llvm22), id);
  }

  void say_import() {
    say("add the object or library that defines it");
    if (symbol_.kind == SymbolKind::Function && !is_mangled(name_))
      say("if the host is to provide it, declare it with __attribute__((import_module(\"env\"), "
          "import_name(\"$0\"))), "
          "or link with --allow-undefined-symbol=$0",
          name_);
  }

  const Resolved& link_;
  const Symbol& symbol_;
  std::string_view name_;
  std::string shown_;
  Diagnostic& diagnostic_;
};

} // namespace

bool is_exception_runtime(std::string_view name) {
  return is_among(name, exception_names) || is_among(name, emscripten_exception_names);
}

void explain_undefined(const Resolved& link, SymbolId id, Diagnostic& diagnostic) {
  Explanation(link, id, diagnostic).run();
}

} // namespace weld
