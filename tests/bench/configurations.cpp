#include "configurations.h"

#include <cstdlib>
#include <numeric>

#include "chain.h"

namespace nflow::bench {

// How a rival's architecture reads in ours:
//   residual nets    width and number of blocks are the widths of `hidden`, one a block
//   LU layers        conv1x1: D (D - 1) entries of L and U, D of the diagonal, D of the bias; ours
//                    permutes the columns too, which costs nothing
//   reversed order   reverse, before the link in nflows and behind it in the seed's MAF
//   seed's couplings each of its layers transforms one half, then the other: two links
//   seed's MAF and NSF-AR have D - 1 small nets a layer, 8 and 8 wide; ours is one masked net. Its
//                    widths are those that leave as many live weights as the small nets have.
const std::vector<Configuration>& configurations() {
  const char* larger_half = "our couplings transform the larger half always, theirs take turns";
  static const std::vector<Configuration> all{
      {"maf-6", "nflows", 6, "reverse,maf:hidden=128,128", 5, "", 342460, false, ""},
      {"maf-43", "nflows", 43, "reverse,maf:hidden=512,512", 5, "", 5586350, false, ""},
      {"nsf-cl-6", "nflows", 6, "conv1x1,nsf-cl:bins=8:tail-bound=3:hidden=256,256", 10, "conv1x1",
       2819712, false, ""},
      {"nsf-cl-43", "nflows", 43, "conv1x1,nsf-cl:bins=4:tail-bound=3:hidden=32,32", 10, "conv1x1",
       148297, false, larger_half},
      {"nsf-ar-6", "nflows", 6, "conv1x1,nsf-ar:bins=8:tail-bound=3:hidden=256,256", 10, "conv1x1",
       3004722, false, ""},
      {"realnvp-21", "nflows", 21, "realnvp:hidden=256,256", 10, "", 2715090, false, larger_half},
      {"seed-maf", "seed", 6, "maf:net=mlp:activation=tanh:hidden=25,23,reverse", 5, "", 3060, true,
       ""},
      {"seed-nsf-cl", "seed", 6, "nsf-cl:bins=5:tail-bound=3:net=mlp:activation=tanh:hidden=8,8",
       10, "", 4820, true, ""},
      {"seed-nsf-ar", "seed", 6, "nsf-ar:bins=5:tail-bound=3:net=mlp:activation=tanh:hidden=19,18",
       5, "", 5820, true,
       "no widths of one masked net have as many live weights as their five nets"},
      {"seed-realnvp", "seed", 6, "realnvp:net=mlp:activation=tanh:hidden=12,11", 10, "", 2620,
       true, "one net for shift and scale, theirs has one each"},
      {"seed-planar", "seed", 6, "planar", 5, "", 65, true, ""},
      {"seed-radial", "seed", 6, "radial", 5, "", 40, true, ""},
  };
  return all;
}

FlowSpec Configuration::flow() const {
  FlowSpec spec = parse_flow(block, layers);
  if (last.empty()) return spec;
  for (LinkSpec& link : parse_flow(last).links) spec.links.push_back(std::move(link));
  return spec;
}

Size Configuration::size() const {
  const auto ends_with = [](const std::string& text, const std::string& end) {
    return text.size() >= end.size() && text.compare(text.size() - end.size(), end.npos, end) == 0;
  };
  const Chain<float> chain(flow(), columns, 0, 0);
  const Blueprint& blueprint = chain.blueprint();
  Size size;
  for (std::size_t t = 0; t < blueprint.tensors().size(); ++t) {
    const TensorPlace& tensor = blueprint.tensors()[t];
    const std::vector<Index>& reach = blueprint.starts()[t].live;
    const Index stored = tensor.rows * tensor.cols;
    const Index live =
        reach.empty() ? stored : std::accumulate(reach.begin(), reach.end(), Index{});
    size.stored += stored;
    size.live += live;
    if (ends_with(tensor.name, ".weight")) {
      size.dense_macs += stored;
      size.live_macs += live;
    } else if (ends_with(tensor.name, ".lu")) {  // two triangles in one square
      size.dense_macs += 2 * stored;
      size.live_macs += stored;
    }
  }
  return size;
}

bool Configuration::matches(const Size& size) const {
  const Index difference = std::abs(comparable(size) - rival_parameters);
  return difference == 0 || (!note.empty() && 50 * difference <= rival_parameters);
}

}  // namespace nflow::bench
