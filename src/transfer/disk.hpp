// The near end on this machine's disk: what is uploaded is found and read, what is downloaded is
// put below one directory, from which no name and no link leads out.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "transfer/host_upload.hpp"
#include "transfer/local.hpp"

namespace bdsh::transfer {

// `sources`: paths, or patterns if there is no such file. An error when one is missing, is a
// directory and not `recursive`, cannot be read, or has the same name as another. Links given are
// followed, and so are links to files in directories; links to directories there, and what is
// neither file nor directory, are left out and told.
Result<UploadPlan> plan_upload(const std::vector<std::string>& sources, bool recursive);

Result<std::unique_ptr<LocalSource>> open_source(const std::string& path);

// The directory is made, with those above it, if it is missing.
Result<std::unique_ptr<LocalTree>> open_tree(const std::string& path);

}  // namespace bdsh::transfer
