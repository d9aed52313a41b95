// A file of the user's choice outside of run directories: a list of hosts, copied text. Mode 0600; it
// is there whole or not at all. A symbolic link is never followed: neither one in place of the
// file, nor one in place of its folder that belongs to another user than root and us. Errors:
// ErrorKind::io, naming the path.
#pragma once

#include <string>
#include <string_view>

#include "core/error.hpp"

namespace bdsh::run {

// Whether a file could be written there now, as far as can be told without writing: said before a
// run that would end in vain.
Status check_user_file(const std::string& path);

enum class Existing { replaced, kept };  // kept: a file of that name is an error
Status write_user_file(const std::string& path, std::string_view text, Existing existing);

}  // namespace bdsh::run
