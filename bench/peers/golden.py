#!/usr/bin/python3
"""Makes the golden files of nn and losses with PyTorch.

Made with Python 3.11.2, PyTorch 1.13.0a0, NumPy 1.24.2 (Debian 12) on a CPU, one
thread. Run from the repository's root:

    /usr/bin/python3 bench/peers/golden.py

It writes layers.json, models.json and large.json in nn/testdata, and
losses/testdata/losses.json. Numbers are the shortest that read back as the
same bits.
"""

import json
import math

import numpy as np
import torch
from torch import nn
from torch.nn import functional as f

torch.set_num_threads(1)
torch.use_deterministic_algorithms(True)

DTYPES = {"float32": torch.float32, "float64": torch.float64}


def numbers(t):
    """The elements of a tensor as a flat list of floats."""
    flat = t.detach().numpy().ravel()
    if flat.dtype == np.float32:
        return [float(str(v)) for v in flat]
    return [float(v) for v in flat]


def array(t):
    return {"shape": list(t.shape), "data": numbers(t)}


def kaiming(module, dtype, seed):
    """Parameters that are away from their defaults, so that none goes unseen."""
    torch.manual_seed(seed)
    module = module.to(dtype)
    with torch.no_grad():
        for p in module.parameters():
            p.copy_(torch.randn(p.shape, dtype=dtype) * 0.5)
        for name, b in module.named_buffers():
            if "running" in name:
                b.copy_(torch.rand(b.shape, dtype=dtype) + 0.25)
    return module


def buffers(module):
    return {n: numbers(b) for n, b in module.named_buffers() if "running" in n}


def layer_case(name, dtype_name, kind, module, shape, rename=lambda n: n, train=True, **fields):
    """One layer: value, running moments and all gradients for a random cotangent.

    fields are the hyperparameters of the layer on our side; the shapes of
    parameters and buffers are added from the module.
    """
    dtype = DTYPES[dtype_name]
    module = kaiming(module, dtype, len(name)).train(train)
    x = torch.randn(shape, dtype=dtype, requires_grad=True)
    arrays = {rename(n): p for n, p in module.named_parameters()}
    architecture = {"kind": kind, **fields}
    for n, t in arrays.items():
        architecture[n] = list(t.shape)
    for n, b in module.named_buffers():
        if "running" in n:
            architecture[n] = list(b.shape)
    case = {
        "name": name, "dtype": dtype_name, "train": train, "architecture": architecture,
        "params": {n: numbers(p) for n, p in arrays.items()}, "buffers": buffers(module), "x": array(x),
    }
    y = module(x)
    dy = torch.randn(y.shape, dtype=dtype)
    y.backward(dy)
    case |= {
        "y": array(y), "dy": numbers(dy), "dx": numbers(x.grad),
        "grads": {n: numbers(p.grad) for n, p in arrays.items()}, "buffers_after": buffers(module),
    }
    return case


class Gelu(nn.Module):
    def __init__(self, form):
        super().__init__()
        self.form = form

    def forward(self, x):
        return f.gelu(x, approximate=self.form)


