// Places the stack, the data segments and the heap, and sizes the memory.
//
//   stack last : [0 .. global base) unused | segments | stack | heap ...
//   stack first: stack | segments | heap ...
//
// With the stack first an overflow traps at address 0 instead of overwriting data, but every address is
// larger.
#include "core/link/layout/layout.h"
#include "core/link/resolve/late_names.h"

#include <algorithm>

namespace weld {

namespace {

constexpr uint64_t stack_alignment = 16;
constexpr uint64_t heap_alignment = 16;
// Beyond every memory: more than this is refused all the same, and sums of such numbers do not wrap.
constexpr uint64_t too_far = uint64_t{1} << 40;

class MemoryLayout {
public:
  MemoryLayout(const Marked& link, LateNames& names, Layout& layout)
      : link_(link), options_(link.options), names_(names), layout_(layout) {}

  void run() {
    if (options_.stack_comes_first()) {
      place_stack();
      if (options_.global_base) {
        if (options_.global_base < end_) {
          link_.diagnostics().report(DiagnosticId::global_base_in_stack);
          return;
        }
        end_ = std::min(options_.global_base, too_far);
      }
    } else {
      end_ = std::min(options_.global_base, too_far);
    }
    say("mem: global base = ", end_);
    set_address(link_.known.global_base, end_);
    set_address(link_.known.dso_handle, end_);
    place_segments();
    if (!options_.stack_comes_first()) {
      place_stack();
      if (layout_.static_data_size && !options_.relocatable && !options_.is_pic())
        link_.diagnostics()
            .report(DiagnosticId::stack_after_data, {options_.stack_size, layout_.static_data_size})
            .note("pass --stack-first, so that it ends at address 0 and an overflow traps");
    }
    if (options_.is_live()) {
      end_ = align_to(end_, heap_alignment);
      say("mem: room for patches = ", end_);
      layout_.live_room = end_;
      end_ += std::min(options_.live_room, too_far);
    }
    if (link_.known.heap_base) {
      end_ = align_to(end_, heap_alignment);
      say("mem: heap base   = ", end_);
      set_address(link_.known.heap_base, end_);
    }
    size_memory();
  }

private:
  void say(const std::string& text, uint64_t value) {
    if (options_.verbose) link_.diagnostics().report(DiagnosticId::verbose, {text + std::to_string(value)});
  }
  uint64_t& place_of(SymbolId id) {
    if (layout_.places.size() < link_.initial_places.size())
      layout_.places.resize(link_.initial_places.size());
    return layout_.places[link_.symbols[id].place];
  }
  void set_address(SymbolId id, uint64_t address) {
    if (id) place_of(id) = address;
  }
  void set_global(SymbolId id, uint64_t value) {
    if (id) layout_.global_values[link_.symbols[id].global().synthetic()] = value;
  }

  void place_stack() {
    if (options_.relocatable || options_.is_pic()) return;
    end_ = align_to(end_, stack_alignment);
    set_address(link_.known.stack_low, end_);
    if (options_.stack_size % stack_alignment) link_.diagnostics().report(DiagnosticId::stack_size_alignment);
    say("mem: stack size  = ", options_.stack_size);
    say("mem: stack base  = ", end_);
    end_ += std::min(options_.stack_size, too_far);
    set_global(link_.known.stack_pointer, end_);
    set_address(link_.known.stack_high, end_);
    say("mem: stack top   = ", end_);
  }

  void say_segment(std::string_view name, uint64_t size, uint32_t align) {
    if (!options_.verbose) return;
    auto column = [](std::string text, size_t width) {
      if (text.size() < width) text.append(width - text.size(), ' ');
      return text;
    };
    say("mem: " + column(std::string(name), 15) + " offset=" + column(std::to_string(end_), 8) +
            " size=" + column(std::to_string(size), 8) + " align=",
        align);
  }

  void place_segments() {
    uint64_t begin = end_;
    set_global(link_.known.table_base_global, options_.table_base);
    // Where nothing is thread-local, a pointer to the thread's block is still not null.
    if (options_.after_lld_22() && !options_.shared_memory &&
        !(options_.cooperative_threading && options_.is_pic()))
      set_global(link_.known.tls_base, end_);
    bool has_rodata = false;
    for (OutSegment& segment : layout_.segments) {
      layout_.data_p2align = std::max(layout_.data_p2align, segment.p2align);
      end_ = align_to(end_, uint64_t{1} << segment.p2align);
      segment.address = end_;
      if (link_.text(segment.name).starts_with(".rodata")) {
        if (!has_rodata) set_address(link_.known.rodata_start, end_);
        has_rodata = true;
        set_address(link_.known.rodata_end, end_ + segment.size);
      }
      say_segment(link_.store.strings.text(segment.name), segment.size, segment.p2align);
      if (!options_.relocatable && segment.is_tls) {
        set_global(link_.known.tls_size, segment.size);
        set_global(link_.known.tls_align, uint64_t{1} << segment.p2align);
        // Else a function sets it, when the memory is initialized.
        if (!options_.shared_memory && !(options_.cooperative_threading && options_.is_pic()))
          set_global(link_.known.tls_base, end_);
      }
      end_ += segment.size;
    }
    // The flag by which threads agree who initializes the memory.
    if (options_.shared_memory && !layout_.segments.empty()) {
      end_ = align_to(end_, 4);
      layout_.init_memory_flag = names_.add_data("__wasm_init_memory_flag");
      set_address(layout_.init_memory_flag, end_);
      say_segment("__wasm_init_memory_flag", 4, 4);
      end_ += 4;
    }
    set_address(link_.known.data_end, end_);
    layout_.static_data_size = end_ - begin;
    say("mem: static data = ", end_ - begin);
  }

