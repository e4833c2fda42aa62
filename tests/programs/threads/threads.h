/* What each thread has of its own, and what all share. */
typedef struct {
  int initial, value, zeros[3];
} own_data;

enum { table_size = 40000 };

extern _Thread_local int own_count;
extern _Thread_local own_data own;
extern _Thread_local int own_aligned;
extern int shared_count;
extern char shared_table[table_size];
