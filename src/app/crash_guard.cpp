#include "app/crash_guard.hpp"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace bdsh::app {
namespace {

// The only static state of the program: written before the handlers are installed, read by them.
struct Guarded {
  int tty = -1;
  termios saved{};
  std::array<char, 512> leave{};
  std::size_t leave_size = 0;
};
Guarded guarded;

constexpr int kFatal[] = {SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL};

// Async-signal-safe calls only.
void restore_terminal(int signal_number) {
  if (guarded.tty >= 0) {
    const int flags = fcntl(guarded.tty, F_GETFL);
    fcntl(guarded.tty, F_SETFL, flags & ~O_NONBLOCK);
    for (std::size_t done = 0; done < guarded.leave_size;) {
      const ssize_t written = write(guarded.tty, guarded.leave.data() + done, guarded.leave_size - done);
      if (written <= 0) break;
      done += static_cast<std::size_t>(written);
    }
    tcsetattr(guarded.tty, TCSANOW, &guarded.saved);
  }
  signal(signal_number, SIG_DFL);
  raise(signal_number);
}

}  // namespace

CrashGuard::CrashGuard(int tty, const termios& saved, const std::string& leave_sequence) {
  guarded.saved = saved;
  guarded.leave_size = std::min(leave_sequence.size(), guarded.leave.size());
  std::memcpy(guarded.leave.data(), leave_sequence.data(), guarded.leave_size);
  guarded.tty = tty;
  for (const int number : kFatal) {
    struct sigaction action {};
    action.sa_handler = restore_terminal;
    action.sa_flags = static_cast<int>(SA_RESETHAND);
    sigaction(number, &action, nullptr);
  }
}

CrashGuard::~CrashGuard() {
  guarded.tty = -1;
  for (const int number : kFatal) signal(number, SIG_DFL);
}

}  // namespace bdsh::app
