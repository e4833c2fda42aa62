// Of waits.wit: adds what `later` gives of each number up to n.
#include "asynchronous.h"
IMPORT("[export]$root", "[task-return]run") void task_return(uint32_t);
IMPORT("$root", "[async-lower]later") uint32_t later(uint32_t x, uint32_t *result);
static uint32_t result, left, sum;
static uint32_t go_on(void) {
  while (left) {
    const uint32_t status = later(left--, &result);
    if ((status & 15) != returned) return wait_for(status >> 4);
    sum += result;
  }
  task_return(sum);
  return done;
}
EXPORT("[async-lift]run") uint32_t run(uint32_t n) {
  left = n;
  sum = 0;
  return go_on();
}
EXPORT("[callback][async-lift]run") uint32_t run_again(uint32_t event, uint32_t waitable, uint32_t state) {
  if (event != event_subtask || state != returned) __builtin_trap();
  sum += result;
  end_of_subtask(waitable);
  return go_on();
}
