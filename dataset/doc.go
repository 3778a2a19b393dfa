// Package dataset reads examples: from files, from memory, or drawn on demand.
//
// A [Source] is a set of examples with random access. [Open] makes one of a
// folder, a file or a known name; [HoldOut], [Subset] and [First] make smaller
// ones of it. A [Loader] turns a source into batches, shuffled, augmented and
// read ahead, and does so reproducibly: the data position of a training run is
// the pair (epoch, batch) and nothing else.
//
// The formats are packages of their own below this one (dataset/idx,
// dataset/csv, dataset/npy, dataset/imagefile), as are the digits that need no
// file (dataset/glyphs) and the downloads (dataset/fetch).
package dataset
