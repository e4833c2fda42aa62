int spare_count = 7;
__attribute__((constructor)) static void begin(void) { spare_count++; }
int spare(void) { return spare_count; }