def layers():
    plain = {"stride": [1, 1], "padding": [0, 0], "dilation": [1, 1], "groups": 1}
    norm = {"momentum": 0.1, "epsilon": 1e-5}
    for d in DTYPES:
        yield layer_case("linear", d, "linear", nn.Linear(5, 3), (4, 5))
        yield layer_case("linear without bias", d, "linear", nn.Linear(5, 3, bias=False), (4, 5))
        yield layer_case("conv2d", d, "conv2d", nn.Conv2d(2, 3, 3), (2, 2, 5, 6), **plain)
        yield layer_case("conv2d stride, padding, dilation", d, "conv2d",
                         nn.Conv2d(2, 3, (3, 2), stride=(2, 1), padding=(1, 2), dilation=(2, 3)), (2, 2, 7, 6),
                         stride=[2, 1], padding=[1, 2], dilation=[2, 3], groups=1)
        yield layer_case("conv2d groups without bias", d, "conv2d", nn.Conv2d(4, 6, 3, padding=1, groups=2, bias=False),
                         (2, 4, 4, 4), stride=[1, 1], padding=[1, 1], dilation=[1, 1], groups=2)
        yield layer_case("conv2d depthwise", d, "conv2d", nn.Conv2d(3, 6, 2, stride=2, groups=3),
                         (1, 3, 5, 5), stride=[2, 2], padding=[0, 0], dilation=[1, 1], groups=3)
        yield layer_case("maxpool2d", d, "maxpool2d", nn.MaxPool2d(2), (2, 2, 5, 4),
                         kernel=[2, 2], stride=[2, 2], padding=[0, 0])
        yield layer_case("maxpool2d overlapping and padded", d, "maxpool2d",
                         nn.MaxPool2d((3, 2), stride=(1, 2), padding=(1, 1)), (2, 2, 5, 5),
                         kernel=[3, 2], stride=[1, 2], padding=[1, 1])
        yield layer_case("avgpool2d", d, "avgpool2d", nn.AvgPool2d(2), (2, 2, 5, 4),
                         kernel=[2, 2], stride=[2, 2], padding=[0, 0], exclude_padding=False)
        yield layer_case("avgpool2d padded", d, "avgpool2d", nn.AvgPool2d((3, 2), stride=(2, 1), padding=(1, 1)), (2, 1, 5, 5),
                         kernel=[3, 2], stride=[2, 1], padding=[1, 1], exclude_padding=False)
        yield layer_case("avgpool2d without its padding", d, "avgpool2d",
                         nn.AvgPool2d((3, 2), stride=(2, 1), padding=(1, 1), count_include_pad=False), (2, 1, 5, 5),
                         kernel=[3, 2], stride=[2, 1], padding=[1, 1], exclude_padding=True)
        for train in (True, False):
            mode = "training" if train else "evaluating"
            yield layer_case(f"batchnorm of vectors, {mode}", d, "batchnorm", nn.BatchNorm1d(3), (5, 3), train=train, **norm)
            yield layer_case(f"batchnorm of images, {mode}", d, "batchnorm", nn.BatchNorm2d(2, eps=1e-3, momentum=0.3), (3, 2, 3, 4),
                             train=train, momentum=0.3, epsilon=1e-3)
        yield layer_case("batchnorm without weights", d, "batchnorm", nn.BatchNorm1d(3, affine=False), (5, 3), **norm)
        yield layer_case("layernorm", d, "layernorm", nn.LayerNorm(6), (4, 6), epsilon=1e-5)
        yield layer_case("layernorm over two dimensions", d, "layernorm", nn.LayerNorm((2, 3), eps=1e-2), (3, 2, 2, 3), epsilon=1e-2)
        yield layer_case("relu", d, "relu", nn.ReLU(), (4, 5))
        yield layer_case("leakyrelu", d, "leakyrelu", nn.LeakyReLU(0.2), (4, 5), slope=0.2)
        yield layer_case("gelu", d, "gelu", Gelu("none"), (4, 5), approximate=False)
        yield layer_case("gelu by tanh", d, "gelu", Gelu("tanh"), (4, 5), approximate=True)
        yield layer_case("silu", d, "silu", nn.SiLU(), (4, 5))
        yield layer_case("tanh", d, "tanh", nn.Tanh(), (4, 5))
        yield layer_case("sigmoid", d, "sigmoid", nn.Sigmoid(), (4, 5))
        yield layer_case("softplus", d, "softplus", nn.Softplus(), (4, 5))
        yield layer_case("flatten", d, "flatten", nn.Flatten(), (2, 3, 2))
        yield layer_case("dropout, evaluating", d, "dropout", nn.Dropout(0.5), (4, 5), train=False, rate=0.5)


def model_case(name, spec, module, shape, classes):
    """A whole network in float32: logits, loss, and the gradient of every parameter."""
    module = kaiming(module, torch.float32, len(name))
    x = torch.rand(shape)
    labels = torch.randint(0, classes, (shape[0],))
    logits = module(x)
    loss = f.cross_entropy(logits, labels)
    loss.backward()
    return {
        "name": name, "spec": spec, "classes": classes, "x": array(x), "labels": labels.tolist(),
        "params": {n: numbers(p) for n, p in module.named_parameters()},
        "logits": numbers(logits), "loss": numbers(loss)[0],
        "grads": {n: numbers(p.grad) for n, p in module.named_parameters()},
    }


def formula(shape, seed, bits):
    """Numbers in [-1, 1) times 2^-bits that any language makes exactly alike."""
    i = np.arange(math.prod(shape), dtype=np.uint64)
    hashed = i * np.uint64(2654435761) + np.uint64(seed) * np.uint64(40503)
    for _ in range(2):
        hashed %= np.uint64(1 << 32)
        hashed = (hashed ^ (hashed >> np.uint64(15))) * np.uint64(0x2C1B3C6D)
    hashed %= np.uint64(1 << 32)
    k = (hashed >> np.uint64(21)).astype(np.int64) - 1024
    return torch.tensor((k / 2.0 ** (10 + bits)).astype(np.float32)).reshape(shape)


