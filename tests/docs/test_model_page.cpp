#include <doctest/doctest.h>

#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "cli/parsing.h"
#include "docs/docs.h"
#include "nflow/model_file.h"
#include "nflow/registry.h"

using cli::Outcome;
using cli::Workdir;

namespace {

/// The script in Python that nflow-model(5) shows.
std::string script_of_the_page() {
  std::string script;
  bool inside = false;
  for (const std::string& line : docs::section(docs::source("man/nflow-model.5"), "EXAMPLES")) {
    if (line.compare(0, 7, "import ") == 0) inside = true;
    if (line == ".Ed") inside = false;
    if (inside) script += docs::unescaped(line) + "\n";
  }
  return script;
}

/// A tensor as the script prints it: name, type, shape, sum.
struct Line {
  std::string start;  ///< all but the sum
  double sum;
  double size = 0;  ///< sum of absolute values, to judge a difference by
};

template <class Numbers>
Line line(const std::string& name, const std::string& type, const std::string& shape,
          const Numbers& numbers) {
  Line result{name + " " + type + " " + shape, 0, 0};
  for (const auto number : numbers) {
    result.sum += static_cast<double>(number);
    result.size += std::abs(static_cast<double>(number));
  }
  return result;
}

std::string vector_shape(std::size_t n) { return "(" + std::to_string(n) + ",)"; }

/// What the script ought to print, in the order that nflow-model(5) promises.
std::vector<Line> expected(const nflow::Model& model) {
  std::vector<Line> lines;
  const auto add_scaler = [&](const std::string& name, const nflow::Scaler& scaler) {
    if (scaler.mean.empty()) return;
    const std::string shape = vector_shape(scaler.mean.size());
    lines.push_back(line(name + ".mean", "float64", shape, scaler.mean));
    lines.push_back(line(name + ".deviation", "float64", shape, scaler.deviation));
    if (scaler.low.empty()) return;
    lines.push_back(line(name + ".low", "float64", shape, scaler.low));
    lines.push_back(line(name + ".high", "float64", shape, scaler.high));
  };
  add_scaler("scaler", model.scaler);
  add_scaler("context_scaler", model.context_scaler);
  for (const nflow::Permutation& permutation : model.permutations) {
    const auto& index = permutation.index;
    lines.push_back(line(permutation.name, "int64", vector_shape(index.size()), index));
  }
  const auto columns = static_cast<nflow::Index>(model.columns.size());
  const nflow::Index context = model.context_features();
  const bool wide = model.precision() == nflow::Precision::float64;
  for (const nflow::TensorPlace& place :
       nflow::tensor_places(model.flow, columns, context, model.front())) {
    const std::string shape =
        "(" + std::to_string(place.rows) + ", " + std::to_string(place.cols) + ")";
    std::visit(
        [&](const auto& all) {
          const auto first = all.begin() + place.offset;
          const std::vector<double> numbers(first, first + place.rows * place.cols);
          lines.push_back(line(place.name, wide ? "float64" : "float32", shape, numbers));
        },
        model.parameters);
  }
  for (const auto& column : model.front().cells) {
    const std::vector<double>& mass = column->data().mass;
    lines.push_back(line("cells", "float64", vector_shape(mass.size()), mass));
  }
  return lines;
}

void check_script(const Workdir& dir, const std::vector<std::string>& options) {
  std::vector<std::string> words{"train", "data.csv", "-o", "m.nflow", "--max-steps", "5"};
  words.insert(words.end(), options.begin(), options.end());
  const Outcome trained = dir.nflow(words);
  REQUIRE_MESSAGE(trained.status == 0, trained.err);
  const Outcome script = dir.shell("/usr/bin/python3 tensors.py m.nflow");
  REQUIRE_MESSAGE(script.status == 0, script.err);

  const std::vector<std::string> printed = cli::lines(script.out);
  const std::vector<Line> wanted = expected(nflow::load_model(dir.path("m.nflow")));
  REQUIRE(printed.size() == wanted.size());
  for (std::size_t i = 0; i < printed.size(); ++i) {
    const std::size_t end = printed[i].rfind(' ');
    CHECK(printed[i].substr(0, end) == wanted[i].start);
    const double sum = cli::numbers(printed[i].substr(end + 1)).at(0);
    CHECK_MESSAGE(std::abs(sum - wanted[i].sum) <= 1e-12 * wanted[i].size, printed[i]);
  }

  if (cut_columns(nflow::load_model(dir.path("m.nflow")).supports) > 0) return;
  // And nflow info agrees on the columns.
  const Outcome info = dir.nflow({"info", "m.nflow", "--json"});
  REQUIRE(info.status == 0);
  const auto json = cli::parsed(info.out);
  double means = 0;
  for (const auto& column : json["columns"]) means += column["mean"].get<double>();
  CHECK(means == doctest::Approx(wanted[0].sum));
}

using Names = std::set<std::string>;

/// What stands in the entry of each kind of link in the page's list of parameters.
std::map<std::string, Names> names_of_parameters() {
  std::map<std::string, Names> names;
  Names kinds;
  bool inside = false;
  for (const std::string& line : docs::section(docs::source("man/nflow-model.5"), "DESCRIPTION")) {
    inside = inside || line == "The parameters are:";
    if (inside && line == ".El") break;
    const bool entry = line.compare(0, 7, ".It Cm ") == 0;  // ".It Cm realnvp , maf"
    if (!inside || (!entry && line.compare(0, 4, ".Cm ") != 0)) continue;
    if (entry) kinds.clear();
    std::istringstream words(line.substr(entry ? 7 : 4));
    for (std::string word; words >> word;) {
      if (entry) kinds.insert(word);
      for (const std::string& kind : kinds) names[kind].insert(word);
    }
  }
  return names;
}

/// Is it there as it is, or a layer and what it has: "net.in" and "weight"?
bool has(const Names& names, const std::string& parameter) {
  const std::size_t dot = parameter.rfind('.');
  if (names.count(parameter) == 1 || dot == parameter.npos) return names.count(parameter) == 1;
  return names.count(parameter.substr(0, dot)) == 1 && names.count(parameter.substr(dot + 1)) == 1;
}

}  // namespace

