// Lines of resize.log and events.log, and what becomes of a host that had not ended when its run
// did (docs/run-directory.md). Pure.
#pragma once

#include <optional>
#include <string_view>

#include "run/host_source.hpp"
#include "run/run_reader.hpp"

namespace bdsh::run {

// One line without its end; nothing when it is not of the format.
std::optional<Resize> parse_resize(std::string_view line);
// Whatever the line is; its texts are sanitised.
LoggedEvent parse_event(std::string_view line);
// Disconnected, or failed when it was never entered.
HostStatus not_ended(HostStatus status);

}  // namespace bdsh::run
