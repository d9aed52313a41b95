#include "core/secret.hpp"

#include <cstring>

namespace bdsh {
namespace {

// volatile keeps the compiler from removing a store to memory that is about to be freed.
void wipe_bytes(char* bytes, std::size_t count) {
  volatile char* p = bytes;
  for (std::size_t i = 0; i < count; ++i) p[i] = 0;
}

}  // namespace

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this != &other) {
    wipe();
    take(other);
  }
  return *this;
}

// A moved std::string can leave a short text behind in its inline buffer: copy, then wipe.
void Secret::take(Secret& other) {
  text_ = other.text_;
  other.wipe();
}

// Growth would leave the old buffer behind unwiped: grow by hand.
void Secret::append(std::string_view text) {
  if (text_.size() + text.size() > text_.capacity()) {
    std::string grown;
    grown.reserve((text_.size() + text.size()) * 2 + 64);
    grown = text_;
    wipe();
    text_.swap(grown);
  }
  text_.append(text);
}

void Secret::pop_back_utf8() {
  while (!text_.empty()) {
    const auto last = static_cast<unsigned char>(text_.back());
    text_.back() = 0;
    text_.pop_back();
    if ((last & 0xC0U) != 0x80U) break;
  }
}

void Secret::wipe() {
  wipe_bytes(text_.data(), text_.capacity());
  text_.clear();
}

}  // namespace bdsh
