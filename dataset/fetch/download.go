package fetch

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"time"
)

// download brings one file from one address: to a file of another name beside
// it, then, once it is whole and right and on the disk, to its place.
func (c *Client) download(ctx context.Context, url string, f File, dir string) error {
	part, err := os.CreateTemp(dir, "."+f.Name+".*.part")
	if err != nil {
		return err
	}
	defer os.Remove(part.Name()) // no longer there once it is renamed
	defer part.Close()

	if err := c.copy(ctx, part, url, f); err != nil {
		return fmt.Errorf("%s: %w", url, err)
	}
	if err := part.Chmod(0o644); err != nil {
		return err
	}
	if err := part.Sync(); err != nil {
		return err
	}
	if err := part.Close(); err != nil {
		return err
	}
	return os.Rename(part.Name(), filepath.Join(dir, f.Name))
}

// copy writes the body of the answer to w, and checks its size and its sum.
func (c *Client) copy(parent context.Context, w io.Writer, url string, f File) error {
	ctx, cancel := context.WithCancelCause(parent)
	defer cancel(nil)
	// One clock for connecting, the header and the body: it starts again with
	// every byte that comes.
	clock := time.AfterFunc(c.Stall, func() { cancel(fmt.Errorf("nothing for %v", c.Stall)) })
	defer clock.Stop()
	why := func(err error) error {
		if parent.Err() == nil && ctx.Err() != nil {
			return context.Cause(ctx)
		}
		return err
	}

	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	// The files are compressed already, and their sums are those of the bytes
	// on the server.
	request.Header.Set("Accept-Encoding", "identity")
	client := *c.HTTP
	client.CheckRedirect = func(_ *http.Request, via []*http.Request) error {
		if len(via) > c.Redirects {
			return fmt.Errorf("more than %d redirects", c.Redirects)
		}
		return nil
	}
	answer, err := client.Do(request)
	if err != nil {
		return why(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("got %s: want 200 OK", answer.Status)
	}
	if n := answer.ContentLength; n >= 0 && n != f.Size {
		return fmt.Errorf("got %d bytes: want %d", n, f.Size)
	}

	sum := sha256.New()
	buffer := make([]byte, 1<<16)
	done := int64(0)
	for {
		n, err := answer.Body.Read(buffer)
		if n > 0 {
			clock.Reset(c.Stall)
		}
		if done += int64(n); done > f.Size {
			return fmt.Errorf("got more than %d bytes: want no more", f.Size)
		}
		sum.Write(buffer[:n])
		if _, err := w.Write(buffer[:n]); err != nil {
			return err
		}
		c.report(f, done)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return why(err)
		}
	}
	if done != f.Size {
		return fmt.Errorf("got %d bytes: want %d", done, f.Size)
	}
	if got := hex.EncodeToString(sum.Sum(nil)); got != f.SHA256 {
		return fmt.Errorf("got SHA-256 %s: want %s", got, f.SHA256)
	}
	return nil
}

// right says whether a file is there, whole and right.
func right(path string, f File) bool {
	file, err := os.Open(path)
	if err != nil {
		return false
	}
	defer file.Close()
	sum := sha256.New()
	n, err := io.Copy(sum, io.LimitReader(file, f.Size+1))
	return err == nil && n == f.Size && hex.EncodeToString(sum.Sum(nil)) == f.SHA256
}
