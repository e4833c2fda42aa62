/* A main module and two side modules, each with functions and data that the others use. */
typedef int function(int);

/* Returns the line of the first condition that does not hold, or 0. */
#define CHECK(condition)                                                                                     \
  if (!(condition)) return __LINE__

extern int main_data;
int main_function(int);
int main_apply(function* f, int x);
int main_count(int n);
void main_fill(char* room, int size);

extern int left_data;
extern int* left_pointers[4];
extern function* left_functions[4];
extern int left_started;
int left_function(int);
int left_apply(function* f, int x);
int left_count(int n);
const char* left_text(void);
int left_check(void);

extern int right_data;
extern const struct right_entry {
  const char* name;
  function* call;
  const int* data;
} right_entries[3];
int right_function(int);
int right_check(void);

extern int nowhere_data __attribute__((weak));
int nowhere_function(int) __attribute__((weak));
