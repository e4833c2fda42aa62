extern int missing_data;
int *address_of_missing_data = &missing_data;
int uses_missing_data(int n) { return n + missing_data; }
