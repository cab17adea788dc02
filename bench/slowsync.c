/*
 * A disk that takes its time: adds FSYNC_US microseconds to every fsync and fdatasync of the program it is
 * preloaded into, because the disks of test machines often acknowledge a flush that never happened.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static void pause_as_asked(void) {
  static long microseconds = -1;
  if (microseconds < 0) {
    const char *given = getenv("FSYNC_US");
    microseconds = given ? atol(given) : 0;
  }
  struct timespec delay = {microseconds / 1000000, (microseconds % 1000000) * 1000};
  if (microseconds > 0) nanosleep(&delay, NULL);
}

int fsync(int file) {
  static int (*real)(int);
  if (!real) real = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
  pause_as_asked();
  return real(file);
}

int fdatasync(int file) {
  static int (*real)(int);
  if (!real) real = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
  pause_as_asked();
  return real(file);
}
