"""The flows of bayesiains/nflows that nflow is put beside, from where it is installed."""
import sys
import types


def nflows_flow(kind, columns, layers, width, bins=8, dropout=0.0):
    """kind: maf, nsf-cl, nsf-ar or realnvp; conditioners are residual nets of two blocks."""
    # nflows imports it for a transform that is not used here.
    missing = types.ModuleType("UMNN")
    missing.NeuralIntegral = missing.ParallelNeuralIntegral = object
    sys.modules.setdefault("UMNN", missing)
    import torch
    from nflows import transforms
    from nflows.distributions.normal import StandardNormal
    from nflows.flows.base import Flow
    from nflows.nn.nets import ResidualNet
    spline = dict(num_bins=bins, tails="linear", tail_bound=3.0)
    sizes = dict(hidden_features=width, num_blocks=2, dropout_probability=dropout)
    masked = dict(features=columns, use_residual_blocks=True, **sizes)

    def net(inputs, outputs):
        return ResidualNet(inputs, outputs, **sizes)

    def link(layer):
        turns = torch.tensor([1 if (j + layer) % 2 == 0 else -1 for j in range(columns)])
        if kind == "maf":
            return transforms.MaskedAffineAutoregressiveTransform(**masked)
        if kind == "nsf-ar":
            return transforms.MaskedPiecewiseRationalQuadraticAutoregressiveTransform(
                **masked, **spline)
        if kind == "nsf-cl":
            return transforms.PiecewiseRationalQuadraticCouplingTransform(turns, net, **spline)
        return transforms.AffineCouplingTransform(turns, net)
    chain = []
    for layer in range(layers):
        if kind == "maf":
            chain.append(transforms.ReversePermutation(columns))
        if kind.startswith("nsf"):
            chain.append(transforms.LULinear(columns))
        chain.append(link(layer))
    if kind.startswith("nsf"):
        chain.append(transforms.LULinear(columns))
    return Flow(transforms.CompositeTransform(chain), StandardNormal([columns]))
