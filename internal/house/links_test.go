package house

import (
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	page      = regexp.MustCompile(`\bdocs/[a-z0-9-]+\.md\b`)
	link      = regexp.MustCompile(`!?\[[^\]]*\]\(<?([^)\s>]+)>?[^)]*\)`)
	codeBlock = regexp.MustCompile("(?ms)^```([a-z]*)\n(.*?)^```$")
)

// tracked returns the text of the repository's files with one of the endings,
// or of all its text files where none is given, by path from the root: what git
// tracks and what it would, ignored files left out.
func tracked(t *testing.T, endings ...string) map[string]string {
	t.Helper()
	list, err := exec.Command("git", "-C", root, "ls-files", "-z", "--cached", "--others", "--exclude-standard").Output()
	if err != nil {
		t.Skip("this is no clone, or git is not there: ", err)
	}
	texts := map[string]string{}
	for name := range strings.SplitSeq(strings.TrimSuffix(string(list), "\x00"), "\x00") {
		if len(endings) > 0 && !slices.Contains(endings, filepath.Ext(name)) {
			continue
		}
		data, err := os.ReadFile(filepath.Join(root, name))
		if os.IsNotExist(err) {
			continue // deleted, and not yet committed
		}
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(data), "\x00") {
			texts[name] = string(data)
		}
	}
	return texts
}

// TestPagesNamedInCommentsExist looks up each docs/….md that a Go file or a
// Markdown file names.
func TestPagesNamedInCommentsExist(t *testing.T) {
	named := 0
	for file, text := range tracked(t, ".go", ".md") {
		for _, name := range page.FindAllString(text, -1) {
			named++
			if _, err := os.Stat(filepath.Join(root, name)); err != nil {
				t.Errorf("%s names %s, which does not exist", file, name)
			}
		}
	}
	if named == 0 {
		t.Error("no file names a page: the pattern is wrong")
	}
}

// TestLinksResolve follows the relative links of all Markdown files.
func TestLinksResolve(t *testing.T) {
	for file, text := range tracked(t, ".md") {
		for _, target := range links(text) {
			if _, err := os.Stat(filepath.Join(root, filepath.Dir(file), target)); err != nil {
				t.Errorf("%s links to %s, which does not exist", file, target)
			}
		}
	}
}

// links returns the paths of the relative links of a Markdown text, code left
// out.
func links(text string) []string {
	var paths []string
	for _, m := range link.FindAllStringSubmatch(codeBlock.ReplaceAllString(text, ""), -1) {
		if u, err := url.Parse(m[1]); err == nil && u.Scheme == "" && u.Path != "" {
			paths = append(paths, u.Path)
		}
	}
	return paths
}

func TestLinksAreFound(t *testing.T) {
	text := "[a](b.md) ![c](d/e.svg \"title\") [f](https://g.h/i.md) [j](#k) [l](m.md#n)\n```go\nx[i](y)\n```\n"
	if got, want := links(text), []string{"b.md", "d/e.svg", "m.md"}; !slices.Equal(got, want) {
		t.Errorf("links %q, want %q", got, want)
	}
}

// TestIndexListsEveryPage asks that docs/README.md links to each page beside it,
// and that each problem has one.
func TestIndexListsEveryPage(t *testing.T) {
	texts := tracked(t, ".md")
	listed := links(texts["docs/README.md"])
	for file := range texts {
		folder, name := filepath.Split(file)
		if (folder == "docs/" && name != "README.md" || folder == "problems/") && !slices.Contains(listed, name) {
			t.Errorf("docs/README.md does not list %s", name)
		}
	}
}

// TestGoInPagesRuns asks that the Go of each page under docs is, line by line,
// part of an Example that the tests run.
func TestGoInPagesRuns(t *testing.T) {
	sources := map[string]string{}
	for file, text := range tracked(t, ".go") {
		if strings.HasSuffix(file, "_test.go") && strings.Contains(text, "func Example") {
			sources[file] = flatten(text)
		}
	}
	for file, text := range tracked(t, ".md") {
		if filepath.Dir(file) != "docs" {
			continue
		}
		for _, m := range codeBlock.FindAllStringSubmatch(text, -1) {
			found := m[1] != "go"
			for _, source := range sources {
				found = found || strings.Contains(source, flatten(m[2]))
			}
			if !found {
				t.Errorf("%s: no Example has this code:\n%s", file, m[2])
			}
		}
	}
}

// flatten returns the text without indentation.
func flatten(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		b.WriteString(strings.TrimSpace(line) + "\n")
	}
	return b.String()
}

// TestNoPathOfOneMachine finds paths that mean something on one machine only.
func TestNoPathOfOneMachine(t *testing.T) {
	forbidden := "/wo" + "rk/" // in two parts, or this file would be found
	start := regexp.MustCompile(`(^|[^\w.~-])` + regexp.QuoteMeta(forbidden))
	for file, text := range tracked(t) {
		if at := start.FindStringIndex(text); at != nil {
			line := 1 + strings.Count(text[:at[1]], "\n")
			t.Errorf("%s:%d: a path under %s, which other machines do not have", file, line, forbidden)
		}
	}
}