TEST_SUITE("docs") {
  TEST_CASE("the script of nflow-model(5) reads the tensors") {
    const Workdir dir;
    const std::string script = script_of_the_page();
    CHECK(cli::lines(script).size() == 13);
    dir.write("tensors.py", script);
    dir.write("data.csv", cli::table("abcd", 300));
    const std::string chain =
        "actnorm,conv1x1,planar,nsf-cl:bins=4:hidden=8,shuffle,maf:net=mlp:hidden=8,8,radial";
    check_script(dir, {"--flow", chain});
    check_script(dir, {"--flow", chain, "--precision", "double"});
    check_script(dir, {"--flow", chain, "--precision", "double", "--context", "d"});
    check_script(dir, {"--flow", chain, "--support", "c=CIRCULAR[-1000,1000]"});
    check_script(dir, {"--support", "a=REAL+{0}", "--support", "c=REAL+{1}"});
  }

  TEST_CASE("nflow-model(5) names every key of a description") {
    const std::string bytes = nflow::to_bytes(nflow::load_model(cli::conditional_model()));
    const auto length =
        static_cast<unsigned char>(bytes[0]) + 256u * static_cast<unsigned char>(bytes[1]);
    const auto header = cli::parsed(bytes.substr(8, length));
    const auto metadata = header["__metadata__"];
    const auto description = cli::parsed(metadata["nflow"].get<std::string>());
    std::set<std::string> named;  // ".Cm steps , seed ," and ".It Cm flow"
    for (const std::string& line : cli::lines(docs::source("man/nflow-model.5"))) {
      if (line.compare(0, 4, ".Cm ") != 0 && line.compare(0, 7, ".It Cm ") != 0) continue;
      std::istringstream words(line);
      for (std::string word; words >> word;) named.insert(word);
    }
    for (const auto& object : {metadata, description, description["training"]}) {
      for (const auto& item : object.items()) {
        if (item.key() == "format") continue;
        CHECK_MESSAGE(named.count(item.key()) == 1, item.key());
      }
    }
  }

  TEST_CASE("nflow-model(5) names the parameters of every kind of link") {
    const std::map<std::string, Names> names = names_of_parameters();
    for (const nflow::FlowKind* kind : nflow::flow_kinds()) {
      for (const nflow::NetKind net : {nflow::NetKind::residual, nflow::NetKind::mlp}) {
        nflow::LinkOptions options;
        options.hidden = {8};
        options.net = net;
        for (const nflow::TensorPlace& place :
             nflow::tensor_places({{{kind->name, options}}}, 3, 0)) {  // "1.actnorm.shift"
          const std::string name = place.name.substr(place.name.find('.') + 1);
          const std::size_t dot = name.find('.');
          const auto entry = names.find(name.substr(0, dot));
          CHECK_MESSAGE((entry != names.end() && has(entry->second, name.substr(dot + 1))),
                        place.name);
        }
      }
    }
  }

  TEST_CASE("the head of a model is what nflow-model(5) says") {
    const Workdir dir;
    const Outcome head = dir.shell("head -c 96 '" + cli::model() + "' | tail -c +9");
    std::string shown;
    for (const std::string& line : cli::lines(docs::source("man/nflow-model.5"))) {
      if (line.compare(0, 16, "{\"__metadata__\":") == 0 ||
          line.compare(0, 8, "\"size\":\"") == 0) {
        shown += line;
      }
    }
    REQUIRE(shown.size() == head.out.size());
    for (std::size_t i = 0; i < shown.size(); ++i) {
      const bool digit = shown[i] == 'D' || shown[i] == 'S';
      CHECK((digit ? std::isxdigit(static_cast<unsigned char>(head.out[i])) != 0
                   : head.out[i] == shown[i]));
    }
    CHECK(shown.find('D') == 52 - 8);
    CHECK(shown.find('S') == 78 - 8);
  }
}
