// Answers, for each line of JSON on standard input, which files of a tree COPY takes: the tree is filtered and copied by the code that BuildKit runs.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	gofs "io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"path"

	"github.com/moby/patternmatcher/ignorefile"
	"github.com/tonistiigi/fsutil"
	fscopy "github.com/tonistiigi/fsutil/copy"
)

type question struct {
	Files   map[string]string `json:"files"` // path -> "" file, else link target
	Ignore  string            `json:"ignore"`
	Path    string            `json:"path"`
	Exclude []string          `json:"exclude"`
	Parents bool              `json:"parents"`
}
type answer struct {
	Error string   `json:"error,omitempty"`
	Files []string `json:"files"`
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func ask(q question) (a answer) {
	defer func() {
		if r := recover(); r != nil {
			a.Error = "panic"
		}
	}()
	base, err := os.MkdirTemp("", "copyoracle")
	must(err)
	defer os.RemoveAll(base)
	src, ctx, dst := base+"/src", base+"/ctx", base+"/dst"
	for _, d := range []string{src, ctx, dst} {
		must(os.Mkdir(d, 0755))
	}
	for p, l := range q.Files {
		f := filepath.Join(src, p)
		must(os.MkdirAll(filepath.Dir(f), 0755))
		if l == "" {
			must(os.WriteFile(f, []byte(p), 0644))
		} else {
			must(os.Symlink(l, f))
		}
	}
	rules, err := ignorefile.ReadAll(strings.NewReader(q.Ignore))
	must(err)
	fs, err := fsutil.NewFS(src)
	must(err)
	fs, err = fsutil.NewFilterFS(fs, &fsutil.FilterOpt{ExcludePatterns: rules})
	if err != nil {
		return answer{Error: err.Error()}
	}
	err = fs.Walk(context.Background(), "", func(p string, e gofs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		to := filepath.Join(ctx, p)
		switch {
		case e.IsDir():
			return os.MkdirAll(to, 0755)
		case e.Type()&os.ModeSymlink != 0:
			l, err := os.Readlink(filepath.Join(src, p))
			must(err)
			return os.Symlink(l, to)
		}
		return os.WriteFile(to, []byte(p), 0644)
	})
	if err != nil {
		return answer{Error: err.Error()}
	}
	var include []string
	s := q.Path
	if q.Parents {
		parent, pattern, ok := strings.Cut(s, "/./")
		if ok {
			s = parent
		} else {
			s, pattern = "/", s
		}
		if !path.IsAbs(pattern) {
			pattern = path.Join("/", pattern)
		}
		include = []string{strings.TrimPrefix(pattern, "/")}
	}
	s = path.Join("/", s)
	m, err := fscopy.ResolveWildcards(ctx, s, true)
	if err != nil {
		return answer{Error: err.Error()}
	}
	for i, one := range m {
		// A destination of its own for each, so that none hides another.
		err := fscopy.Copy(context.Background(), ctx, one, dst, "/"+string(rune('A'+i%20))+strings.Repeat("x", i/20)+"/", func(ci *fscopy.CopyInfo) {
			ci.IncludePatterns = include
			ci.ExcludePatterns = q.Exclude
			ci.CopyDirContents = true
			ci.FollowLinks = true
		})
		if err != nil {
			return answer{Error: err.Error()}
		}
	}
	a.Files = []string{}
	must(filepath.WalkDir(dst, func(p string, e gofs.DirEntry, err error) error {
		must(err)
		if e.Type().IsRegular() {
			b, err := os.ReadFile(p)
			must(err)
			a.Files = append(a.Files, string(b))
		} else if e.Type()&os.ModeSymlink != 0 {
			l, _ := os.Readlink(p)
			a.Files = append(a.Files, "-> "+l)
		}
		return nil
	}))
	sort.Strings(a.Files)
	// BuildKit v0.34 looks for a path of --parents without wildcards before it copies (RequiredPaths of its cache/contenthash).
	if q.Parents && len(a.Files) == 0 && !containsWildcards(q.Path) {
		if _, err := os.Lstat(filepath.Join(ctx, s, include[0])); err != nil {
			return answer{Error: err.Error()}
		}
	}
	return a
}

func containsWildcards(name string) bool {
	for i := 0; i < len(name); i++ {
		switch name[i] {
		case '*', '?', '[':
			return true
		case '\\':
			i++
		}
	}
	return false
}

func main() {
	in := bufio.NewReader(os.Stdin)
	dec := json.NewDecoder(in)
	enc := json.NewEncoder(os.Stdout)
	for {
		var q question
		if err := dec.Decode(&q); err == io.EOF {
			return
		} else {
			must(err)
		}
		must(enc.Encode(ask(q)))
	}
}
