#!/usr/bin/python3
"""Writes optim/testdata/torch.json: 100 steps of PyTorch's optimisers.

Made with torch 1.13.0, float64, on a fixed badly scaled quadratic
L = theta'Q theta/2 - c'theta of three coordinates, with a starting point and
hyperparameters that are in the file. Run from the root of the repository:

    /usr/bin/python3 bench/peers/optim_golden.py
"""
import json

import torch

Q = torch.tensor([[4.0, 0.3, -0.2], [0.3, 1.0, 0.1], [-0.2, 0.1, 0.05]], dtype=torch.float64)
C = torch.tensor([1.0, -2.0, 0.5], dtype=torch.float64)
START = [1.5, -0.5, 2.0]
STEPS = 100

CASES = {
    "sgd": lambda p: torch.optim.SGD(p, lr=0.05),
    "sgd_coupled": lambda p: torch.optim.SGD(p, lr=0.05, weight_decay=0.1),
    "momentum": lambda p: torch.optim.SGD(p, lr=0.02, momentum=0.9),
    "momentum_coupled": lambda p: torch.optim.SGD(p, lr=0.02, momentum=0.9, weight_decay=0.1),
    "nesterov": lambda p: torch.optim.SGD(p, lr=0.02, momentum=0.9, nesterov=True),
    "ema_first_gradient": lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9, dampening=0.9),
    "adam": lambda p: torch.optim.Adam(p, lr=0.01),
    "adam_coupled": lambda p: torch.optim.Adam(p, lr=0.01, weight_decay=0.1),
    "adamw": lambda p: torch.optim.AdamW(p, lr=0.01, weight_decay=0.1),
    "sgd_clipped": lambda p: torch.optim.SGD(p, lr=0.05, weight_decay=0.1),
}


def run(name, make):
    theta = torch.nn.Parameter(torch.tensor(START, dtype=torch.float64))
    optimiser = make([theta])
    path = []
    for _ in range(STEPS):
        optimiser.zero_grad()
        loss = theta @ Q @ theta / 2 - C @ theta
        loss.backward()
        if name == "sgd_clipped":
            torch.nn.utils.clip_grad_norm_([theta], 0.5)
        optimiser.step()
        path.append(theta.detach().tolist())
    return path


with open("optim/testdata/torch.json", "w") as f:
    json.dump({
        "made_with": "bench/peers/optim_golden.py, torch " + torch.__version__,
        "Q": Q.tolist(), "c": C.tolist(), "start": START,
        "theta_after_each_step": {name: run(name, make) for name, make in CASES.items()},
    }, f)
    f.write("\n")
