#include <iostream>

#include "nflow/evaluator.h"
#include "nflow/model_file.h"

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const nflow::Model model = nflow::load_model(argv[1]);
  nflow::Evaluator flow(model, /*threads=*/1);
  const nflow::RowMatrix context(3, 0);  // none
  nflow::RowMatrix rows;
  std::vector<double> log_prob;
  flow.sample(/*seed=*/1, /*first=*/0, /*n=*/3, context, /*temperature=*/1, rows);
  flow.log_prob(rows, context, log_prob);
  for (int i = 0; i < 3; ++i) std::cout << rows.row(i) << "  log p = " << log_prob[i] << '\n';
}
