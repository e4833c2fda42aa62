// Of prints.wit: waits a millisecond, and prints through a stream.
#include "asynchronous.h"
#define STDOUT "wasi:cli/stdout@0.3.0"
IMPORT("[export]wasi:cli/run@0.3.0", "[task-return]run") void task_return(uint32_t is_error);
IMPORT("wasi:clocks/monotonic-clock@0.3.0", "[async-lower]wait-for") uint32_t sleep_for(uint64_t nanoseconds);
IMPORT(STDOUT, "write-via-stream") uint32_t write_via_stream(uint32_t stream);
IMPORT(STDOUT, "[stream-new-0]write-via-stream") uint64_t stream_new(void);
IMPORT(STDOUT, "[async-lower][stream-write-0]write-via-stream")
uint32_t stream_write(uint32_t stream, const char *bytes, uint32_t count);
IMPORT(STDOUT, "[stream-drop-writable-0]write-via-stream") void stream_drop_writable(uint32_t stream);
IMPORT(STDOUT, "[async-lower][future-read-1]write-via-stream") uint32_t future_read(uint32_t future, void *result);
IMPORT(STDOUT, "[future-drop-readable-1]write-via-stream") void future_drop_readable(uint32_t future);
static const char text[] = "hello from WASI 0.3\n";
static uint32_t stream, future, written;
static unsigned char result[2];
static uint32_t finish(void) {
  waitable_join(future, 0);
  future_drop_readable(future);
  task_return(result[0]);
  return done;
}
static uint32_t write_rest(void) {
  while (written < sizeof text - 1) {
    const uint32_t status = stream_write(stream, text + written, sizeof text - 1 - written);
    if (status == blocked) return wait_for(stream);
    written += status >> 4;
  }
  waitable_join(stream, 0);
  stream_drop_writable(stream);
  return future_read(future, result) == blocked ? wait_for(future) : finish();
}
static uint32_t begin(void) {
  const uint64_t ends = stream_new();
  stream = (uint32_t)(ends >> 32);
  future = write_via_stream((uint32_t)ends);
  return write_rest();
}
EXPORT("[async-lift]wasi:cli/run@0.3.0#run") uint32_t run(void) {
  const uint32_t status = sleep_for(1000000);
  return (status & 15) == returned ? begin() : wait_for(status >> 4);
}
EXPORT("[callback][async-lift]wasi:cli/run@0.3.0#run")
uint32_t run_again(uint32_t event, uint32_t waitable, uint32_t code) {
  switch (event) {
  case event_subtask:
    end_of_subtask(waitable);
    return begin();
  case event_stream_write:
    written += code >> 4;
    return write_rest();
  case event_future_read:
    return finish();
  }
  __builtin_trap();
}
