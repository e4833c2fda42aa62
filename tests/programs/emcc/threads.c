#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>

static _Atomic int shared;
static _Thread_local int own = 5;

static void *work(void *argument) {
  for (int i = 0; i < 1000; i++) {
    shared++;
    own++;
  }
  return (void *)(long)(own + (long)argument);
}

int main(void) {
  pthread_t threads[2];
  for (long i = 0; i < 2; i++) pthread_create(&threads[i], NULL, work, (void *)i);
  long sum = 0;
  for (int i = 0; i < 2; i++) {
    void *result;
    pthread_join(threads[i], &result);
    sum += (long)result;
  }
  printf("shared %d, results %ld, own %d\n", shared, sum, own);
  return 0;
}
