// What no linker can be faster than.
//   floor files OUTPUT SIZE FILES...  reads all files, and writes a file of SIZE bytes
//   floor memory SIZE                 copies SIZE bytes in memory once, and prints how many nanoseconds that took
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static char buffer[1 << 20];

static int read_file(const char *name) {
  int file = open(name, O_RDONLY);
  ssize_t n = 1;
  while (file >= 0 && n > 0) n = read(file, buffer, sizeof buffer);
  if (file < 0 || n < 0) return perror(name), 1;
  close(file);
  return 0;
}

static int write_file(const char *name, size_t size) {
  int file = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0777);
  for (size_t n; file >= 0 && size > 0; size -= n) {
    n = size < sizeof buffer ? size : sizeof buffer;
    if (write(file, buffer, n) != (ssize_t)n) return perror(name), 1;
  }
  return file < 0 || close(file) != 0;
}

static int copy_memory(size_t size) {
  char *from = malloc(size), *to = malloc(size);
  if (!from || !to) return 1;
  memset(from, 1, size); // what was never touched is not there yet
  memset(to, 2, size);
  struct timespec begin, end;
  clock_gettime(CLOCK_MONOTONIC, &begin);
  memcpy(to, from, size);
  clock_gettime(CLOCK_MONOTONIC, &end);
  printf("%lld\n", (end.tv_sec - begin.tv_sec) * 1000000000ll + (end.tv_nsec - begin.tv_nsec));
  return to[size / 2] != 1; // and so that the copy is made
}

int main(int argc, char **argv) {
  if (argc == 3 && strcmp(argv[1], "memory") == 0) return copy_memory(strtoull(argv[2], NULL, 10));
  if (argc < 4 || strcmp(argv[1], "files") != 0) return 2;
  for (int i = 4; i < argc; ++i)
    if (read_file(argv[i]) != 0) return 1;
  return write_file(argv[2], strtoull(argv[3], NULL, 10));
}
