#include "consensus/emphasis.hpp"

#include <algorithm>
#include <string_view>
#include <unordered_map>

#include "consensus/align.hpp"

namespace bdsh::consensus {
namespace {

constexpr std::size_t kMaxTokens = 400;      // of a line; longer lines differ as a whole
constexpr std::size_t kMaxPairs = 400;       // line pairs whose similarity is looked at in a block
constexpr std::size_t kSimilarPercent = 40;  // of the characters that are no blanks

struct Token {
  std::size_t begin = 0;
  std::size_t end = 0;
};

// Words, numbers, runs of blanks, masked parts; any other character alone.
enum class Class { word, digit, blank, other };

Class class_of(char c) {
  if (c >= '0' && c <= '9') return Class::digit;
  if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (c & 0x80) != 0)
    return Class::word;
  return c == ' ' ? Class::blank : Class::other;
}

std::vector<Token> tokens_of(const TextLine& line) {
  std::vector<Token> tokens;
  std::size_t span = 0;
  for (std::size_t at = 0; at < line.text.size();) {
    while (span < line.spans.size() && line.spans[span].end <= at) ++span;
    std::size_t end = at + 1;
    const bool masked = span < line.spans.size() && line.spans[span].begin == at &&
                        line.spans[span].kind == Span::Kind::masked;
    if (masked) {
      end = line.spans[span].end;
    } else if (const Class kind = class_of(line.text[at]); kind != Class::other) {
      const std::size_t stop = span < line.spans.size() && line.spans[span].begin > at &&
                                       line.spans[span].kind == Span::Kind::masked
                                   ? line.spans[span].begin
                                   : line.text.size();
      while (end < stop && class_of(line.text[end]) == kind) ++end;
    }
    tokens.push_back({at, end});
    at = end;
  }
  return tokens;
}

struct TokenDiff {
  std::vector<Span> left;
  std::vector<Span> right;
  std::size_t equal_percent = 0;
};

using Ids = std::vector<std::uint32_t>;

Ids ids_of(const TextLine& line, const std::vector<Token>& tokens,
           std::unordered_map<std::string_view, std::uint32_t>& known) {
  Ids ids;
  for (const Token& token : tokens) {
    const std::string_view text =
        std::string_view(line.text).substr(token.begin, token.end - token.begin);
    ids.push_back(known.try_emplace(text, static_cast<std::uint32_t>(known.size())).first->second);
  }
  return ids;
}

std::size_t weight(const TextLine& line) {
  return static_cast<std::size_t>(
      std::count_if(line.text.begin(), line.text.end(), [](char c) { return c != ' '; }));
}

std::size_t weight(const TextLine& line, const std::vector<Span>& spans) {
  std::size_t sum = 0;
  for (const Span& span : spans)
    sum += static_cast<std::size_t>(
        std::count_if(line.text.begin() + static_cast<std::ptrdiff_t>(span.begin),
                      line.text.begin() + static_cast<std::ptrdiff_t>(span.end),
                      [](char c) { return c != ' '; }));
  return sum;
}

void add_span(std::vector<Span>& spans, const std::vector<Token>& tokens, std::size_t begin,
              std::size_t end) {
  if (begin < end) spans.push_back({Span::Kind::changed, tokens[begin].begin, tokens[end - 1].end});
}

TokenDiff diff_tokens(const TextLine& left, const TextLine& right) {
  const std::vector<Token> a = tokens_of(left);
  const std::vector<Token> b = tokens_of(right);
  TokenDiff diff;
  if (std::max(a.size(), b.size()) > kMaxTokens) return diff;
  std::unordered_map<std::string_view, std::uint32_t> known;
  const Ids left_ids = ids_of(left, a, known);
  const Ids right_ids = ids_of(right, b, known);
  for (const Hunk& hunk : align(left_ids, right_ids).hunks) {
    add_span(diff.left, a, hunk.a_begin, hunk.a_end);
    add_span(diff.right, b, hunk.b_begin, hunk.b_end);
  }
  const std::size_t all = weight(left) + weight(right);
  const std::size_t changed = weight(left, diff.left) + weight(right, diff.right);
  diff.equal_percent = all == 0 ? 100 : (all - changed) * 100 / all;
  return diff;
}

// Spans ascending and disjoint: a masked part inside a changed one is shown as changed.
void add_changed(TextLine& line, const std::vector<Span>& changed) {
  if (changed.empty()) return;
  std::vector<Span> marks = changed;
  for (const Span& span : line.spans)
    if (span.kind == Span::Kind::changed) marks.push_back(span);
  std::sort(marks.begin(), marks.end(),
            [](const Span& x, const Span& y) { return x.begin < y.begin; });
  std::vector<Span> joined;
  for (const Span& span : marks)
    if (!joined.empty() && span.begin <= joined.back().end)
      joined.back().end = std::max(joined.back().end, span.end);
    else
      joined.push_back(span);
  const auto inside = [&](const Span& masked) {
    return std::any_of(joined.begin(), joined.end(), [&](const Span& span) {
      return masked.begin < span.end && span.begin < masked.end;
    });
  };
  for (const Span& span : line.spans)
    if (span.kind == Span::Kind::masked && !inside(span)) joined.push_back(span);
  std::sort(joined.begin(), joined.end(),
            [](const Span& x, const Span& y) { return x.begin < y.begin; });
  line.spans = std::move(joined);
}

}  // namespace

std::vector<std::pair<std::size_t, std::size_t>> pair_similar(const std::vector<TextLine>& left,
                                                              const std::vector<TextLine>& right) {
  std::vector<std::pair<std::size_t, std::size_t>> pairs;
  const std::size_t n = left.size();
  const std::size_t m = right.size();
  if (n == m && (n == 1 || n * m > kMaxPairs)) {
    for (std::size_t i = 0; i < n; ++i) pairs.emplace_back(i, i);
    return pairs;
  }
  if (n * m > kMaxPairs) return pairs;
  // The pairing of the greatest sum of similarities, by dynamic programming from the end.
  std::vector<std::size_t> gain(n * m);
  std::vector<std::size_t> best((n + 1) * (m + 1), 0);
  const auto at = [&](std::size_t i, std::size_t j) -> std::size_t& {
    return best[i * (m + 1) + j];
  };
  for (std::size_t i = n; i-- > 0;)
    for (std::size_t j = m; j-- > 0;) {
      const std::size_t percent = diff_tokens(left[i], right[j]).equal_percent;
      gain[i * m + j] = percent >= kSimilarPercent ? percent : 0;
      at(i, j) = std::max({at(i + 1, j), at(i, j + 1), gain[i * m + j] + at(i + 1, j + 1)});
    }
  for (std::size_t i = 0, j = 0; i < n && j < m;) {
    if (gain[i * m + j] > 0 && at(i, j) == gain[i * m + j] + at(i + 1, j + 1))
      pairs.emplace_back(i++, j++);
    else if (at(i, j) == at(i + 1, j))
      ++i;
    else
      ++j;
  }
  return pairs;
}

std::size_t emphasis_cost(std::size_t left, std::size_t right) {
  return left * right <= kMaxPairs ? left * right : left == right ? left : 0;
}

void emphasise_pair(TextLine& left, TextLine& right) {
  const TokenDiff diff = diff_tokens(left, right);
  if (diff.equal_percent < kSimilarPercent) return;
  add_changed(left, diff.left);
  add_changed(right, diff.right);
}

void emphasise(std::vector<TextLine>& left, std::vector<TextLine>& right) {
  for (const auto& [i, j] : pair_similar(left, right)) emphasise_pair(left[i], right[j]);
}

}  // namespace bdsh::consensus
