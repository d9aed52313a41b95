// The process in front of the user: it lends its terminal to the one that serves the run, and waits
// for the end. It hands over the terminal's descriptor, what of its environment counts, and the
// signals that a shell or a terminal sends; the modes of the terminal stay its own affair.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "app/terminal_keeper.hpp"
#include "control/messages.hpp"
#include "net/launch.hpp"

namespace bdsh::app {

// The process that was started to serve, if it was this one that started it.
struct ServingChild {
  pid_t pid = -1;
  net::Fd out;  // files that it prints to
  net::Fd err;
};

class TerminalClient {
 public:
  TerminalClient(net::Fd server, ServingChild child)
      : server_(std::move(server)), child_(std::move(child)) {}

  // Returns the exit code once the terminal is whole again and the last words are printed.
  int attach(bool read_only);
  // Without a terminal: waits for what the server has to say first.
  int wait_detached();

 private:
  int loop();
  bool read_server();
  bool handle_line(const std::string& line);
  bool handle(const control::Notice& notice);
  void handle_signal();
  void request(const char* command);
  void enter(const std::string& leave_bytes);
  void stop();
  int lost_server();
  void wait_for_child() const;

  net::Fd server_;
  ServingChild child_;
  std::unique_ptr<TerminalKeeper> keeper_;
  net::Fd signals_;
  std::string in_;
  std::string leave_bytes_;
  std::optional<int> code_;  // set: the end
  bool asked_to_end_ = false;
};

}  // namespace bdsh::app
