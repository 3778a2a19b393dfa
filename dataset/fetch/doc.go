// Package fetch downloads the public data sets that Gradus knows by name, from
// several mirrors, and keeps only files that have the right checksum.
//
//	set, err := fetch.Find("mnist")
//	dir, err := fetch.Folder(set.Name)
//	err = fetch.Default().Fetch(ctx, set, dir)
//
// A file is written under another name, checked, and only then put in its
// place; what is in place and right is not downloaded again. A mirror that
// fails, stalls or sends something else is left for the next one.
package fetch
