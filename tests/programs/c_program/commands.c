/* A table of function pointers in read-only data, each with its strings. */
#include "program.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int ascending(const void* a, const void* b) {
  return *(const int*)a - *(const int*)b;
}
static int descending(const void* a, const void* b) {
  return ascending(b, a);
}
static int by_name(const void* a, const void* b) {
  return strcmp(*(char* const*)a, *(char* const*)b);
}

static int run_sort(int argc, char** argv) {
  (void)argc, (void)argv;
  int values[] = {5, 3, 9, -2, 7, 0, 11};
  const size_t count = sizeof values / sizeof *values;
  const compare_fn orders[] = {ascending, descending};
  for (int o = 0; o < 2; o++) {
    qsort(values, count, sizeof *values, orders[o]);
    for (size_t i = 0; i < count; i++) printf("%d%c", values[i], i + 1 == count ? '\n' : ' ');
  }
  const char* names[] = {"pear", "fig", "apple", "quince"};
  qsort(names, 4, sizeof *names, by_name);
  printf("%s .. %s\n", names[0], names[3]);
  return 0;
}

static int run_memory(int argc, char** argv) {
  (void)argc, (void)argv;
  enum { count = 200 };
  char* blocks[count];
  size_t total = 0;
  for (int i = 0; i < count; i++) {
    size_t size = (size_t)(i * 97 % 4000 + 1);
    blocks[i] = malloc(size);
    if (!blocks[i]) return 1;
    memset(blocks[i], i, size);
    total += size;
  }
  unsigned sum = 0;
  for (int i = 0; i < count; i++) {
    sum += (unsigned char)blocks[i][i * 97 % 4000];
    if (i % 3) free(blocks[i]);
  }
  char* big = calloc(3, 1 << 20);
  printf("memory: %zu bytes, sum %u, big %d, aligned %d\n", total, sum, big ? big[3 << 19] : -1,
         (int)((uintptr_t)big % 16));
  free(big);
  return 0;
}

static int run_files(int argc, char** argv) {
  (void)argc, (void)argv;
  FILE* file = fopen("/data/lines.txt", "w");
  if (!file) {
    printf("cannot write: %s\n", strerror(errno));
    return 1;
  }
  for (int i = 0; i < 500; i++) fprintf(file, "line %d of %s\n", i, __func__);
  fclose(file);
  file = fopen("/data/lines.txt", "r+");
  char line[80];
  int lines = 0;
  while (fgets(line, sizeof line, file)) lines++;
  long size = ftell(file);
  fseek(file, 5, SEEK_SET);
  fputs("ZERO", file);
  rewind(file);
  fgets(line, sizeof line, file);
  fclose(file);
  printf("files: %d lines, %ld bytes, first: %s", lines, size, line);
  errno = 0;
  file = fopen("/data/missing/file", "r");
  printf("missing: %s\n", file ? "opened" : strerror(errno));
  if (rename("/data/lines.txt", "/data/kept.txt")) perror("rename");
  return 0;
}

static int run_echo(int argc, char** argv) {
  (void)argc, (void)argv;
  int c, count = 0, words = 0, in_word = 0;
  while ((c = getchar()) != EOF) {
    count++;
    if (c == ' ' || c == '\n')
      in_word = 0;
    else if (!in_word)
      words++, in_word = 1;
  }
  printf("stdin: %d characters, %d words\n", count, words);
  return 0;
}

static int run_fail(int argc, char** argv) {
  (void)argv;
  fprintf(stderr, "failing with %d arguments\n", argc);
  return 3;
}

const struct command commands[] = {
    {"sort", run_sort}, {"memory", run_memory}, {"files", run_files}, {"echo", run_echo}, {"fail", run_fail},
};
const size_t command_count = sizeof commands / sizeof *commands;