  // `what`: its name in messages; `option`: how it is set. Reports unless `value` is a multiple of a page.
  void check_pages(const char* what, const char* option, uint64_t value) {
    if (value % options_.page_size == 0) return;
    std::string size = std::to_string(options_.page_size);
    bool old = options_.like_lld_19();
    link_.diagnostics()
        .report(DiagnosticId::memory_alignment,
                {what, old ? size + "-byte aligned" : "aligned to the page size (" + size + " bytes)"})
        .note("pass $0$1, the next multiple", {option, align_to(value, options_.page_size)});
  }
  void check_fits(const char* what, const char* option, uint64_t value, uint64_t needed, uint64_t limit) {
    if (needed > value) {
      link_.diagnostics()
          .report(DiagnosticId::memory_too_small, {what, needed})
          .note("data takes $0 bytes, the stack $1, the heap at the start $2",
                {layout_.static_data_size, options_.is_pic() ? 0 : options_.stack_size, options_.initial_heap})
          .note("pass $0$1 or more, in whole pages of $2 bytes",
                {option, align_to(needed, options_.page_size), options_.page_size});
    }
    if (value > limit) link_.diagnostics().report(DiagnosticId::memory_too_large, {what, limit});
  }

  void size_memory() {
    uint64_t page = options_.page_size;
    // A number of pages has 32 bits, so the last of 4 GiB cannot be had byte by byte.
    uint64_t limit = link_.is_64 ? uint64_t{1} << 34 : (uint64_t{1} << 32) - (page == 1);
    if (end_ > limit) {
      link_.diagnostics().report(DiagnosticId::memory_too_large, {"static data and stack", limit});
      return;
    }
    if (options_.initial_heap) {
      check_pages("initial heap", "--initial-heap=", options_.initial_heap);
      if (options_.initial_heap > limit - end_)
        link_.diagnostics().report(DiagnosticId::memory_too_large, {"initial heap", limit - end_});
      end_ += options_.initial_heap;
    }
    if (options_.initial_memory) {
      check_pages("initial memory", "--initial-memory=", options_.initial_memory);
      check_fits("initial memory", "--initial-memory=", options_.initial_memory, end_, limit);
      end_ = options_.initial_memory;
    }
    end_ = align_to(end_, page);
    layout_.memory_pages = end_ / page;
    say("mem: total pages = ", layout_.memory_pages);
    if (link_.known.heap_end) say("mem: heap end    = ", end_);
    set_address(link_.known.heap_end, end_);

    uint64_t maximum = 0;
    if (options_.max_memory) {
      check_pages("maximum memory", "--max-memory=", options_.max_memory);
      check_fits("maximum memory", "--max-memory=", options_.max_memory, end_, limit);
      maximum = options_.max_memory;
    } else if (options_.no_growable_memory) {
      maximum = end_;
    }
    // A shared memory must have a maximum.
    if (options_.shared_memory && !maximum) maximum = options_.is_pic() ? limit : end_;
    layout_.max_memory_pages = maximum / page;
    if (maximum) say("mem: max pages   = ", layout_.max_memory_pages);
  }

  const Marked& link_;
  const Options& options_;
  LateNames& names_;
  Layout& layout_;
  uint64_t end_ = 0; // of what is placed so far
};

} // namespace

void layout_memory(const Marked& link, LateNames& names, Layout& layout) {
  layout.places = link.initial_places;
  layout.global_values.resize(link.synthetic_globals.size());
  MemoryLayout(link, names, layout).run();

  // A program can walk the records that its objects put into a section of a C-like name.
  if (!link.options.relocatable)
    for (const OutSegment& segment : layout.segments) {
      std::string name(link.text(segment.name));
      if (!is_c_identifier(name)) continue;
      auto define = [&](const char* prefix, uint64_t address) {
        const SymbolId id = names.add_optional_data(prefix + name);
        if (!id) return;
        layout.places.resize(link.initial_places.size());
        layout.places[link.symbols[id].place] = address;
      };
      define("__start_", segment.address);
      define("__stop_", segment.address + segment.size);
    }

  for (const std::string& name : link.options.exports) {
    SymbolId id = link.find(name);
    // The linker's table is there only when live code mentions it.
    const bool is_table = id && link.symbols[id].kind == SymbolKind::Table;
    if (id && link.symbols[id].is_defined() && (!is_table || link.is_live(id))) continue;
    if (link.options.unresolved != UnresolvedPolicy::Error && link.options.unresolved != UnresolvedPolicy::Warn)
      continue;
    Diagnostic& d = link.diagnostics().report_as(
        link.options.unresolved == UnresolvedPolicy::Error ? Severity::Error : Severity::Warning,
        DiagnosticId::export_not_found, {name});
    const std::string_view other = other_main(name);
    if (SymbolId main = link.find(other); main && link.symbols[main].is_defined())
      d.note(
          "clang calls `main` with parameters `__main_argc_argv`, and without them `main`: pass --export=$0",
          {other});
  }
}

} // namespace weld
