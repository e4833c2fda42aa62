// measure NAME PROGRAM ARGUMENTS...: runs a program under a name and prints, as the last line of its standard error, what
// it took: nanoseconds from before its start to after its end, the most memory it had, in KiB, its wait status, and the
// microseconds of CPU time that it and the processes that it waited for had.
//
// This process is small, so starting another one from it costs next to nothing, and the memory counted for the program
// (Linux carries a parent's over to a child) is its own.
#define _GNU_SOURCE
#include <spawn.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

extern char **environ;

static long long now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000000000ll + time.tv_nsec;
}

int main(int argc, char **argv) {
  if (argc < 3) return 2;
  const char *program = argv[2];
  argv[2] = argv[1]; // the program's own name for itself

  long long begin = now();
  pid_t child;
  if (posix_spawn(&child, program, NULL, NULL, argv + 2, environ) != 0) return 2;
  int status;
  struct rusage usage;
  if (wait4(child, &status, 0, &usage) != child) return 2;
  long long end = now();
  long long seconds = usage.ru_utime.tv_sec + usage.ru_stime.tv_sec;
  long long cpu = seconds * 1000000 + usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
  fprintf(stderr, "\nmeasured %lld %ld %d %lld\n", end - begin, usage.ru_maxrss, status, cpu);
  return 0;
}
