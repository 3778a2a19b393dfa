package imagefile_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/gradus-ml/gradus/dataset/imagefile"
)

// halves is red on the left and white on the right.
func halves(w, h int) image.Image {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for i := range w * h {
		c := color.RGBA{255, 0, 0, 255}
		if i%w >= w/2 {
			c = color.RGBA{255, 255, 255, 255}
		}
		img.SetRGBA(i%w, i/w, c)
	}
	return img
}

func encode(t testing.TB, img image.Image, asJPEG bool) []byte {
	t.Helper()
	var b bytes.Buffer
	err := png.Encode(&b, img)
	if asJPEG {
		b.Reset()
		err = jpeg.Encode(&b, img, &jpeg.Options{Quality: 100})
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestOpen(t *testing.T) {
	for _, asJPEG := range []bool{false, true} {
		path := filepath.Join(t.TempDir(), "picture")
		if err := os.WriteFile(path, encode(t, halves(32, 16), asJPEG), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, size := range [][2]int{{16, 32}, {4, 8}, {32, 64}} { // as it is, smaller, larger
			grey, err := imagefile.Open(path, 1, size[0], size[1])
			if err != nil {
				t.Fatal(err)
			}
			rgb, err := imagefile.Open(path, 3, size[0], size[1])
			if err != nil {
				t.Fatal(err)
			}
			near := func(what string, got float32, want float64) {
				if math.Abs(float64(got)-want) > 0.02 {
					t.Errorf("jpeg %t, size %v, %s: got %v: want %v", asJPEG, size, what, got, want)
				}
			}
			near("grey left", grey.At(0, 1, 0), 0.299)
			near("grey right", grey.At(0, 1, size[1]-1), 1)
			near("red left", rgb.At(0, 1, 0), 1)
			near("green left", rgb.At(1, 1, 0), 0)
			near("blue right", rgb.At(2, 1, size[1]-1), 1)
		}
	}
}

func TestTransparentIsBlack(t *testing.T) {
	img := image.NewNRGBA(image.Rect(0, 0, 2, 1))
	img.SetNRGBA(0, 0, color.NRGBA{255, 255, 255, 0})
	img.SetNRGBA(1, 0, color.NRGBA{255, 255, 255, 128})
	x, err := imagefile.Tensor(img, 1, 1, 2)
	if err != nil {
		t.Fatal(err)
	}
	if x.Data[0] != 0 || math.Abs(float64(x.Data[1])-128.0/255) > 1e-4 {
		t.Errorf("got %v", x.Data)
	}
}

func TestRefused(t *testing.T) {
	whole := encode(t, halves(8, 8), false)
	spoilt := bytes.Clone(whole)
	spoilt[20] = 9 // in the header, whose checksum stays
	header := func(width, height uint32) []byte {
		b := binary.BigEndian.AppendUint32(bytes.Clone(whole[:16]), width)
		b = binary.BigEndian.AppendUint32(b, height)
		b = append(b, whole[24:29]...)
		return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[12:]))
	}
	for _, test := range []struct {
		name, want  string
		data        []byte
		unsupported bool
	}{
		{"text", "PNG or JPEG", []byte("hello"), true},
		{"empty", "PNG or JPEG", nil, true},
		{"cut", "whole", whole[:len(whole)-20], false},
		{"header alone", "whole", whole[:8], false},
		{"jpeg cut", "whole", encode(t, halves(8, 8), true)[:30], false},
		{"checksum", "whole", spoilt, false},
		{"too large", "at most", header(1<<16, 1<<16), true},
		{"too large for its bytes", "8000 × 8000 pixels in", header(8000, 8000), false},
	} {
		_, err := imagefile.Decode(bytes.NewReader(test.data), "name")
		var e *imagefile.Error
		if !errors.As(err, &e) || e.File != "name" || !strings.Contains(err.Error(), test.want) || errors.Is(err, errors.ErrUnsupported) != test.unsupported {
			t.Errorf("%s: got %v", test.name, err)
		}
	}
	broken := errors.New("broken")
	if _, err := imagefile.Decode(iotest.ErrReader(broken), "x"); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
	if _, err := imagefile.Tensor(halves(2, 2), 2, 2, 2); err == nil {
		t.Error("made two channels")
	}
	if _, err := imagefile.Tensor(halves(2, 2), 1, 0, 2); err == nil {
		t.Error("made no pixels")
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(encode(f, halves(4, 3), false))
	f.Add(encode(f, halves(4, 3), true))
	f.Add([]byte("\x89PNG\r\n\x1a\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		img, err := imagefile.Decode(bytes.NewReader(data), "fuzz")
		if err != nil {
			return
		}
		x, err := imagefile.Tensor(img, 3, 5, 4)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range x.Data {
			if !(v >= 0 && v <= 1) {
				t.Fatalf("value %v", v)
			}
		}
	})
}
