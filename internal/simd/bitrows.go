package simd

import "fmt"

//go:generate go -C gen run ./popcount

// BitRows is a table of rows of bits, such as the signs of a layer's weights,
// arranged once for the processor. Each row has a limit, which [BitRows.AtMost]
// compares with. Once filled it may be used by many at a time.
type BitRows struct {
	rows, words int
	bits        bitLayout
}

// bitLayout holds the bits and the limits in the order that its loops want.
type bitLayout interface {
	setBit(row, bit int)
	setLimit(row int, limit int64)
	// differences and atMost are the methods of BitRows for n examples.
	differences(counts, x []uint64, n int, s *BitScratch)
	atMost(set, x []uint64, n int, s *BitScratch)
}

// BitScratch is the working memory of one goroutine. The zero value is ready.
type BitScratch struct {
	sums   []uint64
	tables []byte
	counts []uint16
}

// NewBitRows returns rows of zeros of the given number of bits, with limits of
// −1. It panics unless there is at least one of each.
func NewBitRows(rows, bits int) *BitRows {
	if rows < 1 || bits < 1 {
		panic(fmt.Sprintf("simd.NewBitRows: %d rows of %d bits: want at least one of each", rows, bits))
	}
	return &BitRows{rows: rows, words: (bits + 63) / 64, bits: newBitLayout(rows, bits)}
}

// Rows is the number of rows.
func (b *BitRows) Rows() int { return b.rows }

// InWords is the number of words of an example.
func (b *BitRows) InWords() int { return b.words }

// OutWords is the number of words that [BitRows.AtMost] makes of an example.
func (b *BitRows) OutWords() int { return (b.rows + 63) / 64 }

// SetBit makes a bit of a row 1.
func (b *BitRows) SetBit(row, bit int) { b.bits.setBit(row, bit) }

// SetLimit sets the most differing bits at which AtMost keeps a row: it never
// does at −1.
func (b *BitRows) SetLimit(row int, limit int64) { b.bits.setLimit(row, limit) }

// Differences computes counts[Rows·e + r] = how many bits of row r differ from
// example e, the words x[InWords·e:], whose bits beyond a row's are 0. With bits
// for the signs of n numbers ±1 the inner product is n − 2·counts. It runs on
// the caller.
func (b *BitRows) Differences(counts, x []uint64, s *BitScratch) {
	b.bits.differences(counts, x, b.examples("simd.BitRows.Differences", len(counts), b.rows, len(x)), s)
}

// AtMost sets bit r of the words set[OutWords·e:] where row r differs from
// example e, the words x[InWords·e:], in at most its limit of bits: a layer and
// its threshold in one. Bits beyond the rows become 0. It runs on the caller.
func (b *BitRows) AtMost(set, x []uint64, s *BitScratch) {
	b.bits.atMost(set, x, b.examples("simd.BitRows.AtMost", len(set), b.OutWords(), len(x)), s)
}

// examples is how many there are in so many words, with so many results each.
func (b *BitRows) examples(op string, got, results, words int) int {
	n := words / b.words
	if words != n*b.words || got != n*results {
		panic(fmt.Sprintf("%s: %d words for %d words of examples: want %d for each %d", op, got, words, results, b.words))
	}
	return n
}
