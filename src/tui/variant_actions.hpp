// What one key does to a variant, or to the hosts one has marked: choose them as reference, leave
// them out, take them back in, save them as a list.
#pragma once

#include <memory>

#include "tui/overlays.hpp"

namespace bdsh::tui {

// Hosts and what to call them: "variant B", "marked hosts", "web03".
struct Choice {
  HostSet hosts;
  std::string name;
  std::string variant;  // its letter, if that is what was chosen
};
// The variant of the selected row in the list of variants, else the marked hosts, else the
// selected host's variant, else the host alone; without any, nothing.
Choice chosen_hosts(const Context& context);
Choice selected_variant(const Context& context);  // of the selected host; may be nothing

void choose_reference(Context& context);
void exclude_hosts(Context& context);
void include_hosts(Context& context);
std::unique_ptr<Overlay> save_hosts(Context& context);

}  // namespace bdsh::tui
