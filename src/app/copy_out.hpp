// Where copied text goes: the clipboard of the user's terminal, or the standard input of a command.
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"

namespace bdsh::app {

// xterm's control sequences, OSC 52: the terminal puts the text on its clipboard. The text is base64
// in it, so nothing of it acts on the terminal.
std::string clipboard_sequence(std::string_view text);
// What a host would have on the clipboard: decoded, without control characters but tab and line feed,
// which whoever pastes it could not see. Nothing when it is not base64 or nothing is left.
std::optional<std::string> hosts_clipboard(std::string_view base64);

// Starts argv[0], searched in PATH, without a shell, with `text` as its standard input and its
// output thrown away. `ended` gets what went wrong, if anything did, on the loop; it is not called
// when the loop stops first. Errors: io, it cannot be started.
Status start_with_input(boost::asio::io_context& loop, const std::vector<std::string>& argv,
                        std::string_view text, std::function<void(Status)> ended);

}  // namespace bdsh::app
