#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/targets.h"
#include "memory.h"
#include "view.h"

// Matrix products against plain loops in double precision, for every instruction set that this
// processor runs.

using namespace nflow;
using namespace nflow::testing;

namespace {

using Index = std::ptrdiff_t;

/// Ascending limits between 0 and `top`.
std::vector<Index> staircase(Index n, Index top, std::mt19937& random) {
  std::vector<Index> steps(n);
  for (auto& s : steps) s = std::uniform_int_distribution<Index>(0, top)(random);
  std::sort(steps.begin(), steps.end());
  return steps;
}

/// A product of random shape, with every way in which B can be masked, turned, packed and C be
/// written, each by its own rhythm of seeds.
template <class T>
class Product {
 public:
  Product(unsigned seed, bool large) : random_(seed) {
    const bool partial = seed % 2 == 0;  // rows that are no multiple of a vector, as in dW
    rows_ = partial ? draw(1, large ? 300 : 70) : kRowStep * draw(1, large ? 18 : 9);
    const Index cols = draw(1, large ? 150 : 40), depth = draw(1, large ? 600 : 50);
    a_ = random_numbers<T>(padded(rows_) * depth, 1, seed);
    b_ = random_numbers<T>(depth * cols, 1, seed + 1);
    bias_ = random_numbers<T>(cols, 1, seed + 2);
    before_ = random_numbers<T>(rows_ * cols, 1, seed + 3);
    begin_ = staircase(cols, depth, random_), end_ = staircase(cols, depth, random_);
    first_ = staircase(cols, rows_, random_), last_ = staircase(cols, rows_, random_);
    const bool turned = seed % 3 == 0;
    g.rows = rows_;
    g.cols = cols;
    g.depth = depth;
    g.a = a_.data();
    g.a_stride = padded(rows_);
    g.b = b_.data();
    g.b_depth = turned ? cols : 1;
    g.b_col = turned ? 1 : depth;
    g.c_stride = rows_;
    g.accumulate = seed % 5 < 2;
    g.far = seed % 13 < 6;
    g.rough = seed % 17 < 6;
    g.zero_outside = seed % 11 < 5;
    if (!g.accumulate) g.bias = bias_.data();
    if (seed % 7 < 3) g.depth_begin = begin_.data();
    if (seed % 7 > 1 && seed % 7 < 5) g.depth_end = end_.data();
    if (seed % 4 == 1) g.row_begin = first_.data(), g.row_end = last_.data();
    for (Index j = 0; g.zero_outside && j < cols; ++j) {
      for (Index p = 0; p < depth; ++p) {
        if (!reads(p, j)) b_[p * g.b_depth + j * g.b_col] = 0;
      }
    }
    packs_ = seed % 19 < 12;
  }

  std::vector<T> by(const Kernels<T>& k) {
    Gemm<T> product = g;
    const Index words = packs_ ? k.packed_words(g) : 0;
    const AlignedBlock<std::int32_t> packed(words);
    if (words > 0) {
      k.pack(g, packed.data());
      product.packed = packed.data();
    }
    std::vector<T> c = before_;
    product.c = c.data();
    k.gemm(product);
    return c;
  }

  void check(const std::vector<T>& c, const std::string& target) const {
    const double exact = 4 * double(std::numeric_limits<T>::epsilon());
    // Pairs of bfloat16: half the last of 8 bits for each of two factors.
    const double rough = target == "avx512bf16" ? std::exp2(-7.) + exact : 4 * std::exp2(-16.);
    const double unit = g.rough && sizeof(T) == 4 ? rough : exact;
    for (Index j = 0; j < g.cols; ++j) {
      for (Index r = 0; r < rows_; ++r) {
        const Index at = j * rows_ + r;
        if (g.row_begin && (r < first_[j] || r >= last_[j])) {
          if (c[at] != before_[at]) CHECK(c[at] == before_[at]);
          continue;
        }
        double sum = g.accumulate ? before_[at] : bias_[j], size = std::fabs(sum);
        for (Index p = 0; p < g.depth; ++p) {
          if (!reads(p, j)) continue;
          const double term =
              double(a_[p * g.a_stride + r]) * double(b_[p * g.b_depth + j * g.b_col]);
          sum += term;
          size += std::fabs(term);
        }
        const double error = std::fabs(double(c[at]) - sum);
        if (!(error <= unit * size)) {
          INFO("row ", r, " of ", rows_, ", column ", j, " of ", g.cols, ", depth ", g.depth);
          CHECK(error <= unit * size);
        }
      }
    }
  }

  Gemm<T> g{};

 private:
  Index draw(int low, int high) { return std::uniform_int_distribution<Index>(low, high)(random_); }
  bool reads(Index p, Index j) const {
    return (!g.depth_begin || p >= begin_[j]) && (!g.depth_end || p < end_[j]);
  }

  std::mt19937 random_;
  Index rows_;
  std::vector<T> a_, b_, bias_, before_;
  std::vector<Index> begin_, end_, first_, last_;
  bool packs_;
};

template <class T>
void check_products() {
  each_target<T>([](const Kernels<T>& k) {
    for (unsigned seed = 0; seed < 310; ++seed) {
      CAPTURE(seed);
      Product<T> product(seed, seed >= 210);
      product.check(product.by(k), k.target);
    }
  });
}

}  // namespace

TEST_SUITE("kernels") {
  TEST_CASE("products, masked, transposed, packed, partial and accumulated") {
    check_products<float>();
    check_products<double>();
  }

  TEST_CASE("a row of a product has the same bits alone as among others") {
    each_target<float>([](const Kernels<float>& k) {
      const Index rows = 20 * kRowStep, cols = 75, depth = 130;
      const auto a = random_numbers<float>(rows * depth, 1, 1);
      const auto b = random_numbers<float>(depth * cols, 1, 2);
      for (const bool packs : {false, true}) {
        std::vector<float> all(rows * cols), some(kRowStep * cols);
        Gemm<float> g{};
        g.rows = rows;
        g.cols = cols;
        g.depth = depth;
        g.a = a.data();
        g.a_stride = rows;
        g.b = b.data();
        g.b_depth = 1;
        g.b_col = depth;
        g.c = all.data();
        g.c_stride = rows;
        const Index words = packs ? k.packed_words(g) : 0;
        const AlignedBlock<std::int32_t> packed(words);
        if (words > 0) {
          k.pack(g, packed.data());
          g.packed = packed.data();
        }
        k.gemm(g);
        int different = 0;
        for (Index first = 0; first < rows; first += kRowStep) {
          g.rows = kRowStep;
          g.a = a.data() + first;
          g.c = some.data();
          g.c_stride = kRowStep;
          k.gemm(g);
          for (Index j = 0; j < cols; ++j) {
            for (Index r = 0; r < kRowStep; ++r) {
              different += some[j * kRowStep + r] != all[j * rows + first + r];
            }
          }
        }
        CHECK(different == 0);
      }
    });
  }
}