def large_case():
    """The 784-512-256-10 network, its numbers by formula, gradients by samples."""
    module = nn.Sequential(nn.Linear(784, 512), nn.ReLU(), nn.Linear(512, 256), nn.ReLU(), nn.Linear(256, 10))
    with torch.no_grad():
        for seed, p in enumerate(module.parameters()):
            p.copy_(formula(tuple(p.shape), seed, 4))
    x = formula((8, 784), 99, 0)
    labels = torch.arange(8) * 3 % 10
    logits = module(x)
    loss = f.cross_entropy(logits, labels)
    loss.backward()
    grads = {}
    for n, p in module.named_parameters():
        g = p.grad.ravel()
        stride = max(1, g.numel() // 40)
        grads[n] = {"stride": stride, "samples": numbers(g[::stride]), "sum_squares": float((g.double() ** 2).sum())}
    return {"logits": numbers(logits), "labels": labels.tolist(), "loss": numbers(loss)[0], "grads": grads}


def loss_case(name, dtype_name, loss, z, call, **inputs):
    z = z.detach().clone().requires_grad_()
    value = call(z)
    value.backward()
    return {"name": name, "dtype": dtype_name, "loss": loss, "x": array(z), **inputs,
            "value": numbers(value)[0], "grad": numbers(z.grad)}


def losses():
    for d, dtype in DTYPES.items():
        torch.manual_seed(5)
        z = torch.randn((6, 4), dtype=dtype) * 3
        labels = torch.tensor([0, 3, 1, 1, 2, 0])
        some = torch.tensor([0, -1, 1, 3, -1, 0])
        weights = torch.tensor([1.0, 0.5, 2.0, 0.25], dtype=dtype)
        soft = torch.softmax(torch.randn((6, 4), dtype=dtype), 1)
        w = numbers(weights)
        targets = array(soft)
        for how in ("mean", "sum"):
            for smoothing in (0.0, 0.3):
                kind = f"{how}, smoothing {smoothing}"
                o = {"reduction": how, "smoothing": smoothing}
                p = {"reduction": how, "label_smoothing": smoothing}
                yield loss_case(kind, d, "cross_entropy", z,
                                lambda x: f.cross_entropy(x, labels, **p), labels=labels.tolist(), **o)
                yield loss_case(kind + ", weights and ignored rows", d, "cross_entropy", z,
                                lambda x: f.cross_entropy(x, some, weight=weights, ignore_index=-1, **p),
                                labels=some.tolist(), weights=w, **o)
                yield loss_case(kind, d, "cross_entropy_soft", z,
                                lambda x: f.cross_entropy(x, soft, **p), targets=targets, **o)
                yield loss_case(kind + ", weights", d, "cross_entropy_soft", z,
                                lambda x: f.cross_entropy(x, soft, weight=weights, **p), targets=targets, weights=w, **o)
            yield loss_case(how, d, "mse", z, lambda x: f.mse_loss(x, soft, reduction=how), targets=targets, reduction=how)
            yield loss_case(how, d, "binary_cross_entropy", z,
                            lambda x: f.binary_cross_entropy_with_logits(x, soft, reduction=how), targets=targets, reduction=how)


def write(path, value):
    """Writes one case a line."""
    if isinstance(value, list):
        text = "[\n" + ",\n".join(json.dumps(v, separators=(",", ":")) for v in value) + "\n]\n"
    else:
        text = json.dumps(value, separators=(",", ":")) + "\n"
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    print(f"{path}: {len(text)} bytes")


def main():
    write("nn/testdata/layers.json", list(layers()))
    mlp = nn.Sequential(nn.Flatten(), nn.Linear(16, 12), nn.ReLU(), nn.Linear(12, 8), nn.ReLU(), nn.Linear(8, 5))
    cnn = nn.Sequential(nn.Conv2d(1, 4, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(4, 6, 3, padding=1), nn.ReLU(),
                        nn.MaxPool2d(2), nn.Flatten(), nn.Linear(24, 8), nn.ReLU(), nn.Linear(8, 5))
    write("nn/testdata/models.json", [
        model_case("mlp", "mlp:12,8", mlp, (7, 4, 4), 5),
        model_case("cnn", "cnn:4,6/8", cnn, (5, 1, 8, 8), 5),
    ])
    write("nn/testdata/large.json", large_case())
    write("losses/testdata/losses.json", list(losses()))


if __name__ == "__main__":
    main()
