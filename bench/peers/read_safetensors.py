#!/usr/bin/python3
"""Exchanges models with PyTorch through model.json and weights.safetensors.

    read_safetensors.py make FOLDER     a PyTorch model in our format, with a
                                        batch and PyTorch's logits for it in
                                        FOLDER/batch.safetensors: the golden
                                        data of modelfile/testdata/torch
    read_safetensors.py check FOLDER    our model in PyTorch: load_state_dict
                                        with our names as they are, and its
                                        logits against ours in batch.safetensors

The safetensors format is read and written by hand: PyTorch and NumPy are all
this needs. Made with PyTorch 1.13.0a0, NumPy 1.24.2, Python 3.11.
"""
import json
import struct
import sys
from pathlib import Path

import numpy as np
import torch
from torch import nn

KINDS = {  # a layer's description to its PyTorch twin
    "flatten": lambda a: nn.Flatten(),
    "relu": lambda a: nn.ReLU(),
    "gelu": lambda a: nn.GELU(),
    "leakyrelu": lambda a: nn.LeakyReLU(a["slope"]),
    "dropout": lambda a: nn.Dropout(),
    "linear": lambda a: nn.Linear(a["weight"][1], a["weight"][0], "bias" in a),
    "batchnorm": lambda a: nn.BatchNorm2d(a["running_mean"][0], a["epsilon"], a["momentum"]),
    "maxpool2d": lambda a: nn.MaxPool2d(a["kernel"], a["stride"], a["padding"]),
    "conv2d": lambda a: nn.Conv2d(
        a["weight"][1] * a["groups"], a["weight"][0], a["weight"][2:], a["stride"], a["padding"], a["dilation"], a["groups"], "bias" in a
    ),
}


def read(path):
    data = Path(path).read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    header.pop("__metadata__", None)
    body = data[8 + length :]
    return {
        name: torch.from_numpy(np.frombuffer(body[slice(*t["data_offsets"])], "<f4").reshape(t["shape"]).copy())
        for name, t in header.items()
        if t["dtype"] == "F32"
    }


def write(path, tensors):
    header, body = {}, b""
    for name, t in sorted(tensors.items()):
        data = t.detach().numpy().astype("<f4").tobytes()
        header[name] = {"dtype": "F32", "shape": list(t.shape), "data_offsets": [len(body), len(body) + len(data)]}
        body += data
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    Path(path).write_bytes(struct.pack("<Q", len(text)) + text + body)


def build(layers):
    return nn.Sequential(*[KINDS[a["kind"]](a) for a in layers]).eval()


def check(folder):
    model = build(json.loads((folder / "model.json").read_text())["architecture"]["layers"])
    # PyTorch's BatchNorm also counts batches, which changes no result.
    missing, unexpected = model.load_state_dict(read(folder / "weights.safetensors"), strict=False)
    assert not unexpected and all(name.endswith("num_batches_tracked") for name in missing), (missing, unexpected)
    batch = read(folder / "batch.safetensors")
    with torch.no_grad():
        error = (model(batch["x"]) - batch["logits"]).abs().max().item()
    size = batch["logits"].abs().max().item()
    print(f"{len(batch['x'])} examples, {len(model)} layers: largest difference of logits {error:.2e}, largest logit {size:.2e}")
    assert error <= 1e-5 * size


def make(folder):
    torch.manual_seed(1)
    layers = [
        {"kind": "conv2d", "weight": [4, 2, 3, 3], "bias": [4], "stride": [1, 1], "padding": [1, 1], "dilation": [1, 1], "groups": 1},
        {"kind": "batchnorm", "weight": [4], "bias": [4], "running_mean": [4], "running_var": [4], "momentum": 0.1, "epsilon": 1e-5},
        {"kind": "relu"},
        {"kind": "maxpool2d", "kernel": [2, 2], "stride": [2, 2], "padding": [0, 0]},
        {"kind": "conv2d", "weight": [6, 2, 3, 2], "stride": [2, 1], "padding": [1, 0], "dilation": [1, 2], "groups": 2},
        {"kind": "leakyrelu", "slope": 0.01},
        {"kind": "flatten"},
        {"kind": "linear", "weight": [7, 24], "bias": [7]},
        {"kind": "gelu", "approximate": False},
        {"kind": "linear", "weight": [3, 7]},
    ]
    model = build(layers)
    for name, t in model.state_dict().items():  # moments as after training
        if name.endswith("running_mean"):
            t.copy_(torch.randn(t.shape))
        if name.endswith("running_var"):
            t.copy_(torch.rand(t.shape) + 0.5)
    folder.mkdir(parents=True, exist_ok=True)
    description = {
        "format": "gradus-model",
        "version": 1,
        "architecture": {"kind": "sequential", "layers": layers},
        "input": [2, 6, 8],
        "classes": ["a", "b", "c"],
        "preprocess": {},
        "training": {"data": "PyTorch " + torch.__version__},
    }
    (folder / "model.json").write_text(json.dumps(description, indent=1) + "\n")
    write(folder / "weights.safetensors", {k: v for k, v in model.state_dict().items() if not k.endswith("num_batches_tracked")})
    x = 30 * torch.randn(5, *description["input"])
    write(folder / "batch.safetensors", {"x": x, "logits": model(x)})


{"make": make, "check": check}[sys.argv[1]](Path(sys.argv[2]))
