// What the user asked for, with whom it is meant for: the only thing the front end hands to app.
// Everything that changes only the picture (selection, scrolling, views) stays in the dashboard.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/geometry.hpp"
#include "core/ids.hpp"
#include "core/key.hpp"
#include "core/secret.hpp"

namespace bdsh::tui {

// A key (or paste) for the hosts' programs; each host's terminal encodes it.
struct SendKey {
  HostSet targets;
  Key key;
  // The targets are more than one, or all: Enter starts a round.
  bool broadcast = false;
};
struct Interrupt {  // ^C to the targets' programs, ahead of queued input
  HostSet targets;
};
struct Reconnect {
  HostSet hosts;
};
struct Rerun {
  HostSet hosts;
};
struct Answer {  // to HostStatus::asking; nothing: refused
  HostSet hosts;
  std::optional<Secret> text;
  bool later = false;  // also for hosts that will ask the same
};
struct SetParallel {  // connections in progress at a time
  int parallel;
};
struct SetKeep {
  bool keep;
};
struct SetMasks {
  bool on;
};
struct SetMask {  // one by its name
  std::string name;
  bool on;
};
struct SetReference {  // nothing: back to the vote
  std::optional<HostId> host;
};
struct Exclude {  // all hosts that are to be left out from now on
  HostSet hosts;
};
struct SaveHosts {
  HostSet hosts;
  std::string path;  // as it was typed
};
struct Transfer {
  bool upload;
  HostSet hosts;
  std::string words;  // options and operands, as they were typed
  // Paths on the hosts that were chosen, not typed: what is downloaded, or the one directory that
  // is uploaded into. No part of them means anything but itself.
  std::vector<std::string> chosen{};
};
struct StopTransfer {};
struct ListFiles {  // of one directory
  HostSet hosts;
  std::string path;  // empty: where the hosts' servers start
};
struct LeaveFiles {};  // nobody looks at them any more
struct ResizeHosts {  // nothing: back to the uniform size
  std::optional<Size> size;
  HostSet hosts;
};
struct Copy {  // what was selected
  enum class To : std::uint8_t { clipboard, command, file } to;
  std::string text;
  std::string path{};  // of the file
};
struct SetMouse {  // off: the user's terminal does with the mouse what it does by itself
  bool on;
};
struct Replay {  // of a run that is played again
  enum class What : std::uint8_t {
    pause,  // or go on
    faster, slower, earlier, later,  // by five seconds
    round_before, round_after,
    first_difference,  // the moment at which hosts first diverged
    to,                // `moment`, as it was typed: "1:30", "+10", "50%"
  } what;
  std::string moment;
};
struct Suspend {};
struct Detach {};
struct Redraw {};  // the whole screen, as Ctrl-L
struct Quit {};

using Command = std::variant<SendKey, Interrupt, Reconnect, Rerun, Answer, SetParallel, SetKeep, SetMasks,
                             SetMask, SetReference, Exclude, SaveHosts, Transfer, StopTransfer, ListFiles, LeaveFiles,
                             ResizeHosts, Copy, SetMouse, Replay, Suspend, Detach, Redraw, Quit>;

}  // namespace bdsh::tui
