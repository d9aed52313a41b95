// An allocator for tables of many megabytes that are filled once: large blocks come in huge pages
// where the kernel gives them on request (madvise(2), MADV_HUGEPAGE), so that filling them does not
// fault once for every 4 KiB. Small blocks come from operator new.
#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <new>

namespace bdsh::consensus {

template <typename T>
struct HugeAllocator {
  using value_type = T;
  static constexpr std::size_t kPage = std::size_t{2} << 20U;

  HugeAllocator() = default;
  // Not explicit: as std::allocator's.
  template <typename U>
  HugeAllocator(const HugeAllocator<U>&) {}

  T* allocate(std::size_t count) {
    const std::size_t bytes = count * sizeof(T);
    if (bytes < kPage) return static_cast<T*>(::operator new(bytes));
    void* block = ::operator new (whole_pages(bytes), std::align_val_t{kPage});
    ::madvise(block, whole_pages(bytes), MADV_HUGEPAGE);  // a wish: without it all works as before
    return static_cast<T*>(block);
  }
  void deallocate(T* block, std::size_t count) {
    if (count * sizeof(T) < kPage) return ::operator delete(block);
    ::operator delete (block, std::align_val_t{kPage});
  }

  template <typename U>
  bool operator==(const HugeAllocator<U>&) const {
    return true;
  }

 private:
  static std::size_t whole_pages(std::size_t bytes) { return (bytes + kPage - 1) / kPage * kPage; }
};

}  // namespace bdsh::consensus
