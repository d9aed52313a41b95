// A string that is wiped when it is no longer needed. Not copyable, so that a secret has one place;
// it has no stream operator, so that it cannot be logged by accident.
#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace bdsh {

class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string_view text) : text_(text) {}
  Secret(Secret&& other) noexcept { take(other); }
  Secret& operator=(Secret&& other) noexcept;
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret() { wipe(); }

  bool empty() const { return text_.empty(); }
  std::size_t size() const { return text_.size(); }
  // Valid until the next change of this object.
  std::string_view reveal() const { return text_; }
  const char* c_str() const { return text_.c_str(); }
  void append(std::string_view text);
  void pop_back_utf8();  // removes the last character, all of its bytes
  void wipe();
  Secret clone() const { return Secret(text_); }

 private:
  void take(Secret& other);
  std::string text_;
};

}  // namespace bdsh
