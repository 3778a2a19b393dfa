#!/usr/bin/env python3
"""Runs scikit-learn's k-means on the MNIST training images from given centres, to hold against
`gradus cluster mnist -k K --start CENTRES`. Prints one JSON object with the inertia a point, the
iterations and the time. Needs scikit-learn and NumPy (written for 1.2 and 1.24).

usage: gradus cluster mnist -k 10 --updates 0 --centres start.npy
       gradus cluster mnist --start start.npy --json
       cluster.py --mnist DIR --start start.npy
"""
import argparse, gzip, json, os, time, warnings

ap = argparse.ArgumentParser()
ap.add_argument("--mnist", required=True)
ap.add_argument("--start", required=True)
ap.add_argument("--threads", type=int, default=2)
args = ap.parse_args()
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[name] = str(args.threads)

import numpy as np
from sklearn.cluster import KMeans

warnings.filterwarnings("ignore")
x = np.frombuffer(gzip.open(os.path.join(args.mnist, "train-images-idx3-ubyte.gz")).read()[16:], np.uint8)
x = x.reshape(-1, 784).astype(np.float32) / 255
start = np.load(args.start).astype(np.float32)
begun = time.time()
k = KMeans(n_clusters=len(start), init=start, n_init=1, max_iter=1000, tol=0, algorithm="lloyd").fit(x)
print(json.dumps({"peer": "sklearn", "k": len(start), "inertia_per_point": float(k.inertia_) / len(x), "iterations": k.n_iter_, "seconds": round(time.time() - begun, 2)}))
