#include "core/byte_size.hpp"

#include <gtest/gtest.h>

namespace bdsh {
namespace {

TEST(ByteSize, OneDigitBehindThePoint) {
  EXPECT_EQ(byte_size(0), "0 B");
  EXPECT_EQ(byte_size(1023), "1023 B");
  EXPECT_EQ(byte_size(1024), "1.0 KiB");
  EXPECT_EQ(byte_size(1536), "1.5 KiB");
  EXPECT_EQ(byte_size(1024 * 1024 - 1), "1023.9 KiB");
  EXPECT_EQ(byte_size(1024 * 1024), "1.0 MiB");
  EXPECT_EQ(byte_size(41'000'000'000), "38.1 GiB");
  EXPECT_EQ(byte_size(UINT64_MAX), "15.9 EiB");
}

}  // namespace
}  // namespace bdsh
