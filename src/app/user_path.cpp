#include "app/user_path.hpp"

#include "config/environment.hpp"

namespace bdsh::app {

std::string home_path(const std::string& path) {
  return path.starts_with("~/") ? config::Environment::current().home() + path.substr(1) : path;
}

}  // namespace bdsh::app
