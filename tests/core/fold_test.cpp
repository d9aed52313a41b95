#include "core/fold.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

namespace bdsh {
namespace {

using Names = std::vector<std::string>;

TEST(FoldNames, ReadsAsAPersonWouldWriteIt) {
  EXPECT_EQ(fold_names({}), "");
  EXPECT_EQ(fold_names({"web03"}), "web03");
  EXPECT_EQ(fold_names({"web03", "web07"}), "web[03,07]");
  EXPECT_EQ(fold_names({"web01", "web02", "web03", "web07"}), "web[01-03,07]");
  EXPECT_EQ(fold_names({"web2", "db1", "web1", "cache"}), "web[1-2],db1,cache");
  EXPECT_EQ(fold_names({"127.0.0.1", "127.0.0.2"}), "127.0.0.[1-2]");
  EXPECT_EQ(fold_names({"a1.example.com", "a2.example.com"}), "a[1-2].example.com");
}

TEST(FoldNames, KeepsPadding) {
  EXPECT_EQ(fold_names({"n8", "n9", "n10", "n11"}), "n[8-11]");
  EXPECT_EQ(fold_names({"n08", "n09", "n10"}), "n[08-10]");
  EXPECT_EQ(fold_names({"n99", "n100"}), "n[99-100]");
  EXPECT_EQ(fold_names({"n098", "n099", "n100"}), "n[098-100]");
  EXPECT_EQ(fold_names({"n1", "n01"}), "n[1,01]");
  EXPECT_EQ(fold_names({"n09", "n10", "n100"}), "n[09-10,100]");
}

TEST(FoldNames, FoldsSeveralNumbers) {
  EXPECT_EQ(fold_names({"r1n1", "r1n2", "r2n1", "r2n2"}), "r[1-2]n[1-2]");
  EXPECT_EQ(fold_names({"r1n1", "r1n2", "r2n1"}), "r1n[1-2],r2n1");
  EXPECT_EQ(fold_names({"w1:2222", "w2:2222"}), "w[1-2]:2222");
  EXPECT_EQ(fold_names({"a:22", "a:23"}), "a:22,a:23");
}

TEST(FoldNames, LeavesWhatWouldBeAmbiguous) {
  EXPECT_EQ(fold_names({"fe80::1", "fe80::2"}), "fe80::1,fe80::2");
  EXPECT_EQ(fold_names({"a[1]", "a[2]"}), "a[1],a[2]");
  EXPECT_EQ(fold_names({"i99999999999999999999", "i99999999999999999998"}),
            "i99999999999999999999,i99999999999999999998");
  EXPECT_EQ(fold_names({"web1", "web1"}), "web1");
}

TEST(FoldNames, TenThousandIrregularNamesAreNoWork) {
  Names names;
  for (unsigned i = 0; i < 10'000; ++i)
    names.push_back("i-" + std::to_string(i * 2654435761U % 1000003U) + "-x" +
                    std::to_string(i * 40503U % 65521U) + ".zone" + std::to_string(i % 17));
  const auto start = std::chrono::steady_clock::now();
  const std::string folded = fold_names(names);
  const auto took = std::chrono::steady_clock::now() - start;
  EXPECT_GT(folded.size(), 10'000U);
  // Sanitizers and a busy machine cost tens of times; a quadratic fold would take minutes.
  EXPECT_LT(took, std::chrono::seconds(5));
}

}  // namespace
}  // namespace bdsh
