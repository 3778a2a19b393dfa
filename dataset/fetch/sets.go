package fetch

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Set is a data set: its files, and the folders of the web that hold them.
type Set struct {
	Name, Description string
	Mirrors           []string // addresses that end in a slash, tried in order
	Files             []File
	Classes           []string // names, written to classes.txt; nil if numbers say it all
}

// File is what a right copy of a file is.
type File struct {
	Name   string
	Size   int64
	SHA256 string // lower-case hexadecimal
}

// Sets returns the data sets that can be fetched.
//
// The sums of MNIST are those of the files that LeCun, Cortes and Burges
// published; the sums of Fashion-MNIST belong to the files whose MD5 sums Xiao,
// Rasul and Vollgraf list (github.com/zalandoresearch/fashion-mnist).
func Sets() []Set {
	return []Set{
		{
			Name:        "mnist",
			Description: "handwritten digits (LeCun, Cortes and Burges), 28 × 28, 10 classes, 60000 + 10000; 12 MB",
			Mirrors: []string{
				"https://ossci-datasets.s3.amazonaws.com/mnist/",
				"https://storage.googleapis.com/cvdf-datasets/mnist/",
			},
			Files: []File{
				{"train-images-idx3-ubyte.gz", 9912422, "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"},
				{"train-labels-idx1-ubyte.gz", 28881, "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"},
				{"t10k-images-idx3-ubyte.gz", 1648877, "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"},
				{"t10k-labels-idx1-ubyte.gz", 4542, "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"},
			},
		},
		{
			Name:        "fashion-mnist",
			Description: "articles of clothing (Zalando Research), 28 × 28, 10 classes, 60000 + 10000; 31 MB",
			Mirrors: []string{
				"http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
				"https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
			},
			Files: []File{
				{"train-images-idx3-ubyte.gz", 26421880, "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84"},
				{"train-labels-idx1-ubyte.gz", 29515, "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845"},
				{"t10k-images-idx3-ubyte.gz", 4422102, "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073"},
				{"t10k-labels-idx1-ubyte.gz", 5148, "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5"},
			},
			Classes: []string{"T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"},
		},
	}
}

// Find returns the set of a name.
func Find(name string) (Set, error) {
	var names []string
	for _, set := range Sets() {
		if set.Name == name {
			return set, nil
		}
		names = append(names, set.Name)
	}
	return Set{}, fmt.Errorf("data set %q: want one of %s", name, strings.Join(names, ", "))
}

// Folder returns where a set is kept unless somebody says otherwise: a folder
// of its name in gradus, in the user's cache folder.
func Folder(name string) (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	return filepath.Join(cache, "gradus", name), nil
}
