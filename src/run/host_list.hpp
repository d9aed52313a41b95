// A list of hosts as a file of the user's choice, to be read again with -H @FILE.
#pragma once

#include <string>
#include <vector>

#include "core/error.hpp"

namespace bdsh::run {

// Whether write_host_list could write there now, as far as can be told without writing: said
// before a run that would end in vain.
Status check_host_list(const std::string& path);

// One expression a line, mode 0600. The file is there whole or not at all; a file of that name is
// replaced. A symbolic link is never followed: neither one in place of the file, nor one in place
// of its folder that belongs to another user than root and us. Errors: ErrorKind::io, naming the
// path.
Status write_host_list(const std::string& path, const std::vector<std::string>& expressions);

}  // namespace bdsh::run
