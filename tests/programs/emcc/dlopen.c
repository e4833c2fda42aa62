#include <dlfcn.h>
#include <stdio.h>

int main_number = 100;
int main_function(int x) { return x * 2; }

int main(int argc, char **argv) {
  void *library = dlopen("side.wasm", RTLD_NOW);
  if (!library) {
    puts(dlerror());
    return 1;
  }
  int (*function)(int) = (int (*)(int))dlsym(library, "side_function");
  int *number = dlsym(library, "side_number");
  printf("%d ", function(2));
  printf("%d\n", *number);
  return 0;
}
