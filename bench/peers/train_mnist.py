#!/usr/bin/env python3
"""Trains in PyTorch what `gradus train --data mnist --model SPEC` trains: the same layers, initialisation,
batch size, optimiser, schedule and epochs, on the same files. Prints one JSON object with the test accuracy
and the wall time of the training loop.

The peer gets its best setting: the images stay in memory as one float tensor and a batch is one index, so
nothing is spent on a DataLoader. Needs PyTorch and NumPy (written for 1.13 and 1.24).

usage: train_mnist.py --mnist DIR --model mlp:512,256 [--epochs 5] [--batch 128] [--lr 0.002]
"""
import argparse, gzip, json, os, time

if os.path.exists("/proc/cpuinfo") and " avx512f " in open("/proc/cpuinfo").read():
    os.environ["OPENBLAS_CORETYPE"] = "SkylakeX"  # OpenBLAS does not know newer processors by itself

import numpy as np
import torch, torch.nn as nn, torch.nn.functional as F

ap = argparse.ArgumentParser()
ap.add_argument("--mnist", required=True)
ap.add_argument("--model", default="mlp:512,256")
ap.add_argument("--epochs", type=int, default=5)
ap.add_argument("--batch", type=int, default=128)
ap.add_argument("--lr", type=float, default=0.002)
ap.add_argument("--seed", type=int, default=1)
ap.add_argument("--threads", type=int, default=2)
args = ap.parse_args()
torch.set_num_threads(args.threads)
torch.manual_seed(args.seed)


def load(kind):
    path = os.path.join(args.mnist, kind)
    images = np.frombuffer(gzip.open(path + "-images-idx3-ubyte.gz").read()[16:], np.uint8).reshape(-1, 784)
    labels = np.frombuffer(gzip.open(path + "-labels-idx1-ubyte.gz").read()[8:], np.uint8)
    return torch.tensor(images.astype(np.float32) / 255), torch.tensor(labels.astype(np.int64))


x, y = load("train")
test_x, test_y = load("t10k")
mean, std = x.mean(), x.std()
x, test_x = (x - mean) / std, (test_x - mean) / std

kind, _, widths = args.model.partition(":")
layers = []
if kind == "mlp":
    sizes = [784] + [int(w) for w in widths.split(",")]
    for a, b in zip(sizes, sizes[1:]):
        layers += [nn.Linear(a, b), nn.ReLU()]
    layers.append(nn.Linear(sizes[-1], 10))
else:
    convs, _, hidden = widths.partition("/")
    channels, side = [1] + [int(w) for w in convs.split(",")], 28
    x, test_x = x.reshape(-1, 1, 28, 28), test_x.reshape(-1, 1, 28, 28)
    for a, b in zip(channels, channels[1:]):
        layers += [nn.Conv2d(a, b, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)]
        side //= 2
    sizes = [channels[-1] * side * side] + [int(w) for w in hidden.split(",")]
    layers.append(nn.Flatten())
    for a, b in zip(sizes, sizes[1:]):
        layers += [nn.Linear(a, b), nn.ReLU()]
    layers.append(nn.Linear(sizes[-1], 10))
model = nn.Sequential(*layers)

steps = args.epochs * ((len(x) + args.batch - 1) // args.batch)
optimiser = torch.optim.Adam(model.parameters(), lr=args.lr)
schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps)
start = time.perf_counter()
for _ in range(args.epochs):
    order = torch.randperm(len(x))
    for at in range(0, len(x), args.batch):
        batch = order[at:at + args.batch]
        optimiser.zero_grad()
        F.cross_entropy(model(x[batch]), y[batch]).backward()
        optimiser.step()
        schedule.step()
seconds = time.perf_counter() - start
model.eval()
with torch.no_grad():
    right = sum((model(test_x[i:i + 1000]).argmax(1) == test_y[i:i + 1000]).sum().item() for i in range(0, len(test_x), 1000))
print(json.dumps({"peer": "torch " + torch.__version__, "model": args.model, "accuracy": right / len(test_x), "seconds": round(seconds, 2),
                  "epochs": args.epochs, "batch": args.batch, "threads": args.threads}))
