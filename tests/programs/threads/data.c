#include "threads.h"

_Thread_local own_data own = {7, 7, {0}};
_Alignas(64) _Thread_local int own_aligned = 64;
_Thread_local int own_count = 100;

int shared_count = 1000;
char shared_table[table_size] = {[0 ... table_size - 1] = 1};
