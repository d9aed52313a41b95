// Gives the user's terminal back when the program dies of a bug: on SIGSEGV, SIGABRT, SIGBUS,
// SIGFPE, SIGILL and std::terminate the leave sequence is written and the termios restored,
// then the signal takes its default course (core dump, exit status).
#pragma once

#include <termios.h>

#include <string>

namespace bdsh::app {

class CrashGuard {
 public:
  // One at a time per process: a signal handler can only find static storage.
  CrashGuard(int tty, const termios& saved, const std::string& leave_sequence);
  ~CrashGuard();
  CrashGuard(const CrashGuard&) = delete;
  CrashGuard& operator=(const CrashGuard&) = delete;
};

}  // namespace bdsh::app
