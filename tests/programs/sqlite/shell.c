/* Reads SQL statements from its input, one a line, runs them on a database, and prints every row. */
#include "sqlite3.h"

#include <stdio.h>
#include <string.h>

static int print_row(void* rows, int columns, char** values, char** names) {
  if (++*(int*)rows == 1) {
    for (int i = 0; i < columns; i++) printf("%s%s", i ? "|" : "", names[i]);
    putchar('\n');
  }
  for (int i = 0; i < columns; i++) printf("%s%s", i ? "|" : "", values[i] ? values[i] : "NULL");
  putchar('\n');
  return 0;
}

static void reverse(sqlite3_context* context, int count, sqlite3_value** arguments) {
  (void)count;
  const char* text = (const char*)sqlite3_value_text(arguments[0]);
  char turned[64];
  size_t size = text ? strlen(text) : 0;
  if (size > sizeof turned) size = sizeof turned;
  for (size_t i = 0; i < size; i++) turned[i] = text[size - 1 - i];
  sqlite3_result_text(context, turned, (int)size, SQLITE_TRANSIENT);
}

int main(int argc, char** argv) {
  sqlite3* database;
  if (argc != 2 || sqlite3_open(argv[1], &database) != SQLITE_OK) {
    fprintf(stderr, "cannot open the database\n");
    return 2;
  }
  printf("SQLite %s\n", sqlite3_libversion());
  sqlite3_create_function(database, "reverse", 1, SQLITE_UTF8 | SQLITE_DETERMINISTIC, NULL, reverse, NULL,
                          NULL);
  char line[1024];
  int errors = 0;
  while (fgets(line, sizeof line, stdin)) {
    char* message = NULL;
    int rows = 0;
    if (sqlite3_exec(database, line, print_row, &rows, &message) != SQLITE_OK) {
      printf("error: %s\n", message ? message : sqlite3_errmsg(database));
      errors++;
    }
    sqlite3_free(message);
  }
  sqlite3_close(database);
  return errors;
}
