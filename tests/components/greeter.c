#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#define EXPORT(name) __attribute__((export_name(name)))
#define IMPORT(module, name) __attribute__((import_module(module), import_name(name)))
typedef struct { char *text; size_t size; } string;
IMPORT("$root", "log") void host_log(const char *text, size_t size);
EXPORT("cabi_realloc") void *cabi_realloc(void *old, size_t old_size, size_t align, size_t size) {
  return size ? realloc(old, size) : (void *)align;
}
EXPORT("greet") string *greet(const char *name, size_t size, unsigned age) {
  static string result;
  host_log("greeting", 8);
  result.text = malloc(size + 64);
  result.size = (size_t)sprintf(result.text, "Hello %.*s, %u", (int)size, name, age);
  return &result;
}
EXPORT("cabi_post_greet") void after_greet(string *result) { free(result->text); }
typedef struct { unsigned next; } counter;
IMPORT("[export]test:greeter/counters", "[resource-new]counter") int new_handle(counter *);
EXPORT("test:greeter/counters#[constructor]counter") int make(unsigned start) {
  counter *made = malloc(sizeof *made);
  made->next = start;
  return new_handle(made);
}
EXPORT("test:greeter/counters#[method]counter.next") unsigned next(counter *self) { return self->next++; }
EXPORT("test:greeter/counters#[dtor]counter") void drop(counter *self) { free(self); }
