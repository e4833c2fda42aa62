// What programs that wait call in each component: the canonical ABI of the component model.
#include <stdint.h>
#define EXPORT(name) __attribute__((export_name(name)))
#define IMPORT(module, name) __attribute__((import_module(module), import_name(name)))
IMPORT("$root", "[waitable-set-new]") uint32_t waitable_set_new(void);
IMPORT("$root", "[waitable-join]") void waitable_join(uint32_t waitable, uint32_t set);
IMPORT("$root", "[subtask-drop]") void subtask_drop(uint32_t subtask);
enum { blocked = 0xffffffff };
enum {
  returned = 2
}; // the state of a subtask, in the lowest four bits of what its call gives; the others are its handle
enum { event_subtask = 1, event_stream_write = 3, event_future_read = 4 };
enum { done = 0 };

// What a function returns that waits for one thing, and is called back then.
static uint32_t wait_for(uint32_t waitable) {
  static uint32_t set;
  if (!set) set = waitable_set_new();
  waitable_join(waitable, set);
  return 2 | set << 4;
}
static void end_of_subtask(uint32_t subtask) {
  waitable_join(subtask, 0);
  subtask_drop(subtask);
}
