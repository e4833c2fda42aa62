// What the objects have for one another.
#ifdef __cplusplus
extern "C" {
#endif
int helper(int n);
const char* name_of(int n);
int area(int n);
int from_pic(int n);
extern int table[];
#ifdef __cplusplus
}
#endif
