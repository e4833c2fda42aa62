#include "program.h"

static int local = 5;
int (*chosen)(int) = helper;
int from_pic(int n) { return table[n & 1] + chosen(n) + local++ + (chosen == helper); }
