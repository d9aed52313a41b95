// Asks what is to be uploaded or downloaded, and where to.
#pragma once

#include <memory>

#include "tui/overlays.hpp"

namespace bdsh::tui {

// For the marked hosts, or else all that are not left out.
std::unique_ptr<Overlay> transfer_overlay(Context& context, bool upload);
// With paths on the hosts that were chosen: only the rest is asked for. `what`: in words.
std::unique_ptr<Overlay> chosen_transfer_overlay(const Transfer& chosen, const std::string& what);

}  // namespace bdsh::tui
